import type { GraphNode, Shape } from "./types.js";

/** Names of the run-time tensors a node reads. */
export function inputsOf(node: GraphNode): readonly string[] {
  return "inputs" in node ? node.inputs : [node.input];
}

/** Names of the constants a node reads. */
export function constantsOf(node: GraphNode): readonly string[] {
  switch (node.kind) {
    case "conv":
    case "convTranspose":
    case "dense":
      return node.bias === null ? [node.weight] : [node.weight, node.bias];
    case "arithmetic":
      return [node.constant];
    case "batchNorm":
      return [node.gamma, node.beta, node.mean, node.variance];
    case "embedding":
      return [node.table];
    case "prelu":
      return [node.slope];
    case "maxPool":
    case "averagePool":
    case "clip":
    case "unary":
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "reduce":
    case "round":
    case "concat":
    case "gather":
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
  if (node.kind === "concat") return { ...node, inputs: node.inputs.map(rename) };
  if ("inputs" in node) {
    const [first, second] = node.inputs;
    return { ...node, inputs: [rename(first), rename(second)] };
  }
  return { ...node, input: rename(node.input) };
}

/** The number of elements of a tensor of that shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** ONNX multidirectional broadcasting: the common shape, or null if there is none. */
export function broadcastShape(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** A name that none of the maps has: `base`, or `base_2` and so on. */
export function freshName(base: string, ...taken: readonly ReadonlyMap<string, unknown>[]): string {
  let name = base;
  for (let n = 2; taken.some((names) => names.has(name)); n++) name = `${base}_${n}`;
  return name;
}
