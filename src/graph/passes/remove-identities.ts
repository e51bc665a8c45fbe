import { sameShape, withInputs } from "../nodes.js";
import type { Graph, GraphNode } from "../types.js";

/** Drops nodes that change neither an element nor its place; their readers read their input. */
export function removeIdentities(graph: Graph): Graph {
  const renamed = new Map<string, string>();
  const nodes: GraphNode[] = [];
  for (const original of graph.nodes) {
    const node = withInputs(original, (name) => renamed.get(name) ?? name);
    const input = sameTensor(node, graph);
    if (input === null) nodes.push(node);
    else renamed.set(node.output, input);
  }
  const output = renamed.get(graph.output);
  if (output === undefined) return { ...graph, nodes };
  // The user knows the output by the file's name, so the tensor that stands for it takes that name.
  // The input has a name of its own to keep: there the identity stays.
  if (output === graph.input) return graph;
  const rename = (name: string): string => (name === output ? graph.output : name);
  return {
    ...graph,
    nodes: nodes.map((node) => ({ ...withInputs(node, rename), output: rename(node.output) })),
  };
}

/** The input, if the node's output is the same tensor under another name; otherwise null. */
function sameTensor(node: GraphNode, graph: Graph): string | null {
  switch (node.kind) {
    case "reshape": {
      const before = graph.tensors.get(node.input)?.shape ?? [];
      const after = graph.tensors.get(node.output)?.shape ?? [];
      return sameShape(before, after) ? node.input : null;
    }
    case "gather":
      return node.indices.every((list) => list === null || isWhole(list, node, graph))
        ? node.input
        : null;
    case "transpose":
      return node.permutation.every((axis, position) => axis === position) ? node.input : null;
    default:
      return null;
  }
}

/** Whether a gather takes every element of some axis, each in its place. */
function isWhole(list: Int32Array, node: GraphNode & { kind: "gather" }, graph: Graph): boolean {
  const axis = node.indices.indexOf(list);
  const extent = graph.tensors.get(node.input)?.shape[axis];
  return list.length === extent && list.every((index, i) => index === i);
}
