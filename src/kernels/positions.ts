import type { Window } from "../graph/types.js";
import {
  type ConvLayer,
  type DenseLayer,
  elementCount,
  type Range,
  type Tensor,
} from "../network/types.js";
import { isPointwise } from "./rows.js";
import { inputOf } from "./shape.js";
import type { LayerShape, Struct } from "./types.js";
import { windowStruct } from "./window.js";

/** Layers whose outputs are products of rows of weights with the inputs of one position after another. */
export type PositionLayer = ConvLayer | DenseLayer;

/** `dense` is for one vector, `conv` for positions in pairs. */
export type Form = "dense" | "conv";

export function positionsOf({ output }: LayerShape, { weights }: PositionLayer): number {
  return elementCount(output) / weights.outputs;
}

/** A convolution whose only window is the whole input is a product with it. */
export function formOf(shape: LayerShape, layer: PositionLayer): Form {
  if (positionsOf(shape, layer) > 1) return "conv";
  return layer.weights.perOutput === elementCount(inputOf(shape)) && !padded(layer)
    ? "dense"
    : "conv";
}

function padded(layer: PositionLayer): boolean {
  return layer.kind === "conv" && Object.values(layer.window.pads).some((pad) => pad !== 0);
}

/** Places outside the tensor hold the zero point. */
export function inputRange(layer: PositionLayer, { low, high }: Range): Range {
  return { low: Math.min(low, layer.zero), high: Math.max(high, layer.zero) };
}

/** Whether each position's inputs stand together, and in fours, where the last one's end. */
export function readsWhere(layer: PositionLayer, input: Tensor): boolean {
  if (layer.weights.perOutput % 4 !== 0) return false;
  return (
    layer.kind === "dense" || isPointwise(layer) || layer.weights.perOutput === elementCount(input)
  );
}

/** The rows of a dense layer are positions of a window of one element. */
export function slidingWindow(shape: LayerShape, layer: PositionLayer): Struct {
  const input = inputOf(shape);
  if (layer.kind === "conv") return windowStruct(layer.window, input, shape.output);
  const extent = { height: 1, width: layer.positions };
  return windowStruct(
    POINT,
    { ...input, ...extent, channels: layer.weights.perOutput },
    { ...shape.output, ...extent, channels: layer.weights.outputs },
  );
}

const POINT: Window = {
  kernel: [1, 1],
  strides: [1, 1],
  dilations: [1, 1],
  pads: { top: 0, left: 0, bottom: 0, right: 0 },
};
