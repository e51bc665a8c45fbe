import { DiagnosticError } from "../../src/diagnostics.js";
import { lower } from "../../src/network/lower/index.js";
import { encodeInput } from "../../src/simulate/codec.js";
import { comparison } from "../property/compare.js";
import { randomNetwork } from "../property/random-network.js";
import { seeded } from "../support/random.js";
import type { Failure, Trial } from "./compare.js";
import { drawNetwork } from "./draw.js";
import { drawInputs } from "./inputs.js";
import { drawPlanning } from "./planning.js";

/** What is drawn: an integer network, or a float graph that is lowered to one. */
export type Level = "network" | "graph";

export const LEVELS: readonly Level[] = ["network", "graph"];

/** `failure` is what is wrong before any C: the simulator means something else than the graph. */
export type Drawn =
  | { readonly kind: "trial"; readonly trial: Trial }
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly failure: Failure };

const RANDOM_INPUTS = 5;
const GRAPH_INPUTS = 12;

/** What a random graph may be refused for. */
export const REFUSALS: readonly string[] = [
  "lower/unquantised-clamp",
  "lower/not-per-channel",
  "lower/falling-steps",
];

/** The same for the same level and seed. */
export function draw(level: Level, seed: number): Drawn {
  switch (level) {
    case "network": {
      const network = drawNetwork(seed);
      const random = seeded(seed);
      const inputs = drawInputs(network, random, RANDOM_INPUTS);
      return { kind: "trial", trial: { network, inputs, planning: drawPlanning(random) } };
    }
    case "graph":
      return drawGraph(seed);
    default:
      return level satisfies never;
  }
}

function drawGraph(seed: number): Drawn {
  const { graph, exactInDoubles, input } = randomNetwork(seed);
  try {
    const { network } = lower(graph);
    const compare = comparison(graph, network, exactInDoubles);
    const random = seeded(seed);
    const inputs = Array.from({ length: GRAPH_INPUTS }, () => input(random));
    for (const [i, values] of inputs.entries()) {
      const verdict = compare(values);
      if (typeof verdict === "string") continue;
      const detail = `against doubles: ${verdict.difference}`;
      return { kind: "failed", failure: { kind: "different", detail, input: i } };
    }
    const encoded = inputs.map((values) => encodeInput(network, values));
    const planning = drawPlanning(random);
    return { kind: "trial", trial: { network, inputs: encoded, planning } };
  } catch (error) {
    const codes = error instanceof DiagnosticError ? error.diagnostics.map((d) => d.code) : [];
    if (codes.length > 0 && codes.every((code) => REFUSALS.includes(code))) {
      return { kind: "refused" };
    }
    return { kind: "failed", failure: { kind: "crash", detail: String(error), input: null } };
  }
}
