import type { Origin, Window } from "../../graph/types.js";
import { pick, zip } from "../channels.js";
import type { SumRule } from "../lines.js";
import {
  add,
  equal,
  max,
  min,
  multiply,
  ONE,
  type Rational,
  sign,
  toNumber,
  ZERO,
} from "../rational.js";
import type { TensorId } from "../types.js";
import { type Curve, directionsOf } from "./curve.js";
import type { Expression } from "./float/expression.js";
import { type Extent, type Order, sizeOf } from "./layout.js";
import type { Replay } from "./replay.js";

/** One rational for all channels, or one for each. */
export type PerChannelRational = readonly Rational[];

export interface ValueBase {
  readonly shape: readonly number[];
  readonly order: Order;
  readonly extent: Extent;
  /** Nodes whose work is described by this value but not yet part of any layer. */
  readonly pending: readonly Origin[];
}

/** A tensor of integers, as a quantiser leaves it. */
export interface IntegerValue extends ValueBase {
  readonly kind: "integer";
  readonly tensor: TensorId;
}

/**
 * A real tensor of the model as an exact function of integer tensors:
 * `clamp(sum of scales[i][c] * x_i + bias[c], low[c], high[c])`, then, if `pool` is set, the maximum
 * over its windows. `tensor: "float"` stands for the model's own float input.
 */
export interface RealValue extends ValueBase {
  readonly kind: "real";
  readonly terms: readonly Term[];
  readonly bias: PerChannelRational;
  readonly low: readonly (Rational | null)[];
  readonly high: readonly (Rational | null)[];
  readonly pool: Window | null;
  /** Length of lists for each channel: the channels, or all elements where each has its own. */
  readonly period: number;
  /** Set where only pointwise operators lie between one stored element and the value. */
  readonly replay: Replay | null;
}

export interface Term {
  readonly tensor: TensorId | "float";
  readonly scales: PerChannelRational;
}

/** A real tensor as a function of one integer tensor that is no line (`pool` as above). */
export interface CurveValue extends ValueBase {
  readonly kind: "curve";
  readonly tensor: TensorId | "float";
  readonly curve: Curve;
  readonly period: number;
  readonly pool: Window | null;
}

/**
 * A tensor of the model that has no exact value: what its own float32 operators, one by one, make of
 * stored tensors.
 */
export interface FloatValue extends ValueBase {
  readonly kind: "float";
  readonly expression: Expression;
}

export type Value = IntegerValue | RealValue | CurveValue | FloatValue;

/** A real value of one tensor as a curve; null if it is a sum of several. */
export function curveOf(value: RealValue): CurveValue | null {
  const [term, ...more] = value.terms;
  if (term === undefined || more.length > 0) return null;
  const scale = term.scales.map(toNumber);
  const bias = value.bias.map(toNumber);
  const low = value.low.map((r) => (r === null ? Number.NEGATIVE_INFINITY : toNumber(r)));
  const high = value.high.map((r) => (r === null ? Number.POSITIVE_INFINITY : toNumber(r)));
  const curve: Curve = {
    value: (q, c) =>
      Math.min(pick(high, c), Math.max(pick(low, c), q * pick(scale, c) + pick(bias, c))),
    replay: value.replay,
    lists: Math.max(scale.length, bias.length, low.length, high.length),
    directions: directionsOf(term.scales),
    floor: Math.min(...low),
  };
  const { shape, order, extent, pending, period, pool } = value;
  return {
    kind: "curve",
    tensor: term.tensor,
    curve,
    shape,
    order,
    extent,
    pending,
    period,
    pool,
  };
}

/** The value with a list of its own for every element of the memory. */
export function spread<T extends RealValue | CurveValue>(value: T): T {
  const elements = sizeOf(value.shape);
  const old = value.period;
  const each = <E>(list: readonly E[]): readonly E[] =>
    list.length === 1 ? list : Array.from({ length: elements }, (_, i) => pick(list, i % old));
  if (value.kind === "curve") {
    const { curve } = value;
    const own = (i: number): number => (curve.lists === 1 ? 0 : i % old);
    const replay = curve.replay;
    const wide: Curve = {
      ...curve,
      value: (q, i) => curve.value(q, own(i)),
      replay: replay && ((q, i) => replay(q, own(i))),
      lists: curve.lists === 1 ? 1 : elements,
      directions: curve.directions && each(curve.directions),
    };
    return { ...value, curve: wide, period: elements };
  }
  return {
    ...value,
    terms: value.terms.map((t) => ({ ...t, scales: each(t.scales) })),
    bias: each(value.bias),
    low: each(value.low),
    high: each(value.high),
    replay: value.replay && spreadReplay(value.replay, old),
    period: elements,
  };
}

function spreadReplay(replay: Replay, period: number): Replay {
  return (element, i) => replay(element, i % period);
}

/** True if one value serves every channel. */
export function isUniform(list: PerChannelRational): boolean {
  const first = list[0];
  return first !== undefined && list.every((r) => equal(r, first));
}

export function hasClamp(value: RealValue): boolean {
  return value.low.some((r) => r !== null) || value.high.some((r) => r !== null);
}

/**
 * `value * factor + offset`, channel by channel. A negative factor turns the clamps round. What
 * float32 makes of it is the caller's to say.
 */
export function scaleValue(
  value: RealValue,
  factor: PerChannelRational,
  offset: PerChannelRational,
): RealValue {
  const move = (bound: readonly (Rational | null)[]) =>
    zip(
      zip(bound, factor, (b, k) => (b === null ? null : multiply(b, k))),
      offset,
      (b, d) => (b === null ? null : add(b, d)),
    );
  const low = move(value.low);
  const high = move(value.high);
  const swapped = factor.map((k) => sign(k) < 0);
  return {
    ...value,
    replay: null,
    terms: value.terms.map((t) => ({ ...t, scales: zip(t.scales, factor, multiply) })),
    bias: zip(zip(value.bias, factor, multiply), offset, add),
    low: chooseBound(swapped, high, low),
    high: chooseBound(swapped, low, high),
  };
}

function chooseBound(
  swapped: readonly boolean[],
  ifSwapped: readonly (Rational | null)[],
  otherwise: readonly (Rational | null)[],
): (Rational | null)[] {
  const length = Math.max(swapped.length, otherwise.length);
  return Array.from({ length }, (_, c) =>
    pick(swapped, c) ? pick(ifSwapped, c) : pick(otherwise, c),
  );
}

/** `min(max(value, low), high)`; null is unbounded. */
export function clampValue(
  value: RealValue,
  low: Rational | null,
  high: Rational | null,
): RealValue {
  const into = (bound: Rational | null, whenNull: Rational | null): Rational | null => {
    if (bound === null) return whenNull;
    let inside = bound;
    if (low !== null) inside = max(inside, low);
    if (high !== null) inside = min(inside, high);
    return inside;
  };
  return {
    ...value,
    low: value.low.map((bound) => into(bound, low)),
    high: value.high.map((bound) => into(bound, high)),
  };
}

/** The sum of two real values of the same place and shape, without clamps. */
export function addValues(a: RealValue, b: RealValue): RealValue {
  const terms = [...a.terms];
  for (const term of b.terms) {
    const same = terms.findIndex((t) => t.tensor === term.tensor);
    const existing = terms[same];
    if (existing === undefined) terms.push(term);
    else terms[same] = { ...term, scales: zip(existing.scales, term.scales, add) };
  }
  return {
    ...a,
    replay: null,
    terms,
    bias: zip(a.bias, b.bias, add),
    pending: [...a.pending, ...b.pending],
  };
}

/** The value's rule for each channel, as one element where all channels agree. */
export function sumRules(value: RealValue): SumRule[] {
  const lists = [value.bias, value.low, value.high, ...value.terms.map((t) => t.scales)];
  const length = lists.every((list) => list.length === 1) ? 1 : value.period;
  return Array.from({ length }, (_, c) => ({
    scales: value.terms.map((t) => pick(t.scales, c)),
    bias: pick(value.bias, c),
    low: pick(value.low, c),
    high: pick(value.high, c),
  }));
}

/** `scale * (tensor - zero)` and nothing else: what a dequantised tensor is. */
export interface PlainValue {
  readonly tensor: TensorId;
  readonly scales: PerChannelRational;
  readonly bias: PerChannelRational;
}

/** The value as one integer tensor times a scale, or null if it is more than that. */
export function plainOf(value: RealValue): PlainValue | null {
  const [term] = value.terms;
  if (term === undefined || value.terms.length !== 1 || term.tensor === "float") return null;
  if (hasClamp(value) || value.pool !== null) return null;
  return { tensor: term.tensor, scales: term.scales, bias: value.bias };
}

export function realOf(
  base: ValueBase,
  terms: readonly Term[],
  bias: PerChannelRational,
): RealValue {
  return {
    ...base,
    kind: "real",
    terms,
    bias,
    low: [null],
    high: [null],
    pool: null,
    period: base.extent.channels,
    replay: null,
  };
}

export const NO_BIAS: PerChannelRational = [ZERO];
export const NO_SCALE: PerChannelRational = [ONE];
