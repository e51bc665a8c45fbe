/*
 * Cortex-M55: one instruction a cycle, in order; a vector instruction keeps its pipe for two cycles
 * (four beats of 32 bits, two a cycle), and what follows may run in another pipe meanwhile. A model
 * after the Cortex-M55's Technical Reference Manual (101051); there is no public table of timings.
 * Memory is taken to be tightly coupled.
 */
#include <string.h>

#include "model.h"

enum pipe { VECTOR_ALU, VECTOR_MULTIPLIER, VECTOR_MEMORY, PIPES, NONE = PIPES };

struct passage {
    enum pipe pipe;
    uint32_t latency;
    uint32_t cycles; /* that the pipe is taken for; of NONE, that nothing else issues in */
};

#define REGISTERS 64
#define VECTOR_REGISTERS 0x00FF0000u

static uint64_t now;
static uint64_t free_again[PIPES];
static uint64_t ready[REGISTERS];

static void reset(void) {
    now = 0;
    memset(free_again, 0, sizeof free_again);
    memset(ready, 0, sizeof ready);
}

static uint64_t cycles_so_far(void) {
    return now;
}

/* The end of a loop of the loop buffer jumps for nothing. */
static void jump(const struct instruction *from) {
    now += from->kind == KIND_LOOP_END || from->kind == KIND_LOOP_START ? 0u : 2u;
}

static struct passage passage_of(const struct instruction *instruction) {
    switch (instruction->kind) {
    case KIND_VECTOR_ALU:
        return (struct passage){VECTOR_ALU, 2, 2};
    case KIND_VECTOR_MULTIPLY:
        return (struct passage){VECTOR_MULTIPLIER, 3, 2};
    case KIND_VECTOR_LOAD:
        return (struct passage){VECTOR_MEMORY, 2, 2};
    case KIND_VECTOR_STORE:
        return (struct passage){VECTOR_MEMORY, 1, 2};
    case KIND_VECTOR_MOVE:
        return (struct passage){NONE, 3, 1};
    case KIND_MULTIPLY:
    case KIND_MULTIPLY_ADD:
    case KIND_DSP_MULTIPLY:
    case KIND_LONG_MULTIPLY:
    case KIND_LONG_MULTIPLY_ADD:
    case KIND_LOAD:
    case KIND_FP_LOAD:
        return (struct passage){NONE, 2, 1};
    case KIND_DIVIDE:
        return (struct passage){NONE, 8, 7};
    case KIND_LOAD_MULTIPLE:
        return (struct passage){NONE, 2, instruction->transfers};
    case KIND_STORE_MULTIPLE:
        return (struct passage){NONE, 1, instruction->transfers};
    default:
        return (struct passage){NONE, 1, 1};
    }
}

/* Accumulators are read a cycle later than other operands. */
static uint64_t read_late(const struct instruction *instruction) {
    switch (instruction->kind) {
    case KIND_VECTOR_MULTIPLY:
    case KIND_MULTIPLY_ADD:
    case KIND_DSP_MULTIPLY:
    case KIND_LONG_MULTIPLY_ADD:
        return instruction->reads & instruction->writes;
    default:
        return 0;
    }
}

static int is_vector(const struct instruction *instruction) {
    switch (instruction->kind) {
    case KIND_VECTOR_ALU:
    case KIND_VECTOR_MULTIPLY:
    case KIND_VECTOR_LOAD:
    case KIND_VECTOR_STORE:
        return 1;
    default:
        return 0;
    }
}

/* Beat n of a vector operand is needed when beat n of the instruction runs: a cycle of overlap. */
static uint64_t earliest(const struct instruction *instruction) {
    const uint64_t late = read_late(instruction);
    const uint64_t beats = is_vector(instruction) ? VECTOR_REGISTERS : 0u;
    uint64_t cycle = now + 1u;
    for (uint64_t left = instruction->reads; left != 0u; left &= left - 1u) {
        const int r = __builtin_ctzll(left);
        const uint64_t sooner = (late >> r & 1u) + (beats >> r & 1u);
        const uint64_t needed = ready[r] > sooner ? ready[r] - sooner : 0u;
        cycle = needed > cycle ? needed : cycle;
    }
    return cycle;
}

static void step(const struct instruction *instruction, const struct instruction *previous) {
    const struct passage passage = passage_of(instruction);
    (void)previous;
    if (instruction->kind == KIND_LOOP_END) {
        return;
    }
    now = earliest(instruction);
    if (passage.pipe == NONE) {
        now += passage.cycles > 0u ? passage.cycles - 1u : 0u;
    } else {
        now = free_again[passage.pipe] > now ? free_again[passage.pipe] : now;
        free_again[passage.pipe] = now + passage.cycles;
    }
    for (uint64_t left = instruction->writes; left != 0u; left &= left - 1u) {
        const int r = __builtin_ctzll(left);
        const int early = instruction->updates_base && (instruction->base >> r & 1u) != 0u;
        ready[r] = now + (early ? 1u : passage.latency);
    }
}

const struct model cortex_m55 = {"cortex-m55", reset, step, jump, cycles_so_far};
