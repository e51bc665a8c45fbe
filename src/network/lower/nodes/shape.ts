import { fail } from "../../../diagnostics.js";
import type { HeadNode, ReshapeNode, TransposeNode } from "../../../graph/types.js";
import type { LoweringContext } from "../context.js";
import { headInside } from "../diagnostics.js";
import { transposed } from "../layout.js";
import type { Value } from "../value.js";

/** Reshaping and transposing move nothing: only the model's view of the memory changes. */
export function lowerReshape(context: LoweringContext, node: ReshapeNode): void {
  const value = valueAt(context, node.input);
  context.setValue(node.output, { ...value, shape: context.shapeOf(node.output) });
}

export function lowerTranspose(context: LoweringContext, node: TransposeNode): void {
  const value = valueAt(context, node.input);
  const order = transposed(value.order, value.shape, node.permutation);
  context.setValue(node.output, { ...value, order, shape: context.shapeOf(node.output) });
}

export function lowerHead(context: LoweringContext, node: HeadNode): void {
  if (node.output !== context.graph.output) fail(headInside(node.origin));
  context.head = { kind: node.kind, input: node.input };
}

function valueAt(context: LoweringContext, name: string): Value {
  const value = context.value(name);
  if (value === undefined) throw new Error(`tensor ${name} has no value`);
  return value;
}
