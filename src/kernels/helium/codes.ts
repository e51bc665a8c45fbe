import type { ConvLayer, DenseLayer, IntegerTensor } from "../../network/types.js";
import { largestMagnitude } from "../types.js";

/** Vectors multiply signed bytes: what is taken off codes to make them that, and what it changes. */

/** Unsigned codes that are proved to stay below 128 are signed bytes already. */
export function shiftOf({ type, range }: IntegerTensor): 0 | 128 {
  return type === "uint8" && range.high > 127 ? 128 : 0;
}

/** The largest magnitude of a code less the shift, padding's included. */
export function largestCode(input: IntegerTensor, zero: number): number {
  const shift = shiftOf(input);
  const { low, high } = input.range;
  return Math.max(
    largestMagnitude({ low: low - shift, high: high - shift }),
    Math.abs(zero - shift),
  );
}

/** What each output's sum of `weight * (x - shift)` lacks of the accumulator of `x - zero`. */
export function biasOf(
  { weights, zero }: ConvLayer | DenseLayer,
  shift: number,
): Int32Array | null {
  if (zero === shift) return null;
  return Int32Array.from({ length: weights.outputs }, (_, o) => {
    const row = weights.values.subarray(o * weights.perOutput, (o + 1) * weights.perOutput);
    return (shift - zero) * row.reduce((sum, w) => sum + w, 0);
  });
}
