import { fail } from "../../../diagnostics.js";
import type {
  ArithmeticNode,
  BatchNormNode,
  ClipNode,
  Origin,
  PReluNode,
  UnaryNode,
} from "../../../graph/types.js";
import { pick, zip } from "../../channels.js";
import {
  add,
  divide,
  fromInteger,
  fromNumber,
  multiply,
  negate,
  type Rational,
  sign,
  sqrt,
  subtract,
  toNumber,
} from "../../rational.js";
import type { LoweringContext } from "../context.js";
import { allGo, compose, directionsOf, RISING, type Step, stepOf } from "../curve.js";
import { divisionByZero, notPerChannel } from "../diagnostics.js";
import { perChannelOf } from "../layout.js";
import { pointwiseInput } from "../materialize.js";
import type { Replay } from "../replay.js";
import { summed } from "../summed.js";
import {
  type CurveValue,
  clampValue,
  curveOf,
  NO_BIAS,
  NO_SCALE,
  type RealValue,
  scaleValue,
  spread,
} from "../value.js";
import { withoutPool } from "./pool.js";

export function lowerClip(context: LoweringContext, node: ClipNode): void {
  const value = pointwiseInput(context, node.input, node.origin);
  const { low, high } = node;
  const apply = (x: number): number => Math.min(Math.max(x, low), high);
  if (value.kind === "curve") {
    const floor = apply(value.curve.floor);
    setCurve(context, node, value, { apply, lists: 1, directions: RISING, floor, replayed: true });
    return;
  }
  const bound = (x: number): Rational | null => (Number.isFinite(x) ? fromNumber(x) : null);
  context.setValue(node.output, {
    ...clampValue(value, bound(low), bound(high)),
    replay: after(value.replay, apply),
    pending: [...value.pending, node.origin],
  });
}

/** A curved function of one tensor's elements, or of an exact sum of several. */
export function lowerUnary(context: LoweringContext, node: UnaryNode): void {
  const value = asCurve(context, node.input, node.origin);
  setCurve(context, node, value, stepOf(node.function, value.curve.floor));
}

export function lowerPrelu(context: LoweringContext, node: PReluNode): void {
  const value = asCurve(context, node.input, node.origin);
  const [ready, constant] = perChannel(context, value, node.slope, node.origin);
  const slopes = constant.map(toNumber);
  const rising = slopes.every((slope) => slope >= 0);
  setCurve(context, node, ready, {
    apply: (x, c) => (x < 0 ? pick(slopes, c) * x : x),
    lists: slopes.length,
    directions: rising ? RISING : null,
    floor: Math.min(0, ready.curve.floor),
    replayed: true,
  });
}

function asCurve(context: LoweringContext, name: string, origin: Origin): CurveValue {
  const value = pointwiseInput(context, name, origin);
  if (value.kind === "curve") return value;
  const single = summed(context, withoutPool(context, value, origin), origin);
  const curve = curveOf(single);
  if (curve === null) throw new Error("a sum of one term is a curve");
  return curve;
}

function setCurve(
  context: LoweringContext,
  { output, origin }: { readonly output: string; readonly origin: Origin },
  value: CurveValue,
  step: Step,
): void {
  context.setValue(output, {
    ...value,
    curve: compose(value.curve, step),
    pending: [...value.pending, origin],
  });
}

export function lowerArithmetic(context: LoweringContext, node: ArithmeticNode): void {
  const value = pointwiseInput(context, node.input, node.origin);
  const [ready, constant] = perChannel(context, value, node.constant, node.origin);
  const operands = constant.map(toNumber);
  if (node.operation === "div" && node.constantFirst) {
    lowerConstantDivided(context, node, ready, operands);
    return;
  }
  const [factor, offset] = factorAndOffset(node, constant);
  if (ready.kind === "curve") {
    const apply: Replay = (x, c) => exactly(node, x, pick(operands, c));
    const lists = operands.length;
    setCurve(context, node, ready, affineStep(apply, lists, factor, ready.curve.floor));
    return;
  }
  const replay = after(ready.replay, (x, c) => Math.fround(exactly(node, x, pick(operands, c))));
  applyAffine(context, node, ready, factor, offset, replay);
}

/** `constant / x`, a curve that has no value at 0. */
function lowerConstantDivided(
  context: LoweringContext,
  node: ArithmeticNode,
  ready: RealValue | CurveValue,
  operands: readonly number[],
): void {
  const value = ready.kind === "curve" ? ready : curveOf(summed(context, ready, node.origin));
  if (value === null) throw new Error("a sum of one term is a curve");
  setCurve(context, node, value, {
    apply: (x, c) => pick(operands, c) / x,
    lists: operands.length,
    directions: null,
    floor: Number.NEGATIVE_INFINITY,
    replayed: true,
  });
}

function affineStep(
  apply: Replay,
  lists: number,
  factor: readonly Rational[],
  floor: number,
  replayed = true,
): Step {
  const directions = directionsOf(factor);
  const ends = Array.from({ length: lists }, (_, c) => apply(floor, c));
  const least = ends.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const known = allGo(directions, 1) && !ends.some(Number.isNaN);
  return { apply, lists, directions, floor: known ? least : Number.NEGATIVE_INFINITY, replayed };
}

/** One more operator after those already replayed. */
function after(replay: Replay | null, operation: Replay): Replay | null {
  return replay && ((element, channel) => operation(replay(element, channel), channel));
}

/** The operator in doubles, which rounded once more are float32 arithmetic. */
function exactly({ operation, constantFirst }: ArithmeticNode, x: number, k: number): number {
  switch (operation) {
    case "add":
      return x + k;
    case "sub":
      return constantFirst ? k - x : x - k;
    case "mul":
      return x * k;
    case "div":
      return constantFirst ? k / x : x / k;
    default:
      return operation satisfies never;
  }
}

function factorAndOffset(
  node: ArithmeticNode,
  constant: readonly Rational[],
): [factor: readonly Rational[], offset: readonly Rational[]] {
  switch (node.operation) {
    case "add":
      return [NO_SCALE, constant];
    case "mul":
      return [constant, NO_BIAS];
    case "sub":
      return node.constantFirst ? [[fromInteger(-1)], constant] : [NO_SCALE, constant.map(negate)];
    case "div":
      if (constant.some((k) => sign(k) === 0)) {
        return fail(divisionByZero(node.origin, node.constant));
      }
      return [constant.map((k) => divide(fromInteger(1), k)), NO_BIAS];
    default:
      return node.operation satisfies never;
  }
}

export function lowerBatchNorm(context: LoweringContext, node: BatchNormNode): void {
  const value = pointwiseInput(context, node.input, node.origin);
  let ready = value;
  const along = (name: string): Rational[] => {
    const [spreadValue, list] = perChannel(context, ready, name, node.origin, 1);
    ready = spreadValue;
    return list;
  };
  const [gamma, beta, mean, variance] = [node.gamma, node.beta, node.mean, node.variance].map(
    along,
  );
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined) {
    throw new Error("BatchNorm has four constants");
  }
  const epsilon = fromNumber(node.epsilon);
  const deviation = variance.map((v) => sqrt(add(v, epsilon)));
  const factor = zip(gamma, deviation, divide);
  const offset = zip(beta, zip(mean, factor, multiply), subtract);
  // Runtimes fold BatchNorm in ways of their own, so there is no one float32 result to replay.
  if (ready.kind === "real") {
    applyAffine(context, node, ready, factor, offset, null);
    return;
  }
  const [factors, offsets] = [factor.map(toNumber), offset.map(toNumber)];
  const apply: Replay = (x, c) => x * pick(factors, c) + pick(offsets, c);
  const lists = Math.max(factors.length, offsets.length);
  setCurve(context, node, ready, affineStep(apply, lists, factor, ready.curve.floor, false));
}

function applyAffine(
  context: LoweringContext,
  node: ArithmeticNode | BatchNormNode,
  value: RealValue,
  factor: readonly Rational[],
  offset: readonly Rational[],
  replay: Replay | null,
): void {
  // A waiting MaxPool commutes with rising functions only.
  const falls = factor.some((k) => sign(k) < 0);
  const ready = falls ? withoutPool(context, value, node.origin) : value;
  context.setValue(node.output, {
    ...scaleValue(ready, factor, offset),
    replay,
    pending: [...ready.pending, node.origin],
  });
}

/**
 * A constant spread over the memory's channels, and the value whose lists it goes with: where the
 * constant differs within a channel, each element has a list of its own. `axis` is for constants
 * [channels] that run along an axis of the tensor instead of broadcasting from its end.
 */
function perChannel<T extends RealValue | CurveValue>(
  context: LoweringContext,
  value: T,
  name: string,
  origin: Origin,
  axis?: number,
): [value: T, constant: Rational[]] {
  const { data, shape } = context.constant(name);
  const aligned =
    axis === undefined ? shape : [data.length, ...value.shape.slice(axis + 1).map(() => 1)];
  const over = (period: number): number[] | null =>
    perChannelOf({ shape: aligned, data }, value.shape, value.order, period);
  const constant = over(value.period);
  if (constant !== null) return [value, constant.map(fromNumber)];
  const wide = spread(value);
  const each = over(wide.period) ?? fail(notPerChannel(origin, name));
  return [wide, each.map(fromNumber)];
}
