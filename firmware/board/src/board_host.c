/* tritc_board.h on a workstation: standard input and output. */
#include "tritc_board.h"

#if !defined(ARDUINO) && !defined(TRITC_EMULATED)

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

const char *const tritc_board_ticks_name = "processor time";

int32_t tritc_board_get(void)
{
    const int byte = getchar();

    if (byte == EOF) {
        tritc_board_finish(1);
    }
    return (int32_t)byte;
}

void tritc_board_put(uint8_t byte)
{
    (void)putchar(byte);
    (void)fflush(stdout);
}

uint32_t tritc_board_micros(void)
{
    return (uint32_t)((double)clock() * (1e6 / (double)CLOCKS_PER_SEC));
}

uint32_t tritc_board_ticks(void)
{
    return tritc_board_micros();
}

uint32_t tritc_board_ticks_per_second(void)
{
    return 1000000u;
}

void tritc_board_light(int on)
{
    (void)on;
}

void tritc_board_finish(int good)
{
    exit(good ? EXIT_SUCCESS : EXIT_FAILURE);
}

int main(void)
{
    tritc_setup();
    for (;;) {
        tritc_loop();
    }
}

#endif
