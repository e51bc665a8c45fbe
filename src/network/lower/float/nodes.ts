import { fail } from "../../../diagnostics.js";
import type {
  ArithmeticNode,
  AveragePoolNode,
  BinaryNode,
  ClipNode,
  DequantizeNode,
  DivNode,
  MaxPoolNode,
  Origin,
  ReduceNode,
  RoundNode,
  UnaryNode,
} from "../../../graph/types.js";
import type { LoweringContext } from "../context.js";
import type { FloatValue, Value } from "../value.js";
import * as say from "./diagnostics.js";
import { binary, type Expression, scalar, scalarOf, unary } from "./expression.js";
import { reduced } from "./reduce.js";
import { storeIntegers } from "./store.js";
import { broadcast, constantFor, dequantized, fromReal, stored } from "./values.js";

type Computed =
  | ArithmeticNode
  | ClipNode
  | UnaryNode
  | BinaryNode
  | DivNode
  | ReduceNode
  | RoundNode
  | AveragePoolNode
  | MaxPoolNode;

export function computed(context: LoweringContext, node: Computed): FloatValue {
  switch (node.kind) {
    case "arithmetic":
      return arithmetic(context, node);
    case "clip":
      return clip(context, node);
    case "unary":
      return unaryFunction(context, node);
    case "round":
      return round(context, node);
    case "add":
    case "sub":
    case "mul":
    case "div":
      return withoutStraightThrough(context, node) ?? binaryOperation(context, node);
    case "reduce":
      return reduce(context, node, node.reduction, node.axes);
    case "averagePool":
      return reduce(context, node, "mean", wholePlane(context, node));
    case "maxPool":
      return reduce(context, node, "max", wholePlane(context, node));
    default:
      return node satisfies never;
  }
}

/**
 * A tensor in float32. One with an exact value is computed anew from its integers, operation by
 * operation as the file has it, as far back as there are only pointwise operators.
 */
export function floatInput(context: LoweringContext, name: string): FloatValue {
  const known = context.float(name);
  if (known !== undefined) return known;
  const value = context.value(name);
  if (value === undefined) throw new Error(`tensor ${name} has no value`);
  const made = value.kind === "float" ? value : again(context, name, value);
  context.setFloat(name, made);
  return made;
}

function again(context: LoweringContext, name: string, value: Value): FloatValue {
  const maker = context.graph.nodes.find((node) => node.output === name);
  switch (maker?.kind) {
    case "arithmetic":
    case "clip":
    case "unary":
    case "add":
    case "sub":
    case "mul":
      return computed(context, maker);
    case "dequantize":
      return dequantize(context, maker);
    default:
      if (value.kind === "integer") throw new Error(`tensor ${name} is no real number`);
      if (value.kind !== "real" || value.pool !== null)
        return fail(say.notInFloat(maker?.origin ?? { op: "Input", name }));
      return fromReal(value, ({ tensor }) =>
        tensor === "float" ? fail(say.inputTwice({ op: "Input", name })) : tensor,
      );
  }
}

function dequantize(context: LoweringContext, node: DequantizeNode): FloatValue {
  const value = context.value(node.input);
  if (value?.kind !== "integer") throw new Error(`tensor ${node.input} is no integer code`);
  if (node.scale.length > 1 || node.zero.length > 1) fail(say.notInFloat(node.origin));
  const expression = dequantized(value, Array.from(node.scale), Array.from(node.zero));
  return { ...value, kind: "float", expression, pending: [...value.pending, node.origin] };
}

function extended(value: FloatValue, expression: Expression, origin: Origin): FloatValue {
  return { ...value, expression, pending: [...value.pending, origin] };
}

function arithmetic(context: LoweringContext, node: ArithmeticNode): FloatValue {
  const value = floatInput(context, node.input);
  const constant = constantFor(context, node.constant, value);
  const moved = movedZero(value.expression, node, scalarOf(constant));
  if (moved !== null) return extended(value, moved, node.origin);
  const [a, b] = node.constantFirst ? [constant, value.expression] : [value.expression, constant];
  return extended(value, binary(node.operation, a, b), node.origin);
}

/** A zero point that is added to rounded numbers. */
function movedZero(
  expression: Expression,
  { operation, constantFirst }: ArithmeticNode,
  constant: number | null,
): Expression | null {
  if (expression.kind !== "rounded" || constant === null || !Number.isInteger(constant))
    return null;
  if (operation === "add") return { ...expression, zero: expression.zero + constant };
  if (operation === "sub" && !constantFirst) {
    return { ...expression, zero: expression.zero - constant };
  }
  return null;
}

function clip(context: LoweringContext, { input, low, high, origin }: ClipNode): FloatValue {
  const value = floatInput(context, input);
  const { expression } = value;
  if (expression.kind === "rounded") {
    const rounded = { ...value, expression: expression.a };
    return integers(context, rounded, low, high, expression.zero, origin);
  }
  const above = Number.isFinite(low) ? binary("max", expression, scalar(low)) : expression;
  const inside = Number.isFinite(high) ? binary("min", above, scalar(high)) : above;
  return extended(value, inside, origin);
}

/** A clip of rounded numbers: its integers are stored, and it is their value. */
function integers(
  context: LoweringContext,
  value: FloatValue,
  low: number,
  high: number,
  zero: number,
  origin: Origin,
): FloatValue {
  const tensor = storeIntegers(context, value, low, high, zero, origin);
  return stored({ ...value, pending: [] }, tensor);
}

function unaryFunction(context: LoweringContext, node: UnaryNode): FloatValue {
  const value = floatInput(context, node.input);
  const { function: called, origin } = node;
  const x = value.expression;
  switch (called.name) {
    case "abs":
    case "sqrt":
      return extended(value, unary(called.name, x), origin);
    case "reciprocal":
      return extended(value, binary("div", scalar(1), x), origin);
    case "power":
      return extended(value, power(x, called.exponent) ?? fail(say.notInFloat(origin)), origin);
    default:
      return fail(say.notInFloat(origin));
  }
}

/** Rounded numbers wait for the clip that follows; a clip to integers may also stand before. */
function round(context: LoweringContext, { input, origin }: RoundNode): FloatValue {
  const value = floatInput(context, input);
  const clipped = clipOf(value.expression);
  if (clipped === null) {
    return extended(value, { kind: "rounded", a: value.expression, zero: 0 }, origin);
  }
  const { a, low, high } = clipped;
  return integers(context, { ...value, expression: a }, low, high, 0, origin);
}

/** Whole powers as products, from the left; square roots, and their reciprocals. */
function power(x: Expression, exponent: number): Expression | null {
  if (exponent < 0) {
    const positive = power(x, -exponent);
    return positive && binary("div", scalar(1), positive);
  }
  if (exponent === 0.5) return unary("sqrt", x);
  if (!Number.isInteger(exponent) || exponent < 1 || exponent > 4) return null;
  let product = x;
  for (let n = 1; n < exponent; n++) product = binary("mul", product, x);
  return product;
}

/** The operand and the bounds, if the expression is a clip to integers: rounding may come after it. */
function clipOf(x: Expression): { a: Expression; low: number; high: number } | null {
  if (x.kind !== "binary" || x.op !== "min" || x.a.kind !== "binary" || x.a.op !== "max")
    return null;
  const [low, high] = [scalarOf(x.a.b), scalarOf(x.b)];
  if (low === null || high === null) return null;
  return Number.isInteger(low) && Number.isInteger(high) ? { a: x.a.a, low, high } : null;
}

function binaryOperation(context: LoweringContext, node: BinaryNode | DivNode): FloatValue {
  const operands = node.inputs.map((name) => floatInput(context, name));
  const shape = context.shapeOf(node.output);
  const { place, expressions } = broadcast(context, operands, shape, node.origin);
  const [a, b] = expressions;
  if (a === undefined || b === undefined) throw new Error("an operation has two operands");
  const pending = [...operands.flatMap((operand) => operand.pending), node.origin];
  return { kind: "float", ...place, shape, pending, expression: binary(node.kind, a, b) };
}

/**
 * `x + (q - x)`, how training lets gradients through a quantiser: it means q. In float32 it can be
 * off by a rounding, and would not be a multiple of the scale.
 */
function withoutStraightThrough(
  context: LoweringContext,
  node: BinaryNode | DivNode,
): FloatValue | null {
  if (node.kind !== "add") return null;
  const [first, second] = node.inputs;
  for (const [x, difference] of [
    [first, second],
    [second, first],
  ] as const) {
    const maker = context.graph.nodes.find((n) => n.output === difference);
    if (maker?.kind !== "sub" || maker.inputs[1] !== x) continue;
    const quantized = context.float(maker.inputs[0]);
    if (quantized === undefined || !isQuantized(context, quantized.expression)) continue;
    context.straightThrough.push(node.origin);
    return quantized;
  }
  return null;
}

/** Whether it is integers times something: what a quantiser and its dequantisation leave. */
function isQuantized(context: LoweringContext, expression: Expression): boolean {
  switch (expression.kind) {
    case "tensor":
      return context.tensor(expression.tensor).declared !== null;
    case "binary":
      return isQuantized(context, expression.a);
    case "constant":
    case "unary":
    case "rounded":
      return false;
    default:
      return expression satisfies never;
  }
}

function reduce(
  context: LoweringContext,
  { input, output, origin }: ReduceNode | AveragePoolNode | MaxPoolNode,
  reduction: ReduceNode["reduction"],
  axes: readonly number[],
): FloatValue {
  const value = floatInput(context, input);
  return reduced(context, value, reduction, axes, context.shapeOf(output), origin);
}

/** The axes of a plane that the window covers whole. */
function wholePlane(context: LoweringContext, node: AveragePoolNode | MaxPoolNode): number[] {
  const shape = context.shapeOf(node.input);
  const { kernel, pads } = node.window;
  const padded = Object.values(pads).some((pad) => pad !== 0);
  const whole = kernel[0] === shape.at(-2) && kernel[1] === shape.at(-1);
  if (padded || !whole) fail(say.notInFloat(node.origin));
  return [shape.length - 2, shape.length - 1];
}
