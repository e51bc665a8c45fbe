/* Between the first instructions of a core and the program. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdint.h>

/* From program.ld. */
extern uint32_t stack_top[], data_start[], data_end[], bss_start[], bss_end[];
extern const uint32_t data_load[];

/* Called on an empty stack: makes the memory that C expects, and calls main. */
void program_start(void) __attribute__((noreturn));

/* The core faulted: ends the emulator, after saying so on the terminal. */
void program_fault(void) __attribute__((noreturn));

/* What a core's own file starts before the program. */
void clock_start(void);

#endif /* PROGRAM_H */
