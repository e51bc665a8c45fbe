import { evaluator } from "../graph/functions.js";
import { inputsOf, sizeOf } from "../graph/nodes.js";
import { roundHalfEven } from "../graph/rounding.js";
import type { Graph, GraphNode, Shape, TensorInfo } from "../graph/types.js";
import { at, type FloatArray, type Step } from "./arrays.js";
import { headStep } from "./heads.js";
import { broadcastSource, concatStep, gatherSource, takeStep, transposeSource } from "./moves.js";
import { arithmetic, type ChannelOf, dequantize, mapStep, quantize } from "./pointwise.js";
import { averagePoolStep, maxPoolStep, reduceStep } from "./pools.js";
import { convStep, convTransposeStep, denseStep } from "./products.js";

export type { FloatArray } from "./arrays.js";

/**
 * - `float32`: every tensor is rounded to float32, as runtimes do. Sums inside an operator are doubles.
 * - `exact`: what lowering takes for the model's meaning, in doubles. A quantiser that only pointwise
 *   operators part from stored integers gets what these give in float32.
 */
export type Precision = "float32" | "exact";

export interface Evaluator {
  /** One input, in the model's own order. Afterwards `values` holds what it gave. */
  run(input: ArrayLike<number>): void;
  /** The node that makes this tensor alone, on what `values` holds. */
  step(output: string): void;
  /** Every tensor by its name; each `run` writes them anew. */
  readonly values: ReadonlyMap<string, FloatArray>;
}

/**
 * Runs a Graph operator by operator, in floating point: written independently of the lowering and the
 * simulator, as a reference for both.
 */
export function createEvaluator(graph: Graph, precision: Precision): Evaluator {
  const input = new Float32Array(sizeOf(infoOf(graph, graph.input).shape));
  const values = new Map<string, FloatArray>([[graph.input, input]]);
  /** Tensors as float32 runtimes have them, all alike. */
  const replayed = new Map<string, FloatArray>([[graph.input, input]]);
  const stepsFor = (node: GraphNode): Step[] => {
    const length = sizeOf(infoOf(graph, node.output).shape);
    const made = precision === "float32" ? new Float32Array(length) : new Float64Array(length);
    values.set(node.output, made);
    const sources = node.kind === "quantize" ? new Map([...values, ...replayed]) : values;
    const step = stepOf(node, graph, sources, made);
    if (node.kind === "quantize") replayed.set(node.output, made);
    if (precision === "float32" || !isReplayed(node, replayed)) return [step];
    const rounded = new Float32Array(length);
    replayed.set(node.output, rounded);
    return [step, stepOf(node, graph, replayed, rounded)];
  };
  const steps = new Map(graph.nodes.map((node) => [node.output, stepsFor(node)]));
  return {
    run: (given) => {
      input.set(given);
      for (const list of steps.values()) for (const step of list) step();
    },
    step: (output) => {
      for (const step of known(steps.get(output))) step();
    },
    values,
  };
}

/** Whether the node only does to single elements what float32 runtimes all do alike. */
function isReplayed(node: GraphNode, replayed: ReadonlyMap<string, FloatArray>): boolean {
  switch (node.kind) {
    case "dequantize":
    case "clip":
    case "arithmetic":
    case "unary":
    case "prelu":
    case "maxPool":
    case "concat":
    case "gather":
    case "reshape":
    case "transpose":
      return inputsOf(node).every((name) => replayed.has(name));
    default:
      return false;
  }
}

function stepOf(
  node: GraphNode,
  graph: Graph,
  values: ReadonlyMap<string, FloatArray>,
  y: FloatArray,
): Step {
  const value = (name: string): FloatArray => known(values.get(name));
  const shapeOf = (name: string): Shape => infoOf(graph, name).shape;
  const constant = (name: string) => known(graph.constants.get(name));
  const data = (name: string | null) => (name === null ? null : constant(name).data);
  const out = shapeOf(node.output);
  const spread = (name: string, shape: Shape) => {
    const { data: list, shape: from } = constant(name);
    return Float64Array.from(broadcastSource(from, shape), (i) => at(list, i));
  };
  if (node.kind === "concat") return concatStep(node.inputs.map(value), y, node.axis, out);
  if ("inputs" in node) return binaryStep(node, y, out, value, shapeOf);
  const x = value(node.input);
  const shape = shapeOf(node.input);
  const channelOf: ChannelOf = (axis) => {
    if (axis === null) return () => 0;
    const inner = sizeOf(shape.slice(axis + 1));
    return (i) => Math.floor(i / inner) % at(shape, axis);
  };
  switch (node.kind) {
    case "conv":
      return convStep(node, [x, shape], [y, out], constant(node.weight).data, data(node.bias));
    case "convTranspose":
      return convTransposeStep(
        node,
        [x, shape],
        [y, out],
        constant(node.weight).data,
        data(node.bias),
      );
    case "dense":
      return denseStep([x, shape], [y, out], constant(node.weight).data, data(node.bias));
    case "maxPool":
      return maxPoolStep(node, [x, shape], [y, out]);
    case "averagePool":
      return averagePoolStep(node, [x, shape], [y, out]);
    case "embedding": {
      const table = constant(node.table).data;
      const columns = at(out, shape.length);
      return () => {
        for (let i = 0; i < y.length; i++) {
          y[i] = at(table, at(x, Math.floor(i / columns)) * columns + (i % columns));
        }
      };
    }
    case "round":
      return mapStep(x, y, roundHalfEven);
    case "reduce":
      return reduceStep(node, [x, shape], y);
    case "unary":
      return mapStep(x, y, evaluator(node.function));
    case "prelu": {
      const slope = spread(node.slope, shape);
      return mapStep(x, y, (v, i) => (v < 0 ? v * at(slope, i) : v));
    }
    case "clip": {
      const { low, high } = node;
      return mapStep(x, y, (v) => (v < low ? low : v > high ? high : v));
    }
    case "arithmetic":
      return mapStep(x, y, arithmetic(node, spread(node.constant, shape)));
    case "batchNorm": {
      const lists = [node.gamma, node.beta, node.mean, node.variance];
      const [gamma, beta, mean, variance] = lists.map((name) =>
        Float64Array.from(constant(name).data),
      );
      const factor = known(gamma).map(
        (g, c) => g / Math.sqrt(at(known(variance), c) + node.epsilon),
      );
      const channel = channelOf(1);
      return mapStep(x, y, (v, i) => {
        const c = channel(i);
        return (v - at(known(mean), c)) * at(factor, c) + at(known(beta), c);
      });
    }
    case "quantize": {
      const float32 = x instanceof Float32Array;
      const round = float32 ? Math.fround : (v: number) => v;
      return mapStep(x, y, quantize(node.quantizer, channelOf, round));
    }
    case "dequantize":
      return mapStep(x, y, dequantize(node, channelOf));
    case "reshape":
      return () => y.set(x);
    case "transpose":
      return takeStep(x, y, transposeSource(node, shape, out));
    case "gather":
      return takeStep(x, y, gatherSource(node, shape, out), node.fill);
    case "softmax":
    case "logSoftmax":
    case "sigmoid":
    case "argMax":
    case "topK":
      return headStep(node, [x, shape], y, infoOf(graph, node.output).type !== "real");
    default:
      return node satisfies never;
  }
}

function binaryStep(
  { kind, inputs }: GraphNode & { readonly kind: "add" | "sub" | "mul" | "div" },
  y: FloatArray,
  out: Shape,
  value: (name: string) => FloatArray,
  shapeOf: (name: string) => Shape,
): Step {
  const [a, b] = [value(inputs[0]), value(inputs[1])];
  const [i, j] = [
    broadcastSource(shapeOf(inputs[0]), out),
    broadcastSource(shapeOf(inputs[1]), out),
  ];
  const run = (f: (u: number, v: number) => number): Step => {
    return () => {
      for (let k = 0; k < y.length; k++) y[k] = f(a[i[k] ?? 0] ?? 0, b[j[k] ?? 0] ?? 0);
    };
  };
  switch (kind) {
    case "add":
      return run((u, v) => u + v);
    case "sub":
      return run((u, v) => u - v);
    case "mul":
      return run((u, v) => u * v);
    case "div":
      return run((u, v) => u / v);
    default:
      return kind satisfies never;
  }
}

function infoOf(graph: Graph, name: string): TensorInfo {
  return known(graph.tensors.get(name));
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a checked graph has all its tensors and constants");
  return value;
}
