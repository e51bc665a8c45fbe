import type { Constant, Graph } from "../graph/types.js";
import { findWeights } from "../network/weights.js";

/** Float weights that became 8-bit integers. */
export interface QuantizedWeights {
  /** Name of the constant. */
  readonly tensor: string;
  /** The node that multiplies by it. */
  readonly node: string;
  /** Decibels of the weights over their rounding errors. */
  readonly signalToNoise: number | null;
}

const RULE = "rounding to 8 bits, symmetric, one scale per output channel (calibration)";

/**
 * Weights that lie on no grid, as first and last layers often keep them, on a grid of 8 bits for each
 * output channel: `round(w / (largest / 127))`. Grids that are there stay.
 */
export function quantizeWeights(graph: Graph): { graph: Graph; quantized: QuantizedWeights[] } {
  const constants = new Map(graph.constants);
  const quantized: QuantizedWeights[] = [];
  const nodes = graph.nodes.map((node) => {
    if (!("weight" in node)) return node;
    const constant = graph.constants.get(node.weight);
    if (constant === undefined || "weights" in findWeights(constant)) return node;
    const tensor = `${node.weight}.int8`;
    const perChannel = node.kind !== "convTranspose";
    const made = quantizedConstant(constant, perChannel);
    if (!constants.has(tensor)) {
      quantized.push({
        tensor: node.weight,
        node: node.origin.name,
        signalToNoise: decibels(constant.data, made.data),
      });
    }
    constants.set(tensor, made);
    return { ...node, weight: tensor };
  });
  return { graph: { ...graph, nodes, constants }, quantized };
}

function quantizedConstant({ shape, data }: Constant, perChannel: boolean): Constant {
  const channels = perChannel ? (shape[0] ?? 1) : 1;
  const run = data.length / channels;
  const scales = Float32Array.from({ length: channels }, (_, c) => {
    let largest = 0;
    for (const w of data.subarray(c * run, (c + 1) * run)) largest = Math.max(largest, Math.abs(w));
    return largest / 127 || 1;
  });
  const scaleAt = (i: number): number => scales[Math.floor(i / run)] ?? 1;
  const integers = Int32Array.from(data, (w, i) =>
    Math.max(-127, Math.min(127, Math.round(w / scaleAt(i)))),
  );
  return {
    shape,
    data: Float32Array.from(integers, (q, i) => q * scaleAt(i)),
    grid: { integers, scales, axis: perChannel ? 0 : null },
    rule: RULE,
  };
}

/** Ten times the logarithm of the power of `signal` over that of its difference; null: no difference. */
export function decibels(signal: ArrayLike<number>, changed: ArrayLike<number>): number | null {
  let [power, noise] = [0, 0];
  for (let i = 0; i < signal.length; i++) {
    power += (signal[i] ?? 0) ** 2;
    noise += ((signal[i] ?? 0) - (changed[i] ?? 0)) ** 2;
  }
  return noise === 0 ? null : 10 * Math.log10(power / noise);
}
