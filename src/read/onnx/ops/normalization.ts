import { broadcastShape, sameShape } from "../../../graph/nodes.js";
import type { GraphNode, ReduceNode, UnaryFunction } from "../../../graph/types.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { type Tensor, tensorOf } from "../tensor.js";
import type { RuntimeValue } from "../value.js";

/** Writes the operators that a normalisation stands for, in the order of its definition. */
class Steps {
  constructor(
    private readonly node: NodeView,
    private readonly build: GraphBuilder,
  ) {}

  private emit(body: Body, shape: readonly number[], output?: string): RuntimeValue {
    const name = output ?? this.build.fresh(`${this.node.outputName()}.${body.kind}`);
    const node = { ...body, origin: this.node.origin, output: name };
    return this.build.emit(node, { shape, type: "real" });
  }

  reduce({ name, shape }: RuntimeValue, axes: readonly number[]): RuntimeValue {
    const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    const reduction: ReduceNode["reduction"] = "mean";
    return this.emit({ kind: "reduce", input: name, reduction, axes }, kept);
  }

  unary({ name, shape }: RuntimeValue, called: UnaryFunction): RuntimeValue {
    return this.emit({ kind: "unary", input: name, function: called }, shape);
  }

  binary(
    kind: "add" | "sub" | "mul" | "div",
    a: RuntimeValue,
    b: RuntimeValue,
    output?: string,
  ): RuntimeValue {
    return this.emit({ kind, inputs: [a.name, b.name] }, a.shape, output);
  }

  /** With a constant that broadcasts along the last axes. */
  constant(
    operation: "add" | "mul",
    { name, shape }: RuntimeValue,
    tensor: Tensor,
    from: string,
    output?: string,
  ): RuntimeValue {
    const fits = broadcastShape(shape, tensor.shape);
    if (fits === null || !sameShape(fits, shape)) {
      this.node.misfit(`${from} ${showShape(tensor.shape)} for an input ${showShape(shape)}`);
    }
    const constant = this.build.constant(from, tensor);
    const body = { kind: "arithmetic", operation, constant, constantFirst: false } as const;
    return this.emit({ ...body, input: name }, shape, output);
  }

  scalar(operation: "add", x: RuntimeValue, value: number): RuntimeValue {
    const from = this.build.fresh(`${this.node.outputName()}.epsilon`);
    return this.constant(operation, x, tensorOf("float32", [], [Math.fround(value)]), from);
  }
}

/** A node as the steps write it: origin and output come from where it stands. */
type Body = GraphNode extends infer N
  ? N extends GraphNode
    ? Omit<N, "origin" | "output">
    : never
  : never;

/** Inputs of the operators, by their index; null where the operator has none. */
interface Inputs {
  readonly x: RuntimeValue;
  readonly gamma: number;
  readonly beta: number | null;
}

const SQUARE: UnaryFunction = { name: "power", exponent: 2 };

/** `x / sqrt(mean(x^2) + epsilon) * gamma`, as the function body of RMSNormalization has it. */
function emitRms(node: NodeView, build: GraphBuilder, { x, gamma, beta }: Inputs): void {
  const steps = new Steps(node, build);
  const axes = normalizedAxes(node, x);
  const meanSquare = steps.reduce(steps.unary(x, SQUARE), axes);
  const shifted = steps.scalar("add", meanSquare, node.float("epsilon", 1e-5));
  const deviation = steps.unary(shifted, { name: "sqrt" });
  scaleAndShift(node, steps, steps.binary("div", x, deviation), gamma, beta);
}

/** `(x - mean) * (1 / sqrt(variance + epsilon)) * gamma + beta`: LayerNormalization's definition. */
function emitLayerNorm(node: NodeView, build: GraphBuilder, { x, gamma, beta }: Inputs): void {
  const steps = new Steps(node, build);
  const axes = normalizedAxes(node, x);
  const centred = steps.binary("sub", x, steps.reduce(x, axes));
  const variance = steps.reduce(steps.unary(centred, SQUARE), axes);
  const shifted = steps.scalar("add", variance, node.float("epsilon", 1e-5));
  const inverse = steps.unary(steps.unary(shifted, { name: "sqrt" }), { name: "reciprocal" });
  scaleAndShift(node, steps, steps.binary("mul", centred, inverse), gamma, beta);
}

function normalizedAxes(node: NodeView, { shape }: RuntimeValue): readonly number[] {
  const axis = node.axis("axis", -1, shape.length);
  return [...shape.keys()].slice(axis);
}

function scaleAndShift(
  node: NodeView,
  steps: Steps,
  x: RuntimeValue,
  gamma: number,
  beta: number | null,
): void {
  const output = node.outputName();
  const shift = beta === null ? null : node.optionalConstant(beta);
  const scaled = steps.constant(
    "mul",
    x,
    node.constant(gamma),
    node.inputName(gamma),
    shift === null ? output : undefined,
  );
  if (shift !== null && beta !== null) {
    steps.constant("add", scaled, shift, node.inputName(beta), output);
  }
}

/** The sum that these operators normalise, which their fourth output gives as well. */
function skipSum(node: NodeView, build: GraphBuilder, biasAt: number): RuntimeValue {
  const steps = new Steps(node, build);
  const [x, skip] = [node.real(0), node.real(1)];
  if (x.shape.length !== skip.shape.length || x.shape.some((n, axis) => n !== skip.shape[axis])) {
    node.unsupported("adds a skip of another shape");
  }
  const name = node.outputName(3) === "" ? undefined : node.outputName(3);
  const bias = node.optionalConstant(biasAt);
  const sum = steps.binary("add", x, skip, bias === null ? name : undefined);
  return bias === null ? sum : steps.constant("add", sum, bias, node.inputName(biasAt), name);
}

const LIMITS = "over the last axes, computed in float32; only its first output";
const SKIP_LIMITS = "over the last axis, computed in float32; its result and the sum";

const SIMPLIFIED: OperatorTable = {
  SimplifiedLayerNormalization: {
    limits: LIMITS,
    translate: (node, build) => emitRms(node, build, { x: node.real(0), gamma: 1, beta: null }),
  },
};

export const NORMS: OperatorTable = {
  LayerNormalization: {
    limits: LIMITS,
    translate: (node, build) => emitLayerNorm(node, build, { x: node.real(0), gamma: 1, beta: 2 }),
  },
  RMSNormalization: {
    limits: LIMITS,
    translate: (node, build) => emitRms(node, build, { x: node.real(0), gamma: 1, beta: null }),
  },
  // ONNX Runtime's optimiser writes it without a domain.
  ...SIMPLIFIED,
};

export const MICROSOFT_NORMS: OperatorTable = {
  ...SIMPLIFIED,
  SkipLayerNormalization: {
    limits: SKIP_LIMITS,
    translate: (node, build) =>
      emitLayerNorm(node, build, { x: skipSum(node, build, 4), gamma: 2, beta: 3 }),
  },
  SkipSimplifiedLayerNormalization: {
    limits: SKIP_LIMITS,
    translate: (node, build) =>
      emitRms(node, build, { x: skipSum(node, build, 3), gamma: 2, beta: null }),
  },
};
