import { expect } from "vitest";
import { KERNELS, type Kernel, shapeOf } from "../../src/kernels/index.js";
import type { Network } from "../../src/network/types.js";
import { type Bench, benchesOf } from "../fuzz/bench.js";
import { compareAll, type Trial } from "../fuzz/compare.js";
import { drawInputs } from "../fuzz/inputs.js";
import { type Planning, planFor } from "../fuzz/planning.js";
import { seeded } from "../support/random.js";

/** A network with inputs at its bounds and random ones. */
export interface Case {
  readonly network: Network;
  readonly inputs: Trial["inputs"];
}

export function caseOf(network: Network, seed: number): Case {
  return { network, inputs: drawInputs(network, seeded(seed), 2) };
}

/** These kernels and no other, wherever they are for one of the network's layers. */
function planningOf(network: Network, kernels: readonly Kernel[]): Planning {
  const shapes = network.layers.map((layer) => shapeOf(layer, network));
  const others = KERNELS.filter((k) => !kernels.includes(k) && shapes.some(k.isFor));
  return { optimize: "speed", without: others.map(({ name }) => name) };
}

/** The target believes that it has the DSP extension: elsewhere the portable half is compiled. */
function benchOf(configuration: string): Bench {
  const [bench] = benchesOf(configuration);
  if (bench === undefined) throw new Error(configuration);
  const { target } = bench.configuration;
  const features = { ...target.features, dsp: true };
  return { ...bench, configuration: { ...bench.configuration, target: { ...target, features } } };
}

/** Every network's first layer is computed by one of the kernels, and equals the simulator. */
export async function expectEqual(
  cases: readonly Case[],
  kernels: readonly Kernel[],
  configuration: string,
): Promise<void> {
  const bench = benchOf(configuration);
  const trials = cases.map((each) => ({ ...each, planning: planningOf(each.network, kernels) }));
  for (const { network, planning } of trials) {
    const { layers } = planFor(network, bench.configuration.target, planning);
    expect(kernels).toContain(layers[0]?.kernel);
  }
  const outcomes = await compareAll(trials, bench);
  expect(outcomes).toEqual(trials.map(() => ({ kind: "equal" })));
}
