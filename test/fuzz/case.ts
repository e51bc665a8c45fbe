import { encodeInput } from "../../src/simulate/codec.js";
import { randomNetwork } from "../property/random-network.js";
import { seeded } from "../support/random.js";
import type { Failure, Trial } from "./compare.js";
import { drawNetwork } from "./draw.js";
import { type GraphTrial, lowerAndCompare } from "./graph-trial.js";
import { drawInputs } from "./inputs.js";
import { drawPlanning } from "./planning.js";

/** What is drawn: an integer network, or a float graph that is lowered to one. */
export type Level = "network" | "graph";

export const LEVELS: readonly Level[] = ["network", "graph"];

/** `failure` is what is wrong before any C: the simulator means something else than the graph. */
export type Drawn =
  | { readonly kind: "trial"; readonly trial: Trial }
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly failure: Failure; readonly graph: GraphTrial };

const RANDOM_INPUTS = 5;
const GRAPH_INPUTS = 12;

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
  const random = seeded(seed);
  const inputs = Array.from({ length: GRAPH_INPUTS }, () => input(random));
  const trial = { graph, exactInDoubles, inputs };
  const lowered = lowerAndCompare(trial);
  switch (lowered.kind) {
    case "failed":
      return { kind: "failed", failure: lowered.failure, graph: trial };
    case "refused":
      return lowered;
    case "lowered": {
      const { network } = lowered;
      const encoded = inputs.map((values) => encodeInput(network, values));
      return { kind: "trial", trial: { network, inputs: encoded, planning: drawPlanning(random) } };
    }
    default:
      return lowered satisfies never;
  }
}
