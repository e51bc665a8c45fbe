/*
 * Measuring on a Cortex-M: the stack by painting it, instructions by the SysTick timer.
 *
 * Under `qemu-system-arm -icount shift=N` every instruction takes 2^N ns of the emulated time that
 * SysTick counts, so that ticks are instructions times a constant. SysTick has 24 bits; its
 * interrupt counts the times it started anew, and executes a known number of instructions itself.
 */
#include <stdint.h>

#include "emulated.h"
#include "harness.h"

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018u)

#define SYSTICK_OFF 0u
#define SYSTICK_ON 7u /* enabled, with interrupt, on the processor's clock */

#define RELOAD_MAX 0xFFFFFFu
#define RELOAD_STEP 0x1000u
#define RELOAD_STEPS 16u
#define NEAR_INTERRUPT 0x400u

extern uint32_t clock_interrupts;
uint32_t clock_interrupts = 0;
static uint32_t reload_cut = 0; /* the timer restarts from RELOAD_MAX less this */

int clock_available(void) {
    return 1;
}

void clock_shift(void) {
    reload_cut = (reload_cut + RELOAD_STEP) % (RELOAD_STEPS * RELOAD_STEP);
}

void clock_start(void) {
    SYSTICK_CONTROL = SYSTICK_OFF;
    SYSTICK_RELOAD = RELOAD_MAX - reload_cut;
    SYSTICK_VALUE = 0; /* any write clears it: counting starts with a reload */
    clock_interrupts = 0;
    SYSTICK_CONTROL = SYSTICK_ON;
}

struct span clock_stop(void) {
    struct span span;
    const uint32_t value = SYSTICK_VALUE;
    const uint32_t reload = RELOAD_MAX - reload_cut;
    SYSTICK_CONTROL = SYSTICK_OFF;
    span.interrupts = *(volatile uint32_t *)&clock_interrupts;
    span.period = reload + 1u;
    span.ticks = reload - value;
    span.doubtful =
        value < NEAR_INTERRUPT || (span.interrupts > 0u && value > reload - NEAR_INTERRUPT);
    span.overrun = 0;
    return span;
}

/* Those of clock_interrupt (entering an exception executes none), and the push below. */
const uint32_t clock_interrupt_instructions = 5;
const uint32_t two_traces_instructions = 1;


__attribute__((naked)) void clock_interrupt(void) {
    __asm__ volatile("ldr r0, =clock_interrupts\n"
                     "ldr r1, [r0]\n"
                     "adds r1, #1\n"
                     "str r1, [r0]\n"
                     "bx lr\n");
}

__attribute__((naked)) void measured_nothing(const subject_input_t *input,
                                             subject_output_t *output) {
    (void)input;
    (void)output;
    __asm__ volatile("bx lr\n");
}

__attribute__((naked)) void measured_known(const subject_input_t *input,
                                           subject_output_t *output) {
    (void)input;
    (void)output;
    __asm__ volatile("ldr r0, =" TEXT(KNOWN_ROUNDS) "\n"
                     "1: subs r0, #1\n"
                     "bne 1b\n"
                     "bx lr\n");
}

#ifdef SUBJECT_TRACED

__attribute__((naked)) void measured_two_traces(const subject_input_t *input,
                                                subject_output_t *output) {
    (void)input;
    (void)output;
    __asm__ volatile("push {r4, lr}\n"
                     "bl " TEXT(subject_trace) "\n"
                     "bl " TEXT(subject_trace) "\n"
                     "pop {r4, pc}\n");
}

#endif

/*
 * Paints the stack below the stack pointer, calls, and returns how many bytes below it the lowest
 * word lies that has lost its paint. In assembly, so that nothing else uses the stack in between.
 */
__attribute__((naked)) uint32_t stack_measured_call(run_function *run,
                                                    const subject_input_t *input,
                                                    subject_output_t *output) {
    (void)run;
    (void)input;
    (void)output;
    __asm__ volatile("push {r4, lr}\n"
                     "ldr r3, =stack_bottom\n"
                     "ldr r4, =0xC5C5C5C5\n"
                     "mov r12, r0\n"
                     "mov r0, sp\n"
                     "1: str r4, [r3]\n"
                     "adds r3, #4\n"
                     "cmp r3, r0\n"
                     "bne 1b\n"
                     "mov r0, r1\n"
                     "mov r1, r2\n"
                     "blx r12\n"
                     "ldr r0, =stack_bottom\n"
                     "ldr r1, [r0]\n"
                     "cmp r1, r4\n"
                     "beq 2f\n"
                     "bl stack_overflowed\n"
                     "2: adds r0, #4\n"
                     "mov r2, sp\n"
                     "cmp r0, r2\n"
                     "beq 3f\n"
                     "ldr r1, [r0]\n"
                     "cmp r1, r4\n"
                     "beq 2b\n"
                     "3: subs r0, r2, r0\n"
                     "pop {r4, pc}\n");
}
