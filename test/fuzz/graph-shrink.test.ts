import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { randomNetwork } from "../property/random-network.js";
import { seeded } from "../support/random.js";
import type { Failure } from "./compare.js";
import { readGraphRegressions, writeGraphRegression } from "./graph-regression.js";
import { shrinkGraph } from "./graph-shrink.js";
import { type GraphTrial, lowerAndCompare } from "./graph-trial.js";

/** A bug that shows wherever a graph has a ReLU or a clip and an input that is not all zeros. */
function planted({ graph, inputs }: GraphTrial): Failure | null {
  const wrong = graph.nodes.some(({ kind }) => kind === "clip");
  const input = inputs.findIndex((values) => values.some((value) => value !== 0));
  if (!wrong || input < 0) return null;
  return { kind: "different", detail: "planted", input };
}

function failing(seed: number): GraphTrial | null {
  const { graph, exactInDoubles, input } = randomNetwork(seed);
  const random = seeded(seed);
  const trial = { graph, exactInDoubles, inputs: [input(random), input(random)] };
  return planted(trial) === null || graph.nodes.length < 8 ? null : trial;
}

const found = Array.from({ length: 200 }, (_, seed) => failing(seed)).filter((t) => t !== null);

it("shrinks a graph that fails to the node that is wrong and one number", () => {
  expect(found.length).toBeGreaterThan(5);
  for (const trial of found.slice(0, 5)) {
    const shrunk = shrinkGraph(trial, { kind: "different", detail: "", input: 1 }, planted).trial;
    expect(shrunk.graph.nodes.map(({ kind }) => kind)).toEqual(["clip"]);
    expect(shrunk.inputs.flat().filter((value) => value !== 0)).toHaveLength(1);
  }
});

it("keeps a graph as it is in a regression folder", () => {
  const root = mkdtempSync(join(tmpdir(), "tritc-graphs-"));
  try {
    for (const [i, trial] of found.slice(0, 20).entries()) {
      writeGraphRegression(root, `case-${i}`, trial, "planted");
      const back = readGraphRegressions(root).find(({ name }) => name === `case-${i}`);
      expect(back).toEqual({ name: `case-${i}`, trial, why: "planted\n" });
      expect(lowerAndCompare(trial)).toEqual(lowerAndCompare(back?.trial ?? trial));
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});
