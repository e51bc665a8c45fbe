import { inputsOf } from "../graph/nodes.js";
import type { ArithmeticNode, BatchNormNode, Graph, GraphNode } from "../graph/types.js";

/**
 * How a tensor can be read: `stored` integers times one scale; `pointwise` functions of stored
 * integers; `real` sums and the model's float input; `pooled` maxima of those, waiting for a quantiser.
 */
type State = "stored" | "pointwise" | "real" | "pooled";

/** Tensors that share one quantiser, because their elements are put side by side. */
export type Place = readonly string[];

/**
 * The tensors of a Graph that need a quantiser, so that every node has integers to work on where
 * lowering wants them: operands of products, means and additions, of curved functions, and of what
 * moves elements. Tensors that the model quantises itself, and its output, stay as they are.
 */
export function placesOf(graph: Graph): Place[] {
  const walk = new Walk(graph);
  for (const node of graph.nodes) walk.visit(node);
  return walk.places();
}

class Walk {
  private readonly states = new Map<string, State>();
  private readonly makers: ReadonlyMap<string, GraphNode>;
  /** Of a tensor that is stored, or a pointwise function of one: that one. */
  private readonly roots = new Map<string, string>();
  /** The marked tensors, each with the first of those it shares its quantiser with. */
  private readonly marked = new Map<string, string>();

  constructor(private readonly graph: Graph) {
    this.makers = new Map(graph.nodes.map((node) => [node.output, node]));
    const { input } = graph;
    const real = graph.tensors.get(input)?.type === "real";
    this.states.set(input, real ? "real" : "stored");
    const readers = graph.nodes.filter((node) => inputsOf(node).includes(input));
    // One float input has one integer form, whoever reads it.
    if (real && readers.length > 1 && !readers.some(({ kind }) => kind === "quantize")) {
      this.mark(input);
    }
  }

  visit(node: GraphNode): void {
    const state = this.after(node);
    this.states.set(node.output, state);
    const [first = ""] = inputsOf(node);
    if (state === "pointwise") this.roots.set(node.output, this.rootOf(first));
  }

  places(): Place[] {
    const groups = new Map<string, string[]>();
    for (const name of this.marked.keys()) {
      const first = this.firstOf(name);
      groups.set(first, [...(groups.get(first) ?? []), name]);
    }
    return [...groups.values()];
  }

  private after(node: GraphNode): State {
    switch (node.kind) {
      case "quantize":
      case "dequantize":
      case "embedding":
      case "round":
        return "stored";
      case "conv":
      case "convTranspose":
      case "dense":
      case "averagePool":
      case "reduce":
      case "div":
        for (const name of inputsOf(node)) this.store(name);
        return "real";
      case "add":
      case "sub":
      case "mul":
        if (this.isOneFunction(node.inputs)) return "pointwise";
        for (const name of inputsOf(node)) this.store(name);
        return "real";
      case "unary":
      case "prelu":
        if (this.stateOf(node.input) !== "pointwise") this.storeFork(node.input);
        return "pointwise";
      case "concat":
        return this.afterConcat(node.inputs);
      case "gather":
        this.store(node.input);
        return "stored";
      case "maxPool": {
        const state = this.stateOf(node.input);
        if (state !== "real") this.store(node.input);
        return state === "real" ? "pooled" : "stored";
      }
      case "reshape":
      case "transpose":
        return this.stateOf(node.input);
      case "clip":
        return this.pointwise(node.input, node.low <= 0 && node.high === Number.POSITIVE_INFINITY);
      case "arithmetic": {
        const { operation, constant, constantFirst } = node;
        const sizes = this.graph.constants.get(constant)?.shape ?? [];
        const one = sizes.every((size) => size === 1);
        this.unpool(node);
        return this.pointwise(
          node.input,
          one && (operation === "mul" || (operation === "div" && !constantFirst)),
        );
      }
      case "batchNorm":
        this.unpool(node);
        return this.pointwise(node.input, false);
      case "softmax":
      case "logSoftmax":
      case "sigmoid":
      case "argMax":
      case "topK":
        return "real";
      default:
        return node satisfies never;
    }
  }

  /** `x * sigmoid(x)`: both operands are functions of the same stored tensor. */
  private isOneFunction([a, b]: readonly [string, string]): boolean {
    const states = [this.stateOf(a), this.stateOf(b)];
    const curved = states.includes("pointwise");
    return curved && !states.includes("real") && this.rootOf(a) === this.rootOf(b);
  }

  private rootOf(name: string): string {
    return this.roots.get(name) ?? name;
  }

  /**
   * Stores the operand of a curved function: where a pointwise operator made it of a tensor that others
   * read as well, that tensor, so that all of them are functions of the same integers.
   */
  private storeFork(name: string): void {
    const maker = this.makers.get(name);
    const pointwise = ["arithmetic", "clip", "batchNorm"];
    if (maker !== undefined && "input" in maker && pointwise.includes(maker.kind)) {
      const { input } = maker;
      const readers = this.graph.nodes.filter((node) => inputsOf(node).includes(input));
      if (readers.length > 1 && this.stateOf(input) === "real") {
        this.mark(input);
        this.states.set(name, "pointwise");
        this.roots.set(name, input);
        return;
      }
    }
    this.store(name);
  }

  /** The same scale for all parts, where no part has one already. */
  private afterConcat(inputs: readonly string[]): State {
    const roots = inputs.map((name) => this.store(name));
    const own = roots.filter((name) => this.marked.has(name));
    const [first] = own;
    if (first === undefined) return "pointwise";
    const shared = this.firstOf(first);
    for (const name of own) this.marked.set(this.firstOf(name), shared);
    return own.length === inputs.length ? "stored" : "pointwise";
  }

  private pointwise(input: string, onGrid: boolean): State {
    const state = this.stateOf(input);
    return state === "stored" && !onGrid ? "pointwise" : state;
  }

  /** An affine map that falls in some channel does not commute with the maxima that wait. */
  private unpool(node: ArithmeticNode | BatchNormNode): void {
    if (this.stateOf(node.input) === "pooled" && this.falls(node)) this.store(node.input);
  }

  private falls(node: ArithmeticNode | BatchNormNode): boolean {
    const { data } = this.graph.constants.get("gamma" in node ? node.gamma : node.constant) ?? {};
    const negative = data?.some((factor) => factor < 0) ?? true;
    if (node.kind === "batchNorm") return negative;
    switch (node.operation) {
      case "add":
        return false;
      case "sub":
        return node.constantFirst;
      case "mul":
        return negative;
      case "div":
        return negative || node.constantFirst;
      default:
        return node.operation satisfies never;
    }
  }

  /** Sees to it that a tensor is stored; names the tensor that is quantised for it. */
  private store(name: string): string {
    const source = this.sourceOf(name);
    if (this.stateOf(source) !== "stored") this.mark(source);
    for (let at = name; at !== source; at = this.moveOf(at) ?? source) {
      this.states.set(at, "stored");
    }
    return source;
  }

  /** Where the elements were before they were reshaped, transposed or pooled. */
  private sourceOf(name: string): string {
    for (let at = name; ; ) {
      const before = this.stateOf(at) === "stored" ? null : this.moveOf(at);
      if (before === null) return at;
      at = before;
    }
  }

  private moveOf(name: string): string | null {
    const maker = this.makers.get(name);
    const moves = ["reshape", "transpose", "maxPool"];
    return maker !== undefined && "input" in maker && moves.includes(maker.kind)
      ? maker.input
      : null;
  }

  private mark(name: string): void {
    if (!this.marked.has(name)) this.marked.set(name, name);
    this.states.set(name, "stored");
  }

  private firstOf(name: string): string {
    const first = this.marked.get(name) ?? name;
    return first === name ? name : this.firstOf(first);
  }

  private stateOf(name: string): State {
    return this.states.get(name) ?? "stored";
  }
}
