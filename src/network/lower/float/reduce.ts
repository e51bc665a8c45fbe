import { fail } from "../../../diagnostics.js";
import type { Origin, ReduceNode } from "../../../graph/types.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import { sizeOf } from "../layout.js";
import type { FloatValue } from "../value.js";
import { apartForFloat, axesApart } from "./diagnostics.js";
import { binary, programOf, scalar } from "./expression.js";
import { demandRounded, materialized, stored } from "./values.js";

/** Sums and largest elements over neighbouring axes, in the order of memory. */
export function reduced(
  context: LoweringContext,
  input: FloatValue,
  reduction: ReduceNode["reduction"],
  axes: readonly number[],
  shape: readonly number[],
  origin: Origin,
): FloatValue {
  const split = splitAt(input.shape, axes) ?? fail(axesApart(origin, axes));
  const { count, stride, outer } = split;
  if (input.order !== null && outer * stride > 1) fail(apartForFloat(origin));
  // Rows and lists have their places in programs along rows only.
  const value = stride > 1 ? materialized(context, input, origin) : input;
  const extent = { height: 1, width: outer * stride, channels: 1 };
  const place = { shape, order: null, extent, pending: [] };
  const output = context.addTensor({ ...extent, declared: null, float32: true });
  pushReduce(context, value, { reduction, count, stride }, output, origin);
  const result = stored(place, output);
  if (reduction !== "mean") return result;
  return { ...result, expression: binary("div", result.expression, scalar(count)) };
}

function pushReduce(
  context: LoweringContext,
  value: FloatValue,
  how: { reduction: ReduceNode["reduction"]; count: number; stride: number },
  output: number,
  origin: Origin,
): void {
  demandRounded(value.expression, origin);
  const { program, inputs } = programOf(value.expression);
  context.layers.push({
    kind: "reduce",
    inputs,
    program,
    reduction: how.reduction === "max" ? "max" : "sum",
    count: how.count,
    stride: how.stride,
    output,
    origins: mergeOrigins(value.pending, [origin]),
  });
}

/** How many elements go together, how far apart, and how often; null unless the axes adjoin. */
function splitAt(shape: readonly number[], axes: readonly number[]) {
  const long = axes.filter((axis) => shape[axis] !== 1);
  const [first = 0] = long;
  const last = long.at(-1) ?? -1;
  const between = shape.slice(first, last + 1).filter((extent) => extent !== 1);
  if (between.length !== long.length) return null;
  return {
    count: sizeOf(shape.slice(first, last + 1)),
    stride: sizeOf(shape.slice(last + 1)),
    outer: sizeOf(shape.slice(0, first)),
  };
}
