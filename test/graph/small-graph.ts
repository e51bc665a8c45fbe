import { inputsOf } from "../../src/graph/nodes.js";
import type { Constant, Graph, GraphNode, Shape, TensorInfo } from "../../src/graph/types.js";

/** What a test says of one node; its origin is made up from its output. */
export type Draft = GraphNode extends infer N
  ? N extends GraphNode
    ? Omit<N, "origin">
    : never
  : never;

export function withOrigin(draft: Draft): GraphNode {
  return { ...draft, origin: { op: draft.kind, name: draft.output } };
}

/** A graph from `x` to the last node's output. */
export function smallGraph(
  shapes: Readonly<Record<string, Shape | TensorInfo>>,
  drafts: readonly Draft[],
  constants: Readonly<Record<string, Constant>> = {},
): Graph {
  const nodes = drafts.map(withOrigin);
  const tensors = Object.entries(shapes).map(([name, info]): [string, TensorInfo] => [
    name,
    "type" in info ? info : { shape: info, type: "real" },
  ]);
  return {
    input: "x",
    output: nodes.at(-1)?.output ?? "x",
    nodes,
    tensors: new Map(tensors),
    constants: new Map(Object.entries(constants)),
  };
}

/** The graph's wiring, one line a node: `y = relu(x)`. */
export function wiring(graph: Graph): string[] {
  return graph.nodes.map((node) => {
    return `${node.output} = ${node.kind}(${inputsOf(node).join(", ")})`;
  });
}

export function constant(shape: Shape, values: readonly number[]): Constant {
  return { shape, data: Float32Array.from(values) };
}
