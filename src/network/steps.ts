import type { Quantizer } from "../graph/types.js";
import {
  add,
  compare,
  divide,
  floorDivide,
  fromInteger,
  fromNumber,
  multiply,
  negate,
  type Rational,
  ratio,
  sign,
  subtract,
  ZERO,
} from "./rational.js";
import type { Range } from "./types.js";

/**
 * A quantiser as exact break points. Its output is `base + step * n` with n in [min, max]; n is at
 * least k exactly when the real value reaches `breakPoint(k)`: `value >= at`, or `value > at` where
 * it is `open`. `tiesToEven` says that the break is the middle of two steps, open for odd k.
 */
export interface Levels {
  readonly min: number;
  readonly max: number;
  readonly base: number;
  readonly step: number;
  readonly breakPoint: (k: number) => BreakPoint;
}

export interface BreakPoint {
  readonly at: Rational;
  readonly open: boolean;
  readonly tiesToEven: boolean;
}

const HALF = ratio(1n, 2n);

/** The quantiser's levels in one channel of the axis its scale and zero point run along. */
export function levelsOf(quantizer: Quantizer, channel: number): Levels {
  switch (quantizer.kind) {
    case "bipolar":
      return { min: 0, max: 1, base: -1, step: 2, breakPoint: () => atZero(false) };
    case "sign":
      return { min: -1, max: 1, base: 0, step: 1, breakPoint: (k) => atZero(k === 1) };
    case "uniform":
      return uniformLevels(quantizer, channel);
    case "thresholds":
      return thresholdLevels(quantizer, channel);
    default:
      return quantizer satisfies never;
  }
}

function atZero(open: boolean): BreakPoint {
  return { at: ZERO, open, tiesToEven: false };
}

function uniformLevels(quantizer: Quantizer & { kind: "uniform" }, channel: number): Levels {
  const scale = fromNumber(elementFor(quantizer.scale, channel));
  const zero = fromNumber(elementFor(quantizer.zero, channel));
  const after = quantizer.zeroAdded === "after-rounding";
  // Counting from the zero point keeps "even" meaning what the file's operator means by it.
  const base = after ? Number(floorDivide(zero.num, zero.den)) : 0;
  const zeroInside = after ? ZERO : zero;
  const place = (k: number): { offset: Rational; open: boolean; tiesToEven: boolean } => {
    switch (quantizer.rounding) {
      case "half-even":
        return { offset: HALF, open: k % 2 !== 0, tiesToEven: true };
      case "floor":
        return { offset: ZERO, open: false, tiesToEven: false };
      case "ceil":
        return { offset: fromInteger(1), open: true, tiesToEven: false };
      case "toward-zero":
        return k > 0
          ? { offset: ZERO, open: false, tiesToEven: false }
          : { offset: fromInteger(1), open: true, tiesToEven: false };
      default:
        return quantizer.rounding satisfies never;
    }
  };
  return {
    min: quantizer.min - base,
    max: quantizer.max - base,
    base,
    step: 1,
    breakPoint: (k) => {
      const { offset, open, tiesToEven } = place(k);
      const position = subtract(subtract(fromInteger(k), offset), zeroInside);
      return { at: multiply(scale, position), open, tiesToEven };
    },
  };
}

/** Beyond every value that float32 constants make of 64-bit integers: stands for an infinite one. */
const BEYOND = fromInteger(2 ** 512);

function thresholdLevels(quantizer: Quantizer & { kind: "thresholds" }, channel: number): Levels {
  const { count, base, step } = quantizer;
  const breaks = Array.from(thresholdsOf(quantizer, channel), (t) => {
    if (Number.isFinite(t)) return fromNumber(t);
    return t > 0 ? BEYOND : negate(BEYOND);
  });
  const breakPoint = (k: number): BreakPoint => {
    const at = breaks[k - 1];
    if (at === undefined) throw new Error(`level ${k} of ${count}`);
    return { at, open: quantizer.open?.[k - 1] ?? false, tiesToEven: false };
  };
  return { min: 0, max: count, base, step, breakPoint };
}

/** The list of one channel. */
export function thresholdsOf(
  { values, count }: Quantizer & { kind: "thresholds" },
  channel: number,
): Float64Array {
  const start = values.length === count ? 0 : channel * count;
  return values.subarray(start, start + count);
}

function elementFor(list: Float32Array, channel: number): number {
  return (list.length === 1 ? list[0] : list[channel]) ?? Number.NaN;
}

/** How many lists of numbers a quantiser has: one, or one for each index along its axis. */
export function listsOf(quantizer: Quantizer): number {
  switch (quantizer.kind) {
    case "bipolar":
    case "sign":
      return 1;
    case "uniform":
      return Math.max(quantizer.scale.length, quantizer.zero.length);
    case "thresholds":
      return quantizer.values.length / quantizer.count;
    default:
      return quantizer satisfies never;
  }
}

/** Whether the quantiser treats every channel alike. */
export function isUniformOverChannels(quantizer: Quantizer): boolean {
  return listsOf(quantizer) === 1;
}

/** `value = clamp(scale * x + bias, low, high)` of one integer x; null is unbounded. */
export interface ClampedAffine {
  readonly scale: Rational;
  readonly bias: Rational;
  readonly low: Rational | null;
  readonly high: Rational | null;
}

/**
 * One channel of a requantisation over the integers: with y = direction * x, the level is
 * `low + #{j : y >= first[j]}`, except that where `tie[j]` is 1 the step to level low + j + 1
 * happens one later, at `first[j] + 1`, because `first[j]` is an exact tie that goes to the even
 * level below. Steps outside the reachable range are left out and counted in `low`.
 */
export interface StepFunction {
  readonly direction: 1 | -1;
  /** Slope and intercept of the unclamped, unrounded level as a function of y. */
  readonly slope: Rational;
  readonly low: number;
  readonly first: readonly number[];
  readonly tie: readonly boolean[];
  /** Levels that x -> -inf and +inf would reach: what saturates, against what just ends. */
  readonly floor: number;
  readonly ceiling: number;
  /** Reachable values of y. */
  readonly range: Range;
}

/** The exact step function of one channel over the reachable range of x. */
export function stepFunction(affine: ClampedAffine, levels: Levels, range: Range): StepFunction {
  const direction = sign(affine.scale) < 0 ? -1 : 1;
  const floor = affine.low === null ? levels.min : levelAt(affine.low, levels);
  const ceiling = affine.high === null ? levels.max : levelAt(affine.high, levels);
  const reach = direction === 1 ? range : { low: -range.high, high: -range.low };
  const scale = direction === 1 ? affine.scale : negate(affine.scale);
  const constant = { direction, slope: ZERO, first: [], tie: [], range: reach } as const;
  if (sign(scale) === 0) {
    const level = Math.min(ceiling, Math.max(floor, levelAt(affine.bias, levels)));
    return { ...constant, low: level, floor, ceiling };
  }
  // |scale| * y + bias = value, so the level below y is that of (value - bias) / |scale|.
  let low = floor;
  const first: number[] = [];
  const tie: boolean[] = [];
  for (let k = floor + 1; k <= ceiling; k++) {
    const { at, open, tiesToEven } = levels.breakPoint(k);
    const exact = divide(subtract(at, affine.bias), scale);
    const below = floorDivide(exact.num, exact.den);
    const hit = below * exact.den === exact.num;
    const isTie = hit && open && tiesToEven;
    const start = Number(hit && (!open || isTie) ? below : below + 1n);
    if ((isTie ? start + 1 : start) <= reach.low) low = k;
    else if (start > reach.high) break;
    else {
      first.push(start);
      tie.push(isTie);
    }
  }
  return {
    direction,
    slope: slopeOf(scale, levels),
    low,
    first,
    tie,
    floor,
    ceiling,
    range: reach,
  };
}

/**
 * Levels for each unit of y: the scale over the distance of two breaks. Quantisers that break at
 * zero only have no distance; any slope that takes all levels in one unit does for them.
 */
function slopeOf(scale: Rational, levels: Levels): Rational {
  const all = fromInteger(levels.max - levels.min);
  if (levels.max - levels.min < 2) return all;
  const spacing = subtract(levels.breakPoint(levels.max).at, levels.breakPoint(levels.max - 1).at);
  return sign(spacing) === 0 ? all : divide(scale, spacing);
}

/** The level of y, a reachable value. */
export function levelAtStep({ low, first, tie }: StepFunction, y: number): number {
  let reached = 0;
  while (reached < first.length) {
    const start = (first[reached] ?? 0) + (tie[reached] === true ? 1 : 0);
    if (y < start) break;
    reached++;
  }
  return low + reached;
}

/** The level of a real value. */
export function levelAt(value: Rational, levels: Levels): number {
  let low = levels.min;
  let high = levels.max;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const { at, open } = levels.breakPoint(middle);
    const side = compare(value, at);
    if (open ? side > 0 : side >= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The level of x, by the definition: for tests, and for the few places that need one value. */
export function levelOf(affine: ClampedAffine, levels: Levels, x: number): number {
  return levelAt(clampedValue(affine, x), levels);
}

function clampedValue(affine: ClampedAffine, x: number): Rational {
  const value = add(multiply(affine.scale, fromInteger(x)), affine.bias);
  if (affine.low !== null && compare(value, affine.low) < 0) return affine.low;
  if (affine.high !== null && compare(value, affine.high) > 0) return affine.high;
  return value;
}
