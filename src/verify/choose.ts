import {
  type ConvLayer,
  type DenseLayer,
  elementCount,
  integerTensor,
  type Layer,
  type Network,
  type Range,
  tensorAt,
} from "../network/types.js";
import { type Samples, storageArray } from "../simulate/batch.js";
import { requantizer } from "../simulate/requantizer.js";
import { forEachTap } from "../simulate/windows.js";
import { type Coverage, coverageOf } from "./coverage.js";
import { type Levels, levelsOf, seededInputs, wordsOf } from "./subject.js";

/** Inputs, and what a comparison of every layer shows with them. */
export interface Chosen {
  readonly inputs: Samples;
  readonly coverage: Coverage;
}

/** Few networks need more, and an emulated core has to run them all. */
const MOST_INPUTS = 256;

/** Multiply-accumulates that looking for inputs may cost, and that running them may cost. */
const SEARCH_BUDGET = 1e9;
const RUN_BUDGET = 3e8;

const LEAST_INPUTS = 8;

/** After so many in a row that showed nothing new, what is left is likely to stay hidden. */
const PATIENCE = 64;

/**
 * Inputs that the seed decides, chosen so that few faults stay hidden: inputs that drive the first
 * weighted layer to the ends of its accumulators' range, and of `seededInputs` and
 * inputs aimed at one neuron after the other, those are taken that show a fault that no earlier
 * input has shown. Ends when no fault is left, or when inputs enough are found; `count` asks for
 * exactly so many.
 */
export function chooseInputs(network: Network, seed: number, count: number | null): Chosen {
  const tensor = tensorAt(network, network.input.tensor);
  const size = elementCount(tensor);
  const work = Math.max(1, workOf(network));
  const most = count ?? clamp(Math.floor(RUN_BUDGET / work), LEAST_INPUTS, MOST_INPUTS);
  const candidates = Math.max(most, Math.min(4 * MOST_INPUTS, Math.floor(SEARCH_BUDGET / work)));
  const plain = seededInputs(network, seed, candidates).values;
  const coverage = coverageOf(network);
  const aim = aimAt(network, coverage);
  const chosen: ArrayLike<number>[] = extremeInputs(network).slice(0, most);
  for (const input of chosen) coverage.add(input);
  let idle = 0;
  for (let i = 0; i < candidates && chosen.length < most; i++) {
    const aimed = i < 2 || i % 2 === 0 ? null : aim(wordsOf(`${seed} ${i} aimed`, 2 * size + 2));
    const input = aimed ?? plain.subarray(i * size, (i + 1) * size);
    const shown = coverage.add(input);
    const stillNeeded = count !== null && candidates - i <= most - chosen.length;
    if (i < 2 || chosen.length < LEAST_INPUTS || shown > 0 || stillNeeded) chosen.push(input);
    idle = shown > 0 ? 0 : idle + 1;
    const done = idle > PATIENCE || isComplete(coverage);
    if (count === null && chosen.length >= LEAST_INPUTS && done) break;
  }
  const values = storageArray(tensor.type, chosen.length * size);
  for (const [i, input] of chosen.entries()) values.set(input, i * size);
  return { inputs: { count: chosen.length, values }, coverage };
}

/** What the user's own inputs show, as far as the search budget goes. */
export function coverageOfInputs(network: Network, { count, values }: Samples): Coverage {
  const size = elementCount(tensorAt(network, network.input.tensor));
  const affordable = Math.floor(SEARCH_BUDGET / Math.max(1, workOf(network)));
  const coverage = coverageOf(network);
  for (let i = 0; i < Math.min(count, affordable) && !isComplete(coverage); i++) {
    coverage.add(values.subarray(i * size, (i + 1) * size));
  }
  return coverage;
}

function isComplete(coverage: Coverage): boolean {
  return coverage.layers().every(({ faults, noticed }) => noticed === faults);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Multiply-accumulates of one inference. */
function workOf(network: Network): number {
  return network.layers.reduce((sum, layer) => {
    if (layer.kind !== "conv" && layer.kind !== "dense") return sum;
    return sum + elementCount(tensorAt(network, layer.output)) * layer.weights.perOutput;
  }, 0);
}

function isWeighted(layer: Layer): layer is ConvLayer | DenseLayer {
  return layer.kind === "conv" || layer.kind === "dense";
}

/**
 * Inputs that bring some accumulator of the first weighted layer to the highest and to the lowest
 * value that any of its accumulators can take: a sum that overflows does so there. None where that
 * layer does not read the network's input.
 */
function extremeInputs(network: Network): Int32Array[] {
  const layer = network.layers.find(isWeighted);
  const tensor = tensorAt(network, network.input.tensor);
  if (layer?.input !== network.input.tensor || tensor.type === "float32") return [];
  const { first, step, count } = levelsOf(network.input.encoding, tensor);
  const last = first + step * (count - 1);
  const ends = layer.accumulators.map((range, output) => ({ range, output }));
  const highest = ends.reduce((a, b) => (b.range.high > a.range.high ? b : a));
  const lowest = ends.reduce((a, b) => (b.range.low < a.range.low ? b : a));
  return [
    drivingInput(network, layer, highest.output, (weight) => (weight < 0 ? first : last)),
    drivingInput(network, layer, lowest.output, (weight) => (weight < 0 ? last : first)),
  ];
}

/** The elements under one output's window, the middle one, as its weights say; the others the same. */
function drivingInput(
  network: Network,
  layer: ConvLayer | DenseLayer,
  output: number,
  levelFor: (weight: number) => number,
): Int32Array {
  const { perOutput, values } = layer.weights;
  const row = values.subarray(output * perOutput, (output + 1) * perOutput);
  const tensor = tensorAt(network, layer.input);
  const input = new Int32Array(elementCount(tensor)).fill(levelFor(0));
  if (layer.kind === "dense") {
    for (let i = 0; i < input.length; i++) input[i] = levelFor(row[i % perOutput] ?? 0);
    return input;
  }
  const { height, width } = tensorAt(network, layer.output);
  const groupInputs = tensor.channels / layer.groups;
  const group = Math.floor((output * layer.groups) / layer.weights.outputs);
  const middle = Math.floor(width / 2);
  forEachTap(layer.window, tensor, width, Math.floor(height / 2), (tap, column, at) => {
    if (column !== middle) return;
    for (let c = 0; c < groupInputs; c++) {
      const weight = row[tap * groupInputs + c] ?? 0;
      input[at * tensor.channels + group * groupInputs + c] = levelFor(weight);
    }
  });
  return input;
}

/**
 * Makes inputs for one neuron of a product over the whole input, the one with the most faults left:
 * every element at an end of its range, where a fault of its weight moves the sum the most, but for
 * those that are needed to bring the sum to a step of the requantisation. Null where the network does
 * not begin with such a layer; a convolution has windows enough to show all.
 */
function aimAt(
  network: Network,
  coverage: Coverage,
): (words: Uint32Array) => ArrayLike<number> | null {
  const index = network.layers.findIndex(isWeighted);
  const layer = network.layers[index];
  const input = tensorAt(network, network.input.tensor);
  const first = layer !== undefined && isWeighted(layer) && layer.input === network.input.tensor;
  if (!first || layer.kind !== "dense" || layer.positions > 1) return () => null;
  const levels = levelsOf(network.input.encoding, integerTensor(input));
  return (words) => {
    const open = coverage.open(index);
    const most = open.reduce((best, faults, o) => (faults > (open[best] ?? 0) ? o : best), 0);
    return (open[most] ?? 0) === 0 ? null : aimedInput(layer, most, levels, words);
  };
}

function aimedInput(
  { weights, zero, accumulators, requantization }: DenseLayer,
  output: number,
  { first, step, count }: Levels,
  words: Uint32Array,
): Int32Array {
  const { perOutput, values } = weights;
  const row = values.subarray(output * perOutput, (output + 1) * perOutput);
  const last = first + step * (count - 1);
  const far = Math.abs(last - zero) >= Math.abs(first - zero) ? last : first;
  const input = new Int32Array(perOutput).fill(far);
  const range = accumulators[output] ?? { low: 0, high: 0 };
  const share = (words[0] ?? 0) / 2 ** 32;
  const target = stepNear(requantizer(requantization), output, range, share);
  let missing = target - row.reduce((sum, weight) => sum + weight * (far - zero), 0);
  for (const k of shuffled(perOutput, words.subarray(1))) {
    const weight = row[k] ?? 0;
    if (missing === 0 || weight === 0) continue;
    const wanted = far + step * Math.trunc(missing / (weight * step));
    const level = clamp(wanted, first, last);
    missing -= weight * (level - far);
    input[k] = level;
  }
  return input;
}

/** The accumulator at which an output, a share of the way through its range, is first reached. */
function stepNear(
  requantize: (accumulator: number, channel: number) => number,
  channel: number,
  range: Range,
  share: number,
): number {
  const [atLow, atHigh] = [requantize(range.low, channel), requantize(range.high, channel)];
  const wanted = atLow + (atHigh - atLow) * (0.1 + 0.8 * share);
  const before = (output: number) => (atHigh > atLow ? output < wanted : output > wanted);
  let { low, high } = range;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (before(requantize(middle, channel))) low = middle;
    else high = middle;
  }
  return high;
}

/** 0 to length - 1, in an order that the words decide (Fisher and Yates). */
function shuffled(length: number, words: Uint32Array): number[] {
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(((words[i] ?? 0) / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}
