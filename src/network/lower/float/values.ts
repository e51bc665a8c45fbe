import { fail } from "../../../diagnostics.js";
import type { Origin } from "../../../graph/types.js";
import { pick } from "../../channels.js";
import type { FloatStore } from "../../float.js";
import { divide, floor, negate, sign, toNumber } from "../../rational.js";
import type { IntegerStorage, Range, TensorId } from "../../types.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import { type Extent, type Order, perElementOf, sizeOf } from "../layout.js";
import type { FloatValue, IntegerValue, RealValue, ValueBase } from "../value.js";
import { apartForFloat, roundWithoutClip } from "./diagnostics.js";
import { binary, branchesOf, type Expression, programOf, scalar } from "./expression.js";

/** The elements of a stored tensor as float32 numbers. */
export function stored(base: ValueBase, tensor: TensorId): FloatValue {
  const { shape, order, extent, pending } = base;
  return { kind: "float", shape, order, extent, pending, expression: { kind: "tensor", tensor } };
}

/** `scale * (tensor - zero)` of integers that a quantiser left, as DequantizeLinear computes it. */
export function dequantized(
  value: IntegerValue,
  scales: readonly number[],
  zeros: readonly number[],
): Expression {
  const integers: Expression = { kind: "tensor", tensor: value.tensor };
  const shifted = zeros.every((zero) => zero === 0)
    ? integers
    : binary("sub", integers, constantOf(zeros));
  return scales.every((scale) => scale === 1)
    ? shifted
    : binary("mul", shifted, constantOf(scales));
}

function constantOf(values: readonly number[]): Expression {
  const [first] = values;
  const single = values.every((value) => Object.is(value, first));
  return { kind: "constant", values: Float32Array.from(single ? values.slice(0, 1) : values) };
}

/**
 * An exact function of integer tensors in float32: each tensor times its scale, where the file says
 * so less its zero point, their sum in order, the bias, the clamps. Scales and bias are the exact
 * ones, rounded once.
 */
export function fromReal(
  value: RealValue,
  tensorOf: (term: RealValue["terms"][number]) => TensorId,
): FloatValue {
  const numbers = (list: RealValue["bias"]): Expression => constantOf(list.map(toNumber));
  const zero = zeroOf(value);
  const terms = value.terms.map((term): Expression => {
    const integers: Expression = { kind: "tensor", tensor: tensorOf(term) };
    const shifted = zero === 0 ? integers : binary("sub", integers, scalar(zero ?? 0));
    return binary("mul", shifted, numbers(term.scales));
  });
  let sum = terms.reduce((a, b) => binary("add", a, b));
  if (zero === null) sum = binary("add", sum, numbers(value.bias));
  return { ...value, kind: "float", expression: clamped(sum, value.low, value.high) };
}

/** The integer that stands for 0 in the only term; 0 where there is no bias, null if none does. */
function zeroOf({ terms, bias }: RealValue): number | null {
  if (bias.every((b) => sign(b) === 0)) return 0;
  const [term] = terms;
  if (term === undefined || terms.length > 1 || term.scales.length > 1 || bias.length > 1)
    return null;
  const scale = pick(term.scales, 0);
  if (sign(scale) === 0) return null;
  const zero = divide(negate(pick(bias, 0)), scale);
  const whole = floor(zero);
  const small = whole > -(2n ** 24n) && whole < 2n ** 24n;
  return small && whole * zero.den === zero.num ? Number(whole) : null;
}

function clamped(a: Expression, low: RealValue["low"], high: RealValue["high"]): Expression {
  const bound = (list: RealValue["low"], otherwise: number): Expression | null =>
    list.every((b) => b === null)
      ? null
      : constantOf(list.map((b) => (b === null ? otherwise : toNumber(b))));
  const [least, most] = [bound(low, -LARGEST_FLOAT32), bound(high, LARGEST_FLOAT32)];
  const above = least === null ? a : binary("max", a, least);
  return most === null ? above : binary("min", above, most);
}

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** A constant of the model that broadcasts to a value's shape, in the order of the value's memory. */
export function constantFor(
  context: LoweringContext,
  name: string,
  { shape, order, extent }: Pick<FloatValue, "shape" | "order" | "extent">,
): Expression {
  const all = perElementOf(context.constant(name), shape, order);
  const last = shape.at(-1) ?? 1;
  const period = [1, last, extent.channels].find((length) =>
    all.every((value, i) => Object.is(value, all[i % length])),
  );
  return { kind: "constant", values: Float32Array.from(all.slice(0, period ?? all.length)) };
}

/**
 * The values of the operands of an operation, each for every element of a result of that shape. An
 * operand with fewer elements (one for each row, or a single one) repeats them for a run.
 */
export function broadcast(
  context: LoweringContext,
  operands: readonly FloatValue[],
  shape: readonly number[],
  origin: Origin,
): { readonly place: { order: Order; extent: Extent }; readonly expressions: Expression[] } {
  const size = sizeOf(shape);
  const whole = operands.filter((operand) => sizeOf(operand.shape) === size);
  const [first] = whole;
  if (first === undefined) return fail(apartForFloat(origin));
  const expressions = operands.map((operand) => {
    if (sizeOf(operand.shape) === size) {
      return sameOrderAs(first.order, operand.order)
        ? operand.expression
        : fail(apartForFloat(origin));
    }
    if (!isPrefix(operand.shape, shape) || operand.order !== null) fail(apartForFloat(origin));
    if (sizeOf(operand.shape) > 1 && first.order !== null) fail(apartForFloat(origin));
    return withoutLists(context, operand, origin).expression;
  });
  return { place: { order: first.order, extent: first.extent }, expressions };
}

function sameOrderAs(a: Order, b: Order): boolean {
  return a === b || (a !== null && b !== null && a.every((v, i) => v === b[i]));
}

/** Whether a tensor of shape `part` holds one element for each run of elements of `whole`. */
function isPrefix(part: readonly number[], whole: readonly number[]): boolean {
  const lead = whole.length - part.length;
  const full = [...new Array<number>(lead).fill(1), ...part];
  const split = full.findLastIndex((extent) => extent !== 1) + 1;
  return full.every((extent, axis) => (axis < split ? extent === whole[axis] : true));
}

/** Constants that run along an operand's own elements have no place in a larger program. */
function withoutLists(context: LoweringContext, value: FloatValue, origin: Origin): FloatValue {
  const lists = branchesOf(value.expression).some(
    (e) => e.kind === "constant" && e.values.length > 1,
  );
  return lists ? materialized(context, value, origin) : value;
}

/** Stores a float32 value in a tensor of its own, unless it is one. */
export function materialized(
  context: LoweringContext,
  value: FloatValue,
  origin: Origin,
): FloatValue {
  const { expression } = value;
  if (expression.kind === "tensor" && context.tensor(expression.tensor).float32) return value;
  const output = context.addTensor({ ...value.extent, declared: null, float32: true });
  pushPointwise(context, value, { kind: "float32" }, output, origin);
  return stored({ ...value, pending: [] }, output);
}

/** Stores the integers that a float32 value is rounded to. */
export function quantizedTo(
  context: LoweringContext,
  value: FloatValue,
  store: FloatStore,
  declared: { readonly range: Range; readonly type: IntegerStorage },
  origin: Origin,
): TensorId {
  const output = context.addTensor({ ...value.extent, declared });
  pushPointwise(context, value, store, output, origin);
  return output;
}

function pushPointwise(
  context: LoweringContext,
  value: FloatValue,
  store: FloatStore,
  output: TensorId,
  origin: Origin,
): void {
  demandRounded(value.expression, origin);
  const { program, inputs } = programOf(value.expression);
  const origins = mergeOrigins(value.pending, [origin]);
  context.layers.push({ kind: "pointwise", inputs, program, store, output, origins });
}

/** Every Round must have met its Clip. */
export function demandRounded(expression: Expression, origin: Origin): void {
  if (branchesOf(expression).some((e) => e.kind === "rounded")) fail(roundWithoutClip(origin));
}

/** Above this many operations for each element, a value that several nodes read is stored. */
const CHEAP = 2;

/** The value under its name; one that is dear and read more than once is computed once. */
export function setFloat(
  context: LoweringContext,
  name: string,
  value: FloatValue,
  origin: Origin,
): void {
  const readers = context.graph.nodes.filter((node) =>
    "inputs" in node ? node.inputs.includes(name) : node.input === name,
  ).length;
  const size = sizeOf(value.shape);
  const dear = readers > 1 && operationsOf(context, value.expression, size) > CHEAP;
  context.setFloat(name, dear ? materialized(context, value, origin) : value);
}

/** Operations for each element; those for each row hardly count. */
function operationsOf(context: LoweringContext, root: Expression, size: number): number {
  const varying = new Set<Expression>();
  let count = 0;
  for (const e of branchesOf(root)) {
    if (e.kind === "rounded") return 0;
    if (e.kind === "constant" && e.values.length > 1) varying.add(e);
    if (e.kind === "tensor" && sizeOfTensor(context, e.tensor) === size) varying.add(e);
    if (e.kind === "unary" && varying.has(e.a)) varying.add(e);
    if (e.kind === "binary" && (varying.has(e.a) || varying.has(e.b))) varying.add(e);
    if (varying.has(e) && (e.kind === "unary" || e.kind === "binary")) count++;
  }
  return count;
}

export function sizeOfTensor(context: LoweringContext, tensor: TensorId): number {
  const { height, width, channels } = context.tensor(tensor);
  return height * width * channels;
}
