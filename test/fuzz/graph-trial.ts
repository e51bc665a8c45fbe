import { DiagnosticError } from "../../src/diagnostics.js";
import type { Graph } from "../../src/graph/types.js";
import { lower } from "../../src/network/lower/index.js";
import type { Network } from "../../src/network/types.js";
import { comparison } from "../property/compare.js";
import type { Failure } from "./compare.js";

/** A float graph and the inputs at which its network is compared with it. */
export interface GraphTrial {
  readonly graph: Graph;
  /** Whether doubles compute every tensor of the graph exactly, ties included. */
  readonly exactInDoubles: boolean;
  readonly inputs: readonly (readonly number[])[];
}

export type Lowered =
  | { readonly kind: "lowered"; readonly network: Network }
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly failure: Failure };

/** What a random graph may be refused for. */
export const REFUSALS: readonly string[] = [
  "lower/unquantised-clamp",
  "lower/not-per-channel",
  "lower/falling-steps",
];

/** The network of a graph, if the simulator computes with it what the graph means in doubles. */
export function lowerAndCompare({ graph, exactInDoubles, inputs }: GraphTrial): Lowered {
  try {
    const { network } = lower(graph);
    const compare = comparison(graph, network, exactInDoubles);
    for (const [input, values] of inputs.entries()) {
      const verdict = compare(values);
      if (typeof verdict === "string") continue;
      const detail = `against doubles: ${verdict.difference}`;
      return { kind: "failed", failure: { kind: "different", detail, input } };
    }
    return { kind: "lowered", network };
  } catch (error) {
    const codes = error instanceof DiagnosticError ? error.diagnostics.map((d) => d.code) : [];
    if (codes.length > 0 && codes.every((code) => REFUSALS.includes(code))) {
      return { kind: "refused" };
    }
    return { kind: "failed", failure: { kind: "crash", detail: String(error), input: null } };
  }
}
