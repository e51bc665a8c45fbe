import type { Range, Weights } from "../network/types.js";

/** How sums of several outputs share a word: see `firmware/kernels/sliding.h`. */
export interface Lanes {
  /** From one output's sum to the next. */
  readonly bits: number;
  /** Outputs that one input element counts for. */
  readonly number: number;
  /**
   * Whether the finished sum fits its lane. Elsewhere what was there before a step and what the step
   * adds do, each by itself.
   */
  readonly whole: boolean;
}

/**
 * Lanes for the sums of kernel rows of `columns` taps that slide by `stride`; null where no width of lanes
 * holds every sum that inputs in `codes` can make.
 */
export function lanesFor(
  weights: Weights,
  {
    columns,
    stride,
    codes,
  }: { readonly columns: number; readonly stride: number; readonly codes: Range },
): Lanes | null {
  const number = Math.ceil(columns / stride);
  // What the first steps add belongs in part to outputs that are none: any part of a sum must fit.
  const from = { low: Math.min(codes.low, 0), high: Math.max(codes.high, 0) };
  const outputs = Array.from({ length: weights.outputs }, (_, o) => {
    const row = weights.values.subarray(o * weights.perOutput, (o + 1) * weights.perOutput);
    return sumsByAge(row, { columns, stride, number }, from);
  });
  for (const whole of [true, false]) {
    for (let bits = 1; bits < 32; bits++) {
      if (outputs.every((sums) => fits(sums, bits, whole))) return { bits, number, whole };
    }
  }
  return null;
}

/** Ranges of what each step adds to an output: first its oldest, whose sum it finishes. */
function sumsByAge(
  row: Int8Array,
  { columns, stride, number }: { columns: number; stride: number; number: number },
  { low, high }: Range,
): readonly Range[] {
  const sums = Array.from({ length: number }, () => ({ low: 0, high: 0 }));
  for (const [k, weight] of row.entries()) {
    const sum = sums[number - 1 - Math.floor((k % columns) / stride)];
    if (sum === undefined) throw new RangeError(`no lane for tap ${k}`);
    if (weight > 0) [sum.low, sum.high] = [sum.low + low, sum.high + high];
    if (weight < 0) [sum.low, sum.high] = [sum.low - high, sum.high - low];
  }
  return sums;
}

/** Whether a step's word holds the sums of one output in each lane, the lowest one's apart. */
function fits(added: readonly Range[], bits: number, whole: boolean): boolean {
  const lanes = added.map((_, lane) => added.slice(lane).reduce(plus));
  const [finished, ...later] = lanes;
  const [last] = added;
  if (finished === undefined || last === undefined) return false;
  const before = later[0] ?? { low: 0, high: 0 };
  const lowest = whole ? inBits(finished, bits) : inBits(before, bits) && inBits(last, bits);
  const word = later
    .map(({ low, high }, i) => ({
      low: low * 2 ** (bits * (i + 1)),
      high: high * 2 ** (bits * (i + 1)),
    }))
    .reduce(plus, { low: 0, high: 0 });
  return lowest && inBits(word, 32);
}

function plus(a: Range, b: Range): Range {
  return { low: a.low + b.low, high: a.high + b.high };
}

function inBits({ low, high }: Range, bits: number): boolean {
  return low >= -(2 ** (bits - 1)) && high < 2 ** (bits - 1);
}
