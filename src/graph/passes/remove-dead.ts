import { constantsOf, inputsOf } from "../nodes.js";
import type { Graph, GraphNode } from "../types.js";

/** Drops nodes, tensors and constants that the output does not depend on. */
export function removeDead(graph: Graph): Graph {
  const tensors = new Set([graph.input, graph.output]);
  const constants = new Set<string>();
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!tensors.has(node.output)) continue;
    for (const name of inputsOf(node)) tensors.add(name);
    for (const name of constantsOf(node)) constants.add(name);
    nodes.push(node);
  }
  return {
    ...graph,
    nodes: nodes.reverse(),
    tensors: only(graph.tensors, tensors),
    constants: only(graph.constants, constants),
  };
}

function only<T>(all: ReadonlyMap<string, T>, names: ReadonlySet<string>): Map<string, T> {
  return new Map([...all].filter(([name]) => names.has(name)));
}
