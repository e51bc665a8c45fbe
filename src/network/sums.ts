import { agreementOf } from "./agreement.js";
import { pick, zip } from "./channels.js";
import { finest, fits, type IntegerLine, withLargest } from "./finest.js";
import type { LevelLine, SumRule } from "./lines.js";
import { type NearPoint, nearEffort, nearPoints, REACH } from "./near.js";
import { add, divide, fromInteger, ratio, subtract, toNumber } from "./rational.js";
import { MAX_SHIFT, perChannel, signedBits } from "./requantize.js";
import { type Levels, levelAt } from "./steps.js";
import type { Exactness, FixedPoint, Range } from "./types.js";

/** One channel's part of the problem. */
interface Problem {
  readonly line: LevelLine;
  readonly ranges: readonly Range[];
  readonly near: readonly NearPoint[];
}

/**
 * The fixed-point form of a quantised sum of two tensors, e.g. a residual addition of operands with
 * different scales. The compiler lists all operands whose exact sum comes near a break of the
 * quantiser, and searches the smallest shift with integer constants that put every one of them on
 * its right side; operands further away are safe by the size of the rounding error.
 *
 * Where the operands are too many to look at (two accumulators), the constants are rounded as finely
 * as 53 bits allow, and `exactness` says how many operands end on the wrong side of a break.
 *
 * `rules` and `ranges` (one list of operand ranges for each rule) hold one element for all channels
 * or one for each.
 */
export function encodeSum(
  rules: readonly SumRule[],
  ranges: readonly (readonly Range[])[],
  levels: readonly Levels[],
): FixedPoint {
  const lines = rules.map((rule, i) => levelLine(rule, pick(levels, i)));
  const code = pick(levels, 0);
  const effort = lines.reduce((sum, line, i) => sum + nearEffort(line, pick(ranges, i)), 0);
  const exact = effort > EFFORT_LIMIT ? null : solveExactly(problemsOf(lines, ranges, levels));
  if (exact !== null) {
    return assemble(lines, exact.lines, exact.shift, exact.tieBand, code, { kind: "exact" });
  }
  return roundFinely(lines, ranges, levels);
}

/**
 * Operand pairs that are looked at, over all channels: about a second. Enough where one operand is
 * an 8-bit tensor; two accumulators are too many.
 */
const EFFORT_LIMIT = 4e7;

function problemsOf(
  lines: readonly LevelLine[],
  ranges: readonly (readonly Range[])[],
  levels: readonly Levels[],
): Problem[] {
  return lines.map((line, i) => {
    const own = pick(ranges, i);
    return { line, ranges: own, near: nearPoints(line, own, pick(levels, i)) };
  });
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

interface Solution {
  readonly lines: readonly IntegerLine[];
  readonly shift: number;
  readonly tieBand: number;
}

function solveExactly(problems: readonly Problem[]): Solution | null {
  // Channels are tried in turn, so a shift that fails one is not tried on the others.
  let shift = 0;
  for (const problem of problems) {
    while (solveLine(problem, shift, 0) === null) {
      if (++shift > MAX_SHIFT) return null;
    }
  }
  for (; shift <= MAX_SHIFT; shift++) {
    const first = solveAll(problems, shift, 0);
    if (first === null) continue;
    const tieBand = Math.max(0, ...problems.map((p, i) => bandNeeded(p, pick(first, i), shift)));
    const lines = tieBand === 0 ? first : solveAll(problems, shift, tieBand);
    if (lines !== null) return { lines, shift, tieBand };
  }
  return null;
}

function solveAll(
  problems: readonly Problem[],
  shift: number,
  band: number,
): readonly IntegerLine[] | null {
  const lines: IntegerLine[] = [];
  for (const problem of problems) {
    const line = solveLine(problem, shift, band);
    if (line === null) return null;
    lines.push(line);
  }
  return lines;
}

/** Tries the integers on either side of each exact multiplier; null if none will do. */
function solveLine(problem: Problem, shift: number, band: number): IntegerLine | null {
  const unit = 2 ** shift;
  const exact = problem.line.slopes.map((slope) => toNumber(slope) * unit);
  const choices = exact.map((m) => [...new Set([Math.floor(m), Math.ceil(m)])]);
  let combinations: number[][] = [[]];
  for (const choice of choices) {
    combinations = combinations.flatMap((head) => choice.map((m) => [...head, m]));
  }
  for (const multipliers of combinations) {
    const offset = smallestOffset(problem, multipliers, shift, band);
    if (offset === null) continue;
    const line = withLargest(multipliers, offset, problem.ranges);
    if (fits(line)) return line;
  }
  return null;
}

function smallestOffset(
  { line, ranges, near }: Problem,
  multipliers: readonly number[],
  shift: number,
  band: number,
): number | null {
  const unit = 2 ** shift;
  const slips = line.slopes.map((slope, i) => {
    const { low, high } = pick(ranges, i);
    const slip = Math.abs(pick(multipliers, i) - toNumber(slope) * unit);
    return slip * Math.max(Math.abs(low), Math.abs(high));
  });
  // What is left of the distance to points that are not in the list; 2 for the doubles here.
  const slack = REACH * unit - band - slips.reduce((a, b) => a + b, 0) - 2;
  const exactOffset = toNumber(line.intercept) * unit;
  const isExact = slips.every((s) => s === 0) && Number.isInteger(exactOffset);
  if (slack < 0 && !isExact) return null;
  let least = isExact ? exactOffset : Math.ceil(exactOffset - slack);
  let most = isExact ? exactOffset : Math.floor(exactOffset + slack);
  for (const point of near) {
    const product = productOf(multipliers, point);
    const edge = point.level * unit - product;
    switch (point.side) {
      case "below":
        most = Math.min(most, edge - 1);
        break;
      case "reached":
        least = Math.max(least, edge + (point.level % 2 === 0 ? 0 : band));
        break;
      case "odd-tie":
        least = Math.max(least, edge);
        if (band > 0) most = Math.min(most, edge + band - 1);
        break;
      default:
        return point.side satisfies never;
    }
    if (least > most) return null;
  }
  return least;
}

function productOf(multipliers: readonly number[], { x, y }: NearPoint): number {
  return pick(multipliers, 0) * x + (multipliers[1] ?? 0) * y;
}

/** One more than the largest remainder at a tie that must go down. */
function bandNeeded({ near }: Problem, line: IntegerLine, shift: number): number {
  let band = 0;
  for (const point of near) {
    if (point.side !== "odd-tie") continue;
    const p = productOf(line.multipliers, point) + line.offset;
    band = Math.max(band, p - point.level * 2 ** shift + 1);
  }
  return band;
}

/** Constants rounded to the nearest at the finest shift that fits; ties and near misses may differ. */
function roundFinely(
  lines: readonly LevelLine[],
  ranges: readonly (readonly Range[])[],
  levels: readonly Levels[],
): FixedPoint {
  const found = finest(lines, ranges, MAX_SHIFT);
  if (found === null) throw new Error("operands that are 2^44 times their quantiser's range");
  const { shift, rounded } = found;
  const integers = rounded.map(({ line }) => line);
  const code = pick(levels, 0);
  if (rounded.every(({ error }) => error === 0)) {
    // Without an error, ties are exactly the sums without a remainder.
    const tieBand = code.breakPoint(code.max).tiesToEven ? 1 : 0;
    return assemble(lines, integers, shift, tieBand, code, { kind: "exact" });
  }
  const agreement = agreementOf(
    zip(lines, rounded, (line, { line: integer, error }) => ({ line, ...integer, error })).map(
      (line, i) => ({ ...line, ranges: pick(ranges, i), levels: pick(levels, i) }),
    ),
    shift,
  );
  return assemble(lines, integers, shift, 0, code, agreement);
}

export function assemble(
  lines: readonly LevelLine[],
  integers: readonly IntegerLine[],
  shift: number,
  tieBand: number,
  levels: Pick<Levels, "base" | "step">,
  exactness: Exactness,
): FixedPoint {
  // Without ties nothing asks whether n is odd, so the zero point can move into the offset.
  const moved = tieBand === 0 && levels.step === 1 ? levels.base : 0;
  const shiftBy = moved * 2 ** shift;
  const operands = pick(integers, 0).multipliers.length;
  return {
    kind: "fixed-point",
    multipliers: Array.from({ length: operands }, (_, i) =>
      perChannel(integers.map((f) => pick(f.multipliers, i))),
    ),
    offsets: perChannel(integers.map((f) => f.offset + shiftBy)),
    shift,
    tieBand,
    low: perChannel(lines.map((line) => line.low + moved)),
    high: perChannel(lines.map((line) => line.high + moved)),
    base: levels.base - moved,
    step: levels.step,
    bits: signedBits(Math.max(...integers.map((f) => f.largest + Math.abs(shiftBy)))),
    exactness,
  };
}
