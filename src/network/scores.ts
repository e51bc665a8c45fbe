import { pick } from "./channels.js";
import { finest } from "./finest.js";
import type { LevelLine, SumRule } from "./lines.js";
import { add, floor, fromInteger, multiply, type Rational, ratio, toNumber } from "./rational.js";
import { assemble } from "./sums.js";
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
  let fractionBits = largest === 0 ? 0 : Math.floor(Math.log2(SCORE_LIMIT / largest));
  let lines = scaledLines(rules, fractionBits);
  let found = finest(lines, ranges, SHIFT_LIMIT);
  // Few different sums, or clipped ones, can have constants far larger than themselves.
  while (found === null) {
    lines = scaledLines(rules, --fractionBits);
    found = finest(lines, ranges, SHIFT_LIMIT);
  }
  const { shift, rounded } = found;
  const unit = 2 ** fractionBits;
  const bound = 0.5 + Math.max(...rounded.map((r) => r.error)) / 2 ** shift;
  const range = {
    low: Math.floor(Math.min(...extents.map((e) => e.low)) * unit) - 1,
    high: Math.ceil(Math.max(...extents.map((e) => e.high)) * unit) + 1,
  };
  return {
    requantization: assemble(
      lines.map((line) => ({
        ...line,
        low: Math.max(line.low, range.low),
        high: Math.min(line.high, range.high),
      })),
      rounded.map((r) => r.line),
      shift,
      0,
      { base: 0, step: 1 },
      { kind: "rounded", bound },
    ),
    fractionBits,
    range,
  };
}

/** 20 bits beyond the integer make the constants' own rounding invisible in the score. */
const SHIFT_LIMIT = 20;

/** The rules in units of 2^-fractionBits, rounding to the nearest. */
function scaledLines(rules: readonly SumRule[], fractionBits: number): LevelLine[] {
  const factor = powerOfTwo(fractionBits);
  return rules.map((rule) => ({
    slopes: rule.scales.map((s) => multiply(s, factor)),
    intercept: add(multiply(rule.bias, factor), ratio(1n, 2n)),
    low: rule.low === null ? -(2 ** 31) : Number(floor(multiply(rule.low, factor))),
    high: rule.high === null ? 2 ** 31 - 1 : Number(floor(multiply(rule.high, factor))),
  }));
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
