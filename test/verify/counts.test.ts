import { expect, it } from "vitest";
import { findTarget } from "../../src/targets/index.js";
import type { Subject, Vectors } from "../../src/verify/index.js";
import { verifyTarget } from "../../src/verify/index.js";
import { describeWith } from "./toolchains.js";

/**
 * A model in assembly, so that its instructions can be counted by hand: input x gives output x.
 * Untraced it executes, beginning with its first instruction and ending with its return,
 * 3 + (1 + 2 * rounds[0]) + (1 + 2 * rounds[1]) + 3.
 */
function loops(rounds: readonly [number, number]): { subject: Subject; instructions: number } {
  const trace = (layer: number) => `
    #ifdef LOOPS_TRACE
    "movs r0, #${layer}\\n mov r1, r5\\n movs r2, #4\\n bl loops_trace\\n"
    #endif`;
  const loop = (count: number) => `"ldr r0, =${count}\\n 1: subs r0, #1\\n bne 1b\\n"`;
  const source = `#include "loops.h"
    __asm__(".syntax unified\\n .text\\n .align 2\\n .global loops_run\\n .thumb_func\\n loops_run:\\n"
    "push {r4, r5, r6, lr}\\n mov r4, r0\\n mov r5, r1\\n"
    ${loop(rounds[0])}${trace(0)}
    ${loop(rounds[1])}${trace(1)}
    "ldr r0, [r4]\\n str r0, [r5]\\n pop {r4, r5, r6, pc}\\n .ltorg\\n");\n`.replaceAll(
    /^ +#/gm,
    "#",
  );
  const header = `#include <stdint.h>
#define LOOPS_INPUT_SIZE 1u
#define LOOPS_OUTPUT_SIZE 1u
typedef int32_t loops_input_t;
typedef int32_t loops_output_t;
void loops_run(const loops_input_t input[1], loops_output_t output[1]);
void loops_trace(uint32_t layer, const void *tensor, uint32_t bytes);
`;
  const format = { elements: 1, type: "int32" } as const;
  const layer = (name: string) => ({ name, origin: name, format });
  return {
    subject: {
      name: "loops",
      sources: new Map([
        ["loops.c", source],
        ["loops.h", header],
      ]),
      input: format,
      output: format,
      layers: [layer("first"), layer("second")],
    },
    instructions: 3 + (1 + 2 * rounds[0]) + (1 + 2 * rounds[1]) + 3,
  };
}

const vectors: Vectors = {
  count: 2,
  inputs: Int32Array.of(5, -7),
  expected: Int32Array.of(5, -7),
  trace: () => [],
};

/** Instructions in each traced layer: those of a loop and three that pass the trace's arguments. */
const layerCounts = (rounds: readonly [number, number]) => {
  const first = 3 + 1 + 2 * rounds[0] + 3;
  const second = 1 + 2 * rounds[1] + 3;
  return [
    { min: first, max: first },
    { min: second, max: second },
  ];
};

// One target for each machine, and so for each clock.
const MACHINES = ["cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55"];

describeWith(["arm-gcc", "qemu-arm"], "instruction counts are exact", () => {
  for (const id of MACHINES) {
    it(`on ${id}, to the instruction`, async () => {
      for (const rounds of [
        [1, 1],
        [2, 1],
        [3, 7],
        [1000, 33],
        [123_456, 1_234_567],
      ] as const) {
        const { subject, instructions } = loops(rounds);
        const report = await verifyTarget(subject, vectors, findTarget(id));
        const count = { min: instructions, max: instructions };
        expect(report.instructions?.total).toEqual(count);
        expect(report.instructions?.layers).toEqual(layerCounts(rounds));
      }
    });
  }

  it("over 2^25 instructions, a dozen restarts of the 24-bit timer", async () => {
    const rounds = [2 ** 24 - 5, 1] as const;
    const { subject, instructions } = loops(rounds);
    expect(instructions).toBe(2 ** 25);
    const { instructions: measured } = await verifyTarget(
      subject,
      vectors,
      findTarget("cortex-m4"),
    );
    expect(measured?.total).toEqual({ min: 2 ** 25, max: 2 ** 25 });
    expect(measured?.layers).toEqual(layerCounts(rounds));
  });

  // With 25 MHz and 256 ns an instruction the timer restarts every 2^24 / 6.4 instructions: a
  // length around that stops the clock beside its interrupt, and the harness must measure again.
  it("when a call ends beside an interrupt of the timer", async () => {
    const restart = Math.round((2 ** 24 - 0x1000) / 6.4 / 2);
    for (let nudge = -6; nudge <= 6; nudge++) {
      for (const step of [1, 2, 3]) {
        const rounds = [restart - step * 320 + nudge, 1] as const;
        const { subject, instructions } = loops(rounds);
        const report = await verifyTarget(subject, vectors, findTarget("cortex-m4"));
        expect(report.instructions?.total).toEqual({ min: instructions, max: instructions });
      }
    }
  });
});
