/** Networks of one layer of weights, compiled with a kernel that the test names. */

import { emitC } from "../../src/emit/index.js";
import type { Window } from "../../src/graph/types.js";
import { windowed } from "../../src/graph/window.js";
import { KERNELS, type Kernel, shapeOf } from "../../src/kernels/index.js";
import {
  elementCount,
  type IntegerStorage,
  type Layer,
  type Network,
  type Range,
  type Requantization,
  type Tensor,
  tensorAt,
  type Weights,
} from "../../src/network/types.js";
import { plan } from "../../src/plan/index.js";
import { type Samples, simulateAll, storageArray } from "../../src/simulate/batch.js";
import { configurationList, type Difference, verifyConfiguration } from "../../src/verify/index.js";
import { subjectOf, vectorsOf } from "../../src/verify/subject.js";
import { runNatively, sanitizers } from "../property/native.js";
import { type Random, seeded } from "../support/random.js";

export interface OneLayer {
  readonly type: IntegerStorage;
  readonly range: Range;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly zero?: number;
  readonly weights: Weights;
  /** A convolution by this window; a dense layer where there is none. */
  readonly window?: Window;
  readonly groups?: number;
  readonly positions?: number;
  /** The accumulators as int32 unless said otherwise. */
  readonly requantization?: Requantization;
  readonly output?: IntegerStorage;
}

/** The kernel of that name. */
export function kernelNamed(name: string): Kernel {
  const kernel = KERNELS.find((each) => each.name === name);
  if (kernel === undefined) throw new Error(`no kernel ${name}`);
  return kernel;
}

export function drawnWeights(random: Random, outputs: number, perOutput: number): Weights {
  const values = Int8Array.from({ length: outputs * perOutput }, () => random.integer(-1, 1));
  return { kind: "ternary", outputs, perOutput, values };
}

export function oneLayer(options: OneLayer): Network {
  const { type, range, height, width, channels, weights, window } = options;
  const { zero = 0, groups = 1, positions = 1, output = "int32" } = options;
  const base = {
    name: "layer",
    origins: [],
    input: 0,
    output: 1,
    zero,
    weights,
    requantization: options.requantization ?? { kind: "none" },
    accumulators: Array.from({ length: weights.outputs }, (_, o) => {
      const row = weights.values.subarray(o * weights.perOutput, (o + 1) * weights.perOutput);
      return accumulatorRange(row, { low: range.low - zero, high: range.high - zero });
    }),
  } as const;
  const layer: Layer =
    window === undefined
      ? { kind: "dense", positions, ...base }
      : { kind: "conv", window, groups, ...base };
  const [tall, wide] = window === undefined ? [1, positions] : windowed([height, width], window);
  const tensors: Tensor[] = [
    { height, width, channels, type, range },
    {
      ...{ height: tall, width: wide, channels: weights.outputs, type: output },
      range: { low: -(2 ** 30), high: 2 ** 30 },
    },
  ];
  const whole = { shape: [], source: null } as const;
  return {
    input: {
      ...{ name: "x", tensor: 0, ...whole },
      encoding: { kind: "integer", scale: null, zero: 0 },
    },
    output: { name: "y", tensor: 1, ...whole, real: null, head: "none" },
    tensors,
    layers: [layer],
  };
}

/** Padding is 0 here, whichever values the tensor can hold. */
function accumulatorRange(row: Int8Array, { low, high }: Range): Range {
  const least = Math.min(low, 0);
  const most = Math.max(high, 0);
  let [from, to] = [0, 0];
  for (const w of row) {
    from += w > 0 ? w * least : w * most;
    to += w > 0 ? w * most : w * least;
  }
  return { low: from, high: to };
}

/** Inputs at the ends of the range and between: all low, all high, both in turn, drawn. */
export function extremeInputs(network: Network, random: Random, count = 4): Samples {
  const tensor = tensorAt(network, network.input.tensor);
  if (tensor.type === "float32") throw new TypeError("not an integer tensor");
  const { low, high } = tensor.range;
  const elements = elementCount(tensor);
  const values = storageArray(tensor.type, (3 + count) * elements);
  for (let i = 0; i < values.length; i++) {
    const vector = Math.floor(i / elements);
    const end = vector === 0 || (vector === 2 && i % 2 === 0) ? low : high;
    values[i] = vector < 3 ? end : random.integer(low, high);
  }
  return { count: 3 + count, values };
}

/** The input that makes the accumulator of an output of a dense layer largest, then smallest. */
export function worstInputs(network: Network, output: number): Samples {
  const [layer] = network.layers;
  const tensor = tensorAt(network, network.input.tensor);
  if (layer?.kind !== "dense" || tensor.type === "float32") throw new TypeError("not dense");
  const { perOutput, values: weights } = layer.weights;
  const { low, high } = tensor.range;
  const values = storageArray(tensor.type, 2 * perOutput);
  for (let k = 0; k < perOutput; k++) {
    const plus = (weights[output * perOutput + k] ?? 0) > 0;
    values[k] = plus ? high : low;
    values[perOutput + k] = plus ? low : high;
  }
  return { count: 2, values };
}

/** A network, inputs for it and the kernel that its C is to have. */
export interface Case {
  readonly network: Network;
  readonly inputs: Samples;
  readonly kernel: Kernel;
}

/**
 * Names of the cases whose C, all in one program under sanitizers, differs from the simulator. What
 * goes out of bounds or overflows ends the program, and throws.
 */
export async function differingNatively(cases: ReadonlyMap<string, Case>): Promise<string[]> {
  const list = [...cases];
  const trials = list.map(([, { network, inputs, kernel }], i) => ({
    ...{ name: `net${i}`, network, inputs, kernels: [kernel] },
  }));
  const outputs = runNatively(trials, sanitizers());
  const differing: string[] = [];
  for (const [i, [name, { network, inputs }]] of list.entries()) {
    const expected = Int32Array.from((await simulateAll(network, inputs)).values);
    if (!outputs[i]?.every((value, at) => value === expected[at])) differing.push(name);
  }
  return differing;
}

/** The first difference on the emulated cores of the configurations; null where there is none. */
export async function differenceOn(
  configurations: string,
  { network, kernel, inputs }: Case,
): Promise<Difference | null> {
  for (const configuration of configurationList(configurations)) {
    const planned = plan(network, configuration.target, { kernels: [kernel] });
    const files = emitC(planned, "net", { source: "", hash: "", command: "", version: "" });
    const vectors = vectorsOf(network, inputs, await simulateAll(network, inputs));
    const subject = subjectOf(network, "net", files);
    const report = await verifyConfiguration(subject, vectors, configuration, {
      countedVectors: 0,
    });
    if (report.firstDifference !== null) return report.firstDifference;
  }
  return null;
}

export const INT8 = { low: -128, high: 127 };
export const UINT8 = { low: 0, high: 255 };

/** A convolution by trits whose accumulators are its outputs. */
export interface Conv {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outputs: number;
  readonly kernel: Window["kernel"];
  readonly strides?: Window["strides"];
  readonly dilations?: Window["dilations"];
  /** Top, left, bottom, right. */
  readonly pads?: readonly [number, number, number, number];
  readonly groups?: number;
  readonly type?: IntegerStorage;
  readonly range?: Range;
  readonly zero?: number;
  readonly weights?: Weights;
}

export function conv(options: Conv): Network {
  const { height, width, channels, outputs, kernel, groups = 1, type = "int8" } = options;
  const {
    strides = [1, 1],
    dilations = [1, 1],
    pads: [top, left, bottom, right] = [0, 0, 0, 0],
  } = options;
  const perOutput = (kernel[0] * kernel[1] * channels) / groups;
  return oneLayer({
    ...{ type, height, width, channels, groups, zero: options.zero ?? 0 },
    range: options.range ?? (type === "uint8" ? UINT8 : INT8),
    weights: options.weights ?? drawnWeights(seeded(perOutput + outputs), outputs, perOutput),
    window: { kernel, strides, dilations, pads: { top, left, bottom, right } },
  });
}

/** The only layer of a network. */
export function shapeIn(network: Network) {
  const [layer] = network.layers;
  if (layer === undefined) throw new Error("no layer");
  return shapeOf(layer, network);
}

/** Outputs that all have the same weights. */
export function filled(outputs: number, perOutput: number, at: (k: number) => number): Weights {
  const values = Int8Array.from({ length: outputs * perOutput }, (_, i) => at(i % perOutput));
  return { kind: "ternary", outputs, perOutput, values };
}
