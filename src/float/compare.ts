import type { Graph } from "../graph/types.js";
import { elementCount, type Network, tensorAt } from "../network/types.js";
import type { ModelInputs, Samples } from "../simulate/batch.js";
import { decodeOutput } from "../simulate/codec.js";
import { type FloatReference, ownRunner } from "./reference.js";

/** The simulator beside the float model, on the same inputs. */
export interface Comparison {
  readonly inputs: number;
  /** Inputs with an output that is not the float model's: to the nearest step, or to its precision. */
  readonly different: number;
  /** Of those, inputs where the model evaluated with other rounding gives the simulator's outputs. */
  readonly rounding: number;
  /** First input that float32 rounding does not explain. */
  readonly firstUnexplained: number | null;
  readonly firstDifferent: number | null;
  readonly elements: number;
  readonly elementsDifferent: number;
  /** The largest difference, in the model's own units. */
  readonly largest: number;
  /** One step of the output's integers in those units; null where the model gives scores of any value. */
  readonly step: number | null;
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
 * Compares what the simulator gave for `inputs` with the float model. Where they differ, the Graph
 * that should mean the same (null: none does) is evaluated once more, without float32 rounding and with that of tritc's own evaluator: if either
 * agrees with the simulator, rounding in the reference is what the difference is.
 */
export async function compareWithFloat(
  { network, meaning }: { readonly network: Network; readonly meaning: Graph | null },
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
  const meanings =
    meaning === null ? [] : [ownRunner(meaning, "exact"), ownRunner(meaning, "float32")];
  const size = inputs.data.length / inputs.count;
  const elements = elementCount(tensorAt(network, network.output.tensor));
  const step = stepOf(network);
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
    const off = differences(float, integer);
    const tolerance = toleranceOf(step, float);
    const wrong = off.filter((d) => !(d <= tolerance)).length;
    tally.largest = off.reduce((a, b) => Math.max(a, b), tally.largest);
    tally.elementsDifferent += wrong;
    for (const [k, f] of float.entries()) {
      signal += f ** 2;
      noise += (f - (integer[k] ?? 0)) ** 2;
    }
    if (wrong > 0) {
      tally.different++;
      tally.firstDifferent ??= i;
      const meant = await Promise.all(meanings.map((run) => run(input)));
      if (meant.some((m) => differences(m, integer).every((d) => d <= tolerance))) tally.rounding++;
      else tally.firstUnexplained ??= i;
    }
    const [a, b] = [classOf(float), classOf(integer)];
    // Equal scores that float32 cannot tell apart are no decision.
    if ((float[a] ?? 0) - (float[b] ?? 0) <= toleranceOf(null, float)) tally.sameClass++;
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

function differences(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN)));
}

/** Null where the output is floating point, or scores on a grid of tritc's own. */
function stepOf({ layers, output, tensors }: Network): number | null {
  const maker = layers.find((layer) => layer.output === output.tensor);
  const rule = maker !== undefined && "requantization" in maker ? maker.requantization : null;
  const rounded = rule !== null && rule.kind !== "none" && rule.exactness.kind === "rounded";
  if (rounded || tensors[output.tensor]?.type === "float32") return null;
  return output.real?.scale ?? 1;
}

/** What float32 arithmetic leaves of sums of some thousand terms, relative to the largest output. */
const PRECISION = 1e-5;

/** Integers agree if they are the nearest ones, scores and large sums if float32 cannot tell them apart. */
function toleranceOf(step: number | null, float: Float64Array): number {
  const largest = float.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return Math.max((step ?? 0) / 2, PRECISION * largest);
}

/** The first of the largest. */
function classOf(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  }
  return best;
}
