import type { Window } from "../../src/graph/types.js";
import { transposedExtent, windowed } from "../../src/graph/window.js";
import type { FloatProgram } from "../../src/network/float.js";
import {
  type ConvTransposeLayer,
  elementCount,
  type GatherLayer,
  type IntegerTensor,
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
 * The layer, made to fit inputs of these shapes, and the shape of what it makes, `wanted` where that
 * leaves a choice: weights, lists about channels and sources are cut or repeated. A layer that fits
 * already stays as it is. Null where its window never fits, or its operands differ too much.
 */
export function conform(
  layer: Layer,
  inputs: readonly Tensor[],
  wanted: Extent | null,
): Conformed | null {
  if (layer.kind === "pointwise" || layer.kind === "reduce") return conformFloat(layer, inputs);
  const integers = inputs.filter((tensor) => tensor.type !== "float32");
  const [input] = integers;
  if (input === undefined || integers.length < inputs.length) return null;
  return conformIntegers(layer, input, integers, wanted);
}

type FloatLayer = Layer & { readonly kind: "pointwise" | "reduce" };

function conformIntegers(
  layer: Exclude<Layer, FloatLayer>,
  input: IntegerTensor,
  inputs: readonly IntegerTensor[],
  wanted: Extent | null,
): Conformed | null {
  switch (layer.kind) {
    case "conv":
    case "conv-transpose": {
      const { outputs } = layer.weights;
      const fits = input.channels % layer.groups === 0 && outputs % layer.groups === 0;
      const groups = fits ? layer.groups : 1;
      const [height, width] =
        layer.kind === "conv"
          ? windowed([input.height, input.width], layer.window)
          : transposed(layer, input, wanted);
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
    case "elementwise":
    case "product": {
      const output = broadcast(inputs);
      if (output === null) return null;
      if (layer.kind === "product") {
        const requantization = forChannels(layer.requantization, output.channels);
        return { layer: { ...layer, requantization }, output };
      }
      const elements = output.height * output.width * output.channels;
      const period = layer.period === elements ? elements : output.channels;
      const requantization = forChannels(layer.requantization, period);
      return { layer: { ...layer, period, requantization }, output };
    }
    case "gather":
      return conformGather(layer, inputs, wanted);
    case "lookup": {
      const channels = input.channels * layer.columns;
      return { layer, output: { height: input.height, width: input.width, channels } };
    }
    default:
      return layer satisfies never;
  }
}

/** Up to a stride of the output lies behind what the last input element reaches. */
function transposed(
  { window }: ConvTransposeLayer,
  input: Tensor,
  wanted: Extent | null,
): readonly [height: number, width: number] {
  const [height, width] = transposedExtent([input.height, input.width], window, [0, 0]);
  const chosen = (least: number, choice: number | undefined, stride: number): number =>
    choice !== undefined && choice >= least && choice < least + stride ? choice : least;
  return [
    chosen(height, wanted?.height, window.strides[0]),
    chosen(width, wanted?.width, window.strides[1]),
  ];
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

/** The shape of all operands but those of height and width 1, which are taken at every position. */
function broadcast(inputs: readonly Tensor[]): Extent | null {
  const positions = (tensor: Extent): number => tensor.height * tensor.width;
  const [largest] = inputs.toSorted((a, b) => positions(b) - positions(a));
  if (largest === undefined) return null;
  const { height, width, channels } = largest;
  const fits = inputs.every(
    (t) =>
      t.channels === channels && (positions(t) === 1 || (t.height === height && t.width === width)),
  );
  return fits ? { height, width, channels } : null;
}

/** Places outside an input are taken from its start again. */
function conformGather(
  layer: GatherLayer,
  inputs: readonly Tensor[],
  wanted: Extent | null,
): Conformed | null {
  const parts = layer.parts.map((part) => {
    const input = inputs[part.input];
    const elements = input === undefined ? 1 : elementCount(input);
    const furthest =
      Math.max(...part.rows) + Math.max(...part.columns) + Math.max(...part.channels);
    if (furthest < elements) return part;
    const zero = (list: Int32Array) => list.map(() => 0);
    return {
      ...part,
      rows: zero(part.rows),
      columns: zero(part.columns),
      channels: zero(part.channels),
    };
  });
  const { height, width, channels } = layer.view;
  const elements = height * width * channels;
  const same = wanted !== null && wanted.height * wanted.width * wanted.channels === elements;
  const output = same ? wanted : layer.view;
  return {
    layer: { ...layer, parts },
    output: { height: output.height, width: output.width, channels: output.channels },
  };
}

/** Operands are as large as the first, hold an element for each of its rows, or just one. */
function conformFloat(layer: FloatLayer, inputs: readonly Tensor[]): Conformed | null {
  const [first] = inputs;
  if (first === undefined) return null;
  const { height, width, channels } = first;
  const elements = elementCount(first);
  const sizes = new Set(inputs.map(elementCount));
  sizes.delete(1);
  sizes.delete(elements);
  const operands = new Set(layer.program.steps.map((s) => (s.op === "operand" ? s.input : null)));
  if (!layer.inputs.every((_, i) => operands.has(i)) || !readsAll(layer.program)) return null;
  if (layer.kind === "pointwise") {
    const [rows = 1, ...more] = sizes;
    const fits = more.length === 0 && elements % rows === 0;
    return fits ? { layer, output: { height, width, channels } } : null;
  }
  const overPositions = layer.stride > 1 && channels > 1;
  const output = overPositions ? { height: 1, width: 1, channels } : { height, width, channels: 1 };
  const count = overPositions ? height * width : channels;
  sizes.delete(elements / count);
  if (sizes.size > 0) return null;
  return { layer: { ...layer, count, stride: overPositions ? channels : 1 }, output };
}

/** Whether every step but the last is read by a later one: the lowering makes no other programs. */
function readsAll({ steps }: FloatProgram): boolean {
  const read = new Set(
    steps.flatMap((step) => ("b" in step ? [step.a, step.b] : "a" in step ? [step.a] : [])),
  );
  return steps.slice(0, -1).every((_, i) => read.has(i));
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
