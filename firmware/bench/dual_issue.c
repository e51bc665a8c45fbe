/*
 * Cortex-M7: two instructions a cycle, in order. A scoreboard of what the Cortex-M7's Technical
 * Reference Manual (DDI 0489) says of its pipes; there is no public table of timings. Branches are
 * taken to be predicted, memory to be tightly coupled.
 */
#include <string.h>

#include "model.h"

enum pipe { LOADS, STORES, ALUS, SHIFTER, MULTIPLIER, BRANCHES, SIMD, FLOATS, PIPES, NONE = PIPES };

static const uint32_t width[PIPES] = {
    [LOADS] = 2,      [STORES] = 1,   [ALUS] = 2, [SHIFTER] = 1,
    [MULTIPLIER] = 1, [BRANCHES] = 1, [SIMD] = 1, [FLOATS] = 1,
};

/* How an instruction goes through: the pipes that it takes, and after how many cycles it has a result. */
struct passage {
    enum pipe pipe, other;
    uint32_t latency;
    uint32_t cycles; /* more than one: it issues alone, and nothing else until it is through */
};

#define ISSUE_WIDTH 2u
#define REGISTERS 64

static uint64_t now;
static uint32_t issued;
static uint32_t used[PIPES];
static uint64_t ready[REGISTERS]; /* the cycle in which a register can be read */

static void reset(void) {
    now = 0;
    issued = 0;
    memset(used, 0, sizeof used);
    memset(ready, 0, sizeof ready);
}

static uint64_t cycles_so_far(void) {
    return now;
}

static void go_to(uint64_t cycle) {
    now = cycle;
    issued = 0;
    memset(used, 0, sizeof used);
}

/* What follows a jump cannot issue together with it. */
static void jump(const struct instruction *from) {
    (void)from;
    go_to(now + 1u);
}

static struct passage passage_of(const struct instruction *instruction) {
    const uint32_t pairs = (instruction->transfers + 1u) / 2u;
    switch (instruction->kind) {
    case KIND_ALU_SHIFTED:
        return (struct passage){ALUS, SHIFTER, 2, 1};
    case KIND_DSP_ALU:
        return (struct passage){ALUS, SIMD, 1, 1};
    case KIND_MULTIPLY:
    case KIND_MULTIPLY_ADD:
    case KIND_DSP_MULTIPLY:
    case KIND_LONG_MULTIPLY:
    case KIND_LONG_MULTIPLY_ADD:
        return (struct passage){MULTIPLIER, NONE, 2, 1};
    case KIND_DIVIDE:
        return (struct passage){ALUS, NONE, 7, 7};
    case KIND_LOAD:
    case KIND_FP_LOAD:
        return (struct passage){LOADS, NONE, 2, 1};
    case KIND_LOAD_MULTIPLE:
        return (struct passage){LOADS, NONE, 2, pairs};
    case KIND_STORE:
    case KIND_STORE_INDEXED:
    case KIND_FP_STORE:
        return (struct passage){STORES, NONE, 1, 1};
    case KIND_STORE_MULTIPLE:
        return (struct passage){STORES, NONE, 1, pairs};
    case KIND_BRANCH:
    case KIND_CALL:
    case KIND_JUMP:
    case KIND_LOOP_START:
    case KIND_LOOP_END:
        return (struct passage){BRANCHES, NONE, 1, 1};
    case KIND_FP:
    case KIND_VECTOR_MOVE:
        return (struct passage){FLOATS, NONE, 3, 1};
    case KIND_FP_MULTIPLY_ADD:
        return (struct passage){FLOATS, NONE, 5, 1};
    case KIND_FP_DIVIDE:
        return (struct passage){FLOATS, NONE, 14, 14};
    case KIND_SYSTEM:
        return (struct passage){ALUS, NONE, 1, 2};
    default:
        return (struct passage){ALUS, NONE, 1, 1};
    }
}

/* Registers that are read a cycle later than the others: an accumulator, and the data of a store. */
static uint64_t read_late(const struct instruction *instruction) {
    switch (instruction->kind) {
    case KIND_MULTIPLY_ADD:
    case KIND_DSP_MULTIPLY:
    case KIND_LONG_MULTIPLY_ADD:
        return instruction->reads & instruction->writes;
    case KIND_STORE:
    case KIND_STORE_INDEXED:
        return instruction->reads & ~instruction->base;
    default:
        return 0;
    }
}

static uint64_t operands_ready(const struct instruction *instruction) {
    const uint64_t late = read_late(instruction);
    uint64_t cycle = now;
    /* A branch is predicted: it need not wait for the flags. */
    uint64_t left = instruction->kind == KIND_BRANCH ? 0u : instruction->reads;
    for (; left != 0u; left &= left - 1u) {
        const int r = __builtin_ctzll(left);
        const uint64_t needed = ready[r] - ((late >> r & 1u) != 0u && ready[r] > 0u ? 1u : 0u);
        cycle = needed > cycle ? needed : cycle;
    }
    return cycle;
}

static int can_issue(const struct passage *passage) {
    return issued < ISSUE_WIDTH && used[passage->pipe] < width[passage->pipe] &&
           (passage->other == NONE || used[passage->other] < width[passage->other]) &&
           (passage->cycles <= 1u || issued == 0u);
}

static void step(const struct instruction *instruction, const struct instruction *previous) {
    const struct passage passage = passage_of(instruction);
    const uint64_t earliest = operands_ready(instruction);
    (void)previous;
    if (earliest > now) {
        go_to(earliest);
    }
    while (!can_issue(&passage)) {
        go_to(now + 1u);
    }
    issued++;
    used[passage.pipe]++;
    if (passage.other != NONE) {
        used[passage.other]++;
    }
    if (passage.cycles > 1u) {
        now += passage.cycles - 1u;
        issued = ISSUE_WIDTH;
    }
    for (uint64_t left = instruction->writes; left != 0u; left &= left - 1u) {
        const int r = __builtin_ctzll(left);
        const int early = instruction->updates_base && (instruction->base >> r & 1u) != 0u;
        ready[r] = now + (early ? 1u : passage.latency);
    }
}

const struct model cortex_m7 = {"cortex-m7", reset, step, jump, cycles_so_far};
