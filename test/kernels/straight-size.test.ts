import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { symbols } from "../../src/bench/program.js";
import { type Block, blockOf, type Layout } from "../../src/kernels/straight/block.js";
import { type Isa, isaOf } from "../../src/kernels/straight/isa.js";
import type { Weights } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { configurationOf } from "../../src/verify/configurations.js";
import { runProcess } from "../../src/verify/process.js";
import { requireToolchain } from "../../src/verify/toolchain.js";
import { withWorkFolder } from "../../src/verify/workspace.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";

/** Kernel rows, weights of each, words between positions, share of zeros, outputs. */
const SHAPES: readonly (readonly [number, number, number, number, number])[] = [
  [3, 96, 32, 0.5, 99],
  [3, 96, 32, 0.5, 8],
  [1, 2000, 2000, 0.7, 99],
  [1, 40, 40, 0.95, 5],
  [3, 9, 3, 0.3, 1],
  [4, 600, 1, 0.5, 9],
  [2, 3, 5000, 0, 99],
  [1, 16, 16, 1, 99],
  [9, 20, 70, 0.5, 2],
];

function blocksOf(isa: Isa): Block[] {
  const random = seeded(1);
  return SHAPES.map(([rows, length, stride, zeros, most]) => {
    const outputs = Math.min(most, isa.sums);
    const perOutput = rows * length;
    const values = Int8Array.from({ length: outputs * perOutput }, () =>
      random.next() < zeros ? 0 : random.next() < 0.5 ? 1 : -1,
    );
    const weights: Weights = { kind: "ternary", outputs, perOutput, values };
    const words = Int32Array.from({ length }, (_, i) => i);
    const layout: Layout = { rows, words, groups: 1, groupWords: 0, stride };
    return blockOf(weights, layout, { first: 0, count: outputs }, [0, perOutput], isa.reach);
  });
}

/** Bytes that the assembler makes of each block. */
async function assembledBytes(target: string, isa: Isa, blocks: readonly Block[]) {
  const configuration = configurationOf(findTarget(target));
  const toolchain = await requireToolchain(configuration, process.env);
  const text = blocks.flatMap((block, i) => [
    `begin${i}:`,
    ...isa.lines(block).map((line) => line.text),
    `end${i}:`,
  ]);
  return withWorkFolder("straight", undefined, async (folder) => {
    const [source, object] = [join(folder, "blocks.s"), join(folder, "blocks.o")];
    await writeFile(
      source,
      `${[...(isa.directive === null ? [] : [isa.directive, ".thumb"]), ...text].join("\n")}\n`,
    );
    const args = [...configuration.target.compiler.flags, "-c", source, "-o", object];
    const result = await runProcess(toolchain.compiler.command, args, { silenceLimitMs: 60_000 });
    expect(result.stderr).toBe("");
    const found = await symbols({ path: object, toolchain, signal: undefined });
    return blocks.map((_, i) => (found.get(`end${i}`) ?? 0) - (found.get(`begin${i}`) ?? 0));
  });
}

describeWith(["arm-gcc", "riscv-gcc"], "the bytes of straight-line code", () => {
  it.each(["cortex-m0", "cortex-m3", "rv32imc", "rv32ec"])(
    "are known before it is made, for %s",
    async (target) => {
      const isa = isaOf(findTarget(target));
      if (isa === null) throw new Error(`nothing for ${target}`);
      const blocks = blocksOf(isa);
      expect(await assembledBytes(target, isa, blocks)).toEqual(blocks.map(isa.bytes));
    },
  );
});
