/*
 * Cores that finish one instruction before the next, apart from loads that follow each other: costs
 * of the tables of instructions in Arm's Technical Reference Manuals of the Cortex-M0 (DDI 0432),
 * Cortex-M0+ (DDI 0484), Cortex-M3 (DDI 0337) and Cortex-M4 (DDI 0439), without wait states. Where
 * a table gives a range (division, the refill of the pipeline, long products of the Cortex-M3), a
 * number in its middle is taken.
 */
#include "model.h"

static uint64_t cycles;
static int after_load; /* the next load or store overlaps with a load before it */

static void reset(void) {
    cycles = 0;
    after_load = 0;
}

static uint64_t cycles_so_far(void) {
    return cycles;
}

/* What a jump costs above the instruction itself: `refill` for branches, one more for loads of pc. */
static void jump(const struct instruction *from, uint32_t refill) {
    switch (from->kind) {
    case KIND_BRANCH:
    case KIND_CALL:
    case KIND_JUMP:
    case KIND_LOOP_END:
        cycles += refill;
        break;
    default:
        cycles += refill + 1u;
        break;
    }
}

/* ARMv6-M, of which every memory access takes two cycles. Multiplication is the one-cycle option. */
static uint32_t cost_v6m(const struct instruction *instruction) {
    switch (instruction->kind) {
    case KIND_LOAD:
    case KIND_STORE:
    case KIND_STORE_INDEXED:
    case KIND_CALL: /* three or four with the jump */
        return 2;
    case KIND_LOAD_MULTIPLE:
    case KIND_STORE_MULTIPLE:
        return 1u + instruction->transfers;
    case KIND_SYSTEM:
        return 3;
    default:
        return 1;
    }
}

static void step_v6m(const struct instruction *instruction, const struct instruction *previous) {
    (void)previous;
    cycles += cost_v6m(instruction);
}

static void jump_m0(const struct instruction *from) {
    jump(from, 2);
}

static void jump_m0plus(const struct instruction *from) {
    jump(from, 1);
}

/* The Cortex-M3 takes longer for the products that the Cortex-M4 makes in one cycle. */
struct products {
    uint32_t multiply_add, long_multiply, long_multiply_add;
};
static const struct products products_m3 = {2, 4, 6};
static const struct products products_m4 = {1, 1, 1};

/* Whether the instruction before it has only just made a register of the address. */
static int address_is_late(const struct instruction *instruction,
                           const struct instruction *previous) {
    return previous != 0 && (previous->writes & instruction->base) != 0u;
}

/* What it makes cannot be forwarded to the address of the next instruction. */
static int computes(const struct instruction *instruction) {
    return instruction->kind <= KIND_LONG_MULTIPLY_ADD;
}

static uint32_t cost_load(const struct instruction *instruction,
                          const struct instruction *previous) {
    if (!address_is_late(instruction, previous)) {
        return after_load ? 1 : 2;
    }
    if (previous->kind == KIND_LOAD) {
        return 2;
    }
    return (after_load ? 1u : 2u) + (computes(previous) ? 1u : 0u);
}

static uint32_t cost_store(const struct instruction *instruction,
                           const struct instruction *previous) {
    const uint32_t own = instruction->kind == KIND_STORE || after_load ? 1 : 2;
    const int late = address_is_late(instruction, previous);
    return own + (late && computes(previous) ? 1u : 0u);
}

static uint32_t cost_v7m(const struct instruction *instruction, const struct instruction *previous,
                         const struct products *products) {
    switch (instruction->kind) {
    case KIND_MULTIPLY_ADD:
        return products->multiply_add;
    case KIND_LONG_MULTIPLY:
        return products->long_multiply;
    case KIND_LONG_MULTIPLY_ADD:
        return products->long_multiply_add;
    case KIND_DIVIDE:
        return 7; /* 2 to 12 */
    case KIND_LOAD:
        return cost_load(instruction, previous);
    case KIND_FP_LOAD:
        return after_load ? 1 : 2;
    case KIND_STORE:
    case KIND_STORE_INDEXED:
        return cost_store(instruction, previous);
    case KIND_LOAD_MULTIPLE:
    case KIND_STORE_MULTIPLE:
        return 1u + instruction->transfers;
    case KIND_FP_STORE:
    case KIND_SYSTEM:
        return 2;
    case KIND_FP_MULTIPLY_ADD:
        return 3;
    case KIND_FP_DIVIDE:
        return 14;
    default:
        return 1;
    }
}

static void step_v7m(const struct instruction *instruction, const struct instruction *previous,
                     const struct products *products) {
    cycles += cost_v7m(instruction, previous, products);
    after_load = instruction->kind == KIND_LOAD || instruction->kind == KIND_FP_LOAD;
}

static void step_m3(const struct instruction *instruction, const struct instruction *previous) {
    step_v7m(instruction, previous, &products_m3);
}

static void step_m4(const struct instruction *instruction, const struct instruction *previous) {
    step_v7m(instruction, previous, &products_m4);
}

static void jump_v7m(const struct instruction *from) {
    jump(from, 2); /* 1 to 3 */
}

const struct model cortex_m0 = {"cortex-m0", reset, step_v6m, jump_m0, cycles_so_far};
const struct model cortex_m0plus = {"cortex-m0plus", reset, step_v6m, jump_m0plus, cycles_so_far};
const struct model cortex_m3 = {"cortex-m3", reset, step_m3, jump_v7m, cycles_so_far};
const struct model cortex_m4 = {"cortex-m4", reset, step_m4, jump_v7m, cycles_so_far};
