import { expect, it } from "vitest";
import { elementCount } from "../../src/network/types.js";
import { describeWith } from "../verify/toolchains.js";
import { benchesOf } from "./bench.js";
import { type Finding, runCampaign } from "./campaign.js";
import { shrink } from "./shrink.js";

/** Bugs as they come: one change of the generated C each. */
const PLANTED: Readonly<Record<string, { from: string; to: string }>> = {
  "the last of a row's odd trits is forgotten": { from: "i < rest;", to: "i + 1 < rest;" },
  "padding one column too far": { from: "(column >= w->width)", to: "(column > w->width)" },
  "ties to even round up": { from: "(n & 1 & (", to: "(n & 0 & (" },
  "one threshold is not counted": { from: "int32_t count = steps;", to: "int32_t count = 0;" },
};

describeWith(["gcc"], "a planted bug", () => {
  it.each(Object.entries(PLANTED))("is found and shrunk: %s", async (_, { from, to }) => {
    const plant = (source: string): string => source.replaceAll(from, to);
    const [bench] = benchesOf("native:gcc:Os");
    if (bench === undefined) throw new Error("no such bench");
    const findings: Finding[] = [];
    const onFinding = async (finding: Finding): Promise<void> => {
      findings.push(finding);
    };
    const limits = { seed: 1, networks: 50, limitMs: Number.POSITIVE_INFINITY, mostFailures: 1 };
    const options = { ...limits, benches: [bench], levels: ["network"] as const, plant, onFinding };
    await runCampaign(options);
    const [finding] = findings;
    if (finding?.subject.kind !== "network") throw new Error("the bug is not found");
    const { trial, failure } = await shrink(finding.subject.trial, finding.failure, bench, plant);
    expect(failure.kind).toBe(finding.failure.kind);
    expect(trial.network.layers.length).toBeLessThanOrEqual(2);
    expect(Math.max(...trial.network.tensors.map(elementCount))).toBeLessThanOrEqual(12);
  });
});
