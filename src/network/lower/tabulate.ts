import { fail } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import { fromNumber } from "../rational.js";
import { LARGEST_TABLE } from "../requantize.js";
import { type LoweringContext, mergeOrigins } from "./context.js";
import { functionOfSum, inputNotQuantised, undefinedValue } from "./diagnostics.js";
import { type CurveValue, NO_BIAS, type RealValue, realOf } from "./value.js";

/** Steps of the grid on either side of zero. */
const STEPS = 32767;

/**
 * A function of stored integers that no quantiser follows, on a 16-bit grid of tritc's own: a table
 * of rounded values, off by half a step of 2^-16 of their range, as the layer says.
 */
export function tabulated(context: LoweringContext, value: CurveValue, origin: Origin): RealValue {
  const { tensor, curve, pool } = value;
  if (tensor === "float") return fail(inputNotQuantised(origin));
  const source = context.tensor(tensor);
  const range = source.declared?.range;
  if (pool !== null || range === undefined || range.high - range.low >= LARGEST_TABLE) {
    return fail(functionOfSum(value.pending.at(-1) ?? origin));
  }
  let largest = 0;
  for (let c = 0; c < curve.lists; c++) {
    for (let q = range.low; q <= range.high; q++) {
      const real = curve.value(q, c);
      if (!Number.isFinite(real)) return fail(undefinedValue(value.pending.at(-1) ?? origin, q));
      largest = Math.max(largest, Math.abs(real));
    }
  }
  // A float32, as scales of quantisers are, that takes the largest value no further than the grid.
  const scale = largest === 0 ? 1 : Math.fround((largest / STEPS) * (1 + 2 ** -23));
  const grid = { low: -STEPS, high: STEPS };
  const output = context.addTensor({ ...source, declared: { range: grid, type: "int16" } });
  context.layers.push({
    kind: "elementwise",
    inputs: [tensor],
    period: value.period,
    rule: {
      kind: "curve",
      curve,
      origin: value.pending.at(-1) ?? origin,
      quantizer: {
        kind: "uniform",
        scale: Float32Array.of(scale),
        zero: Float32Array.of(0),
        zeroAdded: "after-rounding",
        axis: null,
        min: -STEPS,
        max: STEPS,
        rounding: "half-even",
      },
      channels: null,
      rounded: true,
    },
    output,
    origins: mergeOrigins(value.pending),
  });
  const terms = [{ tensor: output, scales: [fromNumber(scale)] }];
  return realOf({ ...value, pending: [] }, terms, NO_BIAS);
}
