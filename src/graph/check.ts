import { broadcastShape, constantsOf, inputsOf, sameShape, sizeOf } from "./nodes.js";
import type {
  ConcatNode,
  GatherNode,
  Graph,
  GraphNode,
  HeadNode,
  Quantizer,
  Shape,
  TensorInfo,
  Window,
} from "./types.js";
import { transposedExtent, windowed } from "./window.js";

/**
 * The legality rules of a Graph. A broken rule is a mistake in tritc, never in the model file:
 * readers diagnose what a file can get wrong before they make a node.
 *
 * @param after what made the graph, for the message
 * @throws Error (not a diagnostic) naming the first broken rule
 */
export function checkGraph(graph: Graph, after: string): void {
  const broken = firstBrokenRule(graph);
  if (broken !== null) throw new Error(`illegal graph after ${after}: ${broken}`);
}

function firstBrokenRule(graph: Graph): string | null {
  for (const [name, { shape }] of [...graph.tensors, ...graph.constants]) {
    if (!shape.every((extent) => Number.isInteger(extent) && extent > 0)) {
      return `${name} has shape ${show(shape)}`;
    }
  }
  for (const [name, constant] of graph.constants) {
    if (graph.tensors.has(name)) return `${name} is both a constant and a tensor`;
    if (constant.data.length !== sizeOf(constant.shape)) return `${name} does not fill its shape`;
    const { grid } = constant;
    if (grid !== undefined && grid.integers.length !== constant.data.length) {
      return `${name} has a grid of another size`;
    }
    if (grid !== undefined && !runsAlong(grid.scales.length, grid.axis, constant.shape)) {
      return `${name} has scales that do not fit its shape`;
    }
  }
  if (!graph.tensors.has(graph.input)) return `the input ${graph.input} has no shape`;
  const made = new Set([graph.input]);
  for (const node of graph.nodes) {
    const broken = orderRule(node, graph, made) ?? nodeRule(node, graph);
    if (broken !== null) return `${node.origin.op} "${node.origin.name}": ${broken}`;
    made.add(node.output);
  }
  return made.has(graph.output) ? null : `nothing makes the output ${graph.output}`;
}

function orderRule(node: GraphNode, graph: Graph, made: ReadonlySet<string>): string | null {
  const early = inputsOf(node).find((name) => !made.has(name));
  if (early !== undefined) return `reads ${early} before it is made`;
  const missing = constantsOf(node).find((name) => !graph.constants.has(name));
  if (missing !== undefined) return `reads the constant ${missing}, which is not there`;
  if (made.has(node.output)) return `makes ${node.output} a second time`;
  return graph.tensors.has(node.output) ? null : `${node.output} has no shape`;
}

/** What a rule sees of one node: its first input, its output, and shapes by name. */
interface Sight {
  readonly input: TensorInfo;
  readonly output: TensorInfo;
  readonly tensor: (name: string) => TensorInfo;
  readonly constant: (name: string) => Shape;
}

function nodeRule(node: GraphNode, graph: Graph): string | null {
  const tensor = (name: string): TensorInfo =>
    graph.tensors.get(name) ?? { shape: [], type: "real" };
  const sight: Sight = {
    input: tensor(inputsOf(node)[0] ?? graph.input),
    output: tensor(node.output),
    tensor,
    constant: (name) => graph.constants.get(name)?.shape ?? [],
  };
  return typeRule(node, sight) ?? shapeRule(node, sight);
}

/** Integers come from the input and from `quantize`; only `dequantize` and moves take them. */
function typeRule(node: GraphNode, { input, output, tensor }: Sight): string | null {
  const types = `${input.type} to ${output.type}`;
  switch (node.kind) {
    case "quantize":
      return input.type === "real" && output.type !== "real" ? null : types;
    case "dequantize":
      return input.type !== "real" && output.type === "real" ? null : types;
    case "reshape":
    case "transpose":
    case "maxPool":
    case "gather":
      return input.type === output.type ? null : types;
    case "concat":
      return node.inputs.every((name) => tensor(name).type === output.type) ? null : types;
    case "embedding":
      return input.type !== "real" && output.type === "real" ? null : types;
    case "argMax":
      return input.type === "real" && output.type === "int32" ? null : types;
    case "topK":
      return input.type === "real" && ["real", "int32"].includes(output.type) ? null : types;
    case "add":
    case "sub":
    case "mul":
    case "div":
      return node.inputs.every((name) => tensor(name).type === "real") ? null : types;
    default:
      return input.type === "real" && output.type === "real" ? null : types;
  }
}

function shapeRule(node: GraphNode, sight: Sight): string | null {
  const { input, output, constant } = sight;
  const expect = (expected: Shape): string | null =>
    sameShape(expected, output.shape)
      ? null
      : `output ${show(output.shape)} should be ${show(expected)}`;
  switch (node.kind) {
    case "conv": {
      const weight = constant(node.weight);
      const [outputs = 0, perGroup = 0, ...kernel] = weight;
      const [, channels = 0] = input.shape;
      if (weight.length !== 4 || !sameShape(kernel, node.window.kernel)) return "kernel and weight";
      if (perGroup * node.groups !== channels || outputs % node.groups !== 0) return "groups";
      return biasRule(node.bias, outputs, constant) ?? windowRule(node.window, outputs, sight);
    }
    case "dense": {
      const [outputs = 0, inputs = 0, ...more] = constant(node.weight);
      if (more.length > 0 || inputs !== input.shape.at(-1)) return "weight and input";
      return (
        biasRule(node.bias, outputs, constant) ?? expect([...input.shape.slice(0, -1), outputs])
      );
    }
    case "convTranspose": {
      const weight = constant(node.weight);
      const [inputs = 0, perGroup = 0, ...kernel] = weight;
      const [batch = 0, channels = 0, height = 0, width = 0] = input.shape;
      if (weight.length !== 4 || !sameShape(kernel, node.window.kernel)) return "kernel and weight";
      if (inputs !== channels || inputs % node.groups !== 0) return "groups";
      const extent = transposedExtent([height, width], node.window, node.outputPadding);
      const outputs = perGroup * node.groups;
      return (
        planeRule(node.window, input.shape) ??
        biasRule(node.bias, outputs, constant) ??
        expect([batch, outputs, ...extent])
      );
    }
    case "embedding": {
      const [, columns = 0, ...more] = constant(node.table);
      return more.length > 0 ? "table" : expect([...input.shape, columns]);
    }
    case "averagePool": {
      const [bottom, right] = node.overhang;
      const { pads } = node.window;
      if (bottom < 0 || right < 0 || bottom > pads.bottom || right > pads.right) return "overhang";
      return windowRule(node.window, input.shape[1] ?? 0, sight);
    }
    case "maxPool":
      return windowRule(node.window, input.shape[1] ?? 0, sight);
    case "clip":
      return Number.isNaN(node.low) || Number.isNaN(node.high) ? "bounds" : expect(input.shape);
    case "arithmetic":
      return broadcasts(constant(node.constant), input.shape)
        ? expect(input.shape)
        : "the constant does not broadcast";
    case "batchNorm": {
      const channels = [input.shape[1] ?? 0];
      const fits = constantsOf(node).every((name) => sameShape(constant(name), channels));
      return fits ? expect(input.shape) : "constants are not [channels]";
    }
    case "unary":
    case "round":
      return expect(input.shape);
    case "prelu":
      return broadcasts(constant(node.slope), input.shape)
        ? expect(input.shape)
        : "the slope does not broadcast";
    case "add":
    case "sub":
    case "mul":
    case "div": {
      const [a, b] = node.inputs;
      const shape = broadcastShape(sight.tensor(a).shape, sight.tensor(b).shape);
      return shape === null ? "operands do not broadcast" : expect(shape);
    }
    case "reduce":
      return expect(input.shape.map((extent, axis) => (node.axes.includes(axis) ? 1 : extent)));
    case "concat":
      return concatRule(node, sight);
    case "gather":
      return gatherRule(node, sight);
    case "quantize":
      return quantizerRule(node.quantizer, input.shape) ?? expect(input.shape);
    case "dequantize":
      return scaleRule(node.scale, node.zero, node.axis, input.shape) ?? expect(input.shape);
    case "reshape":
      return sizeOf(input.shape) === sizeOf(output.shape) ? null : "number of elements changes";
    case "transpose": {
      const axes = node.permutation.toSorted((a, b) => a - b);
      if (!sameShape(axes, [...input.shape.keys()])) return "not a permutation";
      return expect(node.permutation.map((axis) => input.shape[axis] ?? 0));
    }
    case "softmax":
    case "logSoftmax":
    case "sigmoid":
      return headRule(node, input.shape) ?? expect(input.shape);
    case "argMax":
    case "topK":
      return headRule(node, input.shape);
    default:
      return node satisfies never;
  }
}

function concatRule({ inputs, axis }: ConcatNode, { output, tensor }: Sight): string | null {
  const shapes = inputs.map((name) => tensor(name).shape);
  const total = shapes.reduce((sum, shape) => sum + (shape[axis] ?? 0), 0);
  if (axis < 0 || axis >= output.shape.length || total !== output.shape[axis]) return "axis";
  const fit = shapes.every((shape) => sameShape(shape.toSpliced(axis, 1, total), output.shape));
  return fit ? null : "shapes of the parts differ";
}

function gatherRule({ indices, fill }: GatherNode, { input, output }: Sight): string | null {
  if (indices.length !== input.shape.length) return "an index list for each axis";
  if (!Number.isFinite(fill)) return "fill is not finite";
  for (const [axis, list] of indices.entries()) {
    const extent = input.shape[axis] ?? 0;
    if ((list?.length ?? extent) !== output.shape[axis]) return `indices of axis ${axis}`;
    if (list?.some((i) => i < -1 || i >= extent)) return `indices of axis ${axis} reach outside`;
  }
  return null;
}

function windowRule(window: Window, channels: number, { input, output }: Sight): string | null {
  const [batch = 0, , height = 0, width = 0] = input.shape;
  const broken = planeRule(window, input.shape);
  if (broken !== null) return broken;
  const expected = [batch, channels, ...windowed([height, width], window)];
  return sameShape(expected, output.shape)
    ? null
    : `output ${show(output.shape)} should be ${show(expected)}`;
}

function planeRule({ pads, dilations }: Window, shape: Shape): string | null {
  if (shape.length !== 4) return "input is not [batch, channels, height, width]";
  if (Object.values(pads).some((pad) => pad < 0)) return "negative padding";
  return dilations.some((d) => d < 1) ? "dilations below 1" : null;
}

function biasRule(
  bias: string | null,
  outputs: number,
  constant: (name: string) => Shape,
): string | null {
  return bias === null || sameShape(constant(bias), [outputs]) ? null : "bias is not [outputs]";
}

function quantizerRule(quantizer: Quantizer, shape: Shape): string | null {
  if (quantizer.kind === "thresholds") return thresholdRule(quantizer, shape);
  if (quantizer.kind !== "uniform") return null;
  const { min, max, scale, zero, axis } = quantizer;
  if (!Number.isInteger(min) || !Number.isInteger(max) || min > max) return "levels";
  return scaleRule(scale, zero, axis, shape);
}

function thresholdRule(
  { values, count, axis, base, step, open = [] }: Quantizer & { kind: "thresholds" },
  shape: Shape,
): string | null {
  if (!Number.isInteger(base) || !Number.isInteger(step) || step < 1) return "levels";
  if (open.length > count) return "more marks than thresholds";
  if (count < 1 || !runsAlong(values.length / count, axis, shape)) return "thresholds do not fit";
  const ascending = values.every((t, i) => i % count === 0 || t >= (values[i - 1] ?? Number.NaN));
  return ascending && !values.some(Number.isNaN) ? null : "thresholds are not in order";
}

function scaleRule(
  scale: Float32Array,
  zero: Float32Array,
  axis: number | null,
  shape: Shape,
): string | null {
  if (!scale.every((s) => s > 0 && Number.isFinite(s))) return "scale is not positive and finite";
  if (!zero.every(Number.isFinite)) return "zero point is not finite";
  const fits = runsAlong(scale.length, axis, shape) && runsAlong(zero.length, axis, shape);
  return fits ? null : "scales do not fit the shape";
}

function headRule(node: HeadNode, shape: Shape): string | null {
  return node.axis >= 0 && node.axis < shape.length ? null : "axis";
}

function runsAlong(count: number, axis: number | null, shape: Shape): boolean {
  return count === 1 || (axis !== null && count === shape[axis]);
}

/** Whether `from` broadcasts to `to` without changing it, aligned at the last axis. */
function broadcasts(from: Shape, to: Shape): boolean {
  if (from.length > to.length) return false;
  const offset = to.length - from.length;
  return from.every((extent, axis) => extent === 1 || extent === to[axis + offset]);
}

function show(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}
