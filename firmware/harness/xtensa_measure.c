/*
 * Measuring on an Xtensa core: the stack by painting it, instructions by the cycle counter, which
 * under `qemu-system-xtensa -icount shift=N` counts the ticks of the core's clock in the emulated
 * time that instructions take, 2^N ns each. The counter has 32 bits. That it has gone around once
 * shows by the interrupt of a timer, which becomes pending and is never taken.
 */
#include <stdint.h>

#include "emulated.h"
#include "harness.h"

const uint32_t clock_interrupt_instructions = 0;
const uint32_t two_traces_instructions = 2;

#define TIMER_INTERRUPT (1u << 6) /* of CCOMPARE0 on the lx106 */

static uint32_t started;

static inline uint32_t read_counter(void) {
    uint32_t now;
    __asm__ volatile("rsr %0, ccount" : "=a"(now));
    return now;
}

int clock_available(void) {
    return 1;
}

void clock_shift(void) {
}

void clock_start(void) {
    /* A time that has just passed: it comes again after 2^32 ticks. Writing it ends the interrupt. */
    __asm__ volatile("wsr %0, ccompare0\n"
                     "esync\n" ::"a"(read_counter()));
    started = read_counter();
}

struct span clock_stop(void) {
    struct span span;
    uint32_t pending;
    span.ticks = read_counter() - started;
    __asm__ volatile("rsr %0, interrupt" : "=a"(pending));
    span.overrun = (pending & TIMER_INTERRUPT) != 0u;
    span.period = 0;
    span.interrupts = 0;
    span.doubtful = 0;
    return span;
}

__asm__(".text\n"
        ".literal_position\n"
        ".align 4\n"
        ".global measured_nothing\n"
        "measured_nothing:\n"
        "ret\n"
        ".align 4\n"
        ".global measured_known\n"
        "measured_known:\n"
        "movi a2, " TEXT(KNOWN_ROUNDS) "\n"
        "1: addi a2, a2, -1\n"
        "bnez a2, 1b\n"
        "ret\n");

#ifdef SUBJECT_TRACED

__asm__(".text\n"
        ".align 4\n"
        ".global measured_two_traces\n"
        "measured_two_traces:\n"
        "addi a1, a1, -16\n"
        "s32i a0, a1, 0\n"
        "_call0 " TEXT(subject_trace) "\n"
        "_call0 " TEXT(subject_trace) "\n"
        "l32i a0, a1, 0\n"
        "addi a1, a1, 16\n"
        "ret\n");

#endif

/*
 * stack_measured_call paints the stack below the stack pointer, calls, and returns how many bytes
 * below it the lowest word lies that has lost its paint.
 */
__asm__(".text\n"
        ".literal_position\n"
        ".align 4\n"
        ".global stack_measured_call\n"
        "stack_measured_call:\n"
        "addi a1, a1, -16\n"
        "s32i a0, a1, 0\n"
        "s32i a12, a1, 4\n"
        "movi a5, stack_bottom\n"
        "movi a12, 0xC5C5C5C5\n"
        "1: s32i a12, a5, 0\n"
        "addi a5, a5, 4\n"
        "bne a5, a1, 1b\n"
        "mov a5, a2\n"
        "mov a2, a3\n"
        "mov a3, a4\n"
        "callx0 a5\n"
        "movi a2, stack_bottom\n"
        "l32i a3, a2, 0\n"
        "beq a3, a12, 2f\n"
        "movi a3, stack_overflowed\n"
        "jx a3\n"
        "2: addi a2, a2, 4\n"
        "beq a2, a1, 3f\n"
        "l32i a3, a2, 0\n"
        "beq a3, a12, 2b\n"
        "3: sub a2, a1, a2\n"
        "l32i a0, a1, 0\n"
        "l32i a12, a1, 4\n"
        "addi a1, a1, 16\n"
        "ret\n");
