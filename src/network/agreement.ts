import { pick } from "./channels.js";
import type { LevelLine } from "./lines.js";
import { exactSide } from "./near.js";
import type { Levels } from "./steps.js";
import { type Box, countInStrip, type Pair, pairsInStrip } from "./strip.js";
import type { Exactness, Range } from "./types.js";

/** A line whose constants were rounded to integers at some shift. */
export interface RoundedLine {
  readonly line: LevelLine;
  readonly multipliers: readonly number[];
  readonly offset: number;
  /** How far p may be from its exact value, at most. */
  readonly error: number;
  readonly ranges: readonly Range[];
  readonly levels: Levels;
}

/** Operand pairs that are looked at one by one; of more only their number is told. */
const MOST_PAIRS = 100_000;

/**
 * How the outputs of rounded lines differ from those of exact ones, over all operands: only operands
 * whose p is within the error of a break can, and they are few enough to be compared one by one.
 */
export function agreementOf(lines: readonly RoundedLine[], shift: number): Exactness {
  const strips = lines.flatMap((line) => stripsOf(line, shift));
  const doubtful = strips.reduce((sum, { count }) => sum + count, 0);
  const most =
    doubtful > MOST_PAIRS
      ? doubtful
      : strips.reduce((sum, strip) => sum + differing(strip, shift), 0);
  if (most === 0) return { kind: "exact" };
  const within = Math.max(...lines.map(({ error }) => error)) / 2 ** shift;
  return { kind: "bounded", within, most, of: operandsOf(lines) };
}

/** What is too near the break to a level to be certain. */
interface Strip {
  readonly rounded: RoundedLine;
  readonly level: number;
  /** Of p without its offset. */
  readonly sums: Range;
  readonly count: number;
}

function stripsOf(rounded: RoundedLine, shift: number): Strip[] {
  const { line, offset, error } = rounded;
  const reach = Math.ceil(error);
  return Array.from({ length: line.high - line.low }, (_, i): Strip => {
    const level = line.low + 1 + i;
    const edge = level * 2 ** shift - offset;
    const sums = { low: edge - reach, high: edge + reach };
    const count = Number(countInStrip(weighingOf(rounded), sums, boxOf(rounded)));
    return { rounded, level, sums, count };
  }).filter(({ count }) => count > 0);
}

function differing({ rounded, level, sums }: Strip, shift: number): number {
  const { line, levels } = rounded;
  const [wx, wy] = weighingOf(rounded);
  const reached = ({ x, y }: Pair): boolean =>
    wx * x + wy * y + rounded.offset >= level * 2 ** shift;
  return pairsInStrip([wx, wy], sums, boxOf(rounded)).filter(
    (pair) => reached(pair) !== (exactSide(line, levels, pair, level) === "reached"),
  ).length;
}

function weighingOf({ multipliers }: RoundedLine): readonly [number, number] {
  return [pick(multipliers, 0), multipliers[1] ?? 0];
}

function boxOf({ ranges }: RoundedLine): Box {
  return { x: pick(ranges, 0), y: ranges[1] ?? { low: 0, high: 0 } };
}

function operandsOf(lines: readonly RoundedLine[]): number {
  const size = ({ low, high }: Range): number => high - low + 1;
  return lines.reduce((sum, line) => sum + size(boxOf(line).x) * size(boxOf(line).y), 0);
}
