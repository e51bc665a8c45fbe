import { type Diagnostic, DiagnosticError } from "../../src/diagnostics.js";
import type { Constant, Graph, GraphNode } from "../../src/graph/types.js";
import { readModel } from "../../src/read/index.js";
import { type ModelParts, model } from "../support/onnx-builder.js";

/** Reads a model that is right; `files` lie beside it. */
export function read(parts: ModelParts, files: Readonly<Record<string, Uint8Array>> = {}): Graph {
  return readModel(model(parts), "test.onnx", (location) => files[location]).graph;
}

export function remarksOf(parts: ModelParts): readonly Diagnostic[] {
  return readModel(model(parts), "test.onnx", () => undefined).remarks;
}

/** What is wrong with a model, or with bytes that are none. */
export function problems(
  wrong: ModelParts | Uint8Array,
  files: Readonly<Record<string, Uint8Array>> = {},
): readonly Diagnostic[] {
  const bytes = wrong instanceof Uint8Array ? wrong : model(wrong);
  try {
    readModel(bytes, "test.onnx", (location) => files[location]);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  throw new Error("the model was read without complaint");
}

/** The only problem. */
export function problem(
  wrong: ModelParts | Uint8Array,
  files: Readonly<Record<string, Uint8Array>> = {},
): Diagnostic {
  const [first, ...more] = problems(wrong, files);
  if (first === undefined || more.length > 0) {
    throw new Error(`not one problem: ${[first, ...more].map((d) => d?.message).join("; ")}`);
  }
  return first;
}

export function kinds(graph: Graph): string[] {
  return graph.nodes.map(({ kind }) => kind);
}

/** The only node of a kind. */
export function only<K extends GraphNode["kind"]>(
  graph: Graph,
  kind: K,
): Extract<GraphNode, { readonly kind: K }> {
  const isKind = (node: GraphNode): node is Extract<GraphNode, { readonly kind: K }> =>
    node.kind === kind;
  const [found, ...more] = graph.nodes.filter(isKind);
  if (found === undefined || more.length > 0) {
    throw new Error(`${kind} is not once among ${kinds(graph).join(", ")}`);
  }
  return found;
}

export function constantOf(graph: Graph, name: string | null): Constant {
  const constant = graph.constants.get(name ?? "");
  if (constant === undefined) throw new Error(`no constant ${name}`);
  return constant;
}

export function outputShape(graph: Graph): readonly number[] | undefined {
  return graph.tensors.get(graph.output)?.shape;
}
