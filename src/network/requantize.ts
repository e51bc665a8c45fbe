import { toNumber } from "./rational.js";
import { levelAtStep, type StepFunction } from "./steps.js";
import type { FixedPoint, PerChannel, Requantization } from "./types.js";

/**
 * Up to this many thresholds the break points themselves are the requantisation: with 4-bit
 * outputs and fewer, counting thresholds is exact by construction and needs no multiplication.
 */
export const MAX_THRESHOLDS = 15;

/** Products must be exact in a double, which the simulator computes with; int64 follows. */
export const EXACT_LIMIT = 2 ** 52;

/** Multipliers of a single operand are stored as int32. */
export const MULTIPLIER_LIMIT = 2 ** 31;

export const MAX_SHIFT = 44;

/** How the level n becomes the stored integer: `base + step * n`. */
export interface OutputCode {
  readonly base: number;
  readonly step: number;
  /** Levels of the quantiser in all, clamped or not. */
  readonly levels: number;
}

/** Operands with more values than this get constants, not tables. */
export const LARGEST_TABLE = 1024;

/**
 * The requantisation that equals the given step functions (one, or one for each channel) on their
 * whole reachable range: thresholds for few levels, otherwise the fixed-point constants with the
 * smallest shift, otherwise thresholds again, or a table where steps fall. Null where none of them
 * will do: the steps fall, lie on no line (rounding toward zero, say), and the range is large.
 */
export function encodeSteps(
  steps: readonly StepFunction[],
  code: OutputCode,
): Requantization | null {
  const ascending = steps.every((s) => s.direction === 1);
  if (code.levels - 1 <= MAX_THRESHOLDS && ascending) return thresholds(steps, code);
  const fixed = fixedPoint(steps, code);
  if (fixed !== null) return fixed;
  return ascending ? thresholds(steps, code) : table(steps, code);
}

function table(steps: readonly StepFunction[], code: OutputCode): Requantization | null {
  const ends = steps.flatMap(({ direction, range }) => [
    direction * range.low,
    direction * range.high,
  ]);
  const low = Math.min(...ends);
  const size = Math.max(...ends) - low + 1;
  if (size > LARGEST_TABLE) return null;
  const values = steps.flatMap((step) =>
    Array.from(
      { length: size },
      (_, i) => code.base + code.step * levelAtStep(step, step.direction * (low + i)),
    ),
  );
  return {
    kind: "table",
    low,
    size,
    values: Int32Array.from(values),
    exactness: { kind: "exact" },
  };
}

function thresholds(steps: readonly StepFunction[], code: OutputCode): Requantization {
  const lowest = Math.min(...steps.map((s) => s.low));
  const highest = Math.max(...steps.map((s) => s.low + s.first.length));
  const count = highest - lowest;
  const table = new Int32Array(steps.length * count);
  steps.forEach((step, channel) => {
    for (let j = 0; j < count; j++) {
      table[channel * count + j] = thresholdFor(step, lowest + j + 1);
    }
  });
  return {
    kind: "thresholds",
    count,
    thresholds: table,
    base: code.base + code.step * lowest,
    step: code.step,
    exactness: { kind: "exact" },
  };
}

/** Smallest y with that level; just outside the reachable range for levels always or never met. */
function thresholdFor(step: StepFunction, level: number): number {
  const j = level - step.low - 1;
  if (j < 0) return step.range.low;
  const first = step.first[j];
  if (first === undefined) return step.range.high + 1;
  return step.tie[j] === true ? first + 1 : first;
}

/** Multiplier and offset of one channel at some shift, as used on y. */
interface Line {
  readonly multiplier: number;
  readonly offset: number;
}

/**
 * Searches the smallest shift at which every channel has integers (m, c) with
 * `floor((m * y + c) / 2^shift)` equal to its step function. Each break gives two inequalities,
 *
 *     m * first + c >= k * 2^shift        m * (first - 1) + c < k * 2^shift,
 *
 * and the real slope satisfies them all, so the feasible multipliers are an interval around
 * slope * 2^shift: if it holds an integer, it holds the floor or the ceiling of that. Feasible
 * constants stay feasible when doubled, so the smallest shift of the worst channel serves all.
 */
export function fixedPoint(steps: readonly StepFunction[], code: OutputCode): FixedPoint | null {
  const clamp = commonClamp(steps);
  let shift = 0;
  for (const [channel, step] of steps.entries()) {
    const bounds = clamp(channel);
    while (solveLine(step, shift, bounds, 0) === null) {
      if (++shift > MAX_SHIFT) return null;
    }
  }
  for (; shift <= MAX_SHIFT; shift++) {
    const found = linesAt(steps, shift, clamp);
    if (found !== null) return assemble(steps, found, shift, clamp, code);
  }
  return null;
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** One clamp for all channels if they agree, else each channel's own. */
function commonClamp(steps: readonly StepFunction[]): (channel: number) => Bounds {
  const own = steps.map((s) => ({ low: s.floor, high: s.ceiling }));
  return (channel) => own[channel] ?? { low: 0, high: 0 };
}

interface Lines {
  readonly lines: readonly Line[];
  readonly tieBand: number;
}

/**
 * All channels at one shift. Ties that go down to an even level are recognised by a small
 * remainder of p: the band must hold every such tie and no other first step to an odd level.
 */
function linesAt(
  steps: readonly StepFunction[],
  shift: number,
  clamp: (channel: number) => Bounds,
): Lines | null {
  const solve = (band: number): (Line | null)[] =>
    steps.map((step, channel) => solveLine(step, shift, clamp(channel), band));
  let lines = solve(0);
  if (lines.includes(null)) return null;
  const tieBand = Math.max(0, ...steps.map((step, i) => bandNeeded(step, lines[i], shift)));
  if (tieBand > 0) lines = solve(tieBand);
  const complete: Line[] = [];
  for (const line of lines) {
    if (line === null) return null;
    complete.push(line);
  }
  const fits = steps.every(
    (step, i) =>
      largestProduct(step, complete[i]) < EXACT_LIMIT &&
      (complete[i]?.multiplier ?? 0) < MULTIPLIER_LIMIT,
  );
  return fits ? { lines: complete, tieBand } : null;
}

/** One more than the largest remainder at a tie that must go down. */
function bandNeeded(step: StepFunction, line: Line | null | undefined, shift: number): number {
  if (line === null || line === undefined) return 0;
  let band = 0;
  for (const [j, first] of step.first.entries()) {
    if (step.tie[j] !== true) continue;
    const remainder = line.multiplier * first + line.offset - (step.low + j + 1) * 2 ** shift;
    band = Math.max(band, remainder + 1);
  }
  return band;
}

function solveLine(step: StepFunction, shift: number, clamp: Bounds, band: number): Line | null {
  const ideal = toNumber(step.slope) * 2 ** shift;
  const candidates = new Set([Math.floor(ideal), Math.ceil(ideal)]);
  for (const multiplier of candidates) {
    const offset = smallestOffset(step, multiplier, shift, clamp, band);
    if (offset !== null) return { multiplier, offset };
  }
  return null;
}

/**
 * The smallest integer offset that meets every inequality for this multiplier. Smallest, so that
 * ties leave the smallest remainders.
 */
function smallestOffset(
  step: StepFunction,
  m: number,
  shift: number,
  clamp: Bounds,
  band: number,
): number | null {
  const unit = 2 ** shift;
  const last = step.low + step.first.length;
  // Above the band an odd level is no tie.
  const above = (level: number): number => level * unit + (level % 2 === 0 ? 0 : band);
  // Where the range ends before the clamp does, the line itself must stay on the last level.
  let least =
    step.low > clamp.low ? above(step.low) - m * step.range.low : Number.NEGATIVE_INFINITY;
  let most =
    last < clamp.high ? (last + 1) * unit - 1 - m * step.range.high : Number.POSITIVE_INFINITY;
  for (let j = 0; j < step.first.length; j++) {
    const k = step.low + j + 1;
    const first = step.first[j] ?? 0;
    const tie = step.tie[j] === true;
    least = Math.max(least, (tie ? k * unit : above(k)) - m * first);
    most = Math.min(most, k * unit - 1 - m * (first - 1));
    if (tie && band > 0) {
      // The tie lies in the band, and what follows it above.
      most = Math.min(most, k * unit + band - 1 - m * first);
      if (first < step.range.high) least = Math.max(least, above(k) - m * (first + 1));
    }
  }
  if (least > most) return null;
  if (least !== Number.NEGATIVE_INFINITY) return least;
  // Nothing bounds it from below: a constant channel at its lowest level, or one not yet left.
  return Math.min(most, step.low * unit - m * step.range.low);
}

function largestProduct(step: StepFunction, line: Line | undefined): number {
  if (line === undefined) return 0;
  const { multiplier, offset } = line;
  return Math.max(
    Math.abs(multiplier * step.range.low + offset),
    Math.abs(multiplier * step.range.high + offset),
    Math.abs(multiplier * step.range.low),
    Math.abs(multiplier * step.range.high),
    Math.abs(offset),
  );
}

function assemble(
  steps: readonly StepFunction[],
  { lines, tieBand }: Lines,
  shift: number,
  clamp: (channel: number) => Bounds,
  code: OutputCode,
): FixedPoint {
  // Without ties nothing asks whether n is odd, so the zero point can move into the offset.
  const moved = tieBand === 0 && code.step === 1 ? code.base : 0;
  const offsets = lines.map((line) => line.offset + moved * 2 ** shift);
  const largest = steps.map((step, i) => {
    const line = lines[i];
    return line === undefined
      ? 0
      : largestProduct(step, { ...line, offset: offsets[i] ?? line.offset });
  });
  return {
    kind: "fixed-point",
    multipliers: [
      perChannel(steps.map((step, i) => step.direction * (lines[i]?.multiplier ?? 0) + 0)),
    ],
    offsets: perChannel(offsets),
    shift,
    tieBand,
    low: perChannel(steps.map((_, i) => clamp(i).low + moved)),
    high: perChannel(steps.map((_, i) => clamp(i).high + moved)),
    base: code.base - moved,
    step: code.step,
    bits: signedBits(Math.max(...largest)),
    exactness: { kind: "exact" },
  };
}

/** One element where all agree. */
export function perChannel(values: readonly number[]): PerChannel {
  const first = values[0];
  if (first !== undefined && values.every((v) => v === first)) return Float64Array.of(first);
  return Float64Array.from(values);
}

/** Bits of a two's complement number that holds [-magnitude, magnitude]. */
export function signedBits(magnitude: number): number {
  return Math.floor(Math.log2(Math.max(1, magnitude))) + 2;
}
