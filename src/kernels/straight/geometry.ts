import {
  type ConvLayer,
  type DenseLayer,
  elementCount,
  type IntegerTensor,
  integerTensor,
  type Range,
  type Weights,
} from "../../network/types.js";
import type { LayerShape } from "../types.js";
import { type Layout, lanePartsOf } from "./block.js";

/** Layers that straight-line code computes. */
export type StraightLayer = ConvLayer | DenseLayer;

/** One vector: a word holds one input, a sum is the accumulator. */
export interface Single {
  readonly kind: "single";
  readonly weights: Weights;
  readonly layout: Layout;
}

/**
 * Rows of positions, of which the left and the right half are computed at the same time: each word
 * holds two inputs, `distance` positions apart. In an odd row the middle position is in both halves.
 */
export interface Twins {
  readonly kind: "twins";
  readonly weights: Weights;
  readonly layout: Layout;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly strideHeight: number;
  /** From one kernel row to the next. */
  readonly dilation: number;
  /** Input rows from a position's first to its last. */
  readonly span: number;
  /** Words of one output row: positions of its left half. */
  readonly positions: number;
  /** From a position of the left half to the one computed with it. */
  readonly outDistance: number;
  readonly distance: number;
  readonly columns: number;
  /** Words from one tap of a kernel row to the next. */
  readonly tapWords: number;
  readonly kernelWidth: number;
  /** Bounds of the weights whose sum fits a lane; see `lanePartsOf`. */
  readonly parts: readonly number[];
}

export type Geometry = Single | Twins;

export function straightLayer({ layer }: LayerShape): StraightLayer {
  if (layer.kind === "conv" || layer.kind === "dense") return layer;
  throw new Error(`straight-line code for a ${layer.kind} layer`);
}

export function geometryOf(shape: LayerShape): Geometry {
  const layer = straightLayer(shape);
  const input = integerTensor(shape.inputs[0]);
  if (layer.kind === "conv") return isPointwise(layer) ? flat(layer, input) : conv(layer, shape);
  return layer.positions > 1 ? flat(layer, input) : single(layer.weights);
}

function single(weights: Weights): Single {
  const words = Int32Array.from({ length: weights.perOutput }, (_, k) => k);
  const layout: Layout = { rows: 1, words, groups: 1, groupWords: 0, stride: 0 };
  return { kind: "single", weights, layout };
}

/** Where no two positions share inputs, rows may be of any length. */
function flat({ weights }: StraightLayer, input: IntegerTensor): Twins {
  const positions = elementCount(input) / weights.perOutput;
  const width = flatWidth(positions, weights.perOutput);
  const plain = { height: positions / width, width, channels: weights.perOutput };
  return twins(weights, input.range, {
    ...plain,
    outHeight: plain.height,
    outWidth: width,
    kernel: [1, 1],
    strides: [1, 1],
    dilations: [1, 1],
    pads: { top: 0, left: 0 },
    groups: 1,
  });
}

/** Words that a row may take where shorter rows would do. */
const FLAT_WORDS = 1536;

/** The divisor that wastes fewest halves of words; among these the longest. */
function flatWidth(positions: number, channels: number): number {
  const halves = (width: number): number => (positions / width) * Math.ceil(width / 2);
  let best = 1;
  for (let width = 2; width <= positions; width++) {
    if (positions % width !== 0) continue;
    if (best > 1 && Math.ceil(width / 2) * channels > FLAT_WORDS) break;
    if (halves(width) <= halves(best)) best = width;
  }
  return best;
}

function conv({ zero, weights, window, groups }: ConvLayer, { inputs, output }: LayerShape): Twins {
  const input = integerTensor(inputs[0]);
  const { height, width, channels, range } = input;
  // Padding holds the zero point, which need not be a value that occurs.
  const padded = { low: Math.min(range.low, zero), high: Math.max(range.high, zero) };
  const { kernel, strides, dilations, pads } = window;
  return twins(weights, padded, {
    height,
    width,
    channels,
    outHeight: output.height,
    outWidth: output.width,
    kernel,
    strides,
    dilations,
    pads,
    groups,
  });
}

interface Sliding {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: { readonly top: number; readonly left: number };
  readonly groups: number;
}

function twins(weights: Weights, range: Range, s: Sliding): Twins {
  const [kernelHeight, kernelWidth] = s.kernel;
  const [strideHeight, strideWidth] = s.strides;
  const groupInputs = s.channels / s.groups;
  const positions = Math.ceil(s.outWidth / 2);
  const outDistance = s.outWidth - positions;
  const tapWords = s.dilations[1] * s.channels;
  const words = Int32Array.from({ length: kernelWidth * groupInputs }, (_, i) => {
    return Math.floor(i / groupInputs) * tapWords + (i % groupInputs);
  });
  return {
    kind: "twins",
    weights,
    layout: {
      rows: kernelHeight,
      words,
      groups: s.groups,
      groupWords: groupInputs,
      stride: strideWidth * s.channels,
    },
    height: s.height,
    width: s.width,
    channels: s.channels,
    outHeight: s.outHeight,
    outWidth: s.outWidth,
    padTop: s.pads.top,
    padLeft: s.pads.left,
    strideHeight,
    dilation: s.dilations[0],
    span: (kernelHeight - 1) * s.dilations[0] + 1,
    positions,
    outDistance,
    distance: outDistance * strideWidth,
    columns: (positions - 1) * strideWidth + (kernelWidth - 1) * s.dilations[1] + 1,
    tapWords,
    kernelWidth,
    parts: lanePartsOf(weights, range),
  };
}

function isPointwise({ window, groups }: ConvLayer): boolean {
  const { kernel, strides, pads } = window;
  const plain = [...kernel, ...strides].every((n) => n === 1);
  return plain && groups === 1 && Object.values(pads).every((p) => p === 0);
}
