import type { Target } from "../targets/index.js";
import { dualIssue } from "./core.js";
import {
  dualChunksOf,
  dualChunkTable,
  dualOwn,
  dualRefuses,
  dualRequantize,
  dualStruct,
  dualWeights,
  isDual,
} from "./dual.js";
import { BLOCK, dualPacking } from "./dual-packing.js";
import { type KernelFile, kernelName } from "./library.js";
import { inputOf } from "./shape.js";
import { scratchBytes, tableBytes } from "./size.js";
import type { Cost, Kernel, KernelCode, LayerShape } from "./types.js";

/**
 * What `dual-dense` computes, with inputs taken apart where they stand, again for each eight outputs, and
 * each eight requantised as they are made: hardly any scratch, and faster for few outputs.
 */
export const DUAL_DIRECT: Kernel = {
  name: "dual-direct",
  packing: dualPacking(4),
  multiplies: true,
  isFor: (shape) => isDual(shape, "dense"),
  refuses: dualRefuses,
  cost: directCost,
  code: directCode,
};

/** Blocks of eight columns of each chunk. Inputs after the last whole block are a chunk of their own. */
function wholeChunks(shape: LayerShape): readonly number[] {
  const chunks = dualChunksOf(shape);
  if (dualOwn(shape).weights.perOutput % BLOCK === 0) return chunks;
  const whole = [...chunks.slice(0, -1), (chunks.at(-1) ?? 1) - 1];
  return whole.length > 1 && whole.at(-1) === 0 ? whole.slice(0, -1) : whole;
}

/** Four pairs of rows are made at a time, the last of which may lack its second; then single pairs. */
function eightsOf(outputs: number): number {
  return 8 * Math.floor((outputs + 1) / 8);
}

function directCode(shape: LayerShape, target: Target): KernelCode {
  const { weights } = dualOwn(shape);
  const { outputs, perOutput } = weights;
  const { type } = inputOf(shape);
  const chunks = wholeChunks(shape);
  const eights = eightsOf(outputs);
  const [fours, pairs] = [eights > 0, eights < outputs];
  const files: KernelFile[] = ["halves", "dual_block", "dual_starts"];
  if (fours) files.push("dual_direct");
  if (pairs) files.push("dual_single");
  return {
    uses: files.map((file) => ({ file, type })),
    tables: [dualWeights(weights, "dense"), dualChunkTable(chunks)],
    structs: [dualStruct(weights, chunks)],
    requantize: dualRequantize(shape, target),
    scratch: [
      {
        ...{ name: "starts", type: "uint32" },
        elements: chunks.length + (perOutput % BLOCK === 0 ? 0 : 1),
      },
      { name: "last", type, elements: BLOCK },
    ],
    template: "dual_direct",
    view: {
      ...{ outputs, fours, eights, pairs, odd: outputs % 2 !== 0 },
      room: fours ? 8 : 2,
      count: eights > outputs ? `(((o + 8) > ${outputs}) ? (${outputs} - o) : 8)` : 8,
      starts: kernelName("dual_starts", type),
      direct: kernelName("dual_direct", type),
      single: kernelName("dual_single", type),
    },
  };
}

/** For a block of eight columns of four pairs, of one; a chunk of either; an input; an output. */
interface Rates {
  readonly block: number;
  readonly single: number;
  readonly chunk: number;
  readonly input: number;
  readonly output: number;
}

const INSTRUCTIONS: Rates = { block: 43, single: 18, chunk: 60, input: 1.9, output: 1 };
const CYCLES: Rates = { block: 46.5, single: 24, chunk: 95, input: 2.3, output: 1.3 };
const DUAL_CYCLES: Rates = { block: 25, single: 13, chunk: 60, input: 1.2, output: 0.45 };

function directCost(shape: LayerShape, target: Target): Cost {
  const { outputs, perOutput } = dualOwn(shape).weights;
  const code = directCode(shape, target);
  const chunks = wholeChunks(shape).length;
  const blocks = Math.ceil(perOutput / BLOCK);
  const eights = eightsOf(outputs);
  const singles = Math.ceil(Math.max(0, outputs - eights) / 2);
  const out = (code.requantize?.instructions ?? 0) + 4;
  const total = (rates: Rates): number =>
    (eights / 8) * (blocks * rates.block + chunks * rates.chunk) +
    singles * (blocks * rates.single + (chunks * rates.chunk) / 2) +
    perOutput * rates.input +
    outputs * out * rates.output;
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: total(INSTRUCTIONS),
    cycles: total(dualIssue(target) ? DUAL_CYCLES : CYCLES),
  };
}
