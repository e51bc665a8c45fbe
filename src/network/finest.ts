import { pick } from "./channels.js";
import type { LevelLine } from "./lines.js";
import {
  add,
  compare,
  floor,
  fromInteger,
  multiply,
  negate,
  type Rational,
  ratio,
  subtract,
  toNumber,
  ZERO,
} from "./rational.js";
import { EXACT_LIMIT, MULTIPLIER_LIMIT } from "./requantize.js";
import type { Range } from "./types.js";

/** Integer constants of one channel at some shift: `p = sum of multipliers[i] * x_i + offset`. */
export interface IntegerLine {
  readonly multipliers: readonly number[];
  readonly offset: number;
  /** No p and no part of it is larger. */
  readonly largest: number;
}

export function withLargest(
  multipliers: readonly number[],
  offset: number,
  ranges: readonly Range[],
): IntegerLine {
  const parts = multipliers.map((m, i) => {
    const { low, high } = pick(ranges, i);
    return Math.abs(m) * Math.max(Math.abs(low), Math.abs(high));
  });
  return { multipliers, offset, largest: parts.reduce((a, b) => a + b, Math.abs(offset)) };
}

/** Sums of several operands have 64-bit multipliers, those of one 32-bit. */
export function fits({ multipliers, largest }: IntegerLine): boolean {
  const narrow = multipliers.length === 1;
  return (
    largest < EXACT_LIMIT && multipliers.every((m) => !narrow || Math.abs(m) < MULTIPLIER_LIMIT)
  );
}

interface Rounded {
  readonly line: IntegerLine;
  /** Largest error of p. */
  readonly error: number;
}

/**
 * Rounds every line at the largest shift, up to a limit, at which all constants fit; null if they do
 * not fit without a shift.
 */
export function finest(
  lines: readonly LevelLine[],
  ranges: readonly (readonly Range[])[],
  limit: number,
): { shift: number; rounded: readonly Rounded[] } | null {
  let found: { shift: number; rounded: readonly Rounded[] } | null = null;
  for (let shift = 0; shift <= limit; shift++) {
    const rounded = lines.map((line, i) => roundLine(line, pick(ranges, i), shift));
    if (!rounded.every((r) => fits(r.line))) break;
    found = { shift, rounded };
    if (rounded.every((r) => r.error === 0)) break;
  }
  return found;
}

function roundLine(line: LevelLine, ranges: readonly Range[], shift: number): Rounded {
  const unit = fromInteger(1n << BigInt(shift));
  const offset = nearest(multiply(line.intercept, unit));
  let error = magnitudeOf(subtract(multiply(line.intercept, unit), offset));
  const multipliers = line.slopes.map((slope, i) => {
    const exact = multiply(slope, unit);
    const rounded = nearest(exact);
    const { low, high } = pick(ranges, i);
    const magnitude = fromInteger(Math.max(Math.abs(low), Math.abs(high)));
    error = add(error, multiply(magnitudeOf(subtract(exact, rounded)), magnitude));
    return Number(rounded.num);
  });
  return { line: withLargest(multipliers, Number(offset.num), ranges), error: toNumber(error) };
}

function nearest(value: Rational): Rational {
  return fromInteger(floor(add(value, ratio(1n, 2n))));
}

function magnitudeOf(value: Rational): Rational {
  return compare(value, ZERO) < 0 ? negate(value) : value;
}
