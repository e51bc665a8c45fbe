import type { Window } from "../../src/graph/types.js";
import {
  elementCount,
  type Layer,
  type Network,
  type Requantization,
  type Tensor,
  type TensorId,
  tensorAt,
  type Weights,
} from "../../src/network/types.js";
import { createSimulator } from "../../src/simulate/index.js";
import type { Trial } from "./compare.js";

export interface Simpler {
  /** To be fitted: shapes and ranges may contradict each other. */
  readonly network: Network;
  readonly input: Int32Array;
}

/** Networks like the trial's with less in them. */
export function simplerNetworks({ network, inputs }: Trial): Simpler[] {
  const [input = new Int32Array()] = inputs;
  const same = (simpler: Network): Simpler => ({ network: simpler, input });
  return [
    ...withoutHead(network, input),
    ...network.layers.slice(0, -1).map(({ output }) => same(endingIn(network, output))),
    ...network.layers.flatMap((layer) => withoutLayer(network, layer).map(same)),
    ...smallerInputs(network).map(same),
    ...network.layers.flatMap((layer, i) =>
      simplerLayers(layer).map((simpler) => same(withLayer(network, i, simpler))),
    ),
  ];
}

/** The network from one of its tensors on, with what the simulator put there. */
function withoutHead(network: Network, input: Int32Array): Simpler[] {
  const simulator = createSimulator(network);
  simulator.run(input);
  const trace = simulator.trace();
  return network.layers.slice(0, -1).map(({ output }, i) => ({
    network: { ...network, input: { ...network.input, tensor: output } },
    input: Int32Array.from(trace[i] ?? []),
  }));
}

function endingIn(network: Network, tensor: TensorId): Network {
  return { ...network, output: { ...network.output, tensor } };
}

/** What a layer made is read from one of its inputs instead. */
function withoutLayer(network: Network, layer: Layer): Network[] {
  if (layer.output === network.output.tensor) return [];
  const inputs = layer.kind === "elementwise" ? layer.inputs : [layer.input];
  return inputs.map((input) => {
    const instead = (id: TensorId): TensorId => (id === layer.output ? input : id);
    const layers = network.layers.flatMap((other) => {
      if (other === layer) return [];
      return other.kind === "elementwise"
        ? { ...other, inputs: other.inputs.map(instead) }
        : { ...other, input: instead(other.input) };
    });
    return { ...network, layers };
  });
}

function withLayer(network: Network, index: number, layer: Layer): Network {
  return { ...network, layers: network.layers.with(index, layer) };
}

function smallerInputs(network: Network): Network[] {
  const id = network.input.tensor;
  const tensor = tensorAt(network, id);
  const { height, width, channels, type } = tensor;
  const narrow: Tensor = { ...tensor, type: "int8", range: { low: -128, high: 127 } };
  const smaller: Tensor[] = [
    ...less(height).map((h) => ({ ...tensor, height: h })),
    ...less(width).map((w) => ({ ...tensor, width: w })),
    ...less(channels).map((c) => ({ ...tensor, channels: c })),
    { ...tensor, height: 1, width: 1, channels: elementCount(tensor) },
    ...(type === "int8" ? [] : [narrow]),
  ];
  return smaller.map((input) => ({ ...network, tensors: network.tensors.with(id, input) }));
}

/** Smaller positive numbers to try: 1, half, one less. */
function less(n: number): number[] {
  return [...new Set([1, Math.floor(n / 2), n - 1])].filter((m) => m >= 1 && m < n);
}

/** [0, length) and its halves, their halves, and so on, while they are not too many. */
export function stretches(length: number): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (let size = length; size >= 1 && found.length < 100; size = Math.floor(size / 2)) {
    for (let from = 0; from < length; from += size)
      found.push([from, Math.min(length, from + size)]);
  }
  return found;
}

function simplerLayers(layer: Layer): Layer[] {
  switch (layer.kind) {
    case "conv":
      return [
        ...simplerWindows(layer.window).map((window) => ({ ...layer, window })),
        ...simplerWeights(layer.weights).map((weights) => ({ ...layer, weights })),
        ...simplerRules(layer.requantization).map((requantization) => ({
          ...layer,
          requantization,
        })),
        ...less(layer.groups).map((groups) => ({ ...layer, groups })),
        { ...layer, zero: 0 },
      ];
    case "dense":
      return [
        ...simplerWeights(layer.weights).map((weights) => ({ ...layer, weights })),
        ...simplerRules(layer.requantization).map((requantization) => ({
          ...layer,
          requantization,
        })),
        ...less(layer.positions).map((positions) => ({ ...layer, positions })),
        { ...layer, zero: 0 },
      ];
    case "sum-pool":
      return [
        ...simplerWindows(layer.window).map((window) => ({ ...layer, window })),
        ...simplerRules(layer.requantization).map((requantization) => ({
          ...layer,
          requantization,
        })),
        { ...layer, zero: 0 },
        { ...layer, multiple: 0 },
      ];
    case "max-pool":
      return simplerWindows(layer.window).map((window) => ({ ...layer, window }));
    case "elementwise":
      return simplerRules(layer.requantization).map((requantization) => ({
        ...layer,
        requantization,
      }));
    case "gather":
      return less(layer.source.length).map((n) => ({ ...layer, source: layer.source.slice(0, n) }));
    default:
      return layer satisfies never;
  }
}

function simplerWindows(window: Window): Window[] {
  const { kernel, strides, dilations, pads } = window;
  return [
    ...less(kernel[0]).map((n) => ({ ...window, kernel: [n, kernel[1]] as const })),
    ...less(kernel[1]).map((n) => ({ ...window, kernel: [kernel[0], n] as const })),
    ...less(strides[0]).map((n) => ({ ...window, strides: [n, strides[1]] as const })),
    ...less(strides[1]).map((n) => ({ ...window, strides: [strides[0], n] as const })),
    ...less(dilations[0]).map((n) => ({ ...window, dilations: [n, dilations[1]] as const })),
    ...less(dilations[1]).map((n) => ({ ...window, dilations: [dilations[0], n] as const })),
    ...(["top", "left", "bottom", "right"] as const).flatMap((side) =>
      [0, ...less(pads[side])].map((n) => ({ ...window, pads: { ...pads, [side]: n } })),
    ),
  ];
}

/** Fewer outputs, and stretches of zeros (of +1, where there is no zero). */
function simplerWeights(weights: Weights): Weights[] {
  const { kind, outputs, perOutput, values } = weights;
  const plain = kind === "binary" ? 1 : 0;
  return [
    ...less(outputs).map((n) => ({
      ...weights,
      outputs: n,
      values: values.slice(0, n * perOutput),
    })),
    ...less(outputs).map((n) => ({ ...weights, outputs: n, values: values.slice(-n * perOutput) })),
    ...stretches(values.length).map(([from, to]) => ({
      ...weights,
      values: values.map((w, i) => (i >= from && i < to ? plain : w)),
    })),
  ];
}

function simplerRules(rule: Requantization): Requantization[] {
  const none: Requantization = { kind: "none" };
  switch (rule.kind) {
    case "none":
      return [];
    case "thresholds": {
      const { count, thresholds } = rule;
      const short = less(count).map((n) => ({
        ...rule,
        count: n,
        thresholds: thresholds.filter((_, i) => i % count < n),
      }));
      return [
        none,
        { ...rule, thresholds: thresholds.slice(0, count) },
        ...short,
        { ...rule, base: 0 },
        { ...rule, step: 1 },
      ];
    }
    case "table":
      return [none, { ...rule, values: rule.values.slice(0, rule.size) }];
    case "fixed-point": {
      const one = (list: Float64Array) => list.slice(0, 1);
      const shared = {
        ...rule,
        multipliers: rule.multipliers.map(one),
        offsets: one(rule.offsets),
      };
      const bounds = { low: one(rule.low), high: one(rule.high) };
      const zero = Float64Array.of(0);
      return [
        ...(rule.multipliers.length === 1 ? [none] : []),
        { ...shared, ...bounds },
        { ...rule, ...bounds },
        { ...rule, offsets: zero },
        { ...rule, multipliers: rule.multipliers.map(() => Float64Array.of(1)) },
        { ...rule, multipliers: rule.multipliers.map(() => zero) },
        { ...rule, tieBand: 0 },
        { ...rule, base: 0, step: 1 },
        ...[0, ...less(rule.shift)].map((shift) => ({ ...rule, shift, tieBand: 0 })),
      ];
    }
    default:
      return rule satisfies never;
  }
}
