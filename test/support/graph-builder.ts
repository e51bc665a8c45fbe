import { checkGraph } from "../../src/graph/check.js";
import { broadcastShape } from "../../src/graph/nodes.js";
import type {
  ArithmeticNode,
  BinaryNode,
  Constant,
  Graph,
  GraphNode,
  HeadNode,
  IntegerType,
  Quantizer,
  Shape,
  TensorInfo,
  UnaryFunction,
  Window,
} from "../../src/graph/types.js";
import { transposedExtent, windowed } from "../../src/graph/window.js";

/** A node as a test writes it: the builder knows its origin, its input and its output's name. */
type Body = GraphNode extends infer N
  ? N extends GraphNode
    ? Omit<N, "origin" | "output" | "input" | "inputs">
    : never
  : never;

export interface WindowOptions {
  readonly kernel?: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads?: readonly [number, number, number, number];
}

export interface ConvOptions extends WindowOptions {
  readonly bias?: readonly number[];
  readonly groups?: number;
}

export interface NormOptions {
  readonly gamma: readonly number[];
  readonly beta?: readonly number[];
  readonly mean?: readonly number[];
  readonly variance?: readonly number[];
}

/**
 * Builds small Graphs node by node. Each method adds a node and returns the name of its output, which
 * is also the node's name unless `named` was called before.
 */
export class GraphBuilder {
  private readonly nodes: GraphNode[] = [];
  private readonly tensors = new Map<string, TensorInfo>();
  private readonly constants = new Map<string, Constant>();

  constructor(inputShape: Shape, inputType: TensorInfo["type"]) {
    this.tensors.set("x", { shape: inputShape, type: inputType });
  }

  /** Gives the node that makes a tensor a name of its own. */
  named(name: string, output: string): string {
    const at = this.nodes.findIndex((node) => node.output === output);
    const node = this.nodes[at];
    if (node === undefined) throw new Error(`nothing makes ${output}`);
    this.nodes[at] = { ...node, origin: { ...node.origin, name } };
    return output;
  }

  shape(name: string): Shape {
    return this.info(name).shape;
  }

  /** `weight` as [out, in / groups, kernel h, kernel w], or `Constant` where it has a grid. */
  conv(
    input: string,
    weightShape: Shape,
    weights: readonly number[] | Constant,
    options: ConvOptions = {},
  ): string {
    const [outputs = 1, , height = 1, width = 1] = weightShape;
    const window = windowOf({ ...options, kernel: [height, width] });
    const weight = this.weight(weightShape, weights);
    const bias = this.optional([outputs], options.bias);
    const { groups = 1 } = options;
    const shape = this.windowShape(input, window, outputs);
    return this.add({ kind: "conv", weight, bias, window, groups }, [input], shape);
  }

  dense(
    input: string,
    weightShape: Shape,
    weights: readonly number[] | Constant,
    biases?: readonly number[],
  ): string {
    const [outputs = 1] = weightShape;
    const weight = this.weight(weightShape, weights);
    const bias = this.optional([outputs], biases);
    const shape = [...this.shape(input).slice(0, -1), outputs];
    return this.add({ kind: "dense", weight, bias }, [input], shape);
  }

  maxPool(input: string, options: WindowOptions): string {
    const window = windowOf(options);
    return this.add({ kind: "maxPool", window }, [input], this.windowShape(input, window));
  }

  averagePool(input: string, options: WindowOptions, countPadding = false): string {
    const window = windowOf(options);
    const shape = this.windowShape(input, window);
    const body = { kind: "averagePool", window, countPadding, overhang: [0, 0] } as const;
    return this.add(body, [input], shape);
  }

  /** An average in every detail. */
  averagePoolNode(
    input: string,
    window: Window,
    countPadding: boolean,
    overhang: readonly [number, number],
  ): string {
    const body = { kind: "averagePool", window, countPadding, overhang } as const;
    return this.add(body, [input], this.windowShape(input, window));
  }

  relu(input: string): string {
    return this.clip(input, 0, Number.POSITIVE_INFINITY);
  }

  clip(input: string, low: number, high: number): string {
    return this.add({ kind: "clip", low, high }, [input], this.shape(input));
  }

  /** One number, or numbers of a shape. */
  arithmetic(
    operation: ArithmeticNode["operation"],
    input: string,
    values: number | readonly number[],
    shape?: Shape,
    constantFirst = false,
  ): string {
    const list = typeof values === "number" ? [values] : values;
    const constant = this.constant(shape ?? (list.length === 1 ? [] : [list.length]), list);
    const body = { kind: "arithmetic", operation, constant, constantFirst } as const;
    return this.add(body, [input], this.shape(input));
  }

  batchNorm(input: string, norm: NormOptions, epsilon = 0): string {
    const channels = norm.gamma.length;
    const list = (values: readonly number[] | undefined, otherwise: number): string =>
      this.constant([channels], values ?? new Array<number>(channels).fill(otherwise));
    const body = {
      kind: "batchNorm",
      gamma: list(norm.gamma, 1),
      beta: list(norm.beta, 0),
      mean: list(norm.mean, 0),
      variance: list(norm.variance, 1),
      epsilon,
    } as const;
    return this.add(body, [input], this.shape(input));
  }

  sum(a: string, b: string): string {
    return this.binary("add", a, b);
  }

  binary(kind: BinaryNode["kind"], a: string, b: string): string {
    const shape = broadcastShape(this.shape(a), this.shape(b)) ?? [];
    return this.add({ kind }, [a, b], shape);
  }

  unary(input: string, fn: UnaryFunction): string {
    return this.add({ kind: "unary", function: fn }, [input], this.shape(input));
  }

  /** One slope, or slopes of a shape. */
  prelu(input: string, slopes: readonly number[], shape: Shape): string {
    const slope = this.constant(shape, slopes);
    return this.add({ kind: "prelu", slope }, [input], this.shape(input));
  }

  concat(inputs: readonly string[], axis: number): string {
    const [first = ""] = inputs;
    const total = inputs.reduce((sum, name) => sum + (this.shape(name)[axis] ?? 0), 0);
    const shape = this.shape(first).with(axis, total);
    return this.add({ kind: "concat", axis }, inputs, shape, this.info(first).type);
  }

  /** For each axis the indices to take, null for all of it. */
  gather(input: string, lists: readonly (readonly number[] | null)[], fill = 0): string {
    const indices = lists.map((list) => list && Int32Array.from(list));
    const shape = this.shape(input).map((extent, axis) => lists[axis]?.length ?? extent);
    return this.add({ kind: "gather", indices, fill }, [input], shape, this.info(input).type);
  }

  /** `weight` as [in, out / groups, kernel h, kernel w]. */
  convTranspose(
    input: string,
    weightShape: Shape,
    weights: readonly number[] | Constant,
    options: ConvOptions & { readonly outputPadding?: readonly [number, number] } = {},
  ): string {
    const [, perGroup = 1, height = 1, width = 1] = weightShape;
    const { groups = 1, outputPadding = [0, 0] } = options;
    const window = windowOf({ ...options, kernel: [height, width] });
    const outputs = perGroup * groups;
    const weight = this.weight(weightShape, weights);
    const bias = this.optional([outputs], options.bias);
    const [batch = 1, , inHeight = 1, inWidth = 1] = this.shape(input);
    const extent = transposedExtent([inHeight, inWidth], window, outputPadding);
    const body = { kind: "convTranspose", weight, bias, window, groups, outputPadding } as const;
    return this.add(body, [input], [batch, outputs, ...extent]);
  }

  /** `table` as [rows, columns]. */
  embedding(input: string, tableShape: Shape, table: readonly number[] | Constant): string {
    const [, columns = 1] = tableShape;
    const name = this.weight(tableShape, table);
    return this.add({ kind: "embedding", table: name }, [input], [...this.shape(input), columns]);
  }

  quantize(input: string, quantizer: Quantizer): string {
    const type = storedAs(quantizer);
    return this.add({ kind: "quantize", quantizer }, [input], this.shape(input), type);
  }

  dequantize(
    input: string,
    scale: number | readonly number[],
    zero: number | readonly number[] = 0,
    axis: number | null = null,
  ): string {
    const body = {
      kind: "dequantize",
      scale: float32(scale),
      zero: float32(zero),
      axis,
    } as const;
    return this.add(body, [input], this.shape(input));
  }

  /** A quantiser and the dequantiser that undoes its scale: a model's activation. */
  requantize(input: string, quantizer: Quantizer): string {
    const codes = this.quantize(input, quantizer);
    return quantizer.kind === "uniform"
      ? this.dequantize(codes, [...quantizer.scale], [...quantizer.zero], quantizer.axis)
      : this.dequantize(codes, 1);
  }

  reshape(input: string, shape: Shape): string {
    return this.add({ kind: "reshape" }, [input], shape, this.info(input).type);
  }

  transpose(input: string, permutation: readonly number[]): string {
    const from = this.shape(input);
    const shape = permutation.map((axis) => from[axis] ?? 1);
    return this.add({ kind: "transpose", permutation }, [input], shape, this.info(input).type);
  }

  head(kind: HeadNode["kind"], input: string, axis = this.shape(input).length - 1): string {
    const shape = this.shape(input).map((n, i) => (i === axis && kind === "argMax" ? 1 : n));
    return this.add({ kind, axis }, [input], shape, kind === "argMax" ? "int32" : "real");
  }

  constant(shape: Shape, values: readonly number[]): string {
    const name = `c${this.constants.size}`;
    this.constants.set(name, { shape, data: Float32Array.from(values) });
    return name;
  }

  /** The graph, checked by the rules that every reader's graph obeys. */
  build(output?: string): Graph {
    const graph: Graph = {
      input: "x",
      output: output ?? this.nodes.at(-1)?.output ?? "x",
      nodes: this.nodes,
      tensors: this.tensors,
      constants: this.constants,
    };
    checkGraph(graph, "the test's builder");
    return graph;
  }

  private add(
    body: Body,
    inputs: readonly string[],
    shape: Shape,
    type: TensorInfo["type"] = "real",
  ): string {
    const output = `t${this.nodes.length}`;
    this.tensors.set(output, { shape, type });
    // Files have no "dense" nodes, and layers are named after the operators of files.
    const op = body.kind === "dense" ? "Gemm" : body.kind;
    const base = { origin: { op, name: output }, output };
    this.nodes.push(withInputs(body, base, inputs));
    return output;
  }

  private weight(shape: Shape, weights: readonly number[] | Constant): string {
    const own: Constant = "data" in weights ? weights : { shape, data: Float32Array.from(weights) };
    const name = `w${this.constants.size}`;
    this.constants.set(name, own);
    return name;
  }

  private optional(shape: Shape, values: readonly number[] | undefined): string | null {
    return values === undefined ? null : this.constant(shape, values);
  }

  private info(name: string): TensorInfo {
    const info = this.tensors.get(name);
    if (info === undefined) throw new Error(`no tensor ${name}`);
    return info;
  }

  private windowShape(input: string, window: Window, channels?: number): Shape {
    const [batch = 1, own = 1, height = 1, width = 1] = this.shape(input);
    return [batch, channels ?? own, ...windowed([height, width], window)];
  }
}

function withInputs(
  body: Body,
  base: Pick<GraphNode, "origin" | "output">,
  all: readonly string[],
): GraphNode {
  const [first = "", second = ""] = all;
  switch (body.kind) {
    case "concat":
      return { ...body, ...base, inputs: all };
    case "add":
    case "sub":
    case "mul":
    case "div":
      return { ...body, ...base, inputs: [first, second] };
    default:
      return { ...body, ...base, input: first };
  }
}

export interface UniformOptions {
  readonly zero?: number | readonly number[];
  readonly min?: number;
  readonly max?: number;
  readonly zeroAdded?: "before-rounding" | "after-rounding";
  readonly axis?: number | null;
  readonly rounding?: "half-even" | "floor" | "ceil" | "toward-zero";
}

/** A uniform quantiser, int8 as QuantizeLinear does it unless the options say otherwise. */
export function uniform(
  scale: number | readonly number[],
  options: UniformOptions = {},
): Quantizer & { readonly kind: "uniform" } {
  const { zero = 0, min = -128, max = 127, axis = null } = options;
  const { zeroAdded = "after-rounding", rounding = "half-even" } = options;
  return {
    kind: "uniform",
    scale: float32(scale),
    zero: float32(zero),
    zeroAdded,
    axis,
    min,
    max,
    rounding,
  };
}

function float32(values: number | readonly number[]): Float32Array {
  return Float32Array.from(typeof values === "number" ? [values] : values);
}

function windowOf({ kernel, strides, dilations, pads }: WindowOptions): Window {
  const [top, left, bottom, right] = pads ?? [0, 0, 0, 0];
  return {
    kernel: kernel ?? [1, 1],
    strides: strides ?? [1, 1],
    dilations: dilations ?? [1, 1],
    pads: { top, left, bottom, right },
  };
}

/** The smallest type of the graph that holds the quantiser's integers. */
function storedAs(quantizer: Quantizer): IntegerType {
  if (quantizer.kind !== "uniform") return "int8";
  const { min, max } = quantizer;
  if (min >= -128 && max <= 127) return "int8";
  if (min >= 0 && max <= 255) return "uint8";
  return min >= -32768 && max <= 32767 ? "int16" : "int32";
}
