import { expect, it } from "vitest";
import { findTarget } from "../../src/targets/index.js";
import { buildPrograms } from "../../src/verify/build.js";
import { countCalls } from "../../src/verify/counts.js";
import type { Subject, Vectors } from "../../src/verify/index.js";
import { verifyTarget } from "../../src/verify/index.js";
import { runProgram } from "../../src/verify/run.js";
import { requireToolchain } from "../../src/verify/toolchain.js";
import { withWorkFolder, writeRunFolder, writeSources } from "../../src/verify/workspace.js";
import { describeWith } from "./toolchains.js";

interface Loops {
  readonly subject: Subject & { readonly sources: Map<string, string> };
  readonly instructions: number;
}

/**
 * A model in assembly, so that its instructions can be counted by hand: input x gives output x.
 * Untraced it executes, beginning with its first instruction and ending with its return,
 * 3 + (1 + 2 * rounds[0]) + (1 + 2 * rounds[1]) + 3.
 */
function loops(rounds: readonly [number, number]): Loops {
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

const SHORT = [
  [1, 1],
  [2, 1],
  [1000, 33],
] as const;
/** Past the first interrupt of every machine's timer. */
const LONG = [3, 2_234_567] as const;

// One target for each machine, and so for each clock.
const MACHINES = ["cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55"];

describeWith(["arm-gcc", "qemu-arm"], "instruction counts are exact", () => {
  for (const id of MACHINES) {
    for (const rounds of id === "cortex-m4" ? [...SHORT, LONG] : [LONG]) {
      it(`on ${id}, for loops of ${rounds[0]} and ${rounds[1]}`, async () => {
        const { subject, instructions } = loops(rounds);
        const report = await verifyTarget(subject, vectors, findTarget(id));
        const count = { min: instructions, max: instructions };
        expect(report.instructions?.total).toEqual(count);
        expect(report.instructions?.layers).toEqual(layerCounts(rounds));
      });
    }
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

  it("when a call ends beside an interrupt of the timer", async () => {
    const lengths = lengthsBesideInterrupts();
    expect(await callCounts(lengths)).toEqual(lengths);
  });
});

/**
 * Lengths of calls that end within a few instructions of the timer's first interrupt: every
 * 2^24 / 6.4 instructions on the Cortex-M4 board, less 4096 ticks for each measurement before, of
 * which 16 make a cycle. There are two before the first call; a doubtful call is measured twice.
 */
function lengthsBesideInterrupts(): Int32Array {
  const measuring = 6;
  return Int32Array.from({ length: 64 }, (_, vector) => {
    const measurements = 3 + (vector < 32 ? vector : 2 * vector);
    const ticks = 2 ** 24 - (measurements % 16) * 4096;
    return Math.round(ticks / 6.4) - measuring + (vector % 13) - 6;
  });
}

/** The measured instructions of calls that execute as many as the input says, 8 at least. */
async function callCounts(lengths: Int32Array): Promise<Int32Array> {
  const target = findTarget("cortex-m4");
  const { subject } = loops([1, 1]);
  subject.sources.set(
    "loops.c",
    `#include "loops.h"
    __asm__(".syntax unified\\n .text\\n .align 2\\n .global loops_run\\n .thumb_func\\n loops_run:\\n"
    "ldr r2, [r0]\\n subs r2, #7\\n lsrs r2, r2, #1\\n bcc 1f\\n nop\\n"
    "1: subs r2, #1\\n bne 1b\\n"
    "ldr r2, [r0]\\n str r2, [r1]\\n bx lr\\n");\n`,
  );
  const toolchain = await requireToolchain(target, process.env);
  return withWorkFolder(target.id, undefined, async (folder) => {
    const settings = { target, toolchain, silenceLimitMs: 60_000, signal: undefined };
    await writeSources(folder, subject, target);
    const building = { ...settings, subject, folder, optimization: "-O2" } as const;
    const [program = ""] = await buildPrograms(building, ["plain"]);
    const range = { first: 0, count: lengths.length };
    const inputs = { ...vectors, inputs: lengths };
    const run = await writeRunFolder(folder, "count", subject, inputs, range);
    const running = { ...settings, onVector: () => {} };
    const report = await runProgram(running, program, run, "count");
    if (target.machine.kind !== "qemu-arm") throw new Error("not emulated");
    return Int32Array.from(countCalls(target.machine, report).calls);
  });
}
