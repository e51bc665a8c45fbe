import { fail } from "../diagnostics.js";
import { KERNELS, type Kernel, shapeOf } from "../kernels/index.js";
import { scratchBytes } from "../kernels/size.js";
import type { Network } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { type Places, placeBuffers, type Step, tensorsAlive } from "./buffers.js";
import { type Choice, type Choices, choicesOf, flashOf } from "./choices.js";
import { choose } from "./choose.js";
import { overLimit } from "./diagnostics.js";
import { DEFAULT_GOAL, type Goal } from "./goal.js";
import type { Plan, PlannedLayer } from "./types.js";

export { DEFAULT_GOAL, type Goal, goalOptions, OPTIMIZATIONS, type Optimization } from "./goal.js";
export type { Place, Plan, PlannedLayer } from "./types.js";

export interface PlanOptions extends Partial<Goal> {
  /** What to choose from; every kernel there is unless a test or a benchmark wants its own. */
  readonly kernels?: readonly Kernel[];
}

/**
 * Chooses a kernel for each layer, by the goal, and a place for every buffer. Throws `plan/no-kernel`,
 * `plan/max-flash`, `plan/max-ram`, `plan/max-cycles`.
 */
export function plan(
  network: Network,
  target: Target,
  { kernels = KERNELS, ...wishes }: PlanOptions = {},
): Plan {
  const goal = { ...DEFAULT_GOAL, ...wishes };
  const layers = network.layers.map((layer) =>
    choicesOf(shapeOf(layer, network), target, kernels, goal),
  );
  const { planned, memory } = withinRam(network, target, layers, goal);
  const { places, scratch, bytes, lowerBound } = memory;
  return {
    network,
    target,
    places,
    arenaBytes: bytes,
    arenaLowerBound: lowerBound,
    layers: planned.map((layer, i) => ({ ...layer, scratch: scratch[i] ?? new Map() })),
  };
}

interface Placed {
  readonly planned: readonly Omit<PlannedLayer, "scratch">[];
  readonly memory: Places;
}

/** Attempts to meet a limit of RAM, each with less room for the kernels of one layer. */
const ATTEMPTS = 8;

/**
 * A limit of RAM first excludes kernels that alone would exceed it; where buffers cannot be placed as
 * tightly as that, a little more.
 */
function withinRam(
  network: Network,
  target: Target,
  layers: readonly Choices[],
  goal: Goal,
): Placed {
  if (goal.maxRam === null) return placed(network, target, layers, choose(layers, goal));
  const alive = tensorsAlive(network);
  const needs = layers.map(({ able }, i) =>
    able.map((choice) => alive(i, stepOf(choice, target)) + choice.cost.scratchBytes),
  );
  let room = goal.maxRam;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const fitting = layers.map((choices, i) => ({
      ...choices,
      able: choices.able.filter((_, c) => (needs[i]?.[c] ?? 0) <= room),
    }));
    if (fitting.some(({ able }) => able.length === 0)) break;
    const found = placed(network, target, fitting, choose(fitting, goal));
    if (found.memory.bytes <= goal.maxRam) return found;
    room -= found.memory.bytes - goal.maxRam;
  }
  const leanest = layers.map(({ able }, i): Choice => {
    const least = Math.min(...(needs[i] ?? []));
    const choice = able.find((_, c) => needs[i]?.[c] === least);
    return choice ?? fail(overLimit("--max-ram", goal.maxRam ?? 0, least, ""));
  });
  const least = placed(network, target, layers, leanest);
  if (least.memory.bytes <= goal.maxRam) return least;
  return fail(overLimit("--max-ram", goal.maxRam, least.memory.bytes, ""));
}

function placed(
  network: Network,
  target: Target,
  layers: readonly Choices[],
  chosen: readonly Choice[],
): Placed {
  const planned = layers.map((choices, i) => {
    const choice = chosen[i];
    if (choice === undefined) throw new RangeError(`no choice for layer ${i}`);
    return plannedLayer(choices, choice, target);
  });
  const steps = planned.map((layer) => ({
    ...stepOf(layer, target),
    scratch: layer.code.scratch,
  }));
  const exact = planned.every(({ code, cost }) => scratchBytes(code.scratch) === cost.scratchBytes);
  if (!exact) throw new Error("a kernel does not know what scratch it takes");
  return { planned, memory: placeBuffers(network, steps) };
}

function stepOf({ shape, kernel }: Omit<Choice, "cost">, target: Target): Step {
  return { shape, scratch: [], ahead: kernel.ahead?.(shape, target) ?? [] };
}

function plannedLayer(
  { able, refused }: Choices,
  { kernel, shape, cost }: Choice,
  target: Target,
): Omit<PlannedLayer, "scratch"> {
  const lost = able
    .filter((other) => other.kernel !== kernel && other.shape.constants !== "packed")
    .map((other) => ({ kernel: other.kernel.name, reason: comparison(other.cost, cost) }));
  const code = kernel.code(shape, target);
  return { shape, kernel, cost, code, rejected: [...refused, ...lost] };
}

/** What another kernel would take instead. */
function comparison(other: Choice["cost"], chosen: Choice["cost"]): string {
  const bytes = flashOf(other) - flashOf(chosen);
  const flash =
    bytes === 0 ? "as much flash" : `${Math.abs(bytes)} B ${bytes > 0 ? "more" : "less"} flash`;
  const times = other.cycles / Math.max(1, chosen.cycles);
  return `${times.toFixed(2)} times the cycles, ${flash}`;
}
