/* What the files of the Cortex-M platform share. */
#ifndef CORTEX_M_H
#define CORTEX_M_H

#include <stdint.h>

/* From cortex_m.ld. */
extern uint32_t stack_bottom[], stack_top[];
extern const uint32_t data_load[];
extern uint32_t data_start[], data_end[], bss_start[], bss_end[];

/* The last word of the command line that the emulator was given. */
const char *host_argument(void);

/* Ends the emulator with an exit code. */
void host_exit(uint32_t code) __attribute__((noreturn));

/* Prints that the stack overflowed, and ends. */
void stack_overflowed(void) __attribute__((noreturn));

/* The exception handler of the clock. */
void clock_interrupt(void);

#endif
