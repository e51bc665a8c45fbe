import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../src/diagnostics.js";
import { lower } from "../../src/network/lower/index.js";
import type { Network } from "../../src/network/types.js";
import { REFUSALS } from "../fuzz/graph-trial.js";
import { seeded } from "../support/random.js";
import { comparison } from "./compare.js";
import { type RandomNetwork, randomNetwork } from "./random-network.js";

/**
 * Random small networks: the simulator against the graph in double precision (test/fuzz compares
 * the C with the simulator). For longer runs, or one network again:
 *
 *     TRITC_NETWORKS=5000 TRITC_SEED=1 npx vitest run test/property
 */
const FIRST = Number(process.env.TRITC_SEED ?? 1);
const COUNT = Number(process.env.TRITC_NETWORKS ?? 300);

/** Inputs for each network. */
const INPUTS = 12;

/** The seed's network, or null if it is refused for a reason that is known. */
function lowered(seed: number): (RandomNetwork & { network: Network }) | null {
  const made = randomNetwork(seed);
  try {
    return { ...made, network: lower(made.graph).network };
  } catch (error) {
    const codes = error instanceof DiagnosticError ? error.diagnostics.map((d) => d.code) : [];
    if (codes.length > 0 && codes.every((code) => REFUSALS.includes(code))) return null;
    throw new Error(`TRITC_SEED=${seed}: ${error}`, { cause: error });
  }
}

const seeds = Array.from({ length: COUNT }, (_, i) => FIRST + i);

describe("random networks", () => {
  const verdicts = { equal: 0, near: 0, refused: 0 };

  it("mean to the simulator what they mean in doubles", { timeout: 1000 * COUNT }, () => {
    for (const seed of seeds) {
      const made = lowered(seed);
      if (made === null) {
        verdicts.refused++;
        continue;
      }
      const compare = comparison(made.graph, made.network, made.exactInDoubles);
      const random = seeded(seed);
      for (let i = 0; i < INPUTS; i++) {
        const verdict = compare(made.input(random));
        if (typeof verdict === "object") {
          throw new Error(`TRITC_SEED=${seed}, input ${i}: ${verdict.difference}`);
        }
        verdicts[verdict === "equal" ? "equal" : "near"]++;
      }
    }
  });

  it.skipIf(COUNT < 100)("are compiled and compared, all but a few", () => {
    expect(verdicts.refused).toBeLessThan(0.03 * COUNT);
    expect(verdicts.near).toBeLessThan(0.1 * verdicts.equal);
  });
});
