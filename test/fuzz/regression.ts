import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserializeNetwork, serializeNetwork } from "../../src/network/serialize.js";
import { createSimulator } from "../../src/simulate/index.js";
import type { Trial } from "./compare.js";

/** A trial that once failed, with what the simulator must make of its inputs. */
export interface Regression {
  readonly name: string;
  readonly trial: Trial;
  readonly expected: readonly Int32Array[];
  /** What went wrong, for people. */
  readonly why: string;
}

export const REGRESSIONS = "test/regression";

/** Writes `<folder>/<name>`: network.json, vectors.json and why.md. Returns the folder. */
export function writeRegression(root: string, name: string, trial: Trial, why: string): string {
  const folder = join(root, name);
  const simulator = createSimulator(trial.network);
  const vectors = trial.inputs.map((input) => ({
    input: Array.from(input),
    expected: Array.from(simulator.run(input)),
  }));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "network.json"), `${serializeNetwork(trial.network)}\n`);
  writeFileSync(join(folder, "vectors.json"), `${JSON.stringify(vectors)}\n`);
  writeFileSync(join(folder, "why.md"), `${why}\n`);
  return folder;
}

/** Every regression of a folder. */
export function readRegressions(root: string): Regression[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const text = (file: string): string => readFileSync(join(root, name, file), "utf8");
      const vectors: readonly { input: number[]; expected: number[] }[] = JSON.parse(
        text("vectors.json"),
      );
      return {
        name,
        trial: {
          network: deserializeNetwork(text("network.json")),
          inputs: vectors.map(({ input }) => Int32Array.from(input)),
        },
        expected: vectors.map(({ expected }) => Int32Array.from(expected)),
        why: text("why.md"),
      };
    });
}
