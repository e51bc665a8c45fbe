import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../src/diagnostics.js";
import { lower } from "../../src/network/lower/index.js";
import { elementCount, type Network } from "../../src/network/types.js";
import { type Samples, simulateAll, storageArray } from "../../src/simulate/batch.js";
import { encodeInput } from "../../src/simulate/codec.js";
import { type Random, seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import { comparison } from "./compare.js";
import { runNatively, sanitizers, type Trial } from "./native.js";
import { type RandomNetwork, randomNetwork } from "./random-network.js";

/**
 * Random small networks: simulator against the graph in double precision, and generated C against
 * the simulator. For longer runs, or one network again:
 *
 *     TRITC_NETWORKS=5000 TRITC_SEED=1 npx vitest run test/property
 */
const FIRST = Number(process.env.TRITC_SEED ?? 1);
const COUNT = Number(process.env.TRITC_NETWORKS ?? 300);

/** Inputs for each network. */
const INPUTS = 12;

/** Networks that become one program. */
const BATCH = 50;

/** Compiling C is slow: only every so many networks go through it. */
const NATIVE_EVERY = process.env.TRITC_NETWORKS === undefined ? 6 : 1;

/** What a random network may be refused for. */
const REFUSALS: readonly string[] = [
  "lower/unquantised-clamp",
  "lower/not-per-channel",
  "lower/falling-steps",
];

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

describeWith(["cc"], "the C of random networks", () => {
  it("equals the simulator", { timeout: 2000 * COUNT }, async () => {
    const flags = sanitizers();
    const trials = seeds
      .filter((_, i) => i % NATIVE_EVERY === 0)
      .flatMap((seed) => trialOf(seed) ?? []);
    for (let start = 0; start < trials.length; start += BATCH) {
      const batch = trials.slice(start, start + BATCH);
      const outputs = runNatively(batch, flags);
      for (const [i, { name, network, inputs }] of batch.entries()) {
        const expected = await simulateAll(network, inputs);
        expect(outputs[i], `TRITC_SEED=${name.slice(1)}`).toEqual(Int32Array.from(expected.values));
      }
    }
  });
});

function trialOf(seed: number): Trial | null {
  const made = lowered(seed);
  if (made === null) return null;
  const { network, input } = made;
  return { name: `n${seed}`, network, inputs: samples(network, input, seeded(seed)) };
}

function samples(network: Network, input: (random: Random) => number[], random: Random): Samples {
  const tensor = network.tensors[network.input.tensor];
  if (tensor === undefined) throw new Error("no input tensor");
  const values = storageArray(tensor.type, INPUTS * elementCount(tensor));
  for (let i = 0; i < INPUTS; i++) {
    values.set(encodeInput(network, input(random)), i * elementCount(tensor));
  }
  return { count: INPUTS, values };
}
