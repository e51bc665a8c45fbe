#include "program.h"

#include "host.h"

#define EXIT_FAULT 4u

int main(void);

__attribute__((used)) void program_start(void)
{
    const uint32_t *from = data_load;

    for (uint32_t *to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
    clock_start();
    line_start();
    host_exit((uint32_t)main());
}

__attribute__((used)) void program_fault(void)
{
    for (const char *text = "\nfault: the program did what the processor refuses\n"; *text != '\0'; text++) {
        host_put((uint8_t)*text);
    }
    host_exit(EXIT_FAULT);
}
