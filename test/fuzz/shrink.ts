import { elementCount, type Network, type Tensor, tensorAt } from "../../src/network/types.js";
import type { TensorData } from "../../src/simulate/float.js";
import type { Plant } from "./amalgam.js";
import type { Bench } from "./bench.js";
import { compareAll, type Failure, isFailure, type Trial } from "./compare.js";
import { costOf } from "./cost.js";
import { fitNetwork } from "./fit.js";
import { simplerNetworks } from "./simplify.js";
import { stretches } from "./simplify-layer.js";

/** Candidates that are compiled together. */
const CANDIDATES = 12;

export interface Shrunk {
  readonly trial: Trial;
  readonly failure: Failure;
  /** Candidates that were tried. */
  readonly tried: number;
}

/**
 * The smallest trial found that fails as the given one does: simpler candidates are tried together,
 * the cheapest first, until none of them fails in that way.
 */
export async function shrink(
  trial: Trial,
  failure: Failure,
  bench: Bench,
  plant?: Plant,
): Promise<Shrunk> {
  let best: Shrunk = { trial: withOneInput(trial, failure), failure, tried: 0 };
  for (;;) {
    const better = await firstFailing(best, bench, plant);
    if (better.trial === best.trial) return better;
    best = better;
  }
}

/** Of the candidates of one round the cheapest that fails; else the same trial. */
async function firstFailing(best: Shrunk, bench: Bench, plant?: Plant): Promise<Shrunk> {
  const candidates = candidatesFor(best.trial);
  let { tried } = best;
  for (let start = 0; start < candidates.length; start += CANDIDATES) {
    const some = candidates.slice(start, start + CANDIDATES);
    const outcomes = await compareAll(some, bench, plant);
    tried += some.length;
    for (const [i, outcome] of outcomes.entries()) {
      const trial = some[i];
      if (trial === undefined || !isFailure(outcome)) continue;
      if (outcome.kind === best.failure.kind) return { trial, failure: outcome, tried };
    }
  }
  return { ...best, tried };
}

function withOneInput({ network, inputs, planning }: Trial, { input }: Failure): Trial {
  const shown = input === null ? undefined : inputs[input];
  return { network, inputs: shown === undefined ? inputs.slice(0, 1) : [shown], planning };
}

/** Valid trials that cost less, the cheapest first. */
function candidatesFor(trial: Trial): Trial[] {
  const limit = costOf(trial);
  const found: { trial: Trial; cost: number }[] = [];
  const consider = (network: Network, inputs: readonly TensorData[]): void => {
    const tensor = tensorAt(network, network.input.tensor);
    const fitted = inputs.map((input) => fitInput(input, tensor));
    const made = { network, inputs: fitted, planning: trial.planning };
    const cost = costOf(made);
    if (cost < limit) found.push({ trial: made, cost });
  };
  for (const { network, input } of simplerNetworks(trial)) {
    const fitted = fitNetwork(network);
    if (fitted !== null) consider(fitted, [input]);
  }
  for (const inputs of simplerInputs(trial)) consider(trial.network, inputs);
  return found.sort((a, b) => a.cost - b.cost).map((candidate) => candidate.trial);
}

/** Repeated or cut to the tensor's size, and kept in its range. */
function fitInput(input: TensorData, tensor: Tensor): TensorData {
  const length = elementCount(tensor);
  const element = (i: number): number => input[i % input.length] ?? 0;
  if (tensor.type === "float32") return Float32Array.from({ length }, (_, i) => element(i));
  const { low, high } = tensor.range;
  return Int32Array.from({ length }, (_, i) => Math.min(high, Math.max(low, element(i))));
}

/** Whole stretches of the input 0, halves of it first. */
function simplerInputs({ inputs }: Trial): TensorData[][] {
  return inputs.flatMap((input) =>
    stretches(input.length).map(([from, to]) => [
      input.map((value, i) => (i >= from && i < to ? 0 : value)),
    ]),
  );
}
