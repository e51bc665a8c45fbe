import { roundHalfEven } from "../../graph/rounding.js";
import { UnsupportedForm } from "../unsupported.js";
import type { Called } from "./called.js";
import {
  byChannel,
  elementwise,
  largestMagnitude,
  meanMagnitude,
  type WeightRule,
} from "./quantized.js";

/** Larq's quantisers of weights (larq/quantizers.py, version 0.13), in float32 as there. */
export const LARQ_RULES: Readonly<Record<string, (called: Called) => WeightRule | null>> = {
  noop: () => null,
  noopquantizer: () => null,
  stesign: binary,
  approxsign: binary,
  swishsign: binary,
  magnitudeawaresign: ({ text }) => ({
    text: `${text}: w >= 0 ? s : -s, s = mean|w| of each output channel`,
    apply: (weights) =>
      byChannel(weights, (w) => ({ integers: w.map(signOf), scale: meanMagnitude(w) })),
  }),
  steheaviside: ({ text }) => ({
    text: `${text}: w > 0 ? 1 : 0`,
    apply: (weights) => elementwise(weights, (w) => (w > 0 ? 1 : 0), 1),
  }),
  stetern: ternary,
  dorefa: dorefa,
  dorefaquantizer: dorefa,
};

function binary({ text }: Called): WeightRule {
  return {
    text: `${text}: w >= 0 ? 1 : -1`,
    apply: (weights) => elementwise(weights, signOf, 1),
  };
}

function signOf(w: number): number {
  return w >= 0 ? 1 : -1;
}

/** `sign(sign(w + t) + sign(w - t))`: a weight at the threshold is not zero. */
function ternary({ text, fields }: Called): WeightRule {
  const own = Math.fround(fields.number("threshold_value", 0.05));
  const relative = fields.flag("ternary_weight_networks", false);
  if (!(own > 0) && !relative) throw new UnsupportedForm(`has a threshold of ${own} in ${text}`);
  return {
    text: relative
      ? `${text}: sign(w) where |w| >= 0.7 * mean|w| of the tensor (Ternary Weight Networks), else 0`
      : `${text}: sign(w) where |w| >= ${float32Text(own)}, else 0`,
    apply: (weights) => {
      const threshold = relative
        ? Math.fround(Math.fround(0.7 * sumOfMagnitudes(weights.data)) / weights.data.length)
        : own;
      return elementwise(weights, (w) => (Math.abs(w) >= threshold ? Math.sign(w) : 0), 1);
    },
  };
}

function sumOfMagnitudes(data: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += Math.abs(data[i] ?? 0);
  return Math.fround(sum);
}

/** `2 * round(n * (tanh(w) / (2 * max|tanh(w)|) + 1/2)) / n - 1`, n = 2^bits - 1. */
function dorefa({ text, fields }: Called): WeightRule {
  if (fields.text("mode", "activations") !== "weights") {
    throw new UnsupportedForm(`has ${text} for activations as a quantiser of weights`);
  }
  const bits = fields.whole("k_bit", 1, 2);
  if (bits > 8) throw new UnsupportedForm(`has ${text} with ${bits} bits; at most 8 are read`);
  const n = 2 ** bits - 1;
  return {
    text: `${text}, ${bits} bits: 2 * round(${n} * (tanh(w) / (2 * max|tanh(w)|) + 1/2)) / ${n} - 1`,
    apply: (weights) => {
      const limited = Float32Array.from(weights.data, Math.tanh);
      const double = Math.fround(2 * largestMagnitude(limited));
      const integers = Int32Array.from(limited, (w) => {
        const normed = Math.fround((double === 0 ? 0 : Math.fround(w / double)) + 0.5);
        return 2 * roundHalfEven(Math.fround(normed * n)) - n;
      });
      return { integers, scales: Float32Array.of(1 / n) };
    },
  };
}

/** The shortest decimal that reads back as the float32. */
export function float32Text(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === Math.fround(value)) return `${text}`;
  }
  return `${value}`;
}
