import { expect, it } from "vitest";
import { findTarget } from "../../src/targets/index.js";
import { buildPrograms } from "../../src/verify/build.js";
import { configurationOf } from "../../src/verify/configurations.js";
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

/** How a core executes the model below: assembly, and how many instructions its parts are. */
interface Core {
  readonly begin: string;
  /** Before the first loop, and after the second one with the return. */
  readonly enter: { readonly code: string; readonly instructions: number };
  readonly leave: { readonly code: string; readonly instructions: number };
  /** Two instructions a round; `load` puts the number of rounds into the register before. */
  readonly loop: (rounds: number) => string;
  readonly load: number;
  /** Three instructions and the call. */
  readonly trace: (layer: number) => string;
}

const ARM: Core = {
  begin: ".syntax unified; .text; .align 2; .global loops_run; .thumb_func; loops_run:",
  enter: { code: "push {r4, r5, r6, lr}; mov r4, r0; mov r5, r1", instructions: 3 },
  loop: (rounds) => `ldr r0, =${rounds}; 1: subs r0, #1; bne 1b`,
  load: 1,
  trace: (layer) => `movs r0, #${layer}; mov r1, r5; movs r2, #4; bl loops_trace`,
  leave: { code: "ldr r0, [r4]; str r0, [r5]; pop {r4, r5, r6, pc}; .ltorg", instructions: 3 },
};

const RISCV: Core = {
  begin: ".text; .align 2; .global loops_run; loops_run:",
  enter: {
    code: "addi sp, sp, -16; sw ra, 12(sp); sw s0, 8(sp); sw s1, 4(sp); mv s0, a0; mv s1, a1",
    instructions: 6,
  },
  loop: (rounds) =>
    `lui a0, %hi(${rounds}); addi a0, a0, %lo(${rounds}); 1: addi a0, a0, -1; bnez a0, 1b`,
  load: 2,
  trace: (layer) => `li a0, ${layer}; mv a1, s1; li a2, 4; jal loops_trace`,
  leave: {
    code: "lw a0, 0(s0); sw a0, 0(s1); lw ra, 12(sp); lw s0, 8(sp); lw s1, 4(sp); addi sp, sp, 16; ret",
    instructions: 7,
  },
};

const XTENSA: Core = {
  begin: ".text; .literal_position; .align 4; .global loops_run; loops_run:",
  enter: {
    code: "addi a1, a1, -16; s32i a0, a1, 0; s32i a12, a1, 4; s32i a13, a1, 8; mov a12, a2; mov a13, a3",
    instructions: 6,
  },
  loop: (rounds) => `movi a2, ${rounds}; 1: addi a2, a2, -1; bnez a2, 1b`,
  load: 1,
  trace: (layer) => `movi a2, ${layer}; mov a3, a13; movi a4, 4; _call0 loops_trace`,
  leave: {
    code: "l32i a2, a12, 0; s32i a2, a13, 0; l32i a0, a1, 0; l32i a12, a1, 4; l32i a13, a1, 8; addi a1, a1, 16; ret",
    instructions: 7,
  },
};

/**
 * A model in assembly, so that its instructions can be counted by hand: input x gives output x.
 * Untraced it executes those of `enter`, of two loops and of `leave`.
 */
function loops(rounds: readonly [number, number], core: Core = ARM): Loops {
  const text = (code: string) => `"${code.replaceAll("; ", "\\n ")}\\n"`;
  const trace = (layer: number) => `
    #ifdef LOOPS_TRACE
    ${text(core.trace(layer))}
    #endif`;
  const source = `#include "loops.h"
    __asm__(${text(core.begin)} ${text(core.enter.code)}
    ${text(core.loop(rounds[0]))}${trace(0)}
    ${text(core.loop(rounds[1]))}${trace(1)}
    ${text(core.leave.code)});\n`.replaceAll(/^ +#/gm, "#");
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
    instructions:
      core.enter.instructions + 2 * (core.load + rounds[0] + rounds[1]) + core.leave.instructions,
  };
}

const vectors: Vectors = {
  count: 2,
  inputs: Int32Array.of(5, -7),
  expected: Int32Array.of(5, -7),
  trace: () => [],
};

/** Instructions in each traced layer: those of a loop and three that pass the trace's arguments. */
const layerCounts = (rounds: readonly [number, number], core: Core = ARM) => {
  const first = core.enter.instructions + core.load + 2 * rounds[0] + 3;
  const second = core.load + 2 * rounds[1] + 3;
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

/** Past 2^31 ns of emulated time, the period in which the harness tells the clock of RISC-V. */
const LONGER = [3, 2 ** 23 + 5] as const;

const OTHERS = [
  { id: "rv32ec", core: RISCV, tools: ["riscv-gcc", "qemu-riscv32"] },
  { id: "rv32imc", core: RISCV, tools: ["riscv-gcc", "qemu-riscv32"] },
  { id: "lx106", core: XTENSA, tools: ["xtensa-gcc", "qemu-xtensa"] },
] as const;

for (const { id, core, tools } of OTHERS) {
  describeWith(tools, `instruction counts are exact on ${id}`, () => {
    for (const rounds of [...SHORT, LONG, LONGER]) {
      it(`for loops of ${rounds[0]} and ${rounds[1]}`, async () => {
        const { subject, instructions } = loops(rounds, core);
        const report = await verifyTarget(subject, vectors, findTarget(id));
        const count = { min: instructions, max: instructions };
        expect(report.instructions?.total).toEqual(count);
        expect(report.instructions?.layers).toEqual(layerCounts(rounds, core));
      });
    }
  });
}

// 2^32 ticks of 25 ns, an instruction taking 256 ns: 419,430,400 instructions.
describeWith(["xtensa-gcc", "qemu-xtensa"], "a clock that goes around", () => {
  const most = 419_430_400;
  const count = async (rounds: number) => {
    const { subject, instructions } = loops([1, rounds], XTENSA);
    const report = await verifyTarget(subject, vectors, findTarget("lx106"), { countedVectors: 1 });
    return { report, instructions };
  };

  it("counts what it can still tell", async () => {
    const { report, instructions } = await count(most / 2 - 50);
    expect(report.instructions?.total).toEqual({ min: instructions, max: instructions });
  });

  it("gives no number beyond that, and says why", async () => {
    const { report } = await count(most / 2);
    expect(report).toMatchObject({ equal: true, instructions: null });
    expect(report.remarks.map(({ code }) => code)).toEqual(["verify/not-counted"]);
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
  const configuration = configurationOf(target);
  const toolchain = await requireToolchain(configuration, process.env);
  return withWorkFolder(target.id, undefined, async (folder) => {
    const settings = { configuration, toolchain, silenceLimitMs: 60_000, signal: undefined };
    await writeSources(folder, subject, target);
    const building = { ...settings, subject, folder };
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
