import { expect, test } from "vitest";
import { parseCounts, withCounter } from "../../src/bench/counter.js";
import { type Benchmark, benchmarkSubject } from "../../src/bench/measure.js";
import type { Subject, Vectors } from "../../src/verify/index.js";
import { configurationList, verifyConfiguration } from "../../src/verify/index.js";
import { tinySubject, tinyVectors } from "../verify/tiny.js";
import { describeWith } from "../verify/toolchains.js";

const HEADER = `#include <stdint.h>
#define KNOWN_INPUT_SIZE 1u
#define KNOWN_OUTPUT_SIZE 1u
typedef int8_t known_input_t;
typedef int8_t known_output_t;
void known_run(const known_input_t *input, known_output_t *output);
`;

/** A function whose every cycle can be added up by hand. Its output is its input. */
function known(body: string): Subject {
  const text = `#include "known.h"
__attribute__((naked)) void known_run(const known_input_t *input, known_output_t *output) {
    (void)input; (void)output;
    __asm__ volatile(".syntax unified\\n" ${body});
}
`;
  return {
    name: "known",
    sources: new Map([
      ["known.h", HEADER],
      ["known.c", text],
    ]),
    ...{ input: { elements: 1, type: "int8" }, output: { elements: 1, type: "int8" } },
    layers: [{ name: "loop", origin: "loop", format: { elements: 1, type: "int8" } }],
  };
}

const ROUNDS = 100;

/** The first layer ends behind the loop; the labels are those of marks. */
const LOOP = known(String.raw`"push {r4, lr}\n"
        "movs r2, #${ROUNDS}\n"
        "1: ldrb r3, [r0]\n"
        "muls r3, r2\n"
        "subs r2, #1\n"
        "bne 1b\n"
        "tritc_after_0_0u:\n"
        "strb r3, [r1]\n"
        "pop {r4, pc}\n"`);

/** Products that the cores make in different times, and a load at an address just computed. */
const PRODUCTS = known(String.raw`"adds r2, r0, #0\n"
        "ldrb r3, [r2]\n"
        "mla r12, r3, r3, r3\n"
        "smull r2, r12, r3, r3\n"
        "tritc_after_0_0u:\n"
        "strb r3, [r1]\n"
        "bx lr\n"`);

const VECTOR: Vectors = {
  count: 1,
  inputs: Int8Array.of(7),
  expected: Int32Array.of(7),
  trace: () => [Int32Array.of(7)],
};

/** What a subject takes on each target. */
function measured(
  subject: Subject,
  vectors: Vectors,
  targets: readonly string[],
): Promise<Benchmark[]> {
  const configurations = configurationList(targets.map((id) => `${id}:O2`).join(","));
  return withCounter(process.env, undefined, async (counter) => {
    const found: Benchmark[] = [];
    for (const each of configurations) {
      found.push(await benchmarkSubject(subject, vectors, each, counter));
    }
    return found;
  });
}

describeWith(["arm-gcc", "qemu-arm", "cc"], "what is counted of a known function", () => {
  test("a loop: cycles are those of Arm's tables", async () => {
    // push, movs; four instructions a round, the branch taken in all but the last; strb, pop.
    const loop = 3 + 1 + ROUNDS * (2 + 1 + 1 + 1);
    const expected = {
      // A taken branch refills in 1 cycle, a store takes 2, a pop of pc 3 + N.
      "cortex-m0plus": [loop + (ROUNDS - 1), 2 + 5],
      // Two for a refill, a store 1, a pop of pc 1 + N + 3.
      "cortex-m3": [loop + 2 * (ROUNDS - 1), 1 + 6],
      "cortex-m4": [loop + 2 * (ROUNDS - 1), 1 + 6],
    };
    const found = await measured(LOOP, VECTOR, Object.keys(expected));
    const instructions = 2 + 4 * ROUNDS;
    for (const [i, [inLoop = 0, after = 0]] of Object.values(expected).entries()) {
      expect(found[i]?.instructions).toEqual({ min: instructions + 2, max: instructions + 2 });
      expect(found[i]?.layers).toEqual([{ instructions, cycles: inLoop, codeBytes: 12 }]);
      expect(found[i]?.cycles?.max).toBe(inLoop + after);
    }
  });

  test("each instruction: a jump is the time of what jumps", async () => {
    const [found] = await measured(LOOP, VECTOR, ["cortex-m3"]);
    const told = found?.profile.map(({ instruction, times, cycles }) => [
      ...[instruction.mnemonic.replace(/\..$/, ""), instruction.symbol, times, cycles],
    ]);
    expect(told).toEqual([
      ["push", "known_run", 1, 3],
      ["movs", "known_run", 1, 1],
      ["ldrb", "known_run", ROUNDS, 2 * ROUNDS],
      ["muls", "known_run", ROUNDS, ROUNDS],
      ["subs", "known_run", ROUNDS, ROUNDS],
      ["bne", "known_run", ROUNDS, ROUNDS + 2 * (ROUNDS - 1)],
      ["strb", "tritc_after_0_0u", 1, 1],
      ["pop", "tritc_after_0_0u", 1, 6],
    ]);
  });

  test("products take their time", async () => {
    const found = await measured(PRODUCTS, VECTOR, ["cortex-m3", "cortex-m33"]);
    // adds 1, ldrb 2 and 1 for its address, mla, smull; strb 1, bx 1 + 2.
    const [m3, m33] = [1 + 3 + 2 + 4, 1 + 3 + 1 + 1];
    expect(found.map(({ layers }) => layers[0]?.cycles)).toEqual([m3, m33]);
    expect(found.map(({ cycles }) => cycles?.max)).toEqual([m3 + 4, m33 + 4]);
  });

  test("the Cortex-M7 issues two instructions in a cycle, the Cortex-M4 one", async () => {
    const pairs = known(String.raw`"movs r2, #0\n movs r3, #0\n ldrb r12, [r0]\n"
        ".rept 50\n adds r2, #1\n adds r3, #1\n .endr\n"
        "tritc_after_0_0u:\n strb r12, [r1]\n bx lr\n"`);
    const [m7, m4] = await measured(pairs, VECTOR, ["cortex-m7", "cortex-m4"]);
    expect(m4?.layers[0]).toMatchObject({ instructions: 103, cycles: 104 });
    expect(m7?.layers[0]?.cycles).toBeGreaterThanOrEqual(50);
    expect(m7?.layers[0]?.cycles).toBeLessThan(56);
  });
});

const EMULATORS = ["qemu-arm", "qemu-riscv32", "qemu-xtensa"] as const;
const COMPILERS = ["arm-gcc", "riscv-gcc", "xtensa-gcc", "cc"] as const;

describeWith([...COMPILERS, ...EMULATORS], "counts", () => {
  test("are those of the emulator's clock", async () => {
    const targets = ["cortex-m55", "rv32imc", "lx106"];
    const vectors = tinyVectors(3);
    const found = await measured(tinySubject(), vectors, targets);
    for (const [i, configuration] of configurationList(targets.join(",")).entries()) {
      const report = await verifyConfiguration(tinySubject(), vectors, configuration);
      expect(found[i]?.instructions).toEqual(report.instructions?.total);
      expect(found[i]?.layers).toEqual([null, null]); // it has no marks
      expect(found[i]?.cycles === null).toBe(configuration.target.id !== "cortex-m55");
    }
  });

  test("are not given of wrong code", async () => {
    const other = { ...VECTOR, expected: Int32Array.of(8) };
    await expect(measured(LOOP, other, ["cortex-m4"])).rejects.toThrow("verify/wrong-output");
  });
});

test("results are read call by call", () => {
  const text =
    "call 10 12 0\nstretch 8 9 20\nstretch 2 3 4\ncall 11 13 1\nstretch 9 10 20\nstretch 2 3 4\n";
  expect(parseCounts(text)).toEqual([
    {
      ...{ instructions: 10, cycles: 12, unknown: 0 },
      stretches: [
        { instructions: 8, cycles: 9, codeBytes: 20 },
        { instructions: 2, cycles: 3, codeBytes: 4 },
      ],
    },
    {
      ...{ instructions: 11, cycles: 13, unknown: 1 },
      stretches: [
        { instructions: 9, cycles: 10, codeBytes: 20 },
        { instructions: 2, cycles: 3, codeBytes: 4 },
      ],
    },
  ]);
  expect(parseCounts("")).toEqual([]);
});
