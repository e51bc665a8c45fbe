import { pick } from "./channels.js";
import type { LevelLine, SumRule } from "./lines.js";
import { add, floor, fromInteger, multiply, type Rational, ratio, toNumber } from "./rational.js";
import { assemble, finest } from "./sums.js";
import type { FixedPoint, Range } from "./types.js";

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
  const extents = rules.map((rule, i) => extentOf(rule, pick(ranges, i)));
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
  // 20 bits beyond the integer make the constants' own rounding invisible in the score.
  const { shift, rounded } = finest(scaled, ranges, 20);
  const bound = 0.5 + Math.max(...rounded.map((r) => r.error)) / 2 ** shift;
  return {
    requantization: assemble(
      scaled,
      rounded.map((r) => r.line),
      shift,
      0,
      { base: 0, step: 1 },
      { kind: "rounded", bound },
    ),
    fractionBits,
    range: {
      low: Math.floor(Math.min(...extents.map((e) => e.low)) * unit) - 1,
      high: Math.ceil(Math.max(...extents.map((e) => e.high)) * unit) + 1,
    },
  };
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
    const range = pick(ranges, i);
    low += Math.min(slope * range.low, slope * range.high);
    high += Math.max(slope * range.low, slope * range.high);
  });
  const floorValue = rule.low === null ? Number.NEGATIVE_INFINITY : toNumber(rule.low);
  const ceilingValue = rule.high === null ? Number.POSITIVE_INFINITY : toNumber(rule.high);
  const clampValue = (v: number) => Math.min(ceilingValue, Math.max(floorValue, v));
  return { low: clampValue(low), high: clampValue(high) };
}
