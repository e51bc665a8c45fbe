import { fail } from "../../diagnostics.js";
import { pick } from "../channels.js";
import { fromNumber, toNumber, ZERO } from "../rational.js";
import { encodeSteps, LARGEST_TABLE, MAX_THRESHOLDS } from "../requantize.js";
import { type Levels, levelAt, levelsOf, type StepFunction } from "../steps.js";
import type { Exactness, Range, Weights } from "../types.js";
import { allGo } from "./curve.js";
import { functionOfSum, undefinedValue } from "./diagnostics.js";
import type { Rule } from "./draft.js";
import { hull } from "./ranges.js";
import { float32Level } from "./replay.js";
import type { RuleIntegers } from "./rules.js";

type CurveRule = Rule & { kind: "curve" };

/** Entries of a table for each channel; beyond them, or beyond `LARGEST_TABLE`, steps are found. */
const LARGEST_TABLES = 1 << 16;

/**
 * A curved function and its quantiser: a table of the operand's values, or the break points of a
 * function that rises or falls.
 */
export function curveIntegers(
  rule: CurveRule,
  ranges: readonly Range[],
  weights: Weights | null,
): RuleIntegers | null {
  const { curve, channels, quantizer, origin } = rule;
  const { low, high } = hull(ranges);
  const size = high - low + 1;
  const lists = Math.max(curve.lists, channels?.length ?? 1);
  const few = levelsOf(quantizer, 0).max - levelsOf(quantizer, 0).min <= MAX_THRESHOLDS;
  const table = size <= LARGEST_TABLE && size * lists <= LARGEST_TABLES;
  const steps = allGo(curve.directions, 1) && few && size > LARGEST_TABLE / 4;
  if (table && !steps) return tableOf(rule, { low, high }, lists);
  if (curve.directions === null) return fail(functionOfSum(origin));
  return stepsOf(rule, ranges, weights);
}

/** What a channel's quantiser makes of its operands. */
interface Reading {
  readonly levels: Levels;
  /** The level of an operand. */
  readonly level: (x: number) => number;
  /** Operands met so far of whose level doubles are not sure. */
  readonly doubtful: ReadonlySet<number>;
}

function readingOf(rule: CurveRule, channel: number): Reading {
  const { curve, quantizer, channels, origin } = rule;
  const index = channels === null ? 0 : pick(channels, channel);
  const own = curve.lists === 1 ? 0 : channel;
  const levels = levelsOf(quantizer, index);
  const { replay } = curve;
  const replayed = replay && !rule.rounded ? float32Level(quantizer, index, levels) : null;
  const doubtful = new Set<number>();
  const level = (x: number): number => {
    if (replay && replayed !== null) {
      const real = replay(x, own);
      return Number.isNaN(real) ? fail(undefinedValue(origin, x)) : replayed(real);
    }
    const real = curve.value(x, own);
    if (!Number.isFinite(real)) return fail(undefinedValue(origin, x));
    const found = levelAt(fromNumber(real), levels);
    if (isNearBreak(real, found, levels)) doubtful.add(x);
    return found;
  };
  return { levels, level, doubtful };
}

/** Doubles are this sure of a level, in units of the distance between breaks. */
const CERTAIN = 1e-9;

function isNearBreak(real: number, level: number, levels: Levels): boolean {
  const breaks = [level, level + 1].filter((k) => k > levels.min && k <= levels.max);
  return breaks.some((k) => {
    const at = toNumber(levels.breakPoint(k).at);
    const next = k < levels.max ? toNumber(levels.breakPoint(k + 1).at) : at;
    const unit = Math.abs(next - at) || Math.abs(at) || 1;
    return real !== at && Math.abs(real - at) < CERTAIN * unit;
  });
}

/** @param most operands of whose level doubles are not sure, of `of` */
function exactnessOf({ rounded }: CurveRule, most: number, of: number): Exactness {
  if (rounded) return { kind: "rounded", bound: 0.5 };
  return most === 0 ? { kind: "exact" } : { kind: "bounded", within: CERTAIN, most, of };
}

function tableOf(rule: CurveRule, range: Range, lists: number): RuleIntegers {
  const size = range.high - range.low + 1;
  let doubtful = 0;
  const values = Array.from({ length: lists }, (_, c) => {
    const { levels, level, doubtful: own } = readingOf(rule, c);
    const list = Array.from(
      { length: size },
      (_entry, i) => levels.base + levels.step * level(range.low + i),
    );
    doubtful += own.size;
    return list;
  });
  const first = pick(values, 0);
  const alike = values.every((list) => list.every((value, i) => value === first[i]));
  const entries = alike ? first : values.flat();
  return {
    requantization: {
      kind: "table",
      low: range.low,
      size,
      values: Int32Array.from(entries),
      exactness: exactnessOf(rule, doubtful, size * lists),
    },
    range: {
      low: entries.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      high: entries.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    },
    flipped: [],
    fractionBits: 0,
  };
}

function stepsOf(
  rule: CurveRule,
  ranges: readonly Range[],
  weights: Weights | null,
): RuleIntegers | null {
  const directions = rule.curve.directions ?? [1];
  const count = Math.max(
    rule.curve.lists,
    directions.length,
    rule.channels?.length ?? 1,
    ranges.length,
  );
  let [doubtful, operands] = [0, 0];
  const flipped: boolean[] = [];
  const steps = Array.from({ length: count }, (_, c): StepFunction => {
    const reading = readingOf(rule, c);
    const direction = pick(directions, c);
    const range = pick(ranges, c);
    const turn = direction === -1 && weights !== null && canFlip(weights, c);
    flipped.push(turn);
    const step = bisected((y) => reading.level(direction * y), reading.levels, direction, range);
    operands += range.high - range.low + 1;
    doubtful += doubtfulAround(step, reading);
    return turn ? { ...step, direction: 1 } : step;
  });
  const { base, step, min, max } = levelsOf(rule.quantizer, 0);
  const encoded = encodeSteps(steps, { base, step, levels: max - min + 1 });
  if (encoded === null || encoded.kind === "none") return null;
  const reached = hull(steps.map((s) => ({ low: s.low, high: s.low + s.first.length })));
  return {
    requantization: { ...encoded, exactness: exactnessOf(rule, doubtful, operands) },
    range: { low: base + step * reached.low, high: base + step * reached.high },
    flipped,
    fractionBits: 0,
  };
}

/** The steps of a function that rises with y = direction * x, each found by halving. */
function bisected(
  level: (y: number) => number,
  { min, max }: Levels,
  direction: 1 | -1,
  range: Range,
): StepFunction {
  const reach = direction === 1 ? range : { low: -range.high, high: -range.low };
  const low = level(reach.low);
  const top = level(reach.high);
  const first: number[] = [];
  let from = reach.low;
  for (let k = low + 1; k <= top; k++) {
    let below = from;
    let above = reach.high;
    while (above - below > 1) {
      const middle = Math.floor((below + above) / 2);
      if (level(middle) >= k) above = middle;
      else below = middle;
    }
    // Steps of several levels at once share a break.
    first.push(level(below) >= k ? below : above);
    from = below;
  }
  return {
    direction,
    slope: ZERO,
    low,
    first,
    tie: first.map(() => false),
    floor: min,
    ceiling: max,
    range: reach,
  };
}

/** Neighbours of a step that are looked at; were more of them doubtful, all that follow count. */
const MOST_NEIGHBOURS = 1000;

/** At most so many operands have a doubtful level: side by side around a step, as the curve is monotone. */
function doubtfulAround(
  { direction, first, range }: StepFunction,
  { level, doubtful }: Reading,
): number {
  let beyond = 0;
  const walk = (from: number, towards: 1 | -1, end: number): void => {
    for (let y = from; (end - y) * towards >= 0; y += towards) {
      if (Math.abs(y - from) === MOST_NEIGHBOURS) {
        beyond += Math.abs(end - y) + 1;
        return;
      }
      const x = direction * y;
      level(x);
      if (!doubtful.has(x)) return;
    }
  };
  for (const y of first) {
    walk(y - 1, -1, range.low);
    walk(y, 1, range.high);
  }
  return Math.min(doubtful.size + beyond, range.high - range.low + 1);
}

/** Whether the weights of an output can be negated: -8 and -128 have no counterpart in their types. */
export function canFlip({ kind, values, perOutput }: Weights, output: number): boolean {
  const lowest = { ternary: null, binary: null, int4: -8, int8: -128 }[kind];
  const row = values.subarray(output * perOutput, (output + 1) * perOutput);
  return lowest === null || !row.includes(lowest);
}
