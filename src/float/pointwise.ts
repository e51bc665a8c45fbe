import { ROUND } from "../graph/rounding.js";
import type { ArithmeticNode, DequantizeNode, Quantizer } from "../graph/types.js";
import { at, type FloatArray, oneOrEach, type Step } from "./arrays.js";

/** Index along an axis of a list for each channel, of element i of a tensor. */
export type ChannelOf = (axis: number | null) => (i: number) => number;

/** `f` of every element and its place. */
export function mapStep(x: FloatArray, y: FloatArray, f: (v: number, i: number) => number): Step {
  return () => {
    for (let i = 0; i < y.length; i++) y[i] = f(x[i] ?? 0, i);
  };
}

export function arithmetic(
  { operation, constantFirst }: ArithmeticNode,
  constant: ArrayLike<number>,
): (v: number, i: number) => number {
  switch (operation) {
    case "add":
      return (v, i) => v + at(constant, i);
    case "mul":
      return (v, i) => v * at(constant, i);
    case "sub":
      return constantFirst ? (v, i) => at(constant, i) - v : (v, i) => v - at(constant, i);
    case "div":
      return constantFirst ? (v, i) => at(constant, i) / v : (v, i) => v / at(constant, i);
    default:
      return operation satisfies never;
  }
}

/**
 * A quantiser, element by element. `round32` rounds between the division and the rounding to an
 * integer, where the runtime does: `Math.fround` for float32 elements.
 */
export function quantize(
  quantizer: Quantizer,
  channelOf: ChannelOf,
  round32: (x: number) => number,
): (v: number, i: number) => number {
  switch (quantizer.kind) {
    case "bipolar":
      return (v) => (v >= 0 ? 1 : -1);
    case "sign":
      return (v) => Math.sign(v) + 0;
    case "uniform": {
      const { scale, zero, min, max, zeroAdded } = quantizer;
      const channel = channelOf(quantizer.axis);
      const round = ROUND[quantizer.rounding];
      const before = zeroAdded === "before-rounding";
      return (v, i) => {
        const c = channel(i);
        const scaled = round32(v / oneOrEach(scale, c));
        const z = oneOrEach(zero, c);
        const q = before ? round(round32(scaled + z)) : round(scaled) + z;
        return Math.min(Math.max(q, min), max) + 0;
      };
    }
    case "thresholds": {
      const { values, count, axis, base, step, open = [] } = quantizer;
      const channel = channelOf(values.length === count ? null : axis);
      return (v, i) => {
        const from = channel(i) * count;
        let reached = 0;
        for (let j = 0; j < count; j++) {
          const threshold = at(values, from + j);
          if (open[j] === true ? v > threshold : v >= threshold) reached++;
        }
        return base + step * reached;
      };
    }
    default:
      return quantizer satisfies never;
  }
}

export function dequantize(
  { scale, zero, axis }: DequantizeNode,
  channelOf: ChannelOf,
): (q: number, i: number) => number {
  const channel = channelOf(axis);
  return (q, i) => {
    const c = channel(i);
    return (q - oneOrEach(zero, c)) * oneOrEach(scale, c);
  };
}
