import type { Window } from "../graph/types.js";
import { elementCount, integerTensor } from "../network/types.js";
import { weightLayer } from "./rows.js";
import type { LayerShape, Struct } from "./types.js";

/**
 * Rows of a window's input as words of two columns each, `half` output columns apart: see
 * `firmware/kernels/pairs.h`.
 */
export interface Pairs {
  /** Extent of the input and of the output, as rows are paired. */
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly channels: number;
  /** Channels of a group. */
  readonly count: number;
  readonly window: Window;
  readonly zero: number;
  /** Planes of a channel. */
  readonly phases: number;
  /** Words of a plane. */
  readonly words: number;
  readonly half: number;
  /** Rows that the next output row needs again. */
  readonly kept: number;
}

const POINTWISE: Window = {
  kernel: [1, 1],
  strides: [1, 1],
  dilations: [1, 1],
  pads: { top: 0, left: 0, bottom: 0, right: 0 },
};

/**
 * Null for transposed convolutions, whose windows have no rows.
 *
 * @param rowOf how long a row is of so many positions that are all alike
 */
export function pairsOf(
  shape: LayerShape,
  rowOf: (positions: number) => number = rowLength,
): Pairs | null {
  const layer = weightLayer(shape);
  if (layer.kind === "conv-transpose") return null;
  const input = integerTensor(shape.inputs[0]);
  const { zero } = layer;
  if (layer.kind === "dense") {
    const channels = layer.weights.perOutput;
    return pointwisePairs(layer.positions, rowOf(layer.positions), channels, zero);
  }
  const { window, groups } = layer;
  if (isUnit(window) && groups === 1) {
    const positions = input.height * input.width;
    return pointwisePairs(positions, rowOf(positions), input.channels, zero);
  }
  const { height: outHeight, width: outWidth } = shape.output;
  return {
    ...{ height: input.height, width: input.width, outHeight, outWidth },
    ...{ channels: input.channels, count: input.channels / groups, window, zero },
    ...planesOf(window, outWidth),
  };
}

function isUnit({ kernel, strides, pads }: Window): boolean {
  return [...kernel, ...strides].every((n) => n === 1) && Object.values(pads).every((p) => p === 0);
}

/** Positions are all alike: rows are as long as suits the kernels. */
function pointwisePairs(positions: number, width: number, channels: number, zero: number): Pairs {
  const height = positions / width;
  return {
    ...{ height, width, outHeight: height, outWidth: width, channels, count: channels, zero },
    window: POINTWISE,
    ...planesOf(POINTWISE, width),
  };
}

/** Columns that a visit computes. */
const VISIT = 8;

/** The divisor of so many positions that wastes least of a visit, and of those the smallest. */
function rowLength(positions: number): number {
  let best = positions;
  let least = Number.POSITIVE_INFINITY;
  for (let length = 1; length <= positions; length++) {
    if (positions % length !== 0) continue;
    const waste = (Math.ceil(Math.ceil(length / 2) / (VISIT / 2)) * VISIT) / length;
    if (waste < least && length <= Math.max(64, least * VISIT)) [best, least] = [length, waste];
  }
  return best;
}

function planesOf({ kernel, strides, dilations }: Window, outWidth: number) {
  const half = Math.ceil(outWidth / 2);
  const columns = Array.from({ length: kernel[1] }, (_, k) => k * dilations[1]);
  return {
    half,
    phases: Math.max(...columns.map((column) => column % strides[1])) + 1,
    words: half + Math.floor(((kernel[1] - 1) * dilations[1]) / strides[1]),
    kept: dilations[0] === 1 ? Math.max(0, kernel[0] - strides[0]) : 0,
  };
}

/** Words of all rows. */
export function pairsWords({ window, count, phases, words }: Pairs): number {
  return window.kernel[0] * count * phases * words;
}

/** Words from a channel of a kernel row to the next. */
export function channelWords({ phases, words }: Pairs): number {
  return phases * words;
}

/**
 * Where each tap of a window stands, in words from the rows' beginning, and which weight of an output
 * it is: in the order of places, from the last to the first.
 */
export function tapsOf({ window, count, phases, words }: Pairs): readonly Tap[] {
  const { kernel, strides, dilations } = window;
  const taps: Tap[] = [];
  for (let ky = 0; ky < kernel[0]; ky++) {
    for (let kx = 0; kx < kernel[1]; kx++) {
      const column = kx * dilations[1];
      const phase = column % strides[1];
      for (let c = 0; c < count; c++) {
        const plane = (ky * count + c) * phases + phase;
        const place = plane * words + Math.floor(column / strides[1]);
        taps.push({ place, weight: (ky * kernel[1] + kx) * count + c });
      }
    }
  }
  return taps.sort((a, b) => b.place - a.place);
}

export interface Tap {
  readonly place: number;
  readonly weight: number;
}

/** RAM that rows may take more, so that they need not move as often. */
const SPARE_BYTES = 512;

/** Words of the buffer that rows slide through. */
export function pairsRoom(pairs: Pairs): number {
  const { window, kept, outHeight } = pairs;
  const row = pairs.count * channelWords(pairs);
  const steps = Math.floor(SPARE_BYTES / (4 * row * (window.kernel[0] - kept)));
  const most = kept === 0 ? 0 : Math.min(steps, outHeight - 1);
  return pairsWords(pairs) + most * row * (window.kernel[0] - kept);
}

export function pairsStruct(pairs: Pairs): Struct {
  const { height, width, channels, count, window, zero, phases, words, half, kept } = pairs;
  return {
    suffix: "pairs",
    type: "tritc_pairs",
    fields: {
      height,
      width,
      channels,
      count,
      kernel_height: window.kernel[0],
      stride_height: window.strides[0],
      stride_width: window.strides[1],
      dilation_height: window.dilations[0],
      pad_top: window.pads.top,
      pad_left: window.pads.left,
      phases,
      words,
      half,
      kept,
      room: pairsRoom(pairs),
      zero,
    },
  };
}

/** Positions of the output. */
export function positionsOf(shape: LayerShape): number {
  return elementCount(shape.output) / weightLayer(shape).weights.outputs;
}
