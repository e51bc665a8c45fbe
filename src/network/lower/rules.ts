import { pick } from "../channels.js";
import type { SumRule } from "../lines.js";
import { toNumber } from "../rational.js";
import { encodeSteps, LARGEST_TABLE, perChannel, signedBits } from "../requantize.js";
import { encodeScores, extentOf } from "../scores.js";
import { type Levels, levelsOf, type StepFunction, stepFunction } from "../steps.js";
import { encodeSum } from "../sums.js";
import type { Range, Requantization, Weights } from "../types.js";
import { canFlip, curveIntegers } from "./curve-rule.js";
import type { Rule } from "./draft.js";
import { hull } from "./ranges.js";
import { agrees, float32Level, replayLevels } from "./replay.js";

/** A rule over real numbers as integer constants. */
export interface RuleIntegers {
  readonly requantization: Requantization;
  /** Outputs that can occur. */
  readonly range: Range;
  /** Output channels whose weights change sign, so that their step function rises. */
  readonly flipped: readonly boolean[];
  /** Scores count in units of 2^-fractionBits; 0 for other rules. */
  readonly fractionBits: number;
}

const PLAIN = { flipped: [], fractionBits: 0 } as const;

/**
 * A rule of one operand, an accumulator or a stored integer. `ranges` are its reachable values, for
 * all channels or each; `weights` those that make it, if any. Null where no integer constants equal
 * a step function that falls (see `encodeSteps`).
 */
export function unaryIntegers(
  rule: Rule | null,
  ranges: readonly Range[],
  weights: Weights | null,
): RuleIntegers | null {
  if (rule === null) return { ...PLAIN, requantization: { kind: "none" }, range: hull(ranges) };
  switch (rule.kind) {
    case "line":
      return { ...PLAIN, ...lineIntegers(rule, [hull(ranges)]) };
    case "curve":
      return curveIntegers(rule, ranges, weights);
    case "scores":
      return scoreIntegers(
        rule.sums,
        ranges.map((r) => [r]),
      );
    case "quantize":
      return stepIntegers(rule, ranges, weights);
    default:
      return rule satisfies never;
  }
}

/** A rule of several operands with these ranges. */
export function sumIntegers(rule: Rule, operands: readonly Range[]): RuleIntegers {
  switch (rule.kind) {
    case "line":
      return { ...PLAIN, ...lineIntegers(rule, operands) };
    case "curve":
      throw new Error("a curve has one operand");
    case "scores":
      return scoreIntegers(rule.sums, [operands]);
    case "quantize": {
      const count = Math.max(rule.sums.length, rule.channels?.length ?? 1);
      const sums = spread(rule.sums, count);
      const levels = sums.map((_, c) => levelsFor(rule, c));
      return {
        ...PLAIN,
        requantization: encodeSum(sums, [operands], levels),
        range: hull(sums.map((sum, c) => reachedBy(sum, operands, pick(levels, c)))),
      };
    }
    default:
      return rule satisfies never;
  }
}

type QuantizeRule = Rule & { kind: "quantize" };

function quantizerIndex({ channels }: QuantizeRule, channel: number): number {
  return channels === null ? 0 : pick(channels, channel);
}

function levelsFor(rule: QuantizeRule, channel: number): Levels {
  return levelsOf(rule.quantizer, quantizerIndex(rule, channel));
}

function spread(sums: readonly SumRule[], count: number): SumRule[] {
  return Array.from({ length: count }, (_, c) => pick(sums, c));
}

function scoreIntegers(
  sums: readonly SumRule[],
  ranges: readonly (readonly Range[])[],
): RuleIntegers {
  const count = Math.max(sums.length, ranges.length);
  const scores = encodeScores(spread(sums, count), ranges);
  return { ...scores, flipped: [] };
}

function stepIntegers(
  rule: QuantizeRule,
  ranges: readonly Range[],
  weights: Weights | null,
): RuleIntegers | null {
  const count = Math.max(rule.sums.length, rule.channels?.length ?? 1, ranges.length);
  const flipped: boolean[] = [];
  const steps: StepFunction[] = [];
  for (let c = 0; c < count; c++) {
    const sum = pick(rule.sums, c);
    const affine = { ...sum, scale: pick(sum.scales, 0) };
    const step = stepFunction(affine, levelsFor(rule, c), pick(ranges, c));
    const turn = step.direction === -1 && weights !== null && canFlip(weights, c);
    flipped.push(turn);
    steps.push(turn ? { ...step, direction: 1 } : step);
  }
  const table = replayTable(rule, steps, hull(ranges));
  if (table !== null) return { ...PLAIN, ...table };
  const { base, step, min, max } = levelsFor(rule, 0);
  const reached = hull(steps.map((s) => ({ low: s.low, high: s.low + s.first.length })));
  const requantization = encodeSteps(steps, { base, step, levels: max - min + 1 });
  if (requantization === null) return null;
  return {
    requantization,
    range: { low: base + step * reached.low, high: base + step * reached.high },
    flipped,
    fractionBits: 0,
  };
}

/**
 * The outputs that the model's own float32 arithmetic gives, as a table; null where it is not known,
 * or where exact arithmetic gives the same.
 */
function replayTable(
  rule: QuantizeRule,
  steps: readonly StepFunction[],
  range: Range,
): Pick<RuleIntegers, "requantization" | "range"> | null {
  const { replay, quantizer } = rule;
  const size = range.high - range.low + 1;
  if (replay === null || size > LARGEST_TABLE) return null;
  const replayed = steps.map((_, c) => {
    const level = float32Level(quantizer, quantizerIndex(rule, c), levelsFor(rule, c));
    return replayLevels((x) => level(replay(x, c)), range);
  });
  if (steps.every((step, c) => agrees(step, pick(replayed, c), range))) return null;
  const { base, step } = levelsFor(rule, 0);
  const lists = replayed.map((list) => list.map((n) => base + step * n));
  return {
    requantization: {
      kind: "table",
      low: range.low,
      size,
      values: Int32Array.from(lists.flatMap((list) => Array.from(list))),
      exactness: { kind: "exact" },
    },
    range: hull(lists.map((list) => ({ low: Math.min(...list), high: Math.max(...list) }))),
  };
}

/** Levels, as stored, that a sum over these operand ranges can reach, found on the safe side. */
function reachedBy(sum: SumRule, operands: readonly Range[], levels: Levels): Range {
  const extent = extentOf(sum, operands);
  const slack = 1e-9 * Math.max(Math.abs(extent.low), Math.abs(extent.high));
  // A value on a break point may be a tie, which goes either way.
  const low = levelNear(extent.low - slack, levels, (value, at) => value > at);
  const high = levelNear(extent.high + slack, levels, (value, at) => value >= at);
  return { low: levels.base + levels.step * low, high: levels.base + levels.step * high };
}

function levelNear(
  value: number,
  levels: Levels,
  reaches: (value: number, at: number) => boolean,
): number {
  let low = levels.min;
  let high = levels.max;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const { at } = levels.breakPoint(middle);
    if (reaches(value, toNumber(at))) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lineIntegers(
  { multipliers, offsets, shift, low, high, exactness }: Rule & { kind: "line" },
  inputs: readonly Range[],
): Pick<RuleIntegers, "requantization" | "range"> {
  const channels = Math.max(...[...multipliers, offsets, low, high].map((list) => list.length));
  const reached: Range[] = [];
  let largest = 0;
  for (let c = 0; c < channels; c++) {
    const parts = inputs.map((input, i) => {
      const factor = pick(pick(multipliers, i), c);
      const ends = [input.low * factor, input.high * factor];
      return { low: Math.min(...ends), high: Math.max(...ends) };
    });
    const offset = pick(offsets, c);
    const magnitudes = parts.map((part) => Math.max(-part.low, part.high));
    largest = Math.max(
      largest,
      magnitudes.reduce((a, b) => a + b, Math.abs(offset)),
    );
    const clamp = (x: number) => Math.min(pick(high, c), Math.max(pick(low, c), x));
    const level = (ends: readonly number[]): number =>
      clamp(Math.floor(ends.reduce((a, b) => a + b, offset) / 2 ** shift));
    reached.push({
      low: level(parts.map((part) => part.low)),
      high: level(parts.map((part) => part.high)),
    });
  }
  return {
    requantization: {
      kind: "fixed-point",
      multipliers: multipliers.map(perChannel),
      offsets: perChannel(offsets),
      shift,
      tieBand: 0,
      low: perChannel(low),
      high: perChannel(high),
      base: 0,
      step: 1,
      bits: signedBits(largest),
      exactness,
    },
    range: hull(reached),
  };
}
