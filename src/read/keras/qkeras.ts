import { roundHalfEven } from "../../graph/rounding.js";
import type { Fields } from "../json.js";
import { UnsupportedForm } from "../unsupported.js";
import { alphaOf, type Called } from "./called.js";
import { float32Text } from "./larq.js";
import {
  byChannel,
  elementwise,
  largestMagnitude,
  type Quantized,
  type WeightRule,
} from "./quantized.js";

/**
 * QKeras' quantisers of weights (qkeras/quantizers.py, version 0.9), in float32 as there, but for
 * sums, which are exact here and in the runtime's order there.
 */
export const QKERAS_RULES: Readonly<Record<string, (called: Called) => WeightRule>> = {
  ternary,
  // At inference they are what they are named after.
  stochasticternary: ternary,
  binary,
  stochasticbinary: binary,
  quantizedbits,
  bernoulli: ({ text }) => {
    throw new UnsupportedForm(`has the quantiser ${text}, which is random at inference too`);
  },
};

/** Keras' fuzz factor, K.epsilon(). */
const EPSILON = Math.fround(1e-7);
const LEAST_SQUARES = "the least-squares scale of each output channel";

type Alpha = number | "auto" | "auto_po2";

/** Layers with a kernel set an alpha of None to "auto_po2" (`_set_trainable_parameter`). */
function kernelAlpha({ fields }: Called): Alpha {
  return alphaOf(fields) ?? "auto_po2";
}

function scaleText(alpha: Alpha): string {
  if (typeof alpha === "number") return `${float32Text(alpha)}`;
  return alpha === "auto" ? LEAST_SQUARES : `${LEAST_SQUARES} as a power of two`;
}

function ternary(called: Called): WeightRule {
  const { text, fields } = called;
  const alpha = kernelAlpha(called);
  if (typeof alpha === "number") {
    const threshold = Math.fround(fields.number("threshold", 0.33));
    return {
      text: `${text}: s * sign(w) where |w| >= ${float32Text(threshold)}, else 0; s = ${scaleText(alpha)}`,
      apply: (weights) => {
        const trit = (w: number) => (Math.abs(w) >= threshold ? Math.sign(w) : 0);
        return positive(elementwise(weights, trit, alpha));
      },
    };
  }
  const rounds = fields.whole("number_of_unrolls", 1, 5);
  if (rounds > 1000) throw new UnsupportedForm(`has ${rounds} unrolled rounds in ${text}`);
  return {
    text: `${text}: s * sign(w) where round(w / s) is not 0, else 0, ${rounds} times; s = ${scaleText(alpha)}`,
    apply: (weights) => byChannel(weights, (w) => ternaryChannel(w, alpha, rounds)),
  };
}

function ternaryChannel(w: Float64Array, alpha: "auto" | "auto_po2", rounds: number) {
  const third = Math.fround(Math.fround(2 * largestMagnitude(w)) / 3);
  let scale = alpha === "auto_po2" ? nearestPowerOfTwo(third) : third;
  let trits = w;
  for (let round = 0; round < rounds; round++) {
    const current = scale;
    trits = w.map((x) => {
      const isZero = current === 0 || roundHalfEven(Math.fround(x / current)) === 0;
      return isZero ? 0 : Math.sign(x);
    });
    scale = leastSquares(w, trits, alpha);
  }
  return { integers: trits, scale };
}

function binary(called: Called): WeightRule {
  const { text, fields } = called;
  const alpha = kernelAlpha(called);
  const low = fields.flag("use_01", false) ? 0 : -1;
  const level = (w: number): number => (w >= 0 ? 1 : low);
  return {
    text: `${text}: w >= 0 ? s : ${low === 0 ? "0" : "-s"}; s = ${scaleText(alpha)}`,
    apply: (weights) => {
      if (typeof alpha === "number") return positive(elementwise(weights, level, alpha));
      return byChannel(weights, (w) => {
        const integers = w.map(level);
        return { integers, scale: leastSquares(w, integers, alpha) };
      });
    },
  };
}

/** Fixed point: `bits` in all, `integer` of them left of the point. */
function quantizedbits(called: Called): WeightRule {
  const { text, fields } = called;
  const alpha = kernelAlpha(called);
  const form = fixedPointOf(called);
  if (typeof alpha === "number") {
    return {
      text: `${text}: clip(round(w / s), ${form.min}, ${form.max}); s = ${float32Text(form.scale * alpha)}`,
      apply: (weights) => positive(elementwise(weights, form.integer, form.scale * alpha)),
    };
  }
  const levels = 2 ** (form.bits - 1) - 1;
  if (levels < 1) throw new UnsupportedForm(`has ${text} with one bit and a computed scale`);
  if (fields.raw("scale_axis") !== undefined)
    throw new UnsupportedForm(`has ${text} with a scale_axis`);
  return {
    text: `${text}: clip(floor(|w| / s + 1/2), 0, ${levels}) with the sign of w; s = ${alpha === "auto" ? "max|w| of each output channel" : scaleText(alpha)}`,
    apply: (weights) =>
      byChannel(weights, (w) => {
        const shifted = w.map((x) => Math.fround(x / 2 ** form.whole));
        const { integers, scale } = fixedPointChannel(shifted, alpha, levels);
        return { integers, scale: Math.fround(scale * 2 ** form.whole) };
      }),
  };
}

function fixedPointChannel(w: Float64Array, alpha: "auto" | "auto_po2", levels: number) {
  const widest = Math.fround(Math.fround(largestMagnitude(w) * 2) / (2 * levels));
  const integersAt = (scale: number): Float64Array =>
    w.map((x) => {
      if (scale === 0) return 0;
      const position = Math.floor(Math.fround(Math.fround(Math.abs(x) / scale) + 0.5));
      return Math.sign(x) * Math.min(position, levels);
    });
  if (alpha === "auto") return { integers: integersAt(widest), scale: widest };
  let scale = nearestPowerOfTwo(widest);
  let integers = w;
  for (let round = 0; round < 5; round++) {
    integers = integersAt(scale);
    scale = leastSquares(w, integers, alpha);
  }
  return { integers, scale };
}

/** What `quantized_bits` with a fixed scale makes of weights and of activations. */
export interface FixedPoint {
  readonly bits: number;
  readonly whole: number;
  readonly min: number;
  readonly max: number;
  readonly scale: number;
  readonly integer: (x: number) => number;
}

/** Bits left of the point; it may stand outside of the number. */
export function integerBits(fields: Fields): number {
  const whole = fields.number("integer", 0);
  if (Number.isInteger(whole) && Math.abs(whole) <= 64) return whole;
  throw new UnsupportedForm(`has ${whole} bits left of the point`);
}

export function fixedPointOf({ text, fields }: Called): FixedPoint {
  const bits = fields.whole("bits", 1, 8);
  const whole = integerBits(fields);
  if (bits > 16) throw new UnsupportedForm(`has ${text}; at most 16 bits are read`);
  const negative = fields.flag("keep_negative", true);
  const unsigned = bits - (negative ? 1 : 0);
  if (unsigned === 0) {
    const integer = (x: number): number => (x >= 0 ? 1 : -1);
    return { bits, whole, min: -1, max: 1, scale: 1, integer };
  }
  const steps = 2 ** unsigned;
  const min = negative ? -steps + (fields.flag("symmetric", false) ? 1 : 0) : 0;
  const max = steps - 1;
  const scale = 2 ** (whole - unsigned);
  const integer = (x: number): number =>
    Math.min(max, Math.max(min, roundHalfEven(Math.fround(x / scale))));
  return { bits, whole, min, max, scale, integer };
}

function leastSquares(w: Float64Array, q: Float64Array, alpha: "auto" | "auto_po2"): number {
  let product = 0;
  let square = 0;
  for (const [i, x] of w.entries()) {
    const level = q[i] ?? 0;
    product += x * level;
    square += level * level;
  }
  const means = [product, square].map((sum) => Math.fround(sum / w.length));
  const scale = Math.fround((means[0] ?? 0) / Math.fround((means[1] ?? 0) + EPSILON));
  return alpha === "auto_po2" ? nearestPowerOfTwo(scale) : scale;
}

function nearestPowerOfTwo(scale: number): number {
  const log = Math.fround(Math.log(Math.fround(scale + EPSILON)));
  return 2 ** roundHalfEven(Math.fround(log / Math.LN2));
}

/** Scales are positive: a negative factor turns the integers round. */
function positive({ integers, scales }: Quantized): Quantized {
  const [scale = 1] = scales;
  if (scale === 0 || !Number.isFinite(scale)) throw new UnsupportedForm(`has a scale of ${scale}`);
  if (scale > 0) return { integers, scales };
  return { integers: integers.map((q) => -q), scales: scales.map((s) => -s) };
}
