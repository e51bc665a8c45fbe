/*
 * Measuring on a RISC-V core: the stack by painting it, instructions by the cycle counter.
 *
 * Under `qemu-system-riscv32 -icount shift=N` mcycle counts the nanoseconds of emulated time, of
 * which every instruction takes 2^N. (minstret does so too in some versions of QEMU only.)
 */
#include <stdint.h>

#include "emulated.h"
#include "harness.h"

/* The 64-bit counter is told as a number of periods that fits `struct span`. */
#define PERIOD_BITS 31u

/* A new period executes nothing; the push below is two instructions. */
const uint32_t clock_interrupt_instructions = 0;
const uint32_t two_traces_instructions = 2;

struct reading {
    uint32_t high;
    uint32_t low;
    uint32_t high_after; /* another than `high` when the low half overflowed in between */
};

static struct reading started;

static inline struct reading read_counter(void) {
    struct reading now;
    __asm__ volatile("csrr %0, mcycleh\n"
                     "csrr %1, mcycle\n"
                     "csrr %2, mcycleh\n"
                     : "=r"(now.high), "=r"(now.low), "=r"(now.high_after));
    return now;
}

int clock_available(void) {
    return 1;
}

/* Time goes on between two measurements: the second is in no doubt where the first was. */
void clock_shift(void) {
}

void clock_start(void) {
    started = read_counter();
}

struct span clock_stop(void) {
    const struct reading now = read_counter();
    const uint64_t from = ((uint64_t)started.high << 32) | started.low;
    const uint64_t ticks = (((uint64_t)now.high << 32) | now.low) - from;
    struct span span;
    span.period = 1u << PERIOD_BITS;
    span.interrupts = (uint32_t)(ticks >> PERIOD_BITS);
    span.ticks = (uint32_t)ticks & (span.period - 1u);
    span.doubtful = started.high != started.high_after || now.high != now.high_after;
    span.overrun = 0;
    return span;
}

__attribute__((naked)) void measured_nothing(const subject_input_t *input,
                                             subject_output_t *output) {
    (void)input;
    (void)output;
    __asm__ volatile("ret\n");
}

__attribute__((naked)) void measured_known(const subject_input_t *input,
                                           subject_output_t *output) {
    (void)input;
    (void)output;
    __asm__ volatile("lui a0, " TEXT(KNOWN_ROUNDS) " >> 12\n"
                     "1: addi a0, a0, -1\n"
                     "bnez a0, 1b\n"
                     "ret\n");
}

#ifdef SUBJECT_TRACED

__attribute__((naked)) void measured_two_traces(const subject_input_t *input,
                                                subject_output_t *output) {
    (void)input;
    (void)output;
    __asm__ volatile("addi sp, sp, -16\n"
                     "sw ra, 12(sp)\n"
                     "jal " TEXT(subject_trace) "\n"
                     "jal " TEXT(subject_trace) "\n"
                     "lw ra, 12(sp)\n"
                     "addi sp, sp, 16\n"
                     "ret\n");
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
    __asm__ volatile("addi sp, sp, -16\n"
                     "sw ra, 12(sp)\n"
                     "sw s0, 8(sp)\n"
                     "la t0, stack_bottom\n"
                     "li s0, 0xC5C5C5C5\n"
                     "1: sw s0, 0(t0)\n"
                     "addi t0, t0, 4\n"
                     "bne t0, sp, 1b\n"
                     "mv t0, a0\n"
                     "mv a0, a1\n"
                     "mv a1, a2\n"
                     "jalr t0\n"
                     "la a0, stack_bottom\n"
                     "lw a1, 0(a0)\n"
                     "beq a1, s0, 2f\n"
                     "j stack_overflowed\n"
                     "2: addi a0, a0, 4\n"
                     "beq a0, sp, 3f\n"
                     "lw a1, 0(a0)\n"
                     "beq a1, s0, 2b\n"
                     "3: sub a0, sp, a0\n"
                     "lw ra, 12(sp)\n"
                     "lw s0, 8(sp)\n"
                     "addi sp, sp, 16\n"
                     "ret\n");
}
