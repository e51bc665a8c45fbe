import type { GraphNode, Shape } from "./types.js";

/** Names of the run-time tensors a node reads. */
export function inputsOf(node: GraphNode): readonly string[] {
  return node.kind === "add" ? node.inputs : [node.input];
}

/** Names of the constants a node reads. */
export function constantsOf(node: GraphNode): readonly string[] {
  switch (node.kind) {
    case "conv":
    case "dense":
      return node.bias === null ? [node.weight] : [node.weight, node.bias];
    case "arithmetic":
      return [node.constant];
    case "batchNorm":
      return [node.gamma, node.beta, node.mean, node.variance];
    case "maxPool":
    case "averagePool":
    case "clip":
    case "add":
    case "quantize":
    case "dequantize":
    case "reshape":
    case "transpose":
    case "softmax":
    case "logSoftmax":
    case "sigmoid":
    case "argMax":
    case "topK":
      return [];
    default:
      return node satisfies never;
  }
}

/** The node with every run-time input's name replaced by `rename(name)`. */
export function withInputs(node: GraphNode, rename: (name: string) => string): GraphNode {
  if (node.kind === "add") {
    const [first, second] = node.inputs;
    return { ...node, inputs: [rename(first), rename(second)] };
  }
  return { ...node, input: rename(node.input) };
}

/** The number of elements of a tensor of that shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
