/* Estimating cycles from the instructions that a core executes, one after the other. */
#ifndef MODEL_H
#define MODEL_H

#include <stdint.h>

/* What an instruction is to a pipeline; kind_names are those of the table. */
enum kind {
    KIND_ALU, /* from here to KIND_LONG_MULTIPLY_ADD: computations on core registers */
    KIND_ALU_SHIFTED, /* with a shifted operand */
    KIND_MULTIPLY,
    KIND_MULTIPLY_ADD,
    KIND_DSP_MULTIPLY,
    KIND_DSP_ALU,
    KIND_LONG_MULTIPLY,
    KIND_LONG_MULTIPLY_ADD,
    KIND_DIVIDE,
    KIND_LOAD,
    KIND_LOAD_MULTIPLE,
    KIND_STORE,
    KIND_STORE_INDEXED, /* at an address that is the sum of two registers */
    KIND_STORE_MULTIPLE,
    KIND_BRANCH,
    KIND_CALL,
    KIND_JUMP, /* to an address in a register */
    KIND_IT,
    KIND_NOP,
    KIND_SYSTEM,
    KIND_LOOP_START,
    KIND_LOOP_END,
    KIND_FP,
    KIND_FP_MULTIPLY_ADD,
    KIND_FP_DIVIDE,
    KIND_FP_LOAD,
    KIND_FP_STORE,
    KIND_VECTOR_ALU,
    KIND_VECTOR_MULTIPLY,
    KIND_VECTOR_LOAD,
    KIND_VECTOR_STORE,
    KIND_VECTOR_PREDICATE,
    KIND_VECTOR_MOVE, /* between a vector or floating-point register and a core register */
    KIND_COUNT
};

extern const char *const kind_names[KIND_COUNT];

/*
 * An instruction of the program. Registers are bits: 0 to 15 the core's, 16 to 23 Q0 to Q7 with the
 * floating-point registers inside them, above that the flags (src/bench/registers.ts).
 */
struct instruction {
    uint32_t address;
    uint32_t bytes;
    enum kind kind;
    uint32_t transfers; /* registers that a multiple load or store moves */
    uint64_t reads;
    uint64_t writes;
    uint64_t base;    /* those of `reads` that make its address */
    int updates_base; /* writes its base register, early */
};

/*
 * `step` is told of every instruction in the order of execution, with the one before it (null for the
 * first); between two of them `jump` when the first of them made the program go elsewhere than on.
 */
struct model {
    const char *name;
    void (*reset)(void);
    void (*step)(const struct instruction *instruction, const struct instruction *previous);
    void (*jump)(const struct instruction *from);
    uint64_t (*cycles)(void); /* since the reset */
};

extern const struct model cortex_m0, cortex_m0plus, cortex_m3, cortex_m4, cortex_m7, cortex_m55;

#endif
