import type { IntegerType, UnaryFunction } from "../../graph/types.js";
import type { Activation } from "../layers/nodes.js";
import { UnsupportedForm } from "../unsupported.js";
import { ROUNDS_TO_HALF } from "./binary-net.js";
import { alphaOf, type Called } from "./called.js";
import { fixedPointOf, integerBits } from "./qkeras.js";

/** What an activation does, in terms of the Graph. */
export type Step =
  | { readonly kind: "clip"; readonly low: number; readonly high: number }
  | { readonly kind: "softmax" | "sigmoid" }
  | { readonly kind: "unary"; readonly function: UnaryFunction }
  | { readonly kind: "affine"; readonly factor: number; readonly offset: number }
  | { readonly kind: "quantize"; readonly activation: Activation };

const RELU: Step = { kind: "clip", low: 0, high: Number.POSITIVE_INFINITY };

/** Activations by the key of `Called`, those of Keras, Larq, QKeras and of BinaryNet code. */
export const ACTIVATIONS: Readonly<Record<string, (called: Called) => readonly Step[]>> = {
  linear: () => [],
  relu: () => [RELU],
  relu6: () => [{ kind: "clip", low: 0, high: 6 }],
  relu1: () => [{ kind: "clip", low: 0, high: 1 }],
  hardtanh: () => [{ kind: "clip", low: -1, high: 1 }],
  softmax: () => [{ kind: "softmax" }],
  sigmoid: () => [{ kind: "sigmoid" }],
  silu: () => [curve({ name: "silu" })],
  swish: () => [curve({ name: "silu" })],
  gelu: ({ fields }) => [
    curve({ name: "gelu", approximate: fields.flag("approximate", false) ? "tanh" : "none" }),
  ],
  tanh: () => [curve({ name: "tanh" })],
  hardswish: () => [curve({ name: "hardSwish" })],
  hardsilu: () => [curve({ name: "hardSwish" })],
  softplus: () => [curve({ name: "softplus" })],
  softsign: () => [curve({ name: "softsign" })],
  mish: () => [curve({ name: "mish" })],
  exponential: () => [curve({ name: "exp" })],
  elu: ({ fields }) => [curve({ name: "elu", alpha: fields.number("alpha", 1) })],
  leakyrelu: ({ fields }) => [
    curve({
      name: "leakyRelu",
      alpha: fields.number("negative_slope", fields.number("alpha", 0.2)),
    }),
  ],
  selu: () => [curve({ name: "selu", alpha: SELU.alpha, gamma: SELU.scale })],
  stesign: () => [bipolar(1)],
  approxsign: () => [bipolar(1)],
  swishsign: () => [bipolar(1)],
  steheaviside: () => [steps([0], [true], { base: 0, step: 1 })],
  stetern: larqTernary,
  dorefa,
  dorefaquantizer: dorefa,
  ternarytanh: () => [steps([-0.5, 0.5], [true, true], { base: -1, step: 1 })],
  binarytanh: () => [steps([ROUNDS_TO_HALF], [true], { base: -1, step: 2 })],
  binarysigmoid: () => [steps([ROUNDS_TO_HALF], [true], { base: 0, step: 1 })],
  ternary,
  stochasticternary: ternary,
  binary,
  stochasticbinary: binary,
  quantizedbits,
  quantizedrelu,
  quantizedtanh,
  quantizedsigmoid,
};

/** Constants of self-normalising networks, as Keras has them. */
const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 } as const;

function curve(called: UnaryFunction): Step {
  return { kind: "unary", function: called };
}

/** What to say of activations that are known and cannot be compiled. */
const REFUSED: Readonly<Record<string, string>> = {
  bernoulli: "is random at inference too",
  hardsigmoid: "is x / 5 + 1/2 in Keras 2 and x / 6 + 1/2 in Keras 3",
  magnitudeawaresign: "scales by the mean of each input, which is not known when compiling",
};

/** The steps of an activation. Throws `UnsupportedForm`. */
export function stepsOf(called: Called | null): readonly Step[] {
  if (called === null) return [];
  const reason = REFUSED[called.key];
  if (reason !== undefined)
    throw new UnsupportedForm(`has the activation ${called.text}, which ${reason}`);
  const make = Object.hasOwn(ACTIVATIONS, called.key) ? ACTIVATIONS[called.key] : undefined;
  if (make === undefined) {
    throw new UnsupportedForm(
      `has the activation ${called.text}, which is not read`,
      `Activations that are read: ${Object.keys(ACTIVATIONS).sort().join(", ")}.`,
    );
  }
  return make(called);
}

function activation(
  quantizer: Activation["quantizer"],
  type: IntegerType,
  scale = 1,
  zero = 0,
): Step {
  return { kind: "quantize", activation: { quantizer, type, scale, zero } };
}

function bipolar(scale: number): Step {
  return activation({ kind: "bipolar" }, "int8", scale);
}

function steps(
  values: readonly number[],
  open: readonly boolean[],
  { base, step, scale = 1 }: { base: number; step: number; scale?: number },
): Step {
  const quantizer = { kind: "thresholds", values: Float64Array.from(values), open } as const;
  return activation({ ...quantizer, count: values.length, axis: null, base, step }, "int8", scale);
}

/** `round(x / scale)`, half to even, clipped to [min, max]. */
function uniform(min: number, max: number, scale: number, real = scale): Step {
  if (max > 65535 || min < -32768) throw new UnsupportedForm(`has levels ${min} to ${max}`);
  if (![scale, real].every((s) => Math.fround(s) > 0 && Number.isFinite(Math.fround(s)))) {
    throw new UnsupportedForm(`has a scale of ${real}`);
  }
  const wide = max > 255 || min < -128 || (min < 0 && max > 127);
  const type = min < 0 ? (wide ? "int16" : "int8") : wide ? "uint16" : "uint8";
  const quantizer = {
    kind: "uniform",
    scale: Float32Array.of(scale),
    zero: Float32Array.of(0),
    zeroAdded: "after-rounding",
    axis: null,
    min,
    max,
    rounding: "half-even",
  } as const;
  return activation(quantizer, type, real);
}

function larqTernary({ text, fields }: Called): Step[] {
  if (fields.flag("ternary_weight_networks", false)) {
    throw new UnsupportedForm(
      `has ${text} with the threshold of Ternary Weight Networks on activations: it is the mean of each input, not known when compiling`,
    );
  }
  return [ternarySteps(fields.number("threshold_value", 0.05), 1)];
}

/** `sign(x)` where |x| >= threshold, else 0. */
function ternarySteps(threshold: number, scale: number): Step {
  const t = Math.fround(threshold);
  if (t < 0) throw new UnsupportedForm(`has a threshold of ${threshold}`);
  if (t === 0) return activation({ kind: "sign" }, "int8", scale);
  return steps([-t, t], [true, false], { base: -1, step: 1, scale });
}

/** `clip(x, 0, 1)` in 2^bits - 1 steps. */
function dorefa({ text, fields }: Called): Step[] {
  if (fields.text("mode", "activations") !== "activations") {
    throw new UnsupportedForm(`has ${text} for weights as an activation`);
  }
  const bits = fields.whole("k_bit", 1, 2);
  if (bits > 16) throw new UnsupportedForm(`has ${text} with ${bits} bits`);
  const steps = 2 ** bits - 1;
  return [uniform(0, steps, Math.fround(1 / steps))];
}

/** A factor that activations are multiplied with; computed ones need the weights. */
function fixedAlpha({ text, fields }: Called): number {
  const alpha = alphaOf(fields) ?? 1;
  if (typeof alpha === "number" && alpha > 0) return alpha;
  throw new UnsupportedForm(
    `has ${text} as an activation with alpha ${alpha}: its scale depends on each input`,
    "Train with a fixed alpha for activations.",
  );
}

function ternary(called: Called): Step[] {
  return [ternarySteps(called.fields.number("threshold", 0.33), fixedAlpha(called))];
}

function binary(called: Called): Step[] {
  const scale = fixedAlpha(called);
  if (!called.fields.flag("use_01", false)) return [bipolar(scale)];
  return [steps([0], [false], { base: 0, step: 1, scale })];
}

function quantizedbits(called: Called): Step[] {
  const alpha = fixedAlpha(called);
  const { bits, min, max, scale } = fixedPointOf(called);
  const oneBit = bits === 1 && called.fields.flag("keep_negative", true);
  return oneBit ? [bipolar(alpha)] : [uniform(min, max, scale, Math.fround(scale * alpha))];
}

function quantizedrelu({ text, fields }: Called): Step[] {
  const bits = fields.whole("bits", 1, 8);
  if (bits > 16) throw new UnsupportedForm(`has ${text} with ${bits} bits`);
  if (fields.flag("use_sigmoid", false)) throw new UnsupportedForm(`has ${text} with use_sigmoid`);
  if (fields.number("negative_slope", 0) !== 0) {
    throw new UnsupportedForm(`has ${text} with a negative slope`, "Train with negative_slope=0.");
  }
  return [uniform(0, 2 ** bits - 1, 2 ** (integerBits(fields) - bits))];
}

/** Without `use_real_tanh` the function under it is `clip(x, -1, 1)`. */
function quantizedtanh({ text, fields }: Called): Step[] {
  const bits = fields.whole("bits", 2, 8);
  if (bits > 16) throw new UnsupportedForm(`has ${text} with ${bits} bits`);
  if (fields.flag("use_real_tanh", false))
    throw new UnsupportedForm(`has ${text} with a real tanh`);
  const steps = 2 ** (bits - 1);
  return [uniform(-steps + (fields.flag("symmetric", false) ? 1 : 0), steps - 1, 1 / steps)];
}

/** Without `use_real_sigmoid` the function under it is `clip(x / 2 + 1/2, 0, 1)`. */
function quantizedsigmoid({ text, fields }: Called): Step[] {
  const bits = fields.whole("bits", 1, 8);
  if (bits > 16) throw new UnsupportedForm(`has ${text} with ${bits} bits`);
  if (fields.flag("use_real_sigmoid", false)) {
    throw new UnsupportedForm(`has ${text} with a real sigmoid`);
  }
  const steps = 2 ** bits;
  const least = fields.flag("symmetric", false) ? 1 : 0;
  return [{ kind: "affine", factor: 0.5, offset: 0.5 }, uniform(least, steps - 1, 1 / steps)];
}
