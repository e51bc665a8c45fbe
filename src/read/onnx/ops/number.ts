import type { ArithmeticNode } from "../../../graph/types.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import { tensorOf } from "../tensor.js";
import type { RuntimeValue } from "../value.js";

export type Operation = ArithmeticNode["operation"];

export const RULES: Readonly<Record<Operation, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
};

/** Emits arithmetic of a tensor with a number that the file does not have as a constant. */
export function emitWithNumber(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  operation: Operation,
  number: number,
  { constantFirst = false, output }: { constantFirst?: boolean; output: string },
): RuntimeValue {
  const { origin } = node;
  const name = build.fresh(`${node.outputName()}.${operation}`);
  const constant = build.constant(name, tensorOf("float64", [], [number]));
  return build.emit(
    { kind: "arithmetic", origin, operation, input: x.name, constant, constantFirst, output },
    { shape: x.shape, type: "real" },
  );
}
