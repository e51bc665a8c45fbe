import type { Range, Weights } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { wordsOf } from "./dual-packing.js";
import { blocksOf, LANE_BLOCK, type LaneKind, lanesPacking, pairWords } from "./lanes-packing.js";
import { kernelName } from "./library.js";
import {
  formOf,
  inputRange,
  type PositionLayer,
  positionsOf,
  readsWhere,
  slidingWindow,
} from "./positions.js";
import { aheadOf, requantizeOf } from "./rows.js";
import { inputOf } from "./shape.js";
import { scratchBytes, tableBytes } from "./size.js";
import {
  type Cost,
  type Kernel,
  type KernelCode,
  type LayerShape,
  largestMagnitude,
  type Scratch,
  type Table,
} from "./types.js";

/**
 * Products with weights of 4 or 8 bits on cores with the DSP extension: lanes of 16 bits are made of them
 * in the core, for one vector or for positions in pairs, as `firmware/kernels/byte_rows.h` and
 * `nibble_rows.h` say.
 */
function laneKernel(kind: LaneKind): Kernel {
  return {
    name: `lanes-${kind}`,
    packing: lanesPacking(kind),
    multiplies: true,
    isFor: ({ layer }) =>
      (layer.kind === "conv" || layer.kind === "dense") && layer.weights.kind === kind,
    refuses: (shape, { features }) => {
      if (!features.dsp) return "the core lacks the DSP extension";
      const layer = own(shape);
      const { type, range } = inputOf(shape);
      if (type !== "int8" && type !== "uint8") return "its inputs are not bytes";
      if (layer.kind === "conv" && layer.groups > 1) return "its channels are in groups";
      const code = largestMagnitude(inputRange(layer, range));
      return layer.weights.perOutput * 128 * code >= 2 ** 31 ? "sums would leave 32 bits" : null;
    },
    cost: (shape, target) => costOf(shape, target, kind),
    code: (shape, target) => codeOf(shape, target, kind),
    // Both positions of a pair are read before the first is written.
    ahead: (shape) => [aheadOf(shape)],
  };
}

export const LANE_KERNELS: readonly Kernel[] = [laneKernel("int4"), laneKernel("int8")];

function own({ layer }: LayerShape): PositionLayer {
  if (layer.kind === "conv" || layer.kind === "dense") return layer;
  throw new Error("not a layer of rows");
}

/** What is left for the sum of a second row beside the first's, over one chunk. */
const SECOND = 2 ** 23 - 1;

/**
 * Blocks of columns of one chunk, as few chunks as no second row's sum leaves its 24 bits in, whatever the
 * inputs in that range are.
 */
export function chunkBlocks({ values, outputs, perOutput }: Weights, range: Range): number {
  const blocks = blocksOf(perOutput);
  const code = largestMagnitude(range);
  const safe = (chunk: number): boolean => {
    for (let o = 1; o < outputs; o += 2) {
      for (let first = 0; first < perOutput; first += chunk * LANE_BLOCK) {
        const end = Math.min(perOutput, first + chunk * LANE_BLOCK);
        const part = values.subarray(o * perOutput + first, o * perOutput + end);
        if (code * part.reduce((sum, w) => sum + Math.abs(w), 0) > SECOND) return false;
      }
    }
    return true;
  };
  let count = 1;
  while (!safe(Math.ceil(blocks / count))) count++;
  return Math.ceil(blocks / count);
}

const FILES = {
  int4: { dense: "nibble_dense", conv: "nibble_positions" },
  int8: { dense: "byte_dense", conv: "byte_positions" },
} as const;

function codeOf(shape: LayerShape, target: Target, kind: LaneKind): KernelCode {
  const layer = own(shape);
  const input = inputOf(shape);
  const { type } = input;
  const { weights } = layer;
  const { outputs, perOutput } = weights;
  const blocks = blocksOf(perOutput);
  const rows = 2 * Math.ceil(outputs / 2);
  const weightTable: Table = {
    suffix: "weights",
    type: "uint32_t",
    length: (rows / 2) * pairWords(kind, perOutput),
    values: () => wordsOf(lanesPacking(kind).pack(weights)),
    comment: `${outputs} rows of ${perOutput}, ${lanesPacking(kind).legend}.`,
  };
  const common = { requantize: requantizeOf(shape, target), tables: [weightTable] };
  const acc = { name: "acc", type: "int32", elements: rows } as const;
  const view = {
    words:
      kind === "int4"
        ? pairWords(kind, perOutput)
        : `${pairWords(kind, perOutput)}, ${2 * chunkBlocks(weights, inputRange(layer, input.range))}`,
    inputs: perOutput,
    outputs,
  };
  if (formOf(shape, layer) === "dense") {
    return {
      ...common,
      uses: [{ file: "halves", type }, { file: "expand", type }, { file: FILES[kind].dense }],
      structs: [],
      // Inputs are expanded in eights.
      scratch: [{ name: "words", type: "uint32", elements: 4 * Math.ceil(perOutput / 8) }, acc],
      template: "lanes_dense",
      view: {
        ...view,
        expand: kernelName("expand", type),
        dense: FILES[kind].dense,
      },
    };
  }
  const pointwise = readsWhere(layer, input);
  const columns = LANE_BLOCK * blocks;
  const scratch: Scratch[] = [
    { name: "words", type: "uint32", elements: columns },
    acc,
    { ...acc, name: "acc_b" },
    ...(pointwise ? [] : [{ name: "patch", type, elements: 2 * columns }]),
  ];
  return {
    ...common,
    uses: [
      { file: "halves", type },
      { file: "expand_pair", type },
      ...(pointwise ? [] : (["patch", "window_pair"] as const).map((file) => ({ file, type }))),
      { file: FILES[kind].conv },
    ],
    structs: pointwise ? [] : [slidingWindow(shape, layer)],
    scratch,
    template: "lanes_conv",
    view: {
      ...view,
      pointwise,
      expand: kernelName("expand_pair", type),
      window: kernelName("window_pair", type),
      products: FILES[kind].conv,
      positions: positionsOf(shape, layer),
      zero: layer.zero,
      columns,
      patchBytes: 2 * columns,
    },
  };
}

type Rate = readonly [instructions: number, cycles: number];

/** Fitted to counts at -O3: for a block of four columns of one pair of rows, and a pair of rows itself. */
const RATES: Readonly<Record<LaneKind, Readonly<Record<"dense" | "conv", Rate>>>> = {
  int8: { dense: [11, 13.5], conv: [14.5, 17.5] },
  int4: { dense: [14, 17.5], conv: [21, 26] },
};
const PAIR: Rate = [16, 22];
const EXPANDED: Rate = [2.3, 3];
const PATCHED: Rate = [1, 1.5];

function costOf(shape: LayerShape, target: Target, kind: LaneKind): Cost {
  const layer = own(shape);
  const { weights } = layer;
  const code = codeOf(shape, target, kind);
  const form = formOf(shape, layer);
  const positions = positionsOf(shape, layer);
  const pairs = Math.ceil(weights.outputs / 2) * Math.ceil(form === "dense" ? 1 : positions / 2);
  const out = (code.requantize?.instructions ?? 0) + 4;
  const patched = code.structs.length > 0;
  const total = (i: 0 | 1): number =>
    pairs * (blocksOf(weights.perOutput) * RATES[kind][form][i] + PAIR[i]) +
    positions * weights.perOutput * (EXPANDED[i] + (patched ? PATCHED[i] : 0)) +
    positions * weights.outputs * out * (i === 0 ? 1 : 1.3);
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: total(0),
    cycles: total(1),
  };
}
