import { integerTensor, type Weights } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { dualIssue } from "./core.js";
import { dualChunks } from "./dual-chunks.js";
import { BLOCK, dualPacking, dualWords, wordsOf } from "./dual-packing.js";
import { kernelName } from "./library.js";
import {
  type Form,
  formOf,
  inputRange,
  type PositionLayer,
  positionsOf,
  readsWhere,
  slidingWindow,
} from "./positions.js";
import { type RequantizeFunction, requantizeFunction } from "./requantize.js";
import { aheadOf, zeroBias } from "./rows.js";
import { inputOf } from "./shape.js";
import { scratchBytes, tableBytes } from "./size.js";
import type { Cost, Kernel, KernelCode, LayerShape, Scratch, Struct, Table } from "./types.js";

/**
 * Ternary products on cores with the DSP extension: two rows of weights in one multiplication of 16-bit
 * lanes, as `firmware/kernels/dual.h` says. `dense` is for one vector, `conv` for positions in pairs.
 */
const PACKINGS = { dense: dualPacking(4), conv: dualPacking(2) };

function dualKernel(form: Form): Kernel {
  return {
    name: `dual-${form}`,
    packing: PACKINGS[form],
    multiplies: true,
    isFor: (shape) => isDual(shape, form),
    refuses: dualRefuses,
    cost: (shape, target) => dualCost(shape, target, form),
    code: (shape, target) => dualCode(shape, target, form),
    // Both positions of a pair are read before the first is written.
    ahead: (shape) => [aheadOf(shape)],
  };
}

/** Starts of 2^17 for each chunk stay below 2^30. */
const MOST_CHUNKS = 2 ** 13;

export function dualRefuses(shape: LayerShape, { features }: Target): string | null {
  if (!features.dsp) return "the core lacks the DSP extension";
  const layer = dualOwn(shape);
  const input = integerTensor(shape.inputs[0]);
  if (input.type !== "int8" && input.type !== "uint8") return "its inputs are not bytes";
  if (layer.kind === "conv" && layer.groups > 1) return "its channels are in groups";
  const chunks = dualChunks(layer.weights, inputRange(layer, input.range));
  if (chunks.length === 0) return "sums over eight inputs would leave 14 bits";
  return chunks.length > MOST_CHUNKS ? "it has more inputs than sums can start for" : null;
}

export const DUAL_KERNELS: readonly Kernel[] = [dualKernel("dense"), dualKernel("conv")];

type DualLayer = PositionLayer;

function dualLayer({ layer }: LayerShape): DualLayer | null {
  if (layer.kind !== "conv" && layer.kind !== "dense") return null;
  return layer.weights.kind === "ternary" || layer.weights.kind === "binary" ? layer : null;
}

export function isDual(shape: LayerShape, form: Form): boolean {
  return dualLayer(shape) !== null && formOf(shape, dualOwn(shape)) === form;
}

export function dualOwn(shape: LayerShape): DualLayer {
  const layer = dualLayer(shape);
  if (layer === null) throw new Error("not a layer of trits");
  return layer;
}

export function dualChunksOf(shape: LayerShape): readonly number[] {
  const layer = dualOwn(shape);
  return dualChunks(layer.weights, inputRange(layer, inputOf(shape).range));
}

export function dualRequantize(shape: LayerShape, { features }: Target): RequantizeFunction {
  const layer = dualOwn(shape);
  return requantizeFunction({
    rule: layer.requantization,
    output: shape.output.type,
    operands: [layer.accumulators],
    bias: zeroBias(layer),
    longMultiply: features.longMultiply,
    constants: shape.constants,
  });
}

function dualCode(shape: LayerShape, target: Target, form: Form): KernelCode {
  const layer = dualOwn(shape);
  const { weights } = layer;
  const chunks = dualChunksOf(shape);
  const longest = Math.max(...chunks);
  const tables = [dualWeights(weights, form), dualChunkTable(chunks)];
  const common = {
    tables,
    requantize: dualRequantize(shape, target),
    structs: [dualStruct(weights, chunks)],
  };
  const rows = 2 * Math.ceil(weights.outputs / 2);
  const scratch: Scratch[] = [
    { name: "words", type: "uint32", elements: longest * (form === "dense" ? 4 : 8) },
    { name: "acc", type: "int32", elements: rows },
  ];
  const { type } = inputOf(shape);
  if (form === "dense") {
    return {
      ...common,
      uses: (["halves", "expand", "dual_dense"] as const).map((file) => ({ file, type })),
      scratch,
      template: "dual_dense",
      view: { dense: kernelName("dual_dense", type), outputs: weights.outputs },
    };
  }
  const pointwise = readsWhere(layer, inputOf(shape));
  const files = ["halves", "expand_pair", "dual_positions"] as const;
  const patchBytes = 2 * BLOCK * Math.ceil(weights.perOutput / BLOCK);
  return {
    ...common,
    uses: [...files, ...(pointwise ? [] : (["patch", "dual_window"] as const))].map((file) => ({
      file,
      type,
    })),
    structs: [...common.structs, ...(pointwise ? [] : [slidingWindow(shape, layer)])],
    scratch: [
      ...scratch,
      { name: "acc_b", type: "int32", elements: rows },
      ...(pointwise ? [] : [{ name: "patch", type, elements: patchBytes }]),
    ],
    template: "dual_conv",
    view: {
      pointwise,
      products: kernelName(pointwise ? "dual_positions" : "dual_window", type),
      positions: positionsOf(shape, layer),
      inputs: weights.perOutput,
      outputs: weights.outputs,
      zero: layer.zero,
      patchBytes,
    },
  };
}

export function dualWeights(weights: Weights, form: Form): Table {
  const packing = PACKINGS[form];
  return {
    suffix: "weights",
    type: "uint32_t",
    length: dualWords(weights),
    values: () => wordsOf(packing.pack(weights)),
    comment: `${weights.outputs} rows of ${weights.perOutput}, ${packing.legend}.`,
  };
}

export function dualChunkTable(chunks: readonly number[]): Table {
  return {
    suffix: "chunks",
    type: "uint8_t",
    length: chunks.length,
    values: () => chunks,
    comment: "Blocks of eight columns over which no sum can leave its half of a word.",
  };
}

export function dualStruct({ outputs, perOutput }: Weights, chunks: readonly number[]): Struct {
  return {
    suffix: "dual",
    type: "tritc_dual",
    fields: {
      weights: { table: "weights" },
      chunks: { table: "chunks" },
      chunk_count: chunks.length,
      blocks: Math.ceil(perOutput / BLOCK),
      inputs: perOutput,
      outputs,
    },
  };
}

/** Instructions and cycles for eight columns by four pairs of rows, or two pairs and two positions. */
const PER_BLOCK = {
  dense: { instructions: 42, cycles: 44 },
  conv: { instructions: 34, cycles: 39.5 },
};

/** For each block of a pair of rows that is computed alone, more than its share of four. */
const MORE_SINGLE = { instructions: 7, cycles: 21 };

/** For each chunk of each group of rows, and for each input that is expanded. */
const PER_CHUNK = { instructions: 42, cycles: 52 };
const PER_INPUT = { instructions: 2.3, cycles: 3 };
/** Share of those cycles on a core that starts two instructions in one. */
const DUAL_ISSUE: Readonly<Record<Form, number>> = { dense: 0.66, conv: 0.61 };
/** For each input of a window, where only those at borders are copied, and where all are. */
const PER_PATCHED = { instructions: 1, cycles: 1.5 };
const PER_COPIED = { instructions: 9, cycles: 12 };

/** What windows take that are not read where they stand. */
function copied(layer: DualLayer, shape: LayerShape): typeof PER_PATCHED {
  const input = inputOf(shape);
  if (formOf(shape, layer) === "dense" || readsWhere(layer, input))
    return { instructions: 0, cycles: 0 };
  const run = layer.kind === "conv" ? layer.window.kernel[1] * input.channels : input.channels;
  return run % 4 === 0 ? PER_PATCHED : PER_COPIED;
}

function dualCost(shape: LayerShape, target: Target, form: Form): Cost {
  const layer = dualOwn(shape);
  const { weights } = layer;
  const code = dualCode(shape, target, form);
  const chunks = dualChunksOf(shape).length;
  const positions = positionsOf(shape, layer);
  const pairs = Math.ceil(weights.outputs / 2);
  const groups = form === "dense" ? pairs / 4 : (pairs / 2) * Math.ceil(positions / 2);
  const singles = form === "dense" ? pairs - 4 * Math.floor((weights.outputs + 1) / 8) : 0;
  const blocks = Math.ceil(weights.perOutput / BLOCK);
  const outputs = positions * weights.outputs;
  const out = (code.requantize?.instructions ?? 0) + 4;
  const total = (kind: "instructions" | "cycles"): number => {
    const perInput = PER_INPUT[kind] + copied(layer, shape)[kind];
    return (
      groups * (blocks * PER_BLOCK[form][kind] + chunks * PER_CHUNK[kind]) +
      singles * blocks * MORE_SINGLE[kind] +
      positions * weights.perOutput * perInput +
      outputs * out * (kind === "cycles" ? 1.3 : 1)
    );
  };
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: total("instructions"),
    cycles: (dualIssue(target) ? DUAL_ISSUE[form] : 1) * total("cycles"),
  };
}
