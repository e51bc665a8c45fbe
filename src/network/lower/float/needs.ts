import { inputsOf } from "../../../graph/nodes.js";
import type { Graph, GraphNode } from "../../../graph/types.js";
import type { LoweringContext } from "../context.js";

/** Heads are left to the host, whatever they read. */
const HEADS: ReadonlySet<GraphNode["kind"]> = new Set([
  "softmax",
  "logSoftmax",
  "sigmoid",
  "argMax",
  "topK",
]);

/** Whether one of the node's inputs has no exact value. */
export function needsFloat(context: LoweringContext, node: GraphNode): boolean {
  if (HEADS.has(node.kind)) return false;
  return inputsOf(node).some((name) => context.value(name)?.kind === "float");
}

/** Behind these, a tensor is no longer a function of the input's elements one by one. */
const PRODUCTS: ReadonlySet<GraphNode["kind"]> = new Set(["quantize", "dense", "conv"]);

/**
 * Whether the network must take the model's float input as it is: where something is computed with
 * it that the caller cannot do for it, element by element, with a table of break points. A norm is
 * such a thing, and a scale that is measured at run time.
 */
export function takesFloat(graph: Graph): boolean {
  const reached = new Set([graph.input]);
  return graph.nodes.some((node) => {
    const from = inputsOf(node).filter((name) => reached.has(name));
    if (from.length === 0 || PRODUCTS.has(node.kind)) return false;
    reached.add(node.output);
    return from.length > 1 || ["reduce", "div", "round"].includes(node.kind);
  });
}
