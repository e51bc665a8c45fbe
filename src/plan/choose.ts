import { type Diagnostic, fail } from "../diagnostics.js";
import { type Choice, type Choices, flashOf } from "./choices.js";
import { overLimit } from "./diagnostics.js";
import { BALANCED, type Goal } from "./goal.js";
import { cheapest } from "./knapsack.js";

/**
 * One kernel for each layer, by the goal: an exact solution of a multiple-choice knapsack. Limits of RAM
 * are the caller's, who leaves out what needs too much. Throws `plan/max-flash` or `plan/max-cycles`.
 */
export function choose(layers: readonly Choices[], goal: Goal): readonly Choice[] {
  const maxFlash = goal.maxFlash ?? Number.POSITIVE_INFINITY;
  const maxCycles = goal.maxCycles ?? Number.POSITIVE_INFINITY;
  const wanted = goal.optimize === "smallest" ? layers : layers.map(withoutMisers);
  switch (goal.optimize) {
    case "speed":
      return fastest(layers, wanted, maxFlash, maxCycles);
    case "balanced": {
      const small = leastFlash(wanted, maxCycles);
      const enough = small === null ? maxFlash : BALANCED * sumOf(small, flashOfChoice);
      return fastest(layers, wanted, Math.min(maxFlash, enough), maxCycles);
    }
    case "size":
    case "smallest": {
      const small = leastFlash(wanted, maxCycles) ?? fail(tooSlow(layers, goal));
      return sumOf(small, flashOfChoice) <= maxFlash
        ? small
        : fastest(layers, wanted, maxFlash, maxCycles);
    }
    default:
      return goal.optimize satisfies never;
  }
}

/** The fewest cycles in that flash; by kernels that give much time for a few bytes only where they must. */
function fastest(
  all: readonly Choices[],
  wanted: readonly Choices[],
  maxFlash: number,
  maxCycles: number,
): readonly Choice[] {
  const found =
    solved(wanted, cyclesOfChoice, flashOfChoice, maxFlash) ??
    solved(all, cyclesOfChoice, flashOfChoice, maxFlash);
  if (found === null) {
    const least = leastFlash(all, Number.POSITIVE_INFINITY);
    return fail(overLimit("--max-flash", maxFlash, sumOf(least ?? [], flashOfChoice), ""));
  }
  const cycles = sumOf(found, cyclesOfChoice);
  if (cycles > maxCycles)
    return fail(overLimit("--max-cycles", maxCycles, cycles, inFlash(maxFlash)));
  return found;
}

function inFlash(maxFlash: number): string {
  return Number.isFinite(maxFlash)
    ? ` in ${Math.floor(maxFlash).toLocaleString("en-US")} bytes of flash`
    : "";
}

function tooSlow(layers: readonly Choices[], { maxCycles }: Goal): Diagnostic {
  const quickest = solved(layers, cyclesOfChoice, flashOfChoice, Number.POSITIVE_INFINITY);
  return overLimit("--max-cycles", maxCycles ?? 0, sumOf(quickest ?? [], cyclesOfChoice), "");
}

function leastFlash(layers: readonly Choices[], maxCycles: number): readonly Choice[] | null {
  return solved(layers, flashOfChoice, cyclesOfChoice, maxCycles);
}

/** Bytes, and parts of a layer's flash, that are not worth a tenth of its time. */
const FEW_BYTES = 96;
const FEW = 1.01;
const SLOWER = 1.1;

/** A layer's kernels without those that give much time for a few bytes. Its fastest always stays. */
function withoutMisers(choices: Choices): Choices {
  const able = choices.able.filter(
    ({ cost }) =>
      !choices.able.some(
        (other) =>
          flashOf(other.cost) <= FEW * flashOf(cost) + FEW_BYTES &&
          SLOWER * other.cost.cycles < cost.cycles,
      ),
  );
  return { ...choices, able };
}

type Measure = (choice: Choice) => number;

const flashOfChoice: Measure = ({ cost }) => flashOf(cost);
const cyclesOfChoice: Measure = ({ cost }) => cost.cycles;

function solved(
  layers: readonly Choices[],
  cost: Measure,
  weight: Measure,
  limit: number,
): readonly Choice[] | null {
  const groups = layers.map(({ able }) => able.map((c) => ({ cost: cost(c), weight: weight(c) })));
  const items = cheapest(groups, limit);
  return (
    items?.map((item, layer) => {
      const choice = layers[layer]?.able[item];
      if (choice === undefined) throw new RangeError(`no choice ${item} of layer ${layer}`);
      return choice;
    }) ?? null
  );
}

function sumOf(choices: readonly Choice[], measure: Measure): number {
  return choices.reduce((sum, choice) => sum + measure(choice), 0);
}
