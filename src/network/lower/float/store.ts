import { fail } from "../../../diagnostics.js";
import type { Origin } from "../../../graph/types.js";
import { LARGEST_ROUNDED } from "../../float.js";
import type { TensorId } from "../../types.js";
import type { LoweringContext } from "../context.js";
import { storageFor } from "../nodes/quantize.js";
import type { FloatValue } from "../value.js";
import { tooManyLevels } from "./diagnostics.js";
import { quantizedTo } from "./values.js";

/** `clip(round(value) + zero, low, high)` in a tensor of its own. */
export function storeIntegers(
  context: LoweringContext,
  value: FloatValue,
  low: number,
  high: number,
  zero: number,
  origin: Origin,
): TensorId {
  const range = { low: Math.ceil(low), high: Math.floor(high) };
  const largest = Math.max(range.high - zero, zero - range.low);
  if (!(range.low <= range.high && largest <= LARGEST_ROUNDED)) {
    fail(tooManyLevels(origin, low, high));
  }
  const store = { low: range.low - zero, high: range.high - zero, zero };
  const declared = { range, type: storageFor(range) };
  return quantizedTo(context, value, { kind: "round", ...store }, declared, origin);
}
