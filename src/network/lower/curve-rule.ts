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

/** What a channel's quantiser makes of one operand; `doubt` gathers how near a break it came. */
function levelOf(rule: CurveRule, channel: number, doubt: Doubt) {
  const { curve, quantizer, channels, origin } = rule;
  const index = channels === null ? 0 : pick(channels, channel);
  const own = curve.lists === 1 ? 0 : channel;
  const levels = levelsOf(quantizer, index);
  const { replay } = curve;
  const replayed = replay && !rule.rounded ? float32Level(quantizer, index, levels) : null;
  const level = (x: number): number => {
    if (replay && replayed !== null) {
      const real = replay(x, own);
      return Number.isNaN(real) ? fail(undefinedValue(origin, x)) : replayed(real);
    }
    const real = curve.value(x, own);
    if (!Number.isFinite(real)) return fail(undefinedValue(origin, x));
    const found = levelAt(fromNumber(real), levels);
    doubt.near ||= isNearBreak(real, found, levels);
    return found;
  };
  return { levels, level };
}

interface Doubt {
  near: boolean;
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

function exactnessOf({ rounded }: CurveRule, { near }: Doubt): Exactness {
  if (rounded) return { kind: "rounded", bound: 0.5 };
  return near ? { kind: "bounded", within: CERTAIN } : { kind: "exact" };
}

function tableOf(rule: CurveRule, range: Range, lists: number): RuleIntegers {
  const size = range.high - range.low + 1;
  const doubt = { near: false };
  const values = Array.from({ length: lists }, (_, c) => {
    const { levels, level } = levelOf(rule, c, doubt);
    return Array.from(
      { length: size },
      (_entry, i) => levels.base + levels.step * level(range.low + i),
    );
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
      exactness: exactnessOf(rule, doubt),
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
  const doubt = { near: false };
  const flipped: boolean[] = [];
  const steps = Array.from({ length: count }, (_, c): StepFunction => {
    const { levels, level } = levelOf(rule, c, doubt);
    const direction = pick(directions, c);
    const turn = direction === -1 && weights !== null && canFlip(weights, c);
    flipped.push(turn);
    const step = bisected((y) => level(direction * y), levels, direction, pick(ranges, c));
    return turn ? { ...step, direction: 1 } : step;
  });
  const { base, step, min, max } = levelsOf(rule.quantizer, 0);
  const encoded = encodeSteps(steps, { base, step, levels: max - min + 1 });
  if (encoded === null || encoded.kind === "none") return null;
  const reached = hull(steps.map((s) => ({ low: s.low, high: s.low + s.first.length })));
  return {
    requantization: { ...encoded, exactness: exactnessOf(rule, doubt) },
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

/** Whether the weights of an output can be negated: -8 and -128 have no counterpart in their types. */
export function canFlip({ kind, values, perOutput }: Weights, output: number): boolean {
  const lowest = { ternary: null, binary: null, int4: -8, int8: -128 }[kind];
  const row = values.subarray(output * perOutput, (output + 1) * perOutput);
  return lowest === null || !row.includes(lowest);
}
