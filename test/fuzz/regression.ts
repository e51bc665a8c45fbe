import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserializeNetwork, serializeNetwork } from "../../src/network/serialize.js";
import { type StorageType, tensorAt } from "../../src/network/types.js";
import type { TensorData } from "../../src/simulate/float.js";
import { createSimulator } from "../../src/simulate/index.js";
import { bitsOf, type Trial } from "./compare.js";
import { USUAL } from "./planning.js";

/** A trial that once failed, with what the simulator must make of its inputs. */
export interface Regression {
  readonly name: string;
  readonly trial: Trial;
  readonly expected: readonly Int32Array[];
  /** What went wrong, for people. */
  readonly why: string;
}

export const REGRESSIONS = "test/regression";

/**
 * Writes `<folder>/<name>`: network.json, vectors.json (float32 as bits), planning.json and why.md. Returns the
 * folder.
 */
export function writeRegression(root: string, name: string, trial: Trial, why: string): string {
  const folder = join(root, name);
  const simulator = createSimulator(trial.network);
  const vectors = trial.inputs.map((input) => ({
    input: Array.from(bitsOf(input)),
    expected: Array.from(bitsOf(simulator.run(input))),
  }));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "network.json"), `${serializeNetwork(trial.network)}\n`);
  writeFileSync(join(folder, "vectors.json"), `${JSON.stringify(vectors)}\n`);
  writeFileSync(join(folder, "planning.json"), `${JSON.stringify(trial.planning)}\n`);
  writeFileSync(join(folder, "why.md"), `${why}\n`);
  return folder;
}

/** Every regression of a folder. */
export function readRegressions(root: string): Regression[] {
  return readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => existsSync(join(root, name, "network.json")))
    .map(({ name }) => {
      const text = (file: string): string => readFileSync(join(root, name, file), "utf8");
      const vectors: readonly { input: number[]; expected: number[] }[] = JSON.parse(
        text("vectors.json"),
      );
      const network = deserializeNetwork(text("network.json"));
      const { type } = tensorAt(network, network.input.tensor);
      return {
        name,
        trial: {
          network,
          inputs: vectors.map(({ input }) => dataOf(Int32Array.from(input), type)),
          planning: existsSync(join(root, name, "planning.json"))
            ? JSON.parse(text("planning.json"))
            : USUAL,
        },
        expected: vectors.map(({ expected }) => Int32Array.from(expected)),
        why: text("why.md"),
      };
    });
}

function dataOf(bits: Int32Array, type: StorageType): TensorData {
  return type === "float32" ? new Float32Array(bits.buffer) : bits;
}
