import { fail } from "../../diagnostics.js";
import type { Graph, ReshapeNode } from "../../graph/types.js";
import { noPlace } from "./diagnostics.js";
import { takesFloat } from "./float/needs.js";
import { channelsFirst, type Extent, type Order } from "./layout.js";

/** Where the model's input elements stand in the network's channels-last input tensor. */
export function inputPlace(graph: Graph): { extent: Extent; order: Order } {
  const shape = graph.tensors.get(graph.input)?.shape ?? [];
  const [, a = 1, b = 1, c = 1] = shape;
  if (shape.length === 4) {
    if (channelsOf(graph) === "last") {
      return { extent: { height: a, width: b, channels: c }, order: null };
    }
    const extent = { height: b, width: c, channels: a };
    return { extent, order: channelsFirst(extent) };
  }
  // What float32 normalises is a row for each position, as a model of language has them.
  if (shape.length === 3 && !takesFloat(graph) && channelsOf(graph) === "first") {
    const extent = { height: 1, width: b, channels: a };
    return { extent, order: channelsFirst(extent) };
  }
  if (shape.length === 3) return { extent: { height: 1, width: a, channels: b }, order: null };
  if (shape.length === 2) return { extent: { height: 1, width: 1, channels: a }, order: null };
  const vector = { height: 1, width: 1, channels: shape[0] ?? 1 };
  if (shape.length === 1) return { extent: vector, order: null };
  return fail(noPlace({ op: "Input", name: graph.input }, shape));
}

/**
 * Where the input's channels are, by the first node that moves it: last if the model transposes its
 * images itself, as Keras exports do, first if it slides a window over [batch, channels, length] or
 * normalises those channels. Null where nothing says so.
 */
function channelsOf(graph: Graph): "last" | "first" | null {
  const pointwise = ["arithmetic", "quantize", "dequantize", "clip", "unary", "prelu"];
  let name = graph.input;
  for (;;) {
    const reader = graph.nodes.find((n) => "input" in n && n.input === name);
    if (reader === undefined) return null;
    if (reader.kind === "transpose") {
      return `${reader.permutation}` === "0,3,1,2" ? "last" : null;
    }
    if (reader.kind === "batchNorm") return "first";
    if (reader.kind === "reshape") return reshapedChannels(graph, reader);
    if (!pointwise.includes(reader.kind)) return null;
    name = reader.output;
  }
}

/**
 * A reshape of [batch, channels, length] to an image of height 1, over which windows slide; or of
 * [batch, height, width, 1] to [batch, 1, height, width], a transposition that moves nothing.
 */
function reshapedChannels(graph: Graph, { input, output }: ReshapeNode): "first" | "last" | null {
  const [from = [], to = []] = [input, output].map((name) => graph.tensors.get(name)?.shape);
  if (from.length === 3) return `${to}` === `${from.toSpliced(2, 0, 1)}` ? "first" : null;
  const [batch, height, width, channels] = from;
  return channels === 1 && `${to}` === `${[batch, 1, height, width]}` ? "last" : null;
}
