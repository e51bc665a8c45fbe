import { evaluator } from "../../../graph/functions.js";
import { broadcastShape, sameShape } from "../../../graph/nodes.js";
import type { UnaryFunction } from "../../../graph/types.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import { mapElements } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import type { RuntimeValue } from "../value.js";

const LIMITS =
  "of a quantised tensor, or, where it rises, of sums; a quantiser must follow for it to be exact";

/** Emits a function of each element. */
export function emitUnary(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  fn: UnaryFunction,
  output = node.outputName(),
): RuntimeValue {
  return build.emit(
    { kind: "unary", origin: node.origin, input: x.name, function: fn, output },
    { shape: x.shape, type: "real" },
  );
}

/** A function whose parameters are attributes. */
function named(functionOf: (node: NodeView) => UnaryFunction, limits = LIMITS): Operator {
  return {
    limits,
    translate: (node, build) => {
      emitUnary(node, build, node.real(0), functionOf(node));
    },
    evaluate: (node) => {
      const x = node.constant(0);
      return mapElements(node, x, x.type, evaluator(functionOf(node)));
    },
  };
}

/** Attributes of the file are float32, and so are these defaults (ONNX Selu). */
const SELU = { alpha: Math.fround(1.6732632423543772), gamma: Math.fround(1.0507009873554805) };

function gelu(node: NodeView): UnaryFunction {
  const approximate = node.string("approximate", "none");
  if (approximate === "none" || approximate === "tanh") return { name: "gelu", approximate };
  return node.unsupported(`is approximated by ${approximate}`);
}

function swish(node: NodeView): UnaryFunction {
  const alpha = node.float("alpha", 1);
  return alpha === 1 ? { name: "silu" } : node.unsupported(`has alpha ${alpha}`);
}

function translatePrelu(node: NodeView, build: GraphBuilder): void {
  const x = node.real(0);
  const slope = node.constant(1);
  const name = node.inputName(1);
  const shape = broadcastShape(x.shape, slope.shape);
  if (shape === null || !sameShape(shape, x.shape)) {
    node.misfit(`slope ${name} ${showShape(slope.shape)} for ${x.name} ${showShape(x.shape)}`);
  }
  build.emit(
    {
      kind: "prelu",
      origin: node.origin,
      input: x.name,
      slope: build.constant(name, slope),
      output: node.outputName(),
    },
    { shape: x.shape, type: "real" },
  );
}

/** A constant power of a run-time tensor. */
export function translatePower(node: NodeView, build: GraphBuilder): void {
  if (node.isRuntime(1)) node.unsupported("has an exponent that is computed at run time");
  const exponent = node.scalar(1);
  const x = node.real(0);
  emitUnary(node, build, x, { name: "power", exponent });
}

export const FUNCTIONS: OperatorTable = {
  Abs: named(() => ({ name: "abs" })),
  Celu: named((node) => ({ name: "celu", alpha: node.float("alpha", 1) })),
  Elu: named((node) => ({ name: "elu", alpha: node.float("alpha", 1) })),
  Erf: named(() => ({ name: "erf" })),
  Exp: named(() => ({ name: "exp" })),
  Gelu: named(gelu),
  HardSigmoid: named((node) => ({
    name: "hardSigmoid",
    alpha: node.float("alpha", Math.fround(0.2)),
    beta: node.float("beta", 0.5),
  })),
  HardSwish: named(() => ({ name: "hardSwish" })),
  LeakyRelu: named((node) => ({
    name: "leakyRelu",
    alpha: node.float("alpha", Math.fround(0.01)),
  })),
  Mish: named(() => ({ name: "mish" })),
  PRelu: { limits: `${LIMITS}; the slope a constant`, translate: translatePrelu },
  Reciprocal: named(() => ({ name: "reciprocal" })),
  Selu: named((node) => ({
    name: "selu",
    alpha: node.float("alpha", SELU.alpha),
    gamma: node.float("gamma", SELU.gamma),
  })),
  Softplus: named(() => ({ name: "softplus" })),
  Softsign: named(() => ({ name: "softsign" })),
  Sqrt: named(() => ({ name: "sqrt" })),
  Swish: named(swish, `${LIMITS}; alpha 1`),
  Tanh: named(() => ({ name: "tanh" })),
  ThresholdedRelu: named((node) => ({
    name: "thresholdedRelu",
    alpha: node.float("alpha", 1),
  })),
};

/** Functions that ONNX Runtime names before ONNX does, or by other names. */
export const RUNTIME_FUNCTIONS: OperatorTable = {
  FastGelu: {
    ...named(() => ({ name: "gelu", approximate: "tanh" })),
    translate: (node, build) => {
      if (node.value(1) !== null) node.unsupported("adds a bias of its own");
      emitUnary(node, build, node.real(0), { name: "gelu", approximate: "tanh" });
    },
  },
  Gelu: named(() => ({ name: "gelu", approximate: "none" })),
};
