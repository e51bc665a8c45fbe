import { fail } from "../../../diagnostics.js";
import type { BinaryNode, Origin } from "../../../graph/types.js";
import { pick } from "../../channels.js";
import { fromInteger, multiply, type Rational } from "../../rational.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import { combine, compose, stepOf } from "../curve.js";
import { apartInMemory, floatActivation, inputNotQuantised } from "../diagnostics.js";
import { type Extent, type Order, sameExtent, sameOrder } from "../layout.js";
import {
  arranged,
  integerZero,
  isPerTensor,
  type Operand,
  operand,
  pointwiseInput,
} from "../materialize.js";
import { linearized, onOneGrid } from "../refine.js";
import { summed } from "../summed.js";
import { tabulated } from "../tabulate.js";
import {
  addValues,
  type CurveValue,
  curveOf,
  hasClamp,
  NO_BIAS,
  type RealValue,
  realOf,
  scaleValue,
  spread,
} from "../value.js";
import { broadcasted } from "./move.js";
import { withoutPool } from "./pool.js";

/** Two functions of one stored element are one function; sums and products of tensors are layers. */
export function lowerBinary(context: LoweringContext, node: BinaryNode): void {
  const [a, b] = node.inputs.map((name) => pointwiseInput(context, name, node.origin));
  if (a === undefined || b === undefined) throw new Error("a binary node has two operands");
  if (combined(context, node, a, b)) return;
  if (node.kind === "mul") lowerProduct(context, node, a, b);
  else lowerSum(context, node, a, b);
}

/** Whether both were functions of the same stored element, and now are one. */
function combined(
  context: LoweringContext,
  node: BinaryNode,
  a: RealValue | CurveValue,
  b: RealValue | CurveValue,
): boolean {
  const linear = [a, b].every((value) => value.kind === "real" && !hasClamp(value));
  if (node.kind !== "mul" && linear) return false;
  const [left, right] = [a, b].map((value) => (value.kind === "curve" ? value : curveOf(value)));
  if (!left || !right || left.pool !== null || right.pool !== null) return false;
  const same = left.tensor === right.tensor && sameOrder(left.order, right.order);
  if (!same || !sameExtent(left.extent, right.extent)) return false;
  const [first, second] = left.period === right.period ? [left, right] : [left, right].map(spread);
  if (first === undefined || second === undefined) return false;
  const square = node.kind === "mul" && node.inputs[0] === node.inputs[1];
  const step = stepOf({ name: "power", exponent: 2 }, first.curve.floor);
  context.setValue(node.output, {
    ...first,
    shape: context.shapeOf(node.output),
    curve: square ? compose(first.curve, step) : combine(first.curve, second.curve, node.kind),
    pending: mergeOrigins(first.pending, second.pending, [node.origin]),
  });
  return true;
}

const MINUS_ONE: readonly Rational[] = [fromInteger(-1)];

/** A residual addition: stays a sum of two integer tensors until its quantiser. */
function lowerSum(
  context: LoweringContext,
  node: BinaryNode,
  left: RealValue | CurveValue,
  right: RealValue | CurveValue,
): void {
  const { origin } = node;
  const shape = context.shapeOf(node.output);
  const [a, b] = [left, right].map((value) => {
    const real = value.kind === "curve" ? tabulated(context, value, origin) : value;
    if (real.terms.some((t) => t.tensor === "float")) fail(inputNotQuantised(origin));
    const plain = hasClamp(real) ? summed(context, real, origin) : real;
    return linearized(context, withoutPool(context, plain, origin), 2, origin);
  });
  if (a === undefined || b === undefined) throw new Error("a sum has two operands");
  const subtrahend = node.kind === "sub" ? scaleValue(b, MINUS_ONE, NO_BIAS) : b;
  const [stays, moves] = sidesOf(context, a, subtrahend, shape, origin);
  const [base, other] =
    stays.period === moves.period ? [stays, moves] : [spread(stays), spread(moves)];
  const terms = other.terms.map((term) => {
    if (term.tensor === "float") return fail(inputNotQuantised(origin));
    const { order, extent } = stays;
    const tensor = moves.broadcast
      ? term.tensor
      : arranged(context, term.tensor, moves, order, extent, origin);
    return { ...term, tensor };
  });
  const sum = addValues({ ...base, shape }, { ...other, terms });
  const ready = sum.terms.length > 2 ? summed(context, sum, origin) : sum;
  context.setValue(node.output, { ...ready, pending: [...ready.pending, origin] });
}

/** An operand that is brought to where the other stands, or taken again at every position. */
type Moving = RealValue & { readonly broadcast: boolean };

/**
 * The operand that stays where it stands in memory, and the one that is brought there: scales for
 * each channel mean the channels of their own place.
 */
function sidesOf(
  context: LoweringContext,
  a: RealValue,
  b: RealValue,
  shape: readonly number[],
  origin: Origin,
): readonly [stays: RealValue, moves: Moving] {
  const [large, small] = sizeIs(a, shape) ? [a, b] : [b, a];
  if (isGate(small, large, shape)) return [large, { ...small, broadcast: true }];
  const whole = (value: RealValue): RealValue =>
    sizeIs(value, shape) ? value : broadcasted(context, value, shape, large, origin);
  const [x, y] = [whole(a), whole(b)];
  const still = { ...y, broadcast: false };
  if (sameOrder(x.order, y.order) && sameExtent(x.extent, y.extent)) return [x, still];
  const movable = ({ terms, bias }: RealValue): boolean =>
    terms.every(({ scales }) => isPerTensor({ scales, bias }));
  if (movable(y)) return [x, still];
  return movable(x) ? [y, { ...x, broadcast: false }] : fail(apartInMemory(origin));
}

function sizeIs(value: { readonly shape: readonly number[] }, shape: readonly number[]): boolean {
  return count(value.shape) === count(shape);
}

function count(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/**
 * Whether a vector [1, C, 1, 1] meets the channels of a larger operand where they stand in memory:
 * then it is read again at every position.
 */
export function isGate(
  small: { readonly shape: readonly number[]; readonly order: Order; readonly extent: Extent },
  large: { readonly shape: readonly number[]; readonly order: Order; readonly extent: Extent },
  shape: readonly number[],
): boolean {
  const { channels } = large.extent;
  if (!sizeIs(large, shape) || sizeIs(small, shape) || count(small.shape) !== channels)
    return false;
  if (small.order !== null) return false;
  const strides = small.shape.map((_, axis) => count(small.shape.slice(axis + 1)));
  const lead = shape.length - small.shape.length;
  for (let i = 0; i < count(shape); i++) {
    let rest = i;
    let at = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis] ?? 1;
      const position = rest % extent;
      rest = Math.floor(rest / extent);
      const own = small.shape[axis - lead] ?? 1;
      if (own > 1) at += position * (strides[axis - lead] ?? 0);
    }
    if (at !== (large.order === null ? i : (large.order[i] ?? 0)) % channels) return false;
  }
  return true;
}

/** `scale_a * scale_b * (a - zero_a) * (b - zero_b)`: an accumulator of its own. */
function lowerProduct(
  context: LoweringContext,
  node: BinaryNode,
  left: RealValue | CurveValue,
  right: RealValue | CurveValue,
): void {
  const { origin } = node;
  const shape = context.shapeOf(node.output);
  const [a, b] = [left, right].map((value) => {
    const real = value.kind === "curve" ? tabulated(context, value, origin) : value;
    return summed(context, withoutPool(context, real, origin), origin);
  });
  if (a === undefined || b === undefined) throw new Error("a product has two operands");
  const [large, small] = sizeIs(a, shape) ? [a, b] : [b, a];
  const gate = isGate(small, large, shape);
  const whole = sizeIs(large, shape) ? large : broadcasted(context, large, shape, large, origin);
  const other =
    gate || sizeIs(small, shape) ? small : broadcasted(context, small, shape, whole, origin);
  const first = factor(context, whole, origin, whole);
  const second = gate
    ? factor(context, other, origin, other)
    : factor(context, other, origin, whole);
  const zeros = [integerZero(first), integerZero(second)].map((zero) => zero ?? 0);
  const output = context.addTensor({ ...whole.extent, declared: null });
  context.layers.push({
    kind: "product",
    inputs: [first.tensor, second.tensor],
    zeros: [pick(zeros, 0), pick(zeros, 1)],
    rule: null,
    output,
    origins: mergeOrigins(first.pending, second.pending, [origin]),
  });
  const lists = Math.max(first.scales.length, second.scales.length);
  const scales = Array.from({ length: lists }, (_, c) =>
    multiply(pick(first.scales, c), pick(second.scales, c)),
  );
  const base = { shape, order: whole.order, extent: whole.extent, pending: [] };
  context.setValue(node.output, realOf(base, [{ tensor: output, scales }], NO_BIAS));
}

/** A factor as integers whose zero is whole, where the other one stands. */
function factor(
  context: LoweringContext,
  value: RealValue,
  origin: Origin,
  { order, extent }: { readonly order: Order; readonly extent: Extent },
): Operand {
  const plain = operand(context, value, origin, order, extent);
  if (integerZero(plain) !== null) return plain;
  const refined = onOneGrid(context, plain, origin);
  return refined ?? fail(floatActivation(origin, "a factor of its product is not quantised"));
}
