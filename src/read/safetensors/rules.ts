import { roundHalfEven } from "../../graph/rounding.js";
import type { Constant } from "../../graph/types.js";
import { UnsupportedForm } from "../unsupported.js";

/** Rules by which latent weights [out, in, ...] become trits, by their name in architecture files. */
export const RULES = {
  absmean: {
    text: "absmean (BitNet b1.58): clamp(round(w / s), -1, 1) * s, s = mean|w|",
    channel: channelByScale(mean),
  },
  absmedian: {
    text: "absmedian: clamp(round(w / s), -1, 1) * s, s = median|w|",
    channel: channelByScale(median),
  },
  twn: {
    text: "Ternary Weight Networks: s * sign(w) where |w| > 0.7 * mean|w|, else 0; s = the mean |w| of those",
    channel: twn,
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof RULES;

interface Rule {
  readonly text: string;
  /** Trits and scale of the weights that share one. */
  readonly channel: (w: Float64Array) => {
    readonly trits: ArrayLike<number>;
    readonly scale: number;
  };
}

export function isRule(name: string): name is RuleName {
  return Object.hasOwn(RULES, name);
}

/** Latent weights as trits with their scale: of the tensor, or of each output channel. */
export function ternarised(
  { shape, data }: Pick<Constant, "shape"> & { readonly data: ArrayLike<number> },
  name: RuleName,
  perChannel: boolean,
): Constant {
  const { text, channel } = RULES[name];
  const channels = perChannel ? (shape[0] ?? 1) : 1;
  const length = data.length / channels;
  const integers = new Int32Array(data.length);
  const scales = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const start = c * length;
    const own = channel(Float64Array.from({ length }, (_, i) => data[start + i] ?? 0));
    integers.set(Array.from(own.trits), start);
    scales[c] = own.scale;
  }
  return gridConstant(
    shape,
    integers,
    scales,
    perChannel ? `${text}, of each output channel` : text,
  );
}

/** Integers [out, ...] with one scale, or one for each output channel. */
export function gridConstant(
  shape: readonly number[],
  integers: Int32Array,
  scales: Float32Array,
  rule?: string,
): Constant {
  const length = integers.length / scales.length;
  const data = Float32Array.from(integers, (q, i) => q * (scales[Math.floor(i / length)] ?? 0));
  const grid = { integers, scales, axis: scales.length === 1 ? null : 0 };
  return { shape, data, grid, ...(rule === undefined ? {} : { rule }) };
}

/** As torch computes it: `round(w * (1 / s)) / (1 / s)` in float32, ties to even, s at least 1e-5. */
function channelByScale(scaleOf: (w: Float64Array) => number): Rule["channel"] {
  return (w) => {
    const inverse = Math.fround(1 / Math.max(scaleOf(w), Math.fround(1e-5)));
    const trits = w.map((x) => Math.max(-1, Math.min(1, roundHalfEven(Math.fround(x * inverse)))));
    return { trits, scale: Math.fround(1 / inverse) };
  };
}

function mean(w: Float64Array): number {
  return Math.fround(w.reduce((sum, x) => sum + Math.abs(x), 0) / w.length);
}

/** Of an even number the lower of the two in the middle, as torch.median. */
function median(w: Float64Array): number {
  return w.map(Math.abs).sort()[Math.ceil(w.length / 2) - 1] ?? 0;
}

function twn(w: Float64Array) {
  const threshold = Math.fround(0.7 * mean(w));
  const trits = w.map((x) => (Math.abs(x) > threshold ? Math.sign(x) : 0));
  const kept = w.filter((_, i) => trits[i] !== 0);
  return { trits, scale: kept.length === 0 ? 1 : mean(kept) };
}

/**
 * Weights that Hugging Face packs (transformers, BitNet): uint8 [out / 4, in], rows i, i + R, i + 2R
 * and i + 3R of R = out / 4 at bits 0, 2, 4 and 6 of row i, a trit t as t + 1.
 */
export function unpacked(
  { shape, data }: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  outputs: number,
): Int32Array {
  const [rows = 0, inputs = 0, ...more] = shape;
  if (more.length > 0 || outputs > 4 * rows || outputs <= 4 * (rows - 1)) {
    throw new UnsupportedForm(`has packed weights [${shape.join(", ")}] for ${outputs} outputs`);
  }
  const trits = new Int32Array(outputs * inputs);
  for (let output = 0; output < outputs; output++) {
    const shift = 2 * Math.floor(output / rows);
    const row = output % rows;
    for (let i = 0; i < inputs; i++) {
      const code = ((data[row * inputs + i] ?? 0) >> shift) & 3;
      if (code === 3)
        throw new UnsupportedForm(`has the code 3 in packed weights, at [${output}, ${i}]`);
      trits[output * inputs + i] = code - 1;
    }
  }
  return trits;
}
