import type { Constant } from "../graph/types.js";
import { fromInteger, fromNumber, multiply, type Rational } from "./rational.js";
import type { WeightKind, Weights } from "./types.js";

/** Integer weights with the exact scale of each output channel: `w = scale * integer`. */
export interface FoundWeights {
  readonly weights: Weights;
  readonly scales: readonly Rational[];
  /** Largest |w - scale * integer| / scale over all weights; 0 when every weight is on its grid. */
  readonly deviation: number;
}

/** Why a weight tensor is not integers times a scale, in numbers. */
export interface NoWeights {
  readonly channel: number;
  /** How many different magnitudes, other than zero, that channel holds. */
  readonly magnitudes: number;
  /** Root-mean-square error of the best ternary fit of that channel, relative to the weights'. */
  readonly ternaryError: number;
}

/**
 * How far a weight may lie from its grid point, in steps of the grid. Folding BatchNorm into
 * float32 weights moves them by a few 1e-7; anything near a thousandth is no longer noise.
 */
const GRID_TOLERANCE = 1e-3;

/**
 * Reads weights [outputs, ...] as integers in [-128, 127] times a scale for each output channel:
 * from the file's own quantiser where it has one, otherwise by looking for the smallest grid that
 * all weights of a channel lie on. A channel of {-s, 0, +s} comes out as trits whatever s is.
 */
export function findWeights(constant: Constant): FoundWeights | NoWeights {
  const outputs = constant.shape[0] ?? 1;
  const perOutput = constant.data.length / outputs;
  const values = new Int8Array(constant.data.length);
  const scales: Rational[] = [];
  let deviation = 0;
  for (let channel = 0; channel < outputs; channel++) {
    const start = channel * perOutput;
    const found =
      gridFromFile(constant, start, perOutput) ??
      gridFromValues(constant.data.subarray(start, start + perOutput));
    if (found === null) return explainMiss(constant, channel, perOutput);
    values.set(found.integers, start);
    scales.push(found.scale);
    deviation = Math.max(deviation, found.deviation);
  }
  return {
    weights: {
      kind: kindOf(values),
      outputs,
      perOutput,
      values,
      ...(constant.rule === undefined ? {} : { rule: constant.rule }),
    },
    scales: sharedByZeros(scales, values, perOutput),
    deviation,
  };
}

/**
 * A channel of zeros may have any scale: that of another channel, so that scales which agree but for
 * it are one.
 */
function sharedByZeros(
  scales: readonly Rational[],
  values: Int8Array,
  perOutput: number,
): readonly Rational[] {
  const isZero = scales.map((_, c) =>
    values.subarray(c * perOutput, (c + 1) * perOutput).every((q) => q === 0),
  );
  const other = scales.find((_, c) => isZero[c] === false);
  return other === undefined ? scales : scales.map((s, c) => (isZero[c] === true ? other : s));
}

interface ChannelGrid {
  readonly integers: ArrayLike<number>;
  readonly scale: Rational;
  readonly deviation: number;
}

/** The file's own integers and scale, if one scale covers the whole channel. */
function gridFromFile(constant: Constant, start: number, length: number): ChannelGrid | null {
  const { grid } = constant;
  if (grid === undefined) return null;
  const scale = scaleOfRun(constant, start, length);
  if (scale === null) return null;
  const integers = grid.integers.subarray(start, start + length);
  // Trits stored as {-k, 0, k} are still trits; other grids stay as the file has them.
  const magnitude = soleMagnitude(integers);
  const divisor = magnitude === null || magnitude === 0 ? 1 : magnitude;
  if (integers.some((q) => q / divisor < -128 || q / divisor > 127)) return null;
  return {
    integers: divisor === 1 ? integers : integers.map((q) => q / divisor),
    scale: multiply(fromNumber(scale), fromInteger(divisor)),
    deviation: 0,
  };
}

/** The scale shared by elements [start, start + length), or null if they have several. */
function scaleOfRun(constant: Constant, start: number, length: number): number | null {
  const { grid, shape } = constant;
  if (grid === undefined) return null;
  const first = grid.scales[0] ?? null;
  if (grid.axis === null || grid.scales.every((s) => s === first)) return first;
  const inner = shape.slice(grid.axis + 1).reduce((a, b) => a * b, 1);
  const along = shape[grid.axis] ?? 1;
  const scaleAt = (i: number) => grid.scales[Math.floor(i / inner) % along] ?? null;
  const scale = scaleAt(start);
  for (let i = start; i < start + length; i++) if (scaleAt(i) !== scale) return null;
  return scale;
}

function soleMagnitude(integers: Int32Array): number | null {
  let magnitude = 0;
  for (const q of integers) {
    if (q === 0) continue;
    if (magnitude !== 0 && Math.abs(q) !== magnitude) return null;
    magnitude = Math.abs(q);
  }
  return magnitude;
}

/** Largest number of grid steps from zero to the largest weight. */
const MAX_STEPS = 128;

function gridFromValues(channel: Float32Array | Float64Array): ChannelGrid | null {
  let largest = 0;
  for (const w of channel) largest = Math.max(largest, Math.abs(w));
  if (largest === 0)
    return { integers: new Int8Array(channel.length), scale: fromInteger(1), deviation: 0 };
  for (let steps = 1; steps <= MAX_STEPS; steps++) {
    const integers = roundToGrid(channel, largest / steps);
    if (integers !== null) return refine(channel, integers);
  }
  return null;
}

/** The integers nearest to `w / scale`, or null as soon as one is too far or out of range. */
function roundToGrid(channel: Float32Array | Float64Array, scale: number): Int8Array | null {
  const integers = new Int8Array(channel.length);
  for (let i = 0; i < channel.length; i++) {
    const position = (channel[i] ?? 0) / scale;
    const nearest = Math.round(position);
    if (Math.abs(position - nearest) > GRID_TOLERANCE || nearest > 127) return null;
    integers[i] = nearest;
  }
  return integers;
}

/**
 * The channel's scale: the value itself where all non-zero weights are that value times their
 * integer exactly, else the least-squares scale.
 */
function refine(channel: Float32Array | Float64Array, integers: Int8Array): ChannelGrid {
  let product = 0;
  let square = 0;
  let exact: number | null = null;
  let isExact = true;
  for (let i = 0; i < channel.length; i++) {
    const q = integers[i] ?? 0;
    const w = channel[i] ?? 0;
    product += q * w;
    square += q * q;
    if (q === 0) {
      isExact &&= w === 0;
      continue;
    }
    exact ??= w / q;
    isExact &&= exact * q === w;
  }
  const scale = isExact && exact !== null ? exact : product / square;
  let deviation = 0;
  for (let i = 0; i < channel.length; i++) {
    deviation = Math.max(deviation, Math.abs((channel[i] ?? 0) / scale - (integers[i] ?? 0)));
  }
  return { integers, scale: fromNumber(scale), deviation };
}

function kindOf(values: Int8Array): WeightKind {
  let low = 0;
  let high = 0;
  let zeros = false;
  for (const q of values) {
    if (q < low) low = q;
    if (q > high) high = q;
    zeros ||= q === 0;
  }
  if (low >= -1 && high <= 1) return zeros ? "ternary" : "binary";
  return low >= -8 && high <= 7 ? "int4" : "int8";
}

function explainMiss(constant: Constant, channel: number, perOutput: number): NoWeights {
  const values = constant.data.subarray(channel * perOutput, (channel + 1) * perOutput);
  const magnitudes = new Set<number>();
  for (const w of values) if (w !== 0) magnitudes.add(Math.abs(w));
  return { channel, magnitudes: magnitudes.size, ternaryError: ternaryError(values) };
}

/** Relative error of the absmean ternarisation (BitNet b1.58), the usual one. */
function ternaryError(values: Float32Array | Float64Array): number {
  let sum = 0;
  let power = 0;
  for (const w of values) {
    sum += Math.abs(w);
    power += w * w;
  }
  const scale = sum / values.length;
  let error = 0;
  for (const w of values) {
    const trit = Math.max(-1, Math.min(1, Math.round(w / scale)));
    error += (w - trit * scale) ** 2;
  }
  return Math.sqrt(error / power);
}
