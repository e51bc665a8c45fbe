import { fail } from "../../../diagnostics.js";
import type { DenseNode } from "../../../graph/types.js";
import { toNumber } from "../../rational.js";
import type { TensorId } from "../../types.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import { sizeOf } from "../layout.js";
import { reorderColumns, trits } from "../nodes/linear.js";
import { apartForFloat, floatProduct } from "./diagnostics.js";
import { binary, branchesOf, type Expression, scalarOf } from "./expression.js";
import { floatInput } from "./nodes.js";
import { demandRounded, setFloat, sizeOfTensor } from "./values.js";

/** Integers that a product may take, and what is left to do to its sums. */
interface Factored {
  readonly tensor: TensorId;
  readonly zero: number;
  /** The operations on the integers, in their order, on a tensor of sums instead. */
  readonly restore: (sums: Expression) => Expression;
}

/**
 * A dense layer over integers times one float32 factor for each row. The product is one of integers;
 * then, in float32, come the operations by which the file made its input of those integers (division
 * by the row's scale), the weights' scale and the bias, each rounded once.
 */
export function lowerFloatDense(context: LoweringContext, node: DenseNode): void {
  const value = floatInput(context, node.input);
  const inputs = value.shape.at(-1) ?? 1;
  const size = sizeOf(value.shape);
  const positions = size / inputs;
  if (positions > 1 && value.order !== null) fail(apartForFloat(node.origin));
  demandRounded(value.expression, node.origin);
  const factored = factor(context, value.expression, size, positions);
  if (factored === null) fail(floatProduct(node.origin));
  const found = trits(context, node.weight, node.origin, (values) =>
    reorderColumns(values, value.order, inputs),
  );
  const extent = { height: 1, width: positions, channels: found.weights.outputs };
  const output = context.addTensor({ ...extent, declared: null });
  context.layers.push({
    kind: "dense",
    input: factored.tensor,
    zero: factored.zero,
    weights: found.weights,
    positions,
    rule: null,
    output,
    origins: mergeOrigins(value.pending, [node.origin]),
  });
  const scales = listOf(found.scales.map(toNumber));
  const sums = factored.restore({ kind: "tensor", tensor: output });
  const scaled = scalarOf(scales) === 1 ? sums : binary("mul", sums, scales);
  const bias = node.bias === null ? null : listOf(Array.from(context.constant(node.bias).data));
  const expression = bias === null ? scaled : binary("add", scaled, bias);
  const shape = context.shapeOf(node.output);
  const pending = [node.origin];
  const made = { kind: "float", shape, order: null, extent, pending, expression } as const;
  setFloat(context, node.output, made, node.origin);
}

/** One number where all are equal. */
function listOf(values: readonly number[]): Expression {
  const equal = values.every((value) => Object.is(value, values[0]));
  return { kind: "constant", values: Float32Array.from(equal ? values.slice(0, 1) : values) };
}

function factor(
  context: LoweringContext,
  expression: Expression,
  size: number,
  positions: number,
): Factored | null {
  if (expression.kind === "tensor") {
    const { tensor } = expression;
    const isInteger = context.tensor(tensor).declared !== null;
    const whole = sizeOfTensor(context, tensor) === size;
    return isInteger && whole ? { tensor, zero: 0, restore: (sums) => sums } : null;
  }
  if (expression.kind !== "binary") return null;
  const { op, a, b } = expression;
  const inner = factor(context, a, size, positions);
  if (inner !== null && op === "sub" && a.kind === "tensor") {
    const zero = scalarOf(b);
    return zero !== null && Number.isInteger(zero) ? { ...inner, zero } : null;
  }
  if (inner !== null && (op === "mul" || op === "div") && isByRow(context, b, positions)) {
    return { ...inner, restore: (sums) => binary(op, inner.restore(sums), b) };
  }
  if (op !== "mul" || inner !== null || !isByRow(context, a, positions)) return null;
  const other = factor(context, b, size, positions);
  return other && { ...other, restore: (sums) => binary("mul", a, other.restore(sums)) };
}

/** Whether it is the same number for a whole row. */
function isByRow(context: LoweringContext, expression: Expression, positions: number): boolean {
  return branchesOf(expression).every((e) => {
    if (e.kind === "constant") return e.values.length === 1;
    if (e.kind !== "tensor") return e.kind !== "rounded";
    const size = sizeOfTensor(context, e.tensor);
    return size === 1 || size === positions;
  });
}
