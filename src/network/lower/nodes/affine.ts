import { fail } from "../../../diagnostics.js";
import type {
  AddNode,
  ArithmeticNode,
  BatchNormNode,
  ClipNode,
  Origin,
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
import {
  apartInMemory,
  constantDivided,
  divisionByZero,
  inputNotQuantised,
  notPerChannel,
  tooManyOperands,
} from "../diagnostics.js";
import { perChannelOf, sameExtent, sameOrder } from "../layout.js";
import { arranged, isPerTensor, realInput } from "../materialize.js";
import { linearized } from "../refine.js";
import type { Replay } from "../replay.js";
import { addValues, clampValue, NO_BIAS, NO_SCALE, type RealValue, scaleValue } from "../value.js";
import { withoutPool } from "./pool.js";

export function lowerClip(context: LoweringContext, node: ClipNode): void {
  const value = realInput(context, node.input, node.origin);
  const bound = (x: number): Rational | null => (Number.isFinite(x) ? fromNumber(x) : null);
  context.setValue(node.output, {
    ...clampValue(value, bound(node.low), bound(node.high)),
    replay: after(value.replay, (x) => Math.min(Math.max(x, node.low), node.high)),
    pending: [...value.pending, node.origin],
  });
}

export function lowerArithmetic(context: LoweringContext, node: ArithmeticNode): void {
  const value = realInput(context, node.input, node.origin);
  const constant = perChannel(context, value, node.constant, node.origin);
  const [factor, offset] = factorAndOffset(node, constant);
  const operands = constant.map(toNumber);
  const replay = after(value.replay, (x, c) => float32(node, x, pick(operands, c)));
  applyAffine(context, node, value, factor, offset, replay);
}

/** One more operator after those already replayed. */
function after(replay: Replay | null, operation: Replay): Replay | null {
  return replay && ((element, channel) => operation(replay(element, channel), channel));
}

/** The operator as a float32 runtime computes it: doubles hold every intermediate result. */
function float32({ operation, constantFirst }: ArithmeticNode, x: number, k: number): number {
  switch (operation) {
    case "add":
      return Math.fround(x + k);
    case "sub":
      return Math.fround(constantFirst ? k - x : x - k);
    case "mul":
      return Math.fround(x * k);
    case "div":
      return Math.fround(constantFirst ? k / x : x / k);
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
      if (node.constantFirst) return fail(constantDivided(node.origin));
      if (constant.some((k) => sign(k) === 0)) {
        return fail(divisionByZero(node.origin, node.constant));
      }
      return [constant.map((k) => divide(fromInteger(1), k)), NO_BIAS];
    default:
      return node.operation satisfies never;
  }
}

export function lowerBatchNorm(context: LoweringContext, node: BatchNormNode): void {
  const value = realInput(context, node.input, node.origin);
  const along = (name: string): Rational[] => perChannel(context, value, name, node.origin, 1);
  const epsilon = fromNumber(node.epsilon);
  const deviation = along(node.variance).map((v) => sqrt(add(v, epsilon)));
  const factor = zip(along(node.gamma), deviation, divide);
  const offset = zip(along(node.beta), zip(along(node.mean), factor, multiply), subtract);
  // Runtimes fold BatchNorm in ways of their own, so there is no one float32 result to replay.
  applyAffine(context, node, value, factor, offset, null);
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
 * A constant spread over the memory's channels. `axis` is for constants [channels] that run along an
 * axis of the tensor instead of broadcasting from its end.
 */
function perChannel(
  context: LoweringContext,
  value: RealValue,
  name: string,
  origin: Origin,
  axis?: number,
): Rational[] {
  const { data, shape } = context.constant(name);
  const aligned =
    axis === undefined ? shape : [data.length, ...value.shape.slice(axis + 1).map(() => 1)];
  const spread = perChannelOf(
    { shape: aligned, data },
    value.shape,
    value.order,
    value.extent.channels,
  );
  if (spread === null) return fail(notPerChannel(origin, name));
  return spread.map(fromNumber);
}

/** A residual addition: stays a sum of two integer tensors until its quantiser. */
export function lowerAdd(context: LoweringContext, node: AddNode): void {
  const [a, b] = node.inputs.map((name) => {
    const value = realInput(context, name, node.origin);
    if (value.terms.some((t) => t.tensor === "float")) fail(inputNotQuantised(node.origin));
    return linearized(context, withoutPool(context, value, node.origin), 2, node.origin);
  });
  if (a === undefined || b === undefined) throw new Error("an addition has two operands");
  const [stays, moves] = sidesOf(a, b, node.origin);
  const terms = moves.terms.map((term) => {
    if (term.tensor === "float") return fail(inputNotQuantised(node.origin));
    const { order, extent } = stays;
    return { ...term, tensor: arranged(context, term.tensor, moves, order, extent, node.origin) };
  });
  const sum = addValues(stays, { ...moves, terms });
  if (sum.terms.length > 2) fail(tooManyOperands(node.origin));
  context.setValue(node.output, { ...sum, pending: [...sum.pending, node.origin] });
}

/**
 * The operand that stays where it stands in memory, and the one that is brought there: scales for
 * each channel mean the channels of their own place.
 */
function sidesOf(
  a: RealValue,
  b: RealValue,
  origin: Origin,
): readonly [stays: RealValue, moves: RealValue] {
  if (sameOrder(a.order, b.order) && sameExtent(a.extent, b.extent)) return [a, b];
  const movable = ({ terms, bias }: RealValue): boolean =>
    terms.every(({ scales }) => isPerTensor({ scales, bias }));
  if (movable(b)) return [a, b];
  return movable(a) ? [b, a] : fail(apartInMemory(origin));
}
