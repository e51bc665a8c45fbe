import { describe, expect, it } from "vitest";
import { createSimulator } from "../../src/simulate/index.js";
import { benchesOf, isAvailable } from "../fuzz/bench.js";
import { bitsOf, compareAll } from "../fuzz/compare.js";
import { fitNetwork } from "../fuzz/fit.js";
import { GRAPH_REGRESSIONS, readGraphRegressions } from "../fuzz/graph-regression.js";
import { lowerAndCompare } from "../fuzz/graph-trial.js";
import { REGRESSIONS, readRegressions } from "../fuzz/regression.js";
import { describeWith } from "../verify/toolchains.js";

/** Networks that once failed, small as the fuzzer makes them, replayed on every core for ever. */
const regressions = readRegressions(REGRESSIONS);

describe.each(regressions)("$name", ({ trial, expected, why }) => {
  it("means to the simulator what it did", () => {
    const { run } = createSimulator(trial.network);
    expect(trial.inputs.map((input) => bitsOf(run(input)))).toEqual(expected);
  });

  it("has the ranges that are proved today", () => {
    expect(fitNetwork(trial.network)?.layers).toEqual(trial.network.layers);
  });

  it("says why it is here", () => {
    expect(why.trim()).not.toBe("");
  });
});

it.each(readGraphRegressions(GRAPH_REGRESSIONS))(
  "the graph $name means what it says",
  ({ trial }) => {
    expect(lowerAndCompare(trial)).not.toMatchObject({ kind: "failed" });
  },
);

for (const bench of benchesOf("all")) {
  describeWith(bench.tools, `regressions on ${bench.configuration.id}`, () => {
    it("compute what the simulator says", async () => {
      if (process.env.CI !== "true" && !(await isAvailable(bench))) {
        console.warn(`SKIPPED: ${bench.configuration.id}, which the compiler cannot do`);
        return;
      }
      const outcomes = await compareAll(
        regressions.map(({ trial }) => trial),
        bench,
      );
      const named = outcomes.map((outcome, i) => ({ name: regressions[i]?.name, ...outcome }));
      // The smallest board may be too small for one.
      expect(named.filter(({ kind }) => kind !== "equal" && kind !== "refused")).toEqual([]);
    });
  });
}
