import { DiagnosticError } from "../../../src/diagnostics.js";
import type { Graph } from "../../../src/graph/types.js";
import { lower } from "../../../src/network/lower/index.js";
import type { Layer, Network } from "../../../src/network/types.js";
import { decodeOutput, encodeInput } from "../../../src/simulate/codec.js";
import { createSimulator } from "../../../src/simulate/index.js";
import { outputOf } from "../../graph/evaluate.js";
import { seeded } from "../../support/random.js";

/** The network's output for one input of the model, as the model gives it. */
export function run(network: Network, input: ArrayLike<number>): number[] {
  return Array.from(
    decodeOutput(network, createSimulator(network).run(encodeInput(network, input))),
  );
}

/**
 * Lowers a graph whose constants are binary fractions, so that doubles compute it exactly, and
 * throws unless the network gives just that on random inputs in [low, high] times `unit`.
 */
export function lowersExactly(graph: Graph, low = 0, high = 255, unit = 1, inputs = 40): Network {
  const { network } = lower(graph);
  const random = seeded(3);
  const size = (graph.tensors.get(graph.input)?.shape ?? []).reduce((a, b) => a * b, 1);
  for (let i = 0; i < inputs; i++) {
    const input = Array.from({ length: size }, () => random.integer(low, high) * unit);
    const actual = run(network, input);
    const expected = Array.from(outputOf(graph, input));
    const at = expected.findIndex((e, k) => actual[k] !== e);
    if (at >= 0 || actual.length !== expected.length) {
      throw new Error(`output ${at} is ${actual[at]}, not ${expected[at]}, for [${input}]`);
    }
  }
  return network;
}

/** What the lowering of a graph complains about, as `code node`. */
export function complaints(graph: Graph): string[] {
  try {
    lower(graph);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map((d) => `${d.code} ${d.where.node ?? ""}`.trim());
  }
  return [];
}

export function kinds(network: Network): Layer["kind"][] {
  return network.layers.map((layer) => layer.kind);
}
