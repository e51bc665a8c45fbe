import type { Window } from "../../src/graph/types.js";
import { windowed } from "../../src/graph/window.js";
import {
  elementCount,
  type Layer,
  type Requantization,
  type Tensor,
  type Weights,
} from "../../src/network/types.js";
import { forEachWindow } from "../../src/simulate/windows.js";

export interface Extent {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface Conformed {
  readonly layer: Layer;
  readonly output: Extent;
}

/**
 * The layer, made to fit inputs of these shapes, and the shape of what it makes: weights, lists about
 * channels and sources are cut or repeated. A layer that fits already stays as it is. Null where its
 * window never fits, or its operands differ.
 */
export function conform(layer: Layer, inputs: readonly Tensor[]): Conformed | null {
  const [input] = inputs;
  if (input === undefined) return null;
  switch (layer.kind) {
    case "conv": {
      const { outputs } = layer.weights;
      const fits = input.channels % layer.groups === 0 && outputs % layer.groups === 0;
      const groups = fits ? layer.groups : 1;
      const [height, width] = windowed([input.height, input.width], layer.window);
      if (height < 1 || width < 1) return null;
      const [tall, wide] = layer.window.kernel;
      const weights = resized(layer.weights, (tall * wide * input.channels) / groups);
      const requantization = forChannels(layer.requantization, outputs);
      return {
        layer: { ...layer, groups, weights, requantization },
        output: { height, width, channels: outputs },
      };
    }
    case "dense": {
      const positions = elementCount(input) % layer.positions === 0 ? layer.positions : 1;
      const weights = resized(layer.weights, elementCount(input) / positions);
      const requantization = forChannels(layer.requantization, weights.outputs);
      const [height, width] =
        positions === input.height * input.width ? [input.height, input.width] : [1, positions];
      return {
        layer: { ...layer, positions, weights, requantization },
        output: { height, width, channels: weights.outputs },
      };
    }
    case "sum-pool": {
      const output = pooled(layer.window, input);
      if (output === null) return null;
      const requantization = forChannels(layer.requantization, output.channels);
      return { layer: { ...layer, requantization }, output };
    }
    case "max-pool": {
      const output = pooled(layer.window, input);
      return output === null ? null : { layer, output };
    }
    case "elementwise": {
      const { height, width, channels } = input;
      const same = inputs.every(
        (t) => t.height === height && t.width === width && t.channels === channels,
      );
      if (!same) return null;
      const requantization = forChannels(layer.requantization, channels);
      return { layer: { ...layer, requantization }, output: { height, width, channels } };
    }
    case "gather": {
      const source = layer.source.map((i) => i % elementCount(input));
      return {
        layer: { ...layer, source },
        output: { height: 1, width: 1, channels: source.length },
      };
    }
    default:
      return layer satisfies never;
  }
}

function resized(weights: Weights, perOutput: number): Weights {
  if (weights.perOutput === perOutput && weights.values.length === weights.outputs * perOutput) {
    return weights;
  }
  const old = weights.values;
  const values = Int8Array.from({ length: weights.outputs * perOutput }, (_, i) => {
    const output = Math.floor(i / perOutput);
    return old[(output * weights.perOutput + (i % perOutput)) % old.length] ?? 0;
  });
  return { ...weights, perOutput, values };
}

/** Null where a window has no element inside the tensor: such a pool means nothing. */
function pooled(window: Window, input: Tensor): Extent | null {
  const [height, width] = windowed([input.height, input.width], window);
  if (height < 1 || width < 1) return null;
  const output = { height, width, channels: input.channels };
  let empty = false;
  forEachWindow(window, input, { ...input, ...output }, ({ top, bottom, left, right }) => {
    empty ||= top >= bottom || left >= right;
  });
  return empty ? null : output;
}

/** Lists of one element for each channel, cut or repeated to a number of channels. */
export function forChannels(rule: Requantization, channels: number): Requantization {
  switch (rule.kind) {
    case "none":
      return rule;
    case "thresholds":
      return { ...rule, thresholds: cycled(rule.thresholds, rule.count, channels) };
    case "table":
      return { ...rule, values: cycled(rule.values, rule.size, channels) };
    case "fixed-point":
      return {
        ...rule,
        multipliers: rule.multipliers.map((list) => perChannel(list, channels)),
        offsets: perChannel(rule.offsets, channels),
        low: perChannel(rule.low, channels),
        high: perChannel(rule.high, channels),
      };
    default:
      return rule satisfies never;
  }
}

function perChannel(list: Float64Array, channels: number): Float64Array {
  if (list.length === 1 || list.length === channels) return list;
  return Float64Array.from({ length: channels }, (_, i) => list[i % list.length] ?? 0);
}

function cycled(list: Int32Array, size: number, channels: number): Int32Array {
  if (list.length <= size || list.length === size * channels) return list;
  return Int32Array.from({ length: size * channels }, (_, i) => list[i % list.length] ?? 0);
}
