import type { Graph } from "../graph/types.js";
import { elementCount, type Network, tensorAt } from "../network/types.js";
import type { Samples } from "../simulate/batch.js";
import { decodeOutput } from "../simulate/codec.js";
import { type FloatReference, ownRunner } from "./reference.js";

/** Inputs as the model takes them, one after another. */
export interface ModelInputs {
  readonly count: number;
  readonly data: ArrayLike<number> & { subarray(from: number, to: number): ArrayLike<number> };
}

/** The simulator beside the float model, on the same inputs. Steps are those of the output's integers. */
export interface Comparison {
  readonly inputs: number;
  /** Inputs with an output that is not the float model's, to the nearest step. */
  readonly different: number;
  /** Of those, inputs where the model evaluated without float32 rounding gives the simulator's outputs. */
  readonly rounding: number;
  /** First input that float32 rounding does not explain. */
  readonly firstUnexplained: number | null;
  readonly firstDifferent: number | null;
  readonly elements: number;
  readonly elementsDifferent: number;
  /** Real units of one step, and the largest difference in steps. */
  readonly step: number;
  readonly largest: number;
  /** Decibels of the float outputs over their difference from the simulator's; null: no difference. */
  readonly signalToNoise: number | null;
  /** Inputs for which both choose the same class; null where the output is no scores of classes. */
  readonly sameClass: number | null;
  /** Inputs for which each chooses the label; null without labels. */
  readonly correct: { readonly float: number; readonly integer: number } | null;
}

/** How often to say how far it is, and let others have their turn. */
const TURN_MS = 50;

/**
 * Compares what the simulator gave for `inputs` with the float model. Where they differ, the Graph is
 * evaluated once more without float32 rounding: if that agrees with the simulator, rounding in the
 * reference is what the difference is.
 */
export async function compareWithFloat(
  { network, graph }: { readonly network: Network; readonly graph: Graph },
  reference: FloatReference,
  {
    inputs,
    outputs,
    labels,
  }: {
    readonly inputs: ModelInputs;
    readonly outputs: Samples;
    readonly labels: ArrayLike<number> | null;
  },
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Comparison> {
  const exact = ownRunner(graph, "exact");
  const size = inputs.data.length / inputs.count;
  const elements = elementCount(tensorAt(network, network.output.tensor));
  const step = network.output.real?.scale ?? 1;
  const tolerance = toleranceOf(network);
  const tally = {
    different: 0,
    rounding: 0,
    firstUnexplained: null as number | null,
    firstDifferent: null as number | null,
    elementsDifferent: 0,
    largest: 0,
    sameClass: 0,
    correct: { float: 0, integer: 0 },
  };
  let [signal, noise] = [0, 0];
  let turn = performance.now();
  for (let i = 0; i < inputs.count; i++) {
    const input = inputs.data.subarray(i * size, (i + 1) * size);
    const integer = scores(network, outputs.values.subarray(i * elements, (i + 1) * elements));
    const float = await reference.run(input);
    const steps = float.map((f, k) => Math.abs(f - (integer[k] ?? Number.NaN)) / step);
    const wrong = steps.filter((s) => !(s <= tolerance)).length;
    tally.largest = steps.reduce((a, b) => Math.max(a, b), tally.largest);
    tally.elementsDifferent += wrong;
    for (const [k, f] of float.entries()) {
      signal += f ** 2;
      noise += (f - (integer[k] ?? 0)) ** 2;
    }
    if (wrong > 0) {
      tally.different++;
      tally.firstDifferent ??= i;
      const meant = await exact(input);
      const explained = meant.every(
        (v, k) => Math.abs(v - (integer[k] ?? Number.NaN)) / step <= tolerance,
      );
      if (explained) tally.rounding++;
      else tally.firstUnexplained ??= i;
    }
    const [a, b] = [classOf(float), classOf(integer)];
    if (a === b) tally.sameClass++;
    if (labels !== null && a === labels[i]) tally.correct.float++;
    if (labels !== null && b === labels[i]) tally.correct.integer++;
    if (performance.now() - turn > TURN_MS) {
      onProgress(i + 1, inputs.count);
      await new Promise<void>((resolve) => setImmediate(resolve));
      turn = performance.now();
    }
  }
  return {
    ...tally,
    inputs: inputs.count,
    elements: inputs.count * elements,
    step,
    signalToNoise: noise === 0 ? null : 10 * Math.log10(signal / noise),
    sameClass: hasClasses(network) ? tally.sameClass : null,
    correct: labels === null ? null : tally.correct,
  };
}

/** Whether the output is one number for each of several classes. */
export function hasClasses({ output }: Network): boolean {
  return output.shape.filter((size) => size > 1).length === 1;
}

/** What the model's head, if it has one, chooses from. */
function scores(network: Network, integers: ArrayLike<number>): Float64Array {
  return decodeOutput({ ...network, output: { ...network.output, head: "none" } }, integers);
}

/** Outputs agree if they have the same nearest step, and scores that are rounded themselves a step more. */
function toleranceOf({ layers, output }: Network): number {
  const maker = layers.find((layer) => layer.output === output.tensor);
  const rule = maker !== undefined && "requantization" in maker ? maker.requantization : null;
  const rounded = rule !== null && rule.kind !== "none" && rule.exactness.kind === "rounded";
  return 0.5 + (rounded ? rule.exactness.bound : 0);
}

/** The first of the largest. */
function classOf(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  }
  return best;
}
