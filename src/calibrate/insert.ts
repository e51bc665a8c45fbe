import { withInputs } from "../graph/nodes.js";
import type { Graph, GraphNode, Origin, TensorInfo } from "../graph/types.js";
import { LEVELS, type Scale } from "./scale.js";

/** Name of the tensor that stands for `tensor` after its quantiser, as a real tensor. */
export function quantizedName(tensor: string): string {
  return `${tensor}.calibrated`;
}

/** The Graph with a quantiser on each of the tensors; everything that reads one reads it quantised. */
export function insertQuantizers(graph: Graph, scales: ReadonlyMap<string, Scale>): Graph {
  const tensors = new Map<string, TensorInfo>(graph.tensors);
  const nodes: GraphNode[] = [];
  const quantize = (tensor: string, scale: Scale | undefined, maker: Origin): void => {
    if (scale === undefined) return;
    const shape = graph.tensors.get(tensor)?.shape ?? [];
    tensors.set(`${tensor}.integers`, { shape, type: scale.type });
    tensors.set(quantizedName(tensor), { shape, type: "real" });
    nodes.push(...pairOf(tensor, scale, maker));
  };
  quantize(graph.input, scales.get(graph.input), { op: "Input", name: graph.input });
  for (const node of graph.nodes) {
    nodes.push(withInputs(node, (name) => (scales.has(name) ? quantizedName(name) : name)));
    quantize(node.output, scales.get(node.output), node.origin);
  }
  return { ...graph, nodes, tensors };
}

function pairOf(tensor: string, { type, scale, zero }: Scale, { name }: Origin): GraphNode[] {
  const { low, high } = LEVELS[type];
  const shared = { scale: Float32Array.of(scale), zero: Float32Array.of(zero), axis: null };
  const integers = `${tensor}.integers`;
  return [
    {
      kind: "quantize",
      origin: { op: "Calibration", name: `${name} to ${type}` },
      input: tensor,
      output: integers,
      quantizer: {
        kind: "uniform",
        ...shared,
        zeroAdded: "after-rounding",
        min: low,
        max: high,
        rounding: "half-even",
      },
    },
    {
      kind: "dequantize",
      origin: { op: "Calibration", name: `${name} from ${type}` },
      input: integers,
      output: quantizedName(tensor),
      ...shared,
    },
  ];
}
