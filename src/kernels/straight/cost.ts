import { elementCount } from "../../network/types.js";
import type { Target } from "../../targets/index.js";
import { type Core, coreOf, dualIssue } from "../core.js";
import { scratchBytes, tableBytes } from "../size.js";
import type { Cost, KernelCode, LayerShape } from "../types.js";
import { blocksOf } from "./blocks.js";
import type { Geometry } from "./geometry.js";
import type { Isa, Work } from "./isa.js";

/** The table of functions that the blocks are, a word for each. */
const FUNCTION_BYTES = 4;

/** What a layer is made of: the assembly's work in all, words that are filled, outputs. */
export interface Pieces {
  readonly codeBytes: number;
  readonly assembly: Work;
  readonly filled: number;
  readonly outputs: number;
}

/** Nothing is written for it: blocks are counted. */
export function piecesOf(shape: LayerShape, geometry: Geometry, isa: Isa): Pieces {
  const positions = geometry.kind === "single" ? 1 : geometry.outHeight * geometry.positions;
  let [codeBytes, instructions, cycles] = [0, 0, 0];
  for (const block of blocksOf(geometry, isa)) {
    // Functions start on a multiple of 4.
    codeBytes += Math.ceil(isa.bytes(block) / 4) * 4 + FUNCTION_BYTES;
    const work = isa.work(block);
    instructions += positions * work.instructions;
    cycles += positions * work.cycles;
  }
  const assembly = { instructions, cycles };
  return {
    codeBytes,
    assembly,
    filled: filledWords(geometry),
    outputs: elementCount(shape.output),
  };
}

function filledWords(geometry: Geometry): number {
  if (geometry.kind === "single") return geometry.weights.perOutput;
  const { height, outHeight, span, strideHeight, columns, channels } = geometry;
  const rows = span + (outHeight - 1) * Math.min(span, strideHeight);
  // Rows outside the tensor are filled without a look at it, in next to no time.
  return Math.min(rows, height) * columns * channels;
}

/** What each piece takes, requantisation as it is for a plain fixed-point rule included. */
interface Rates {
  readonly assembly: number;
  /** For each word of one vector, and of rows whose words hold two positions. */
  readonly single: number;
  readonly twins: number;
  readonly output: number;
  /** For each instruction that another rule is estimated to take more, or less. */
  readonly rule: number;
}

/**
 * Fitted to the layers of three networks at -O3, 50 % zeros: instructions within 13 % (ARMv6-M 20 %),
 * cycles within 16 % (22 %), of each of them.
 */
const INSTRUCTIONS: Readonly<Record<Core, Rates>> = {
  "armv6-m": { assembly: 0.95, single: 5.8, twins: 18.5, output: 24, rule: 1 },
  "armv7-m": { assembly: 1, single: 4.3, twins: 8.5, output: 5.2, rule: 0.5 },
  "risc-v": { assembly: 0.99, single: 5.3, twins: 8.9, output: 15.8, rule: 1 },
  xtensa: { assembly: 1, single: 5.3, twins: 8.9, output: 15.8, rule: 1 },
  host: { assembly: 1, single: 5, twins: 9, output: 15, rule: 1 },
};

const CYCLES: Readonly<Record<Core, Rates>> = {
  ...INSTRUCTIONS,
  "armv6-m": { assembly: 0.96, single: 9.2, twins: 25, output: 29.5, rule: 1.2 },
  "armv7-m": { assembly: 1, single: 7.8, twins: 11.6, output: 5.4, rule: 0.5 },
};

/** Two instructions a cycle, where they allow it. */
const CORTEX_M7: Rates = { assembly: 0.59, single: 3.4, twins: 6.1, output: 3.9, rule: 0.3 };

/** Instructions that a plain fixed-point rule is estimated to take. */
const PLAIN_RULE = 11;

export function costOf(
  shape: LayerShape,
  geometry: Geometry,
  { isa, target, code }: { readonly isa: Isa; readonly target: Target; readonly code: KernelCode },
): Cost {
  const { codeBytes, assembly, filled, outputs } = piecesOf(shape, geometry, isa);
  const more = (code.requantize?.instructions ?? 0) - PLAIN_RULE;
  const total = (work: number, rates: Rates): number =>
    rates.assembly * work +
    rates[geometry.kind] * filled +
    Math.max(1, rates.output + rates.rule * more) * outputs;
  const dual = dualIssue(target);
  const core = coreOf(target);
  return {
    tableBytes: tableBytes(code),
    codeBytes,
    scratchBytes: scratchBytes(code.scratch),
    instructions: total(assembly.instructions, INSTRUCTIONS[core]),
    cycles: total(assembly.cycles, dual ? CORTEX_M7 : CYCLES[core]),
  };
}
