import type { KerasArray } from "./weights.js";

/** Integers times scales: one scale, or one for each index along the last axis. */
export interface Quantized {
  readonly integers: Int32Array;
  readonly scales: Float32Array;
}

/** A rule that makes latent weights integers, as a layer of the file records it. */
export interface WeightRule {
  /** For people: what it is called and what it does. */
  readonly text: string;
  readonly apply: (weights: KerasArray) => Quantized;
}

/** The same integer function of every weight, and one scale. */
export function elementwise(
  { data }: KerasArray,
  integer: (w: number) => number,
  scale: number,
): Quantized {
  return { integers: Int32Array.from(data, integer), scales: Float32Array.of(scale) };
}

/**
 * Channel by channel of the last axis, as "all axes but the last" of the frameworks has it. A scale
 * of 0 belongs to a channel of zeros, whose scale may be any.
 */
export function byChannel(
  { shape, data }: KerasArray,
  quantize: (channel: Float64Array) => { integers: ArrayLike<number>; scale: number },
): Quantized {
  const channels = shape.at(-1) ?? 1;
  const length = data.length / channels;
  const integers = new Int32Array(data.length);
  const scales = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const channel = Float64Array.from({ length }, (_, i) => data[i * channels + c] ?? 0);
    const { integers: own, scale } = quantize(channel);
    for (let i = 0; i < length; i++) integers[i * channels + c] = own[i] ?? 0;
    scales[c] = scale === 0 ? 1 : scale;
  }
  return { integers, scales };
}

/** The weights that the integers stand for, in float32. */
export function valuesOf({ integers, scales }: Quantized): Float32Array {
  return Float32Array.from(integers, (q, i) => q * (scales[i % scales.length] ?? 0));
}

export function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i] ?? 0));
  return largest;
}

export function meanMagnitude(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i] ?? 0);
  return Math.fround(sum / values.length);
}
