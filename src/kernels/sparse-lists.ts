import { integerTensor, type Layer, type Range, type Weights } from "../network/types.js";
import { FURTHEST, LONGEST_LIST, listBytes, placesOf } from "./lists.js";
import { channelWords, type Pairs, pairsOf, type Tap, tapsOf } from "./pairs.js";
import { weightLayer } from "./rows.js";
import type { LayerShape } from "./types.js";

/** Taps whose sums fit the lanes: some channels of some kernel rows. */
export interface Segment {
  readonly taps: readonly Tap[];
  /** Words from the rows' beginning to behind its first tap. */
  readonly end: number;
  /** Channels of kernel rows. */
  readonly channels: number;
}

/** A layer as lists of places, cut so that sums fit 16 bits. */
export interface SparseLists {
  readonly pairs: Pairs;
  readonly segments: readonly Segment[];
  /** Bytes of each output's lists, by segment. */
  readonly bytes: readonly (readonly Uint8Array[])[];
  readonly nonzeros: number;
}

const made = new WeakMap<Layer, SparseLists | string>();

/** The layer's lists, or why it has none. Made once for a layer. */
export function sparseLists(shape: LayerShape): SparseLists | string {
  const found = made.get(shape.layer) ?? makeLists(shape);
  made.set(shape.layer, found);
  return found;
}

/** More than this, and half of the time goes into adding up parts. */
const MOST_SEGMENTS = 8;

function makeLists(shape: LayerShape): SparseLists | string {
  const pairs = pairsOf(shape);
  if (pairs === null) return "its windows have no rows";
  const apart = channelWords(pairs);
  if (apart > FURTHEST) return "rows are too wide: distances from channel to channel leave a byte";
  const { weights } = weightLayer(shape);
  const taps = tapsOf(pairs);
  const range = codesOf(shape);
  for (let parts = 1; parts <= MOST_SEGMENTS; parts++) {
    const segments = segmentsOf(taps, pairs, parts);
    if (!fitsLanes(weights, segments, range)) continue;
    const bytes = listsOf(weights, segments, apart);
    if (bytes === null) continue;
    return { pairs, segments, bytes, nonzeros: weights.values.reduce((n, w) => n + (w & 1), 0) };
  }
  return `sums in 16 bits would need more than ${MOST_SEGMENTS} parts`;
}

/** Codes that a lane adds: of the tensor, and of padding. */
export function codesOf(shape: LayerShape): Range {
  const { zero } = weightLayer(shape);
  const { low, high } = integerTensor(shape.inputs[0]).range;
  return { low: Math.min(low, zero), high: Math.max(high, zero) };
}

function segmentsOf(taps: readonly Tap[], { window, count }: Pairs, parts: number): Segment[] {
  const channels = window.kernel[0] * count;
  const perChannel = taps.length / channels;
  const each = Math.ceil(channels / parts);
  const segments: Segment[] = [];
  for (let first = 0; first < channels; first += each) {
    const own = taps.slice(first * perChannel, (first + each) * perChannel);
    const end = (own[0]?.place ?? 0) + 1;
    segments.push({ taps: own, end, channels: own.length / perChannel });
  }
  return segments;
}

/** Whether the sum of each lane stays in 16 bits for every output, whatever the input. */
export function fitsLanes(
  weights: Weights,
  segments: readonly { readonly taps: readonly { readonly weight: number }[] }[],
  codes: Range,
): boolean {
  const { values, outputs, perOutput } = weights;
  for (let o = 0; o < outputs; o++) {
    for (const { taps } of segments) {
      let plus = 0;
      let minus = 0;
      for (const { weight } of taps) {
        const value = values[o * perOutput + weight];
        if (value === 1) plus++;
        if (value === -1) minus++;
      }
      const low = plus * codes.low - minus * codes.high;
      const high = plus * codes.high - minus * codes.low;
      if (low < -(2 ** 15) || high > 2 ** 15 - 1) return false;
    }
  }
  return true;
}

/** Null where a list is too long for its count. */
function listsOf(
  weights: Weights,
  segments: readonly Segment[],
  apart: number,
): Uint8Array[][] | null {
  const all: Uint8Array[][] = [];
  for (let o = 0; o < weights.outputs; o++) {
    const own: Uint8Array[] = [];
    for (const { taps } of segments) {
      const lists = placesOf(weights, o, taps, apart);
      if (lists.some((list) => list.length > LONGEST_LIST)) return null;
      own.push(Uint8Array.from(listBytes(lists, taps)));
    }
    all.push(own);
  }
  return all;
}
