import { KERNELS } from "../../src/kernels/index.js";
import type { Network } from "../../src/network/types.js";
import { OPTIMIZATIONS, type Optimization, type Plan, plan } from "../../src/plan/index.js";
import { findTarget, type Target } from "../../src/targets/index.js";
import type { Random } from "../support/random.js";

/** How a trial's kernels are chosen. By name, so that a trial of long ago still means something. */
export interface Planning {
  readonly optimize: Optimization;
  /** Kernels that are left out, so that others get their turn. */
  readonly without: readonly string[];
  /** The target that C is made for, where it runs on another. */
  readonly core?: string;
}

export const USUAL: Planning = { optimize: "balanced", without: [] };

const WITHOUT_WEIGHTS =
  /(pool|elementwise)$|^(product|gather-parts|gather-table|lookup|pointwise|reduce)$/;

/** Kernels of layers with weights. */
export const WITH_WEIGHTS: readonly string[] = KERNELS.map(({ name }) => name).filter(
  (name) => !WITHOUT_WEIGHTS.test(name),
);

/** These compute every layer with weights, and are never left out. */
const PLAIN = "rows-";

export function drawPlanning(random: Random): Planning {
  return {
    optimize: random.pick(OPTIMIZATIONS),
    without: WITH_WEIGHTS.filter((name) => !name.startsWith(PLAIN) && random.integer(0, 1) === 1),
  };
}

export function planFor(network: Network, target: Target, planning: Planning): Plan {
  const { optimize, without, core } = planning;
  const kernels = KERNELS.filter(({ name }) => !without.includes(name));
  return plan(network, core === undefined ? target : findTarget(core), { optimize, kernels });
}
