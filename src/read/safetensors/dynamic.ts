import type { GraphNode, Origin, Shape, UnaryFunction } from "../../graph/types.js";
import type { Assembly, Flow } from "../layers/assembly.js";

/** Layers that depend on all of a token, written out operator by operator, in float32. */
export class Written {
  constructor(
    private readonly graph: Assembly,
    private readonly origin: Origin,
  ) {}

  /** `x / sqrt(mean(x^2) + epsilon)` along the last axis. */
  rootMeanSquare(x: Flow, epsilon: number): Flow {
    const squares = this.unary(x, { name: "power", exponent: 2 });
    const mean = this.reduce(squares, "mean");
    const root = this.unary(this.constant(mean, "add", epsilon), { name: "sqrt" });
    return this.binary("div", x, root);
  }

  /**
   * The activations of BitNet b1.58: `clip(round(x * s), -m - 1, m) / s`, `s = m / max(max|x|, 1e-5)`
   * of each token, where torch computes `m / t` as `1 / t * m`; ties to even.
   */
  absmax(x: Flow, most: number): Flow {
    const largest = this.reduce(this.unary(x, { name: "abs" }), "max");
    const bounded = this.clip(largest, Math.fround(1e-5), Number.POSITIVE_INFINITY);
    const scale = this.constant(this.unary(bounded, { name: "reciprocal" }), "mul", most);
    const rounded = this.emit({ kind: "round", input: this.binary("mul", x, scale).name }, x.shape);
    return this.binary("div", this.clip(rounded, -most - 1, most), scale);
  }

  private emit(node: Unplaced, shape: Shape): Flow {
    const { origin } = this;
    const name = `${origin.name}.${node.kind}`;
    return this.graph.emit({ ...node, origin }, { shape, type: "real" }, name);
  }

  private unary({ name, shape }: Flow, called: UnaryFunction): Flow {
    return this.emit({ kind: "unary", input: name, function: called }, shape);
  }

  private reduce({ name, shape }: Flow, reduction: "mean" | "max"): Flow {
    const axes = [shape.length - 1];
    return this.emit({ kind: "reduce", input: name, reduction, axes }, shape.with(-1, 1));
  }

  private clip({ name, shape }: Flow, low: number, high: number): Flow {
    return this.emit({ kind: "clip", input: name, low, high }, shape);
  }

  private binary(kind: "mul" | "div", a: Flow, b: Flow): Flow {
    return this.emit({ kind, inputs: [a.name, b.name] }, a.shape);
  }

  private constant({ name, shape }: Flow, operation: "add" | "mul", value: number): Flow {
    const scalar = { shape: [], data: Float32Array.of(value) };
    const constant = this.graph.constant(`${this.origin.name}.${operation}`, scalar);
    const form = { operation, constant, constantFirst: false } as const;
    return this.emit({ kind: "arithmetic", input: name, ...form }, shape);
  }
}

/** A node without the place that `Written` gives it. */
type Unplaced = GraphNode extends infer N
  ? N extends GraphNode
    ? Omit<N, "origin" | "output">
    : never
  : never;
