import {
  add,
  compare,
  divide,
  floor,
  fromInteger,
  multiply,
  negate,
  type Rational,
  ratio,
  sign,
  subtract,
  toNumber,
  ZERO,
} from "./rational.js";
import { EXACT_LIMIT, MAX_SHIFT, MULTIPLIER_LIMIT, perChannel, signedBits } from "./requantize.js";
import { type Levels, levelAt } from "./steps.js";
import type { Exactness, FixedPoint, Range } from "./types.js";

/** `value = clamp(sum of scales[i] * x_i + bias, low, high)` in one channel. */
export interface SumRule {
  readonly scales: readonly Rational[];
  readonly bias: Rational;
  readonly low: Rational | null;
  readonly high: Rational | null;
}

/** Everything in units of levels: the level is `floor(sum of slopes[i] * x_i + intercept)`. */
interface LevelLine {
  readonly slopes: readonly Rational[];
  readonly intercept: Rational;
  readonly low: number;
  readonly high: number;
}

/**
 * Pairs of an operand's value and a level that are looked at, at most: less than a second. Enough
 * where an operand is an 8-bit tensor; two accumulators are too many.
 */
const ENUMERATION_LIMIT = 2e7;

/** When ties cannot be looked for: how near a break point may be misjudged, in output steps. */
const UNPROVED_PRECISION = 2 ** -24;

/**
 * The fixed-point form of a quantised sum of two tensors, e.g. a residual addition of operands with
 * different scales. The compiler walks along every break of the quantiser over the reachable
 * operands, finds how near the exact sum comes to it without meeting it, and chooses the smallest
 * shift whose rounding error is smaller than that; the result is then exact.
 *
 * `rules` and `ranges` (one list of operand ranges for each rule) hold one element for all channels
 * or one for each.
 */
export function encodeSum(
  rules: readonly SumRule[],
  ranges: readonly (readonly Range[])[],
  levels: readonly Levels[],
): FixedPoint {
  const lines = rules.map((rule, i) => levelLine(rule, at(levels, i)));
  const budget = ENUMERATION_LIMIT / rules.length;
  const margins = lines.map((line, i) => marginsOf(line, at(ranges, i), at(levels, i), budget));
  for (let shift = 0; shift <= MAX_SHIFT; shift++) {
    const fixed = lines.map((line, i) => roundLine(line, at(ranges, i), shift));
    const band = Math.max(...fixed.map((f, i) => (at(margins, i).oddTies ? 2 * f.error + 1 : 0)));
    const exact = fixed.every((f, i) => isSeparated(f, at(margins, i), shift, band));
    const last = shift === MAX_SHIFT || fixed.some(isAtLimit);
    if (!exact && !last) continue;
    const proved = exact && fixed.every((f, i) => f.error === 0 || at(margins, i).complete);
    const within = Math.max(...fixed.map((f) => (2 * f.error) / 2 ** shift));
    const exactness: Exactness = proved ? { kind: "exact" } : { kind: "bounded", within };
    return assemble(lines, fixed, shift, Math.ceil(band), at(levels, 0), exactness);
  }
  throw new Error("unreachable: the largest shift always returns");
}

/** Lists of one element stand for every channel. */
function at<T>(list: readonly T[], channel: number): T {
  const value = list.length === 1 ? list[0] : list[channel];
  if (value === undefined) throw new RangeError(`no element for channel ${channel}`);
  return value;
}

function levelLine(rule: SumRule, levels: Levels): LevelLine {
  const last = levels.breakPoint(levels.max);
  const spacing =
    levels.max - levels.min < 2
      ? ratio(1n, 1n)
      : subtract(last.at, levels.breakPoint(levels.max - 1).at);
  const start = divide(subtract(rule.bias, last.at), spacing);
  return {
    slopes: rule.scales.map((scale) => divide(scale, spacing)),
    intercept: add(start, fromInteger(levels.max)),
    low: rule.low === null ? levels.min : levelAt(rule.low, levels),
    high: rule.high === null ? levels.max : levelAt(rule.high, levels),
  };
}

/** How near the exact sum comes to a break from either side, and whether it ever meets one. */
interface Margins {
  readonly below: number;
  readonly above: number;
  /** An exact tie that must go down to an even level occurs. */
  readonly oddTies: boolean;
  /** False if there were too many operand pairs to look at. */
  readonly complete: boolean;
}

/** Below this distance doubles cannot tell a tie from a near miss; rationals decide. */
const DOUBTFUL = 1e-7;

function marginsOf(
  line: LevelLine,
  ranges: readonly Range[],
  levels: Levels,
  budget: number,
): Margins {
  const unproved = {
    below: UNPROVED_PRECISION,
    above: UNPROVED_PRECISION,
    oddTies: levels.breakPoint(levels.max).tiesToEven,
    complete: false,
  };
  if (ranges.length !== 2) return unproved;
  const sizes = ranges.map((r) => r.high - r.low + 1);
  const outer = (sizes[0] ?? 0) <= (sizes[1] ?? 0) ? 0 : 1;
  const spread = Math.min(line.high - line.low, at(sizes, 1 - outer));
  if (at(sizes, outer) * spread > budget) return unproved;
  return walkBreaks(line, ranges, levels, outer);
}

function walkBreaks(
  line: LevelLine,
  ranges: readonly Range[],
  levels: Levels,
  outer: 0 | 1,
): Margins {
  const inner = outer === 0 ? 1 : 0;
  const outerSlope = toNumber(at(line.slopes, outer));
  const innerSlope = toNumber(at(line.slopes, inner));
  const intercept = toNumber(line.intercept);
  const outerRange = at(ranges, outer);
  const innerRange = at(ranges, inner);
  let below = Number.POSITIVE_INFINITY;
  let above = Number.POSITIVE_INFINITY;
  let oddTies = false;
  const visit = (x: number, y: number, k: number): void => {
    let distance = outerSlope * x + innerSlope * y + intercept - k;
    if (Math.abs(distance) < DOUBTFUL) {
      const operands = outer === 0 ? [x, y] : [y, x];
      const exact = distanceTo(line, operands, k);
      if (sign(exact) === 0) {
        const { open, tiesToEven } = levels.breakPoint(k);
        // An open break that is no tie: the level begins only beyond it.
        if (open && !tiesToEven) below = 0;
        oddTies ||= open && tiesToEven;
        return;
      }
      distance = toNumber(exact);
    }
    if (distance < 0) below = Math.min(below, -distance);
    else above = Math.min(above, distance);
  };
  for (let x = outerRange.low; x <= outerRange.high; x++) {
    const base = outerSlope * x + intercept;
    const ends = [base + innerSlope * innerRange.low, base + innerSlope * innerRange.high];
    const from = Math.max(line.low + 1, Math.floor(Math.min(...ends)));
    const to = Math.min(line.high, Math.ceil(Math.max(...ends)));
    for (let k = from; k <= to; k++) {
      // The two integers around the exact crossing of level k, kept inside the range.
      const crossing = Math.floor(innerSlope === 0 ? innerRange.low : (k - base) / innerSlope);
      const y = Math.min(innerRange.high, Math.max(innerRange.low, crossing));
      visit(x, y, k);
      if (y < innerRange.high) visit(x, y + 1, k);
    }
  }
  return { below, above, oddTies, complete: true };
}

function distanceTo(line: LevelLine, operands: readonly number[], k: number): Rational {
  const sum = line.slopes.reduce(
    (total, slope, i) => add(total, multiply(slope, fromInteger(at(operands, i)))),
    line.intercept,
  );
  return subtract(sum, fromInteger(k));
}

interface RoundedLine {
  readonly multipliers: readonly number[];
  readonly offset: number;
  /** Largest error of p, in units of p, either way before the offset makes it one-sided. */
  readonly error: number;
  readonly largest: number;
}

/** The line at one shift, its offset raised so that p never falls below the exact number. */
function roundLine(line: LevelLine, ranges: readonly Range[], shift: number): RoundedLine {
  const unit = fromInteger(1n << BigInt(shift));
  let error = ZERO;
  let largest = 0;
  const multipliers = line.slopes.map((slope, i) => {
    const exact = multiply(slope, unit);
    const rounded = nearest(exact);
    const { low, high } = at(ranges, i);
    const magnitude = Math.max(Math.abs(low), Math.abs(high));
    error = add(error, multiply(magnitudeOf(subtract(exact, rounded)), fromInteger(magnitude)));
    largest += Math.abs(Number(rounded.num)) * magnitude;
    return Number(rounded.num);
  });
  const exactOffset = add(multiply(line.intercept, unit), error);
  const offset = -Number(floor(negate(exactOffset)));
  const raised = subtract(fromInteger(BigInt(offset)), exactOffset);
  return {
    multipliers,
    offset,
    error: toNumber(add(error, multiply(raised, ratio(1n, 2n)))),
    largest: largest + Math.abs(offset),
  };
}

/** Whether one more bit of precision would leave doubles or int32 multipliers. */
function isAtLimit(line: RoundedLine): boolean {
  const steepest = Math.max(...line.multipliers.map(Math.abs));
  return line.largest * 2 >= EXACT_LIMIT || steepest * 2 >= MULTIPLIER_LIMIT;
}

function nearest(value: Rational): Rational {
  return fromInteger(floor(add(value, ratio(1n, 2n))));
}

function magnitudeOf(value: Rational): Rational {
  return compare(value, ZERO) < 0 ? negate(value) : value;
}

/** Whether no exact sum can be carried over a break, nor taken for a tie, by the rounding. */
function isSeparated(line: RoundedLine, margins: Margins, shift: number, band: number): boolean {
  const unit = 2 ** shift;
  return 2 * line.error < margins.below * unit && (band === 0 || margins.above * unit >= band + 1);
}

function assemble(
  lines: readonly LevelLine[],
  fixed: readonly RoundedLine[],
  shift: number,
  tieBand: number,
  levels: Levels,
  exactness: Exactness,
): FixedPoint {
  const moved = tieBand === 0 && levels.step === 1 ? levels.base : 0;
  const operands = at(fixed, 0).multipliers.length;
  return {
    kind: "fixed-point",
    multipliers: Array.from({ length: operands }, (_, i) =>
      perChannel(fixed.map((f) => at(f.multipliers, i))),
    ),
    offsets: perChannel(fixed.map((f) => f.offset + moved * 2 ** shift)),
    shift,
    tieBand,
    low: perChannel(lines.map((line) => line.low + moved)),
    high: perChannel(lines.map((line) => line.high + moved)),
    base: levels.base - moved,
    step: levels.step,
    bits: signedBits(Math.max(...fixed.map((f) => f.largest + Math.abs(moved) * 2 ** shift))),
    exactness,
  };
}

/** int32, less a margin for the rounding itself. */
const SCORE_LIMIT = 2 ** 31 - 2 ** 8;

export interface Scores {
  readonly requantization: FixedPoint;
  /** real = score * 2^-fractionBits. */
  readonly fractionBits: number;
  readonly range: Range;
}

/**
 * Real outputs without a quantiser (logits with a scale and bias for each class) as int32 on one
 * common power-of-two scale, as fine as fits: comparable across channels, and finer than float32.
 */
export function encodeScores(
  rules: readonly SumRule[],
  ranges: readonly (readonly Range[])[],
): Scores {
  const extents = rules.map((rule, i) => extentOf(rule, at(ranges, i)));
  const largest = Math.max(...extents.map((e) => Math.max(Math.abs(e.low), Math.abs(e.high))));
  const fractionBits = largest === 0 ? 0 : Math.floor(Math.log2(SCORE_LIMIT / largest));
  const unit = 2 ** fractionBits;
  const scaled = rules.map((rule): LevelLine => {
    const factor = powerOfTwo(fractionBits);
    return {
      slopes: rule.scales.map((s) => multiply(s, factor)),
      intercept: add(multiply(rule.bias, factor), ratio(1n, 2n)),
      low: rule.low === null ? -(2 ** 31) : Number(floor(multiply(rule.low, factor))),
      high: rule.high === null ? 2 ** 31 - 1 : Number(floor(multiply(rule.high, factor))),
    };
  });
  const { shift, fixed } = finestShift(scaled, ranges);
  const bound = 0.5 + Math.max(...fixed.map((f) => (2 * f.error) / 2 ** shift));
  const code: Levels = {
    min: 0,
    max: 0,
    base: 0,
    step: 1,
    breakPoint: () => ({ at: ZERO, open: false, tiesToEven: false }),
  };
  return {
    requantization: assemble(scaled, fixed, shift, 0, code, { kind: "rounded", bound }),
    fractionBits,
    range: {
      low: Math.floor(Math.min(...extents.map((e) => e.low)) * unit) - 1,
      high: Math.ceil(Math.max(...extents.map((e) => e.high)) * unit) + 1,
    },
  };
}

function finestShift(lines: readonly LevelLine[], ranges: readonly (readonly Range[])[]) {
  let shift = 0;
  let fixed = lines.map((line, i) => roundLine(line, at(ranges, i), shift));
  // 20 bits beyond the integer make the constants' own rounding invisible in the score.
  while (shift < 20) {
    const finer = lines.map((line, i) => roundLine(line, at(ranges, i), shift + 1));
    if (finer.some(isAtLimit)) break;
    fixed = finer;
    shift++;
  }
  return { shift, fixed };
}

function powerOfTwo(exponent: number): Rational {
  return exponent >= 0 ? fromInteger(1n << BigInt(exponent)) : ratio(1n, 1n << BigInt(-exponent));
}

/** The interval of real values a sum can take. */
export function extentOf(rule: SumRule, ranges: readonly Range[]): Range {
  let low = toNumber(rule.bias);
  let high = low;
  rule.scales.forEach((scale, i) => {
    const slope = toNumber(scale);
    const range = at(ranges, i);
    low += Math.min(slope * range.low, slope * range.high);
    high += Math.max(slope * range.low, slope * range.high);
  });
  const floorValue = rule.low === null ? low : toNumber(rule.low);
  const ceilingValue = rule.high === null ? high : toNumber(rule.high);
  const clampValue = (v: number) => Math.min(ceilingValue, Math.max(floorValue, v));
  return { low: clampValue(low), high: clampValue(high) };
}
