import { pick } from "./channels.js";
import type { LevelLine } from "./lines.js";
import { add, fromInteger, multiply, sign, subtract, toNumber, ZERO } from "./rational.js";
import type { Levels } from "./steps.js";
import type { Pair } from "./strip.js";
import type { Range } from "./types.js";

/** How near a break point is near, in output steps. */
export const REACH = 2 ** -8;

/** Two operands whose exact sum is near the break to `level`, and the side it is on. */
export interface NearPoint extends Pair {
  readonly level: number;
  /** `odd-tie`: exactly on the break to an odd level, so it goes down to the even one. */
  readonly side: "below" | "reached" | "odd-tie";
}

/** Below this distance doubles cannot tell a tie from a near miss; rationals decide. */
const DOUBTFUL = 1e-7;

/** How many operand pairs `nearPoints` would look at. Infinite for other than two operands. */
export function nearEffort(line: LevelLine, ranges: readonly Range[]): number {
  if (ranges.length !== 2) return Number.POSITIVE_INFINITY;
  const outer = outerOperand(ranges);
  const innerSlope = Math.abs(toNumber(pick(line.slopes, 1 - outer)));
  const innerSize = sizeOf(pick(ranges, 1 - outer));
  const breaks = Math.min(line.high - line.low, innerSize * innerSlope + 2);
  const perBreak = 4 + Math.min(innerSize, 2 * (REACH / innerSlope));
  return sizeOf(pick(ranges, outer)) * breaks * perBreak;
}

function sizeOf({ low, high }: Range): number {
  return high - low + 1;
}

/** The operand with fewer values is walked through; the other is solved for. */
function outerOperand(ranges: readonly Range[]): 0 | 1 {
  return sizeOf(pick(ranges, 0)) <= sizeOf(pick(ranges, 1)) ? 0 : 1;
}

/**
 * Every pair of operands near a break of the quantiser, found by walking along each break through
 * the reachable operands.
 */
export function nearPoints(
  line: LevelLine,
  ranges: readonly Range[],
  levels: Levels,
): readonly NearPoint[] {
  return walkBreaks(line, ranges, levels, outerOperand(ranges));
}

function walkBreaks(
  line: LevelLine,
  ranges: readonly Range[],
  levels: Levels,
  outer: 0 | 1,
): NearPoint[] {
  const inner = outer === 0 ? 1 : 0;
  const outerSlope = toNumber(pick(line.slopes, outer));
  const innerSlope = toNumber(pick(line.slopes, inner));
  const intercept = toNumber(line.intercept);
  const outerRange = pick(ranges, outer);
  const innerRange = pick(ranges, inner);
  const found: NearPoint[] = [];
  const visit = (outerValue: number, innerValue: number, level: number): void => {
    const distance = outerSlope * outerValue + innerSlope * innerValue + intercept - level;
    if (Math.abs(distance) > 2 * REACH) return;
    const [x, y] = outer === 0 ? [outerValue, innerValue] : [innerValue, outerValue];
    const side = Math.abs(distance) < DOUBTFUL ? exactSide(line, levels, { x, y }, level) : null;
    found.push({ x, y, level, side: side ?? (distance < 0 ? "below" : "reached") });
  };
  for (let o = outerRange.low; o <= outerRange.high; o++) {
    const base = outerSlope * o + intercept;
    const ends = [base + innerSlope * innerRange.low, base + innerSlope * innerRange.high];
    const from = Math.max(line.low + 1, Math.floor(Math.min(...ends)));
    const to = Math.min(line.high, Math.ceil(Math.max(...ends)));
    for (let level = from; level <= to; level++) {
      // The integers around the exact crossing, kept inside the range.
      const crossing = Math.floor(innerSlope === 0 ? innerRange.low : (level - base) / innerSlope);
      for (let i = crossing - 1; i <= crossing + 2; i++) {
        if (i >= innerRange.low && i <= innerRange.high) visit(o, i, level);
      }
      if (Math.abs(innerSlope) < REACH) visitRun(level, o, crossing, visit, innerRange, innerSlope);
    }
  }
  return found;
}

/** Where one step of the inner operand moves the sum by less than REACH, more of them are near. */
function visitRun(
  level: number,
  outerValue: number,
  crossing: number,
  visit: (outerValue: number, innerValue: number, level: number) => void,
  range: Range,
  slope: number,
): void {
  const run = slope === 0 ? range.high - range.low : Math.ceil(REACH / Math.abs(slope));
  for (let i = Math.max(range.low, crossing - run); i < crossing - 1; i++) {
    visit(outerValue, i, level);
  }
  for (let i = crossing + 3; i <= Math.min(range.high, crossing + run); i++) {
    visit(outerValue, i, level);
  }
}

/** On which side of the break to a level the exact sum of one operand or two is. */
export function exactSide(
  { slopes, intercept }: LevelLine,
  levels: Levels,
  { x, y }: Pair,
  level: number,
): NearPoint["side"] {
  const first = multiply(pick(slopes, 0), fromInteger(x));
  const sum = add(first, multiply(slopes[1] ?? ZERO, fromInteger(y)));
  const side = sign(subtract(add(sum, intercept), fromInteger(level)));
  if (side !== 0) return side < 0 ? "below" : "reached";
  const { open, tiesToEven } = levels.breakPoint(level);
  if (!open) return "reached";
  return tiesToEven ? "odd-tie" : "below";
}
