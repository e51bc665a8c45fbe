import type { ConvLayer, IntegerTensor, Range, Tensor } from "../network/types.js";

/** Rows of a convolution in threes, as `firmware/kernels/triples.h` has them. */

/** The most taps of a window's row that are the stride from each other. */
export function tapsOf({ window: { kernel, strides } }: ConvLayer): number {
  return Math.ceil(kernel[1] / strides[1]);
}

/** The middle of a digit's range, where its sums begin. */
export const MIDDLE = 2 ** 11;

/** What is taken from elements, so that they are signed numbers of eight bits. */
export function centreOf({ range }: IntegerTensor): number {
  return range.high > 127 ? 128 : 0;
}

/** Elements less their centre. Places outside the tensor hold the zero point. */
export function centred({ zero }: ConvLayer, input: IntegerTensor): Range {
  const centre = centreOf(input);
  const { low, high } = input.range;
  return { low: Math.min(low, zero) - centre, high: Math.max(high, zero) - centre };
}

/**
 * How rows are cut in threes: a part of every `strides[1]`-th element from `first` on, `words` of each,
 * whose first output is digit `lead` of the first word's product.
 */
export function cutOf(layer: ConvLayer, output: Tensor) {
  const { kernel, strides, pads } = layer.window;
  const last = tapsOf(layer) - 1;
  const first = Math.min(Math.floor(pads.left / strides[1]), last);
  const lead = last - first;
  const words = Math.ceil((output.width + lead) / 3);
  return { last, first, lead, words, streams: kernel[0] * strides[1] };
}

/** Three ones as a word, and what words are raised by. */
const THREE_ONES = 1 + 2 ** 12 + 2 ** 24;
const RAISED = 2 ** 20;

/** What words are raised by: three of -128 leave 32 bits. */
export function raisedOf(layer: ConvLayer, input: IntegerTensor): number {
  return centred(layer, input).low < -127 ? RAISED : 0;
}

/** What is added to words of elements as they stand in memory. */
export function offsetOf(layer: ConvLayer, input: IntegerTensor): number {
  return raisedOf(layer, input) - centreOf(input) * THREE_ONES;
}

/** Three places outside the tensor, as a word that is not raised. */
export function outsideOf(layer: ConvLayer, input: IntegerTensor): number {
  return (layer.zero - centreOf(input)) * THREE_ONES;
}

/** A number modulo 2^32. */
export function hexText(number: number): string {
  return `0x${(number >>> 0).toString(16)}u`;
}
