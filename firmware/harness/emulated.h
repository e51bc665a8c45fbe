/* What the files of the emulated platforms share. */
#ifndef EMULATED_H
#define EMULATED_H

#include <stdint.h>

/* From emulated.ld. */
extern uint32_t stack_bottom[], stack_top[];
extern const uint32_t data_load[];
extern uint32_t data_start[], data_end[], bss_start[], bss_end[];

/* The last word of the command line that the emulator was given. */
const char *host_argument(void);

/* Ends the emulator with an exit code. */
void host_exit(uint32_t code) __attribute__((noreturn));

/*
 * emulated.c. The core's reset jumps to start() on the top of the stack, and its fault
 * handler reports on a stack of its own, since the program's may have overflowed.
 */
#define FAULT_STACK_BYTES 256 /* no suffix: the assembler reads it too */
extern uint32_t fault_stack[FAULT_STACK_BYTES / 4];

void start(void) __attribute__((noreturn));

/* Ends at once when a fault is being reported already. A fault handler calls it first. */
void enter_fault(void);

/* Prints the core's number of an exception and where it happened, and ends. */
void report_fault(uint32_t exception, uint32_t pc) __attribute__((noreturn));

/* Prints that the stack overflowed, and ends. */
void stack_overflowed(void) __attribute__((noreturn));

/* Of each core: makes a stack that grows beyond its bottom fault, where the core can. */
void guard_stack(void);

/* Memory below the stack that is there for nothing but to fault. */
#define GUARD_SIZE 0x800000u

/* The exception handler of a clock that has one. */
void clock_interrupt(void);

#endif
