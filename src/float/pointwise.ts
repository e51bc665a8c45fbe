import type {
  ArithmeticNode,
  DequantizeNode,
  Quantizer,
  Rounding,
  UnaryFunction,
} from "../graph/types.js";
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

const ROUND: Readonly<Record<Rounding, (x: number) => number>> = {
  "half-even": roundHalfEven,
  floor: Math.floor,
  ceil: Math.ceil,
  "toward-zero": Math.trunc,
};

export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const fraction = x - below;
  if (fraction !== 0.5) return fraction < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** The functions of `unary` nodes, from ONNX's own definitions (operator sets 1 to 24). */
export function functionOf(fn: UnaryFunction): (x: number) => number {
  switch (fn.name) {
    case "sigmoid":
      return sigmoid;
    case "tanh":
      return Math.tanh;
    case "silu":
      return (x) => x * sigmoid(x);
    case "hardSwish":
      return (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5));
    case "softplus":
      return softplus;
    case "softsign":
      return (x) => x / (1 + Math.abs(x));
    case "mish":
      return (x) => x * Math.tanh(softplus(x));
    case "erf":
      return erf;
    case "exp":
      return Math.exp;
    case "abs":
      return Math.abs;
    case "sqrt":
      return Math.sqrt;
    case "reciprocal":
      return (x) => 1 / x;
    case "gelu":
      return fn.approximate === "none"
        ? (x) => 0.5 * x * (1 + erf(x / Math.SQRT2))
        : (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    case "leakyRelu":
      return (x) => (x < 0 ? fn.alpha * x : x);
    case "elu":
      return (x) => (x < 0 ? fn.alpha * (Math.exp(x) - 1) : x);
    case "celu":
      return (x) => Math.max(0, x) + Math.min(0, fn.alpha * (Math.exp(x / fn.alpha) - 1));
    case "thresholdedRelu":
      return (x) => (x > fn.alpha ? x : 0);
    case "selu":
      return (x) => fn.gamma * (x > 0 ? x : fn.alpha * Math.exp(x) - fn.alpha);
    case "hardSigmoid":
      return (x) => Math.max(0, Math.min(1, fn.alpha * x + fn.beta));
    case "power":
      return (x) => x ** fn.exponent;
    default:
      return fn satisfies never;
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** Abramowitz and Stegun, 7.1.5 for small and 7.1.14 (a continued fraction) for large arguments. */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  const gauss = Math.exp(-z * z);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-17; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return ((Math.sign(x) * 2) / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = z;
  for (let n = 60; n > 0; n--) fraction = z + n / 2 / fraction;
  return Math.sign(x) * (1 - gauss / fraction / Math.sqrt(Math.PI));
}
