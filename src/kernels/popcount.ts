import { spanOf } from "../graph/window.js";
import { elementCount, type Tensor } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { aheadOfPositions, aheadOfWindow } from "./ahead.js";
import { type Core, coreOf } from "./core.js";
import { kernelName } from "./library.js";
import {
  packedWords,
  planeWords,
  popcountPacking,
  rowWords,
  type Signs,
} from "./popcount-packing.js";
import { type RequantizeFunction, requantizeFunction } from "./requantize.js";
import { isPointwise, type WeightLayer, weightLayer } from "./rows.js";
import { inputOf } from "./shape.js";
import { scratchBytes, tableBytes } from "./size.js";
import type { Cost, Kernel, KernelCode, LayerShape, Table } from "./types.js";
import { windowStruct } from "./window.js";

/**
 * Products of binary or ternary weights with activations of few codes, by counting bits: with u the
 * place of a code among them, `x = low + spacing * u`, and `s` what is set for weights of -1,
 *
 *     sum of w * x = low * sum of w + spacing * sum over bits p of u of 2^p * (ones of (u_p ^ s) - minus)
 *
 * where only places count whose weight is not 0, and `minus` is how many are -1. The constants are the
 * requantisation's.
 */
function popcountKernel(kind: Signs): Kernel {
  return {
    name: `popcount-${kind}`,
    packing: popcountPacking(kind),
    isFor: ({ layer }) => "weights" in layer && layer.weights.kind === kind,
    refuses: (shape) => {
      const { type } = inputOf(shape);
      if (type !== "int8" && type !== "uint8") return "its inputs are not bytes";
      const { planes } = codesOf(shape);
      return planes > MOST_PLANES ? `its inputs have codes of ${planes} bits` : null;
    },
    cost: (shape, target) => costOf(shape, target, kind),
    code: (shape, target) => codeOf(shape, target, kind),
    ahead: (shape) => [aheadOf(shape)],
  };
}

export const POPCOUNT_KERNELS: readonly Kernel[] = [
  popcountKernel("binary"),
  popcountKernel("ternary"),
];

const MOST_PLANES = 4;

/** How codes become planes of bits: bit `shift + p` of `x - low` is in plane p. */
interface Codes {
  readonly low: number;
  readonly shift: number;
  readonly planes: number;
}

/** Padding's code is one of them. */
function codesOf(shape: LayerShape): Codes {
  const layer = weightLayer(shape);
  const { range } = inputOf(shape);
  const spacing = shape.spacings?.[0] ?? 1;
  if (!padded(layer)) return codesBetween(range.low, range.high, spacing);
  const fits = (layer.zero - range.low) % spacing === 0;
  const low = Math.min(range.low, layer.zero);
  const high = Math.max(range.high, layer.zero);
  return codesBetween(low, high, fits ? spacing : 1);
}

function codesBetween(low: number, high: number, spacing: number): Codes {
  const shift = Math.round(Math.log2(spacing));
  return { low, shift, planes: Math.max(1, Math.ceil(Math.log2((high - low) / spacing + 1))) };
}

function padded(layer: WeightLayer): boolean {
  if (layer.kind === "dense") return false;
  return layer.kind === "conv-transpose" || Object.values(layer.window.pads).some((pad) => pad > 0);
}

/** Two codes and padding between them: a plane for windows at the border only. */
function betweenSigns(shape: LayerShape): boolean {
  const { low, shift, planes } = codesOf(shape);
  const { range } = inputOf(shape);
  const { zero } = weightLayer(shape);
  const signs = shape.spacings?.[0] === 2 && range.high - range.low === 2;
  return signs && low === range.low && zero === low + 1 && shift === 0 && planes === 2;
}

/** Whether rows of the tensor are packed once, instead of each window by itself. */
function packsRows(layer: WeightLayer, input: Tensor): boolean {
  return layer.kind === "conv" && layer.groups === 1 && input.channels % 8 === 0;
}

function readsWhere(layer: WeightLayer): boolean {
  return layer.kind === "dense" || (layer.kind === "conv" && isPointwise(layer));
}

function aheadOf(shape: LayerShape): number | null {
  const layer = weightLayer(shape);
  const input = inputOf(shape);
  if (layer.kind === "conv-transpose") return null;
  if (readsWhere(layer)) return aheadOfPositions(input, shape.output, positionsOf(shape));
  if (layer.kind === "dense") return null;
  return aheadOfWindow(layer.window, input, shape.output, packsRows(layer, input) ? "window" : 0);
}

function positionsOf(shape: LayerShape): number {
  return elementCount(shape.output) / weightLayer(shape).weights.outputs;
}

/** Of each row: the sum of its weights, and how many are -1. */
function rowsOf({ weights: { values, outputs, perOutput } }: WeightLayer) {
  return Array.from({ length: outputs }, (_, o) => {
    const row = values.subarray(o * perOutput, (o + 1) * perOutput);
    return { sum: row.reduce((a, w) => a + w, 0), minus: row.filter((w) => w < 0).length };
  });
}

function requantizeOf(shape: LayerShape, { features }: Target): RequantizeFunction {
  const layer = weightLayer(shape);
  const { low, shift, planes } = codesOf(shape);
  const most = 2 ** shift * (2 ** planes - 1);
  return requantizeFunction({
    rule: layer.requantization,
    output: shape.output.type,
    operands: [layer.accumulators],
    bias: Int32Array.from(
      rowsOf(layer),
      ({ sum, minus }) => sum * (low - layer.zero) - most * minus,
    ),
    longMultiply: features.longMultiply,
    constants: shape.constants,
  });
}

function codeOf(shape: LayerShape, target: Target, kind: Signs): KernelCode {
  const layer = weightLayer(shape);
  const input = inputOf(shape);
  const { type } = input;
  const { outputs, perOutput } = layer.weights;
  const words = planeWords(perOutput);
  const { low, shift, planes } = codesOf(shape);
  const acc = { name: "acc", type: "int32", elements: outputs } as const;
  const bits = { name: "bits", type: "uint32", elements: planes * words } as const;
  const common = {
    requantize: requantizeOf(shape, target),
    tables: [weightTable(layer, kind)],
    scratch: [bits, acc],
  };
  const uses: KernelCode["uses"] = [{ file: `popcount_${kind}` }, { file: "pack_bits", type }];
  const view = {
    ...{ low, shift, planes, words, outputs },
    bytes: 4 * planes * words,
    inputs: perOutput,
    apart: 4 * words,
    step: shift === 0 ? "" : `${2 ** shift} * `,
    pack: kernelName("pack_bits", type),
    count: `popcount_${kind}`,
    positions: positionsOf(shape),
    windows: false,
  };
  if (layer.kind === "dense" || readsWhere(layer))
    return { ...common, uses, structs: [], template: "popcount", view };
  const structs = [windowStruct(layer.window, input, shape.output)];
  const extent = { outHeight: shape.output.height, outWidth: shape.output.width };
  if (!packsRows(layer, input)) {
    const gather = layer.kind === "conv" ? "gather" : "gather_transposed";
    const groupOutputs = outputs / layer.groups;
    return {
      ...common,
      uses: [...uses, { file: gather, type }],
      structs,
      scratch: [...common.scratch, { name: "patch", type, elements: perOutput }],
      template: "popcount",
      view: {
        ...view,
        ...extent,
        windows: true,
        gather: kernelName(gather, type),
        groups: layer.groups,
        groupInputs: input.channels / layer.groups,
        groupOutputs,
        groupWords: groupOutputs * rowWords(kind, perOutput),
        zero: layer.zero,
      },
    };
  }
  const signs = betweenSigns(shape);
  const rowPlanes = signs ? 1 : planes;
  const [span] = spanOf(layer.window);
  const planeBytes = (input.width * input.channels) / 8;
  const rowBytes = rowPlanes * planeBytes;
  const { window } = layer;
  return {
    ...common,
    uses: [
      ...uses,
      { file: "window_bits" },
      ...(signs ? [{ file: "window_inside" } as const] : []),
    ],
    tables: [...common.tables, ...(signs ? [minusTable(layer)] : [])],
    structs,
    scratch: [
      ...common.scratch,
      { name: "rows", type: "uint32", elements: Math.ceil((span * rowBytes) / 4) },
    ],
    template: "popcount_conv",
    view: {
      ...view,
      ...extent,
      ...{ signs, span, planeBytes, rowBytes },
      shift: signs ? 1 : shift,
      planes: rowPlanes,
      pad: padBits(layer.zero, low, shift, planes),
      rowElements: input.width * input.channels,
      height: input.height,
      strideHeight: window.strides[0],
      strideWidth: window.strides[1],
      padTop: window.pads.top,
      padLeft: window.pads.left,
    },
  };
}

/** Bits of plane p of the code for padding, as C. */
function padBits(zero: number, low: number, shift: number, planes: number): string {
  const place = zero >= low ? (zero - low) >> shift : 0;
  const bits = Array.from({ length: planes }, (_, p) => (place >> p) & 1);
  if (bits.every((bit) => bit === bits[0])) return bits[0] === 1 ? "255u" : "0u";
  return `(uint8_t)(255u * ((${place}u >> p) & 1u))`;
}

function weightTable({ weights }: WeightLayer, kind: Signs): Table {
  const { outputs, perOutput } = weights;
  return {
    suffix: "weights",
    type: "uint32_t",
    length: outputs * rowWords(kind, perOutput),
    values: () => packedWords(kind, weights),
    comment: `${outputs} rows of ${perOutput}, ${popcountPacking(kind).legend}.`,
  };
}

function minusTable(layer: WeightLayer): Table {
  const minus = rowsOf(layer).map((row) => row.minus);
  return {
    suffix: "minus",
    type: "uint16_t",
    length: minus.length,
    values: () => minus,
    comment: "How many weights of each row are -1.",
  };
}

/** Estimated instructions and cycles. */
interface Rates {
  /** A word of binary weights, by one plane; more for ternary ones. */
  readonly word: readonly [instructions: number, cycles: number];
  readonly trits: readonly [instructions: number, cycles: number];
  /** A row by a plane, and an output. */
  readonly row: readonly [instructions: number, cycles: number];
  readonly output: readonly [instructions: number, cycles: number];
  /** Packing a bit; copying an input of a window. */
  readonly packed: readonly [instructions: number, cycles: number];
  readonly gathered: readonly [instructions: number, cycles: number];
}

const PLAIN: Rates = {
  ...{ word: [12, 12], trits: [3, 3], row: [28, 28], output: [6, 6] },
  ...{ packed: [3, 3], gathered: [6, 6] },
};

/** Fitted to counts at -O3. */
const RATES: Readonly<Record<Core, Rates>> = {
  "armv6-m": {
    ...{ word: [17, 22], trits: [5, 8], row: [32, 38], output: [6, 9] },
    ...{ packed: [3, 4], gathered: [5, 9] },
  },
  "armv7-m": {
    ...{ word: [9.5, 11], trits: [2.5, 3], row: [20, 23], output: [5, 8] },
    ...{ packed: [2, 2.5], gathered: [4, 6] },
  },
  "risc-v": PLAIN,
  xtensa: PLAIN,
  host: PLAIN,
};

function costOf(shape: LayerShape, target: Target, kind: Signs): Cost {
  const layer = weightLayer(shape);
  const code = codeOf(shape, target, kind);
  const { weights } = layer;
  const { planes } = codesOf(shape);
  const rates = RATES[coreOf(target)];
  const rows = packsRows(layer, inputOf(shape));
  const positions = positionsOf(shape);
  const words = planeWords(weights.perOutput);
  const groups = layer.kind === "dense" ? 1 : layer.groups;
  const counted = betweenSigns(shape) ? 1.4 : planes;
  const perWindow = readsWhere(layer) || rows ? 0 : groups * weights.perOutput;
  const packed =
    rows && !readsWhere(layer)
      ? elementCount(inputOf(shape))
      : positions * groups * weights.perOutput;
  const requantize = code.requantize?.instructions ?? 0;
  const total = (i: 0 | 1): number => {
    const word = rates.word[i] + (kind === "ternary" ? rates.trits[i] : 0);
    const row = counted * (words * word + rates.row[i]) + rates.output[i] + requantize;
    return Math.round(
      positions * (weights.outputs * row + perWindow * rates.gathered[i]) +
        packed * planes * rates.packed[i],
    );
  };
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: total(0),
    cycles: total(1),
  };
}
