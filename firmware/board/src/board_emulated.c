/* tritc_board.h on the emulated boards; host.h comes with their platform. */
#include "tritc_board.h"

#ifdef TRITC_EMULATED

#include "host.h"

int main(void);

const char *const tritc_board_ticks_name = "emulated clock";

int32_t tritc_board_get(void)
{
    return host_get();
}

void tritc_board_put(uint8_t byte)
{
    host_put(byte);
}

/* The ticks wrap after seconds on some boards, and microseconds do not wrap with them. */
uint32_t tritc_board_micros(void)
{
    static uint64_t total = 0;
    static uint32_t last = 0;
    const uint32_t now = host_ticks();

    total += (uint32_t)(now - last);
    last = now;
    return (uint32_t)(total * 1000000u / HOST_TICKS_PER_SECOND);
}

uint32_t tritc_board_ticks(void)
{
    return host_ticks();
}

uint32_t tritc_board_ticks_per_second(void)
{
    return HOST_TICKS_PER_SECOND;
}

void tritc_board_light(int on)
{
    (void)on;
}

void tritc_board_finish(int good)
{
    host_exit(good ? 0u : 1u);
}

int main(void)
{
    tritc_setup();
    for (;;) {
        tritc_loop();
    }
}

#endif /* TRITC_EMULATED */
