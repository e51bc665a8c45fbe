import type { Graph, GraphNode } from "../types.js";

/**
 * A reshape of a reshape becomes one reshape of the first one's input, a transpose of a transpose
 * one transpose. The inner node stays for whoever else reads it.
 */
export function mergeChains(graph: Graph): Graph {
  const makers = new Map<string, GraphNode>();
  const nodes = graph.nodes.map((node) => {
    const merged = mergeWithMaker(node, makers);
    makers.set(merged.output, merged);
    return merged;
  });
  return { ...graph, nodes };
}

function mergeWithMaker(node: GraphNode, makers: ReadonlyMap<string, GraphNode>): GraphNode {
  if (node.kind === "reshape") {
    const maker = makers.get(node.input);
    return maker?.kind === "reshape" ? { ...node, input: maker.input } : node;
  }
  if (node.kind === "transpose") {
    const maker = makers.get(node.input);
    if (maker?.kind !== "transpose") return node;
    const permutation = node.permutation.map((axis) => maker.permutation[axis] ?? axis);
    return { ...node, input: maker.input, permutation };
  }
  return node;
}
