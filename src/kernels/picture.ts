import type { Weights } from "../network/types.js";

/** Rows longer than this, or more rows, are no longer read by eye. */
const WIDEST = 64;
const TALLEST = 32;

/** Each row of trits as `+0-`, in the order of the inputs, so that a person can audit the packing. */
export function picture({ kind, values, outputs, perOutput }: Weights): readonly string[] {
  const drawable = kind === "ternary" || kind === "binary";
  if (!drawable || perOutput > WIDEST || outputs > TALLEST) return [];
  return Array.from({ length: outputs }, (_, o) =>
    Array.from(values.subarray(o * perOutput, (o + 1) * perOutput), (w) =>
      w > 0 ? "+" : w < 0 ? "-" : "0",
    ).join(""),
  );
}
