import {
  type ConvLayer,
  type IntegerTensor,
  integerTensor,
  type Range,
  type Weights,
} from "../network/types.js";
import type { LayerShape } from "./types.js";

/** The first input of a layer whose kernels read integers. */
export function inputOf({ inputs }: LayerShape): IntegerTensor {
  return integerTensor(inputs[0]);
}

/** The layer, if it is a depthwise convolution of several channels by trits. */
export function depthwiseTrits({ layer, inputs }: LayerShape): ConvLayer | null {
  if (layer.kind !== "conv" || layer.weights.kind !== "ternary") return null;
  const channels = inputs[0]?.channels ?? 0;
  const depthwise = layer.groups === channels && layer.weights.outputs === channels;
  return depthwise && channels > 1 ? layer : null;
}

/** @throws Error where `isFor` would have said no */
export function ownDepthwise(shape: LayerShape): ConvLayer {
  const layer = depthwiseTrits(shape);
  if (layer === null) throw new Error("not a depthwise layer of trits");
  return layer;
}

/** Whether the sum of some output's trits times codes, of which 0 may be one, can leave [-limit, limit). */
export function sumsLeave(
  { values, outputs, perOutput }: Weights,
  codes: Range,
  limit: number,
): boolean {
  const low = Math.min(codes.low, 0);
  const high = Math.max(codes.high, 0);
  for (let o = 0; o < outputs; o++) {
    let [plus, minus] = [0, 0];
    for (let k = o * perOutput; k < (o + 1) * perOutput; k++) {
      const value = values[k] ?? 0;
      if (value > 0) plus++;
      else if (value < 0) minus++;
    }
    if (plus * high - minus * low >= limit || plus * low - minus * high < -limit) return true;
  }
  return false;
}
