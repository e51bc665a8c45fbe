import type { Window } from "../../graph/types.js";
import type { Range, Weights } from "../types.js";

/**
 * The range of each output channel's `sum of weight * (x - zero)` for x in `input`: interval
 * arithmetic over the actual weights, exact because every input can take its extremes at once.
 * With padding each product may also be missing.
 */
export function accumulatorRanges(
  weights: Weights,
  input: Range,
  zero: number,
  padded: boolean,
): Range[] {
  const low = Math.min(input.low - zero, padded ? 0 : Number.POSITIVE_INFINITY);
  const high = Math.max(input.high - zero, padded ? 0 : Number.NEGATIVE_INFINITY);
  const { outputs, perOutput, values } = weights;
  return Array.from({ length: outputs }, (_, o) => {
    let positive = 0;
    let negative = 0;
    for (let k = o * perOutput; k < (o + 1) * perOutput; k++) {
      const w = values[k] ?? 0;
      if (w > 0) positive += w;
      else negative += w;
    }
    // Adding 0 turns -0 into 0.
    return {
      low: positive * low + negative * high + 0,
      high: positive * high + negative * low + 0,
    };
  });
}

/** The range of a sum pool's accumulator, whole windows and clipped ones. */
export function poolRanges(window: Window, multiple: number, input: Range, zero: number): Range {
  const [height, width] = window.kernel;
  // Scaled to a common multiple, every window weighs as much as `multiple` elements.
  const weight = multiple === 0 ? height * width : multiple;
  return {
    low: Math.min(0, weight * (input.low - zero)),
    high: Math.max(0, weight * (input.high - zero)),
  };
}

/** The range of `(a - zeros[0]) * (b - zeros[1])`. */
export function productRange(a: Range, b: Range, [zeroA, zeroB]: readonly [number, number]): Range {
  const products = [a.low - zeroA, a.high - zeroA].flatMap((x) => [
    x * (b.low - zeroB),
    x * (b.high - zeroB),
  ]);
  return { low: Math.min(...products) + 0, high: Math.max(...products) + 0 };
}

/** The smallest range that holds all of these. */
export function hull(ranges: readonly Range[]): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const range of ranges) {
    low = Math.min(low, range.low);
    high = Math.max(high, range.high);
  }
  return { low, high };
}
