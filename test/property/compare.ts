import { inputsOf, sizeOf } from "../../src/graph/nodes.js";
import type { Graph, GraphNode, Quantizer } from "../../src/graph/types.js";
import { integerTensor, type Layer, type Network } from "../../src/network/types.js";
import { decodeOutput, encodeInput } from "../../src/simulate/codec.js";
import type { TensorData } from "../../src/simulate/float.js";
import { createSimulator } from "../../src/simulate/index.js";
import { evaluate } from "../graph/evaluate.js";

/** What one input gave: the same, too near a break to tell, or how it differs. */
export type Verdict = "equal" | "near a break" | { readonly difference: string };

export type Comparison = (input: readonly number[]) => Verdict;

/** Doubles are this near the exact value, in output steps. */
const DOUBLE_NOISE = 1e-9;

/** Chains of float32 operators are this near, which the network repeats on purpose. */
const FLOAT32_NOISE = 1e-3;

/**
 * Compares the simulator with the graph in double precision. An input that brings some value nearer
 * to a break of its quantiser than the doubles (or a layer that does not claim to be exact) can be
 * relied on is set aside.
 */
export function comparison(graph: Graph, network: Network, exactInDoubles: boolean): Comparison {
  const simulator = createSimulator(network);
  const claimed = Math.max(0, ...network.layers.map(claimedReach));
  const noise = exactInDoubles ? claimed : Math.max(claimed, DOUBLE_NOISE);
  const replayed = pointwiseTensors(graph);
  return (input) => {
    const expected = evaluate(graph, input);
    const near = graph.nodes.some((node) => {
      if (node.kind !== "quantize") return false;
      const reach = !exactInDoubles && replayed.has(node.input) ? FLOAT32_NOISE : noise;
      const values = expected.get(node.input) ?? new Float64Array();
      return reach > 0 && isNear(values, node.quantizer, reach);
    });
    if (near) return "near a break";
    const result = simulator.run(encodeInput(network, input));
    const outside = outOfRange(network, simulator.trace());
    if (outside !== null) return { difference: outside };
    const wanted = expected.get(graph.output) ?? new Float64Array();
    const difference = firstDifference(decodeOutput(network, result), wanted, tolerance(network));
    return difference === null ? "equal" : { difference };
  };
}

function claimedReach(layer: Layer): number {
  const rule = "requantization" in layer ? layer.requantization : null;
  if (rule === null || rule.kind === "none" || rule.exactness.kind !== "bounded") return 0;
  return rule.exactness.within;
}

/** Tensors that pointwise operators make of stored elements: float32 decides them. */
function pointwiseTensors(graph: Graph): Set<string> {
  const kinds: readonly GraphNode["kind"][] = [
    "arithmetic",
    "clip",
    "concat",
    "gather",
    "maxPool",
    "mul",
    "prelu",
    "reshape",
    "sub",
    "transpose",
    "unary",
  ];
  const found = new Set([graph.input]);
  for (const node of graph.nodes) {
    if (node.kind === "dequantize") found.add(node.output);
    else if (kinds.includes(node.kind) && inputsOf(node).every((name) => found.has(name))) {
      found.add(node.output);
    }
  }
  return found;
}

function isNear(values: Float64Array, quantizer: Quantizer, reach: number): boolean {
  if (quantizer.kind !== "uniform") return values.some((x) => x !== 0 && Math.abs(x) < reach);
  const { scale, zero, min, max, rounding, zeroAdded } = quantizer;
  const [step = 1] = scale;
  const [shift = 0] = zero;
  return values.some((x) => {
    const position = x / step + (zeroAdded === "before-rounding" ? shift : 0);
    const level = zeroAdded === "before-rounding" ? position : position + shift;
    if (level < min - 1 || level > max + 1) return false;
    const fromWhole = Math.abs(position - Math.round(position));
    return (rounding === "half-even" ? 0.5 - fromWhole : fromWhole) < reach;
  });
}

/** What a real output may be off by; codes must be equal. */
function tolerance({ output, layers }: Network): (expected: number) => number {
  const { real } = output;
  if (real === null) return () => 0;
  const rule = layers.find((l) => l.output === output.tensor);
  const code = rule !== undefined && "requantization" in rule ? rule.requantization : null;
  const exactness = code === null || code.kind === "none" ? null : code.exactness;
  const bound = exactness?.kind === "rounded" ? exactness.bound : 0;
  return (expected) => real.scale * (bound + 1e-4) + 1e-9 * Math.abs(expected);
}

function firstDifference(
  actual: Float64Array,
  expected: Float64Array,
  allowed: (expected: number) => number,
): string | null {
  if (actual.length !== expected.length) return `${actual.length} outputs, not ${expected.length}`;
  const at = expected.findIndex((e, i) => !(Math.abs((actual[i] ?? Number.NaN) - e) <= allowed(e)));
  return at < 0 ? null : `output ${at} is ${actual[at]}, not ${expected[at]}`;
}

/** The proofs of ranges hold for every tensor. */
function outOfRange(network: Network, trace: readonly TensorData[]): string | null {
  for (const [i, layer] of network.layers.entries()) {
    const tensor = network.tensors[layer.output];
    if (tensor === undefined) return `layer ${layer.name} has no output tensor`;
    const { low, high } = integerTensor(tensor).range;
    const size = sizeOf([tensor.height, tensor.width, tensor.channels]);
    const values = trace[i] ?? new Int32Array();
    if (values.length !== size) return `layer ${layer.name} has ${values.length} outputs`;
    const wrong = values.find((v) => v < low || v > high);
    if (wrong !== undefined) return `${layer.name} makes ${wrong}, outside [${low}, ${high}]`;
  }
  return null;
}
