import {
  type ConvLayer,
  type DenseLayer,
  type Network,
  type Requantization,
  tensorAt,
  type WeightKind,
} from "../network/types.js";
import { createSimulator } from "../simulate/index.js";
import { type Requantizer, requantizer } from "../simulate/requantizer.js";
import { forEachTap } from "../simulate/windows.js";

/** Of a layer: how many of its possible faults some input shows. */
export interface LayerCoverage {
  readonly layer: number;
  /** A fault is a weight that is the next larger or the next smaller one of its kind. */
  readonly faults: number;
  /** Faults that change the layer's output for at least one input. */
  readonly noticed: number;
}

/** Collects, input by input, which faults a comparison of every layer would notice. */
export interface Coverage {
  /** Runs one input; returns how many faults were noticed for the first time. */
  add(input: ArrayLike<number>): number;
  layers(): readonly LayerCoverage[];
  /** Faults that no input has shown yet: of each output of a weighted layer. */
  open(layer: number): Int32Array;
}

/**
 * Weights hide: where a neuron is saturated, or an activation is zero, another weight gives the same
 * output. For each weighted layer this finds out by how much each accumulator may grow or shrink
 * before its output changes: an activation at least as large shows a fault of its weight.
 */
export function coverageOf(network: Network): Coverage {
  const simulator = createSimulator(network);
  const layers = network.layers.flatMap((layer, index) =>
    layer.kind === "conv" || layer.kind === "dense" ? [watch(layer, index, network)] : [],
  );
  return {
    add(input) {
      simulator.run(input);
      const tensors = tensorsOf(network, simulator.trace(), input);
      return layers.reduce((sum, layer) => sum + layer.look(tensors), 0);
    },
    layers: () => layers.map((layer) => layer.covered()),
    open: (index) => layers.find(({ layer }) => layer === index)?.openOfOutput ?? new Int32Array(),
  };
}

type Tensors = (id: number) => ArrayLike<number>;

function tensorsOf(
  network: Network,
  trace: readonly ArrayLike<number>[],
  input: ArrayLike<number>,
): Tensors {
  const made = new Map(network.layers.map((layer, i) => [layer.output, trace[i] ?? []]));
  return (id) => (id === network.input.tensor ? input : (made.get(id) ?? []));
}

interface Watched {
  readonly layer: number;
  readonly openOfOutput: Int32Array;
  look(tensors: Tensors): number;
  covered(): LayerCoverage;
}

/** Bits of a weight's faults. */
const LARGER = 1;
const SMALLER = 2;

/** How far apart neighbouring weights of a kind are, and the ends of the kind. */
const KINDS: Readonly<Record<WeightKind, { step: number; lowest: number; highest: number }>> = {
  binary: { step: 2, lowest: -1, highest: 1 },
  ternary: { step: 1, lowest: -1, highest: 1 },
  int4: { step: 1, lowest: -8, highest: 7 },
  int8: { step: 1, lowest: -128, highest: 127 },
};

function watch(layer: ConvLayer | DenseLayer, index: number, network: Network): Watched {
  const { outputs, perOutput, values, kind } = layer.weights;
  const { step, lowest, highest } = KINDS[kind];
  const open = Uint8Array.from(values, (weight) => {
    const larger = weight + step <= highest ? LARGER : 0;
    return larger | (weight - step >= lowest ? SMALLER : 0);
  });
  const countOf = (bits: number) => (bits & 1) + (bits >> 1);
  const openOfOutput = new Int32Array(outputs);
  open.forEach((bits, i) => {
    const o = Math.floor(i / perOutput);
    openOfOutput[o] = (openOfOutput[o] ?? 0) + countOf(bits);
  });
  const faults = openOfOutput.reduce((sum, count) => sum + count, 0);
  const slack = slackOf(layer.requantization);
  const forEachRow = layer.kind === "dense" ? denseRows(layer) : convRows(layer, network);

  const lookAt = (row: Int32Array, o: number): number => {
    const start = o * perOutput;
    let accumulator = 0;
    for (let k = 0; k < perOutput; k++) accumulator += (values[start + k] ?? 0) * (row[k] ?? 0);
    const up = slack(accumulator, o, 1);
    const down = slack(accumulator, o, -1);
    let found = 0;
    for (let k = 0; k < perOutput; k++) {
      const bits = open[start + k] ?? 0;
      const change = step * (row[k] ?? 0);
      if (bits === 0 || change === 0) continue;
      const [forLarger, forSmaller] = change > 0 ? [up, down] : [down, up];
      const size = Math.abs(change);
      const shown = (size >= forLarger ? LARGER : 0) | (size >= forSmaller ? SMALLER : 0);
      found += countOf(bits & shown);
      open[start + k] = bits & ~shown;
    }
    openOfOutput[o] = (openOfOutput[o] ?? 0) - found;
    return found;
  };
  return {
    layer: index,
    openOfOutput,
    look: (tensors) => {
      let found = 0;
      forEachRow(tensors(layer.input), (row, first, count) => {
        for (let o = first; o < first + count; o++) {
          if (openOfOutput[o] !== 0) found += lookAt(row, o);
        }
      });
      return found;
    },
    covered: () => ({
      layer: index,
      faults,
      noticed: faults - openOfOutput.reduce((sum, count) => sum + count, 0),
    }),
  };
}

/** Visits each row of operands with the outputs, `first` and `count` of them, that it goes to. */
type Rows = (
  input: ArrayLike<number>,
  visit: (row: Int32Array, first: number, count: number) => void,
) => void;

function denseRows({ weights, positions, zero }: DenseLayer): Rows {
  const { perOutput, outputs } = weights;
  const row = new Int32Array(perOutput);
  return (input, visit) => {
    for (let position = 0; position < positions; position++) {
      for (let k = 0; k < perOutput; k++) row[k] = (input[position * perOutput + k] ?? 0) - zero;
      visit(row, 0, outputs);
    }
  };
}

function convRows(layer: ConvLayer, network: Network): Rows {
  const inputTensor = tensorAt(network, layer.input);
  const { height, width } = tensorAt(network, layer.output);
  const { perOutput, outputs } = layer.weights;
  const { channels } = inputTensor;
  const groupInputs = channels / layer.groups;
  const groupOutputs = outputs / layer.groups;
  const rows = Array.from({ length: width }, () => new Int32Array(perOutput));
  return (input, visit) => {
    for (let y = 0; y < height; y++) {
      for (let group = 0; group < layer.groups; group++) {
        for (const row of rows) row.fill(0);
        forEachTap(layer.window, inputTensor, width, y, (tap, column, at) => {
          const row = rows[column];
          if (row === undefined) return;
          const from = at * channels + group * groupInputs;
          for (let c = 0; c < groupInputs; c++) {
            row[tap * groupInputs + c] = (input[from + c] ?? 0) - layer.zero;
          }
        });
        for (const row of rows) visit(row, group * groupOutputs, groupOutputs);
      }
    }
  };
}

type Slack = (accumulator: number, channel: number, direction: 1 | -1) => number;

/** The least by which an accumulator must change in a direction for its output to change. */
function slackOf(rule: Requantization): Slack {
  if (rule.kind === "none") return () => 1;
  const requantize = requantizer(rule);
  return (accumulator, channel, direction) =>
    leastStep(requantize, accumulator, channel, direction);
}

/** Activations are not larger. */
const FARTHEST = 2 ** 16;

/** By doubling and halving: a requantisation is monotone. */
function leastStep(
  requantize: Requantizer,
  accumulator: number,
  channel: number,
  direction: 1 | -1,
): number {
  const here = requantize(accumulator, channel);
  const differs = (step: number) => requantize(accumulator + direction * step, channel) !== here;
  let high = 1;
  while (!differs(high)) {
    high *= 2;
    if (high > FARTHEST) return Number.POSITIVE_INFINITY;
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (differs(middle)) high = middle;
    else low = middle;
  }
  return high;
}
