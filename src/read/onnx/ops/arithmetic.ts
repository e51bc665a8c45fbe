import { fail } from "../../../diagnostics.js";
import { broadcastShape, sameShape } from "../../../graph/nodes.js";
import { showShape, zeroDivisor } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import { elementFormat } from "../element-types.js";
import { mapElements, zipElements } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { Evaluator, Operator, OperatorTable } from "../operator.js";
import type { Tensor } from "../tensor.js";
import type { RuntimeValue } from "../value.js";
import { emitIdentity } from "./move.js";
import { emitWithNumber, type Operation, RULES } from "./number.js";
import { negateSum, translateSum } from "./sums.js";

/** Both operands constants; integers divide towards zero. */
function evaluator(operation: Operation): Evaluator {
  const rule = RULES[operation];
  return (node) => {
    const a = node.constant(0);
    const whole = operation === "div" && !elementFormat(a.type).fractional;
    const f = whole ? (x: number, y: number): number => Math.trunc(x / y) : rule;
    return zipElements(node, a, node.constant(1), a.type, f);
  };
}

/** One operand a run-time tensor, the other a constant that broadcasts to it. */
function translateWithConstant(node: NodeView, build: GraphBuilder, operation: Operation): void {
  const constantFirst = node.isConstant(0);
  const [at, of] = constantFirst ? [1, 0] : [0, 1];
  const x = node.real(at);
  const constant = node.constant(of);
  const name = node.inputName(of);
  const shape = broadcastShape(x.shape, constant.shape);
  if (shape === null) {
    node.misfit(
      `${name} ${showShape(constant.shape)} does not broadcast to ${x.name} ${showShape(x.shape)}`,
    );
  } else if (!sameShape(shape, x.shape)) {
    node.unsupported(
      `${name} ${showShape(constant.shape)} would make ${x.name} ${showShape(x.shape)} larger`,
    );
  }
  if (operation === "div" && !constantFirst && constant.data.includes(0)) {
    fail(zeroDivisor(node.origin, name));
  }
  build.emit(
    {
      kind: "arithmetic",
      origin: node.origin,
      operation,
      input: x.name,
      constant: build.constant(name, constant),
      constantFirst,
      output: node.outputName(),
    },
    { shape: x.shape, type: "real" },
  );
}

function operator(operation: Operation): Operator {
  return {
    limits: "two run-time tensors, or one operand a constant that broadcasts to the other",
    evaluate: evaluator(operation),
    translate: (node, build) => {
      if (translateSum(node, build, operation)) return;
      if (node.isRuntime(0) && node.isRuntime(1)) translateBinary(node, build, operation);
      else translateWithConstant(node, build, operation);
    },
  };
}

function translateBinary(node: NodeView, build: GraphBuilder, kind: Operation): void {
  emitBinary(node, build, kind, node.real(0), node.real(1), node.outputName());
}

function emitBinary(
  node: NodeView,
  build: GraphBuilder,
  kind: Operation,
  a: RuntimeValue,
  b: RuntimeValue,
  output: string,
): RuntimeValue {
  const shape =
    broadcastShape(a.shape, b.shape) ??
    node.misfit(
      `${a.name} ${showShape(a.shape)} and ${b.name} ${showShape(b.shape)} do not broadcast`,
    );
  const { origin } = node;
  const inputs = [a.name, b.name] as const;
  return build.emit({ kind, origin, inputs, output }, { shape, type: "real" });
}

/** The sum of any number of run-time tensors. */
function translateAddition(node: NodeView, build: GraphBuilder): void {
  const terms = Array.from({ length: node.inputCount }, (_, i) => node.real(i));
  const [first = node.real(0), ...more] = terms;
  let sum = first;
  for (const [i, term] of more.entries()) {
    const last = i === more.length - 1;
    const name = last ? node.outputName() : build.fresh(`${node.outputName()}.sum`);
    sum = emitBinary(node, build, "add", sum, term, name);
  }
  if (more.length === 0) emitIdentity(node, build);
}

function translateNeg(node: NodeView, build: GraphBuilder): void {
  if (negateSum(node, build)) return;
  const x = node.real(0);
  emitWithNumber(node, build, x, "mul", -1, { output: node.outputName() });
}

function negated(node: NodeView): Tensor {
  const x = node.constant(0);
  return mapElements(node, x, x.type, (value) => -value);
}

export const ARITHMETIC: OperatorTable = {
  Add: operator("add"),
  Sub: operator("sub"),
  Mul: operator("mul"),
  Div: operator("div"),
  Neg: { limits: "any", evaluate: negated, translate: translateNeg },
  Sum: { limits: "run-time tensors", translate: translateAddition },
};
