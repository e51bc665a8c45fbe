import { expect, it } from "vitest";
import { describeWith } from "../verify/toolchains.js";
import { type Bench, benchesOf, isAvailable } from "./bench.js";
import { failLoudly, runCampaign, type Summary } from "./campaign.js";
import { LEVELS } from "./case.js";

/**
 * The C of random networks equals the simulator, here and on emulated cores. For longer runs and
 * for one network again: `npm run fuzz -- --help`.
 */
const SEED = Number(process.env.TRITC_SEED ?? 1);
const NATIVE = 1000;
const EMULATED = 250;

async function run(benches: readonly Bench[], networks: number): Promise<Summary> {
  console.log(
    `random networks from seed ${SEED} on ${benches.map(({ configuration }) => configuration.id).join(", ")}`,
  );
  const limits = { seed: SEED, networks, limitMs: Number.POSITIVE_INFINITY, mostFailures: 1 };
  return runCampaign({ ...limits, benches, levels: LEVELS, onFinding: failLoudly });
}

describeWith(["gcc", "clang"], "the C of random networks, under sanitizers", () => {
  it("equals the simulator", { timeout: 600_000 }, async () => {
    const benches = benchesOf("native:gcc:O1:sanitize,native:clang:O1:sanitize");
    const available = await Promise.all(benches.map(isAvailable));
    const able = benches.filter((_, i) => available[i]);
    if (able.length < benches.length && process.env.CI !== "true") {
      console.warn("SKIPPED: some sanitizers, the compilers have none");
    } else expect(available).not.toContain(false);
    const summary = await run(able, NATIVE);
    expect(summary.networks).toBe(NATIVE);
    expect(summary.refused).toBeLessThan(0.03 * NATIVE);
  });
});

const emulated = benchesOf("emulated");
const tools = [...new Set(emulated.flatMap((bench) => bench.tools))];

describeWith(tools, "the C of random networks on emulated cores", () => {
  it("equals the simulator", { timeout: 600_000 }, async () => {
    const summary = await run(emulated, EMULATED);
    expect(summary.networks).toBe(EMULATED);
    expect(summary.refused).toBeLessThan(0.03 * EMULATED);
  });
});
