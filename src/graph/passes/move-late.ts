import { freshName, inputsOf, sizeOf, withInputs } from "../nodes.js";
import type { ConcatNode, GatherNode, Graph, GraphNode, Quantizer, TensorInfo } from "../types.js";

type Move = ConcatNode | GatherNode;

/**
 * Lets elementwise nodes and their quantiser go before the concatenation or the gather that only
 * they read: then integers of a few bits are moved, and a tensor's parts may have scales of their own.
 */
export function moveLate(graph: Graph): Graph {
  let current = graph;
  for (;;) {
    const next = swapFirst(current);
    if (next === null) return current;
    current = next;
  }
}

function swapFirst(graph: Graph): Graph | null {
  const readers = new Map<string, GraphNode[]>();
  const makers = new Map<string, GraphNode>();
  for (const node of graph.nodes) {
    makers.set(node.output, node);
    for (const name of inputsOf(node)) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  for (const move of graph.nodes) {
    if (move.kind !== "concat" && move.kind !== "gather") continue;
    const [reader, ...others] = readers.get(move.output) ?? [];
    if (reader === undefined || others.length > 0 || move.output === graph.output) continue;
    if (isStored(move, makers) || !commutes(reader, graph)) continue;
    const fill = fillAfter(move, reader);
    if (fill !== null) return swapped(graph, move, reader, fill);
  }
  return null;
}

/** A gather of integers already is what it should be. */
function isStored(move: Move, makers: ReadonlyMap<string, GraphNode>): boolean {
  if (move.kind === "concat") return false;
  const maker = makers.get(move.input);
  return maker === undefined || maker.kind === "dequantize" || maker.kind === "quantize";
}

/** Whether the node treats all elements alike. */
function commutes(node: GraphNode, graph: Graph): boolean {
  switch (node.kind) {
    case "clip":
    case "unary":
      return true;
    case "arithmetic":
      return sizeOf(graph.constants.get(node.constant)?.shape ?? [0]) === 1;
    case "quantize":
      return isUniform(node.quantizer);
    default:
      return false;
  }
}

function isUniform(quantizer: Quantizer): boolean {
  switch (quantizer.kind) {
    case "bipolar":
    case "sign":
      return true;
    case "uniform":
      return quantizer.scale.length === 1 && quantizer.zero.length === 1;
    case "thresholds":
      return quantizer.values.length === quantizer.count;
    default:
      return quantizer satisfies never;
  }
}

/** What the node makes of the filled value; null where that is not plain to see. */
function fillAfter(move: Move, reader: GraphNode): number | null {
  if (move.kind === "concat" || !move.indices.some((list) => list?.includes(-1))) return 0;
  const { fill } = move;
  if (reader.kind === "clip") return Math.min(Math.max(fill, reader.low), reader.high);
  if (reader.kind !== "quantize") return null;
  if (reader.quantizer.kind === "bipolar") return fill >= 0 ? 1 : -1;
  if (reader.quantizer.kind === "sign") return Math.sign(fill);
  if (fill !== 0 || reader.quantizer.kind !== "uniform") return null;
  const { zero, min, max } = reader.quantizer;
  const code = zero[0] ?? 0;
  return Number.isInteger(code) ? Math.min(Math.max(code, min), max) : null;
}

function swapped(graph: Graph, move: Move, reader: GraphNode, fill: number): Graph {
  const tensors = new Map(graph.tensors);
  const type: TensorInfo["type"] = tensors.get(reader.output)?.type ?? "real";
  tensors.delete(move.output);
  const renamed = new Map<string, string>();
  const first = [...new Set(inputsOf(move))].map((input, i) => {
    const output = freshName(`${reader.output}.part${i}`, tensors);
    tensors.set(output, { shape: tensors.get(input)?.shape ?? [], type });
    renamed.set(input, output);
    return { ...withInputs(reader, () => input), output };
  });
  const moved = withInputs(move, (name) => renamed.get(name) ?? name);
  const last = { ...moved, output: reader.output, ...(moved.kind === "gather" ? { fill } : {}) };
  const nodes = graph.nodes.flatMap((node) => {
    if (node === move) return [];
    return node === reader ? [...first, last] : [node];
  });
  return { ...graph, nodes, tensors };
}
