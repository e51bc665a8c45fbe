import { fail } from "../../../diagnostics.js";
import type { Origin, ReduceNode } from "../../../graph/types.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import { type Order, simplified, sizeOf } from "../layout.js";
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
  const { stride, order } = groupsOf(split, input.order) ?? fail(apartForFloat(origin));
  const { count } = split;
  // Rows and lists have their places in programs along rows only.
  const value = stride > 1 ? materialized(context, input, origin) : input;
  const outputs = sizeOf(shape);
  const ofRows = { height: 1, width: outputs, channels: 1 };
  const extent = stride > 1 ? { ...ofRows, width: 1, channels: outputs } : ofRows;
  const place = { shape, order, extent, pending: [] };
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

/** Of a tensor's axes: those before, of, and behind a reduction, each taken as one. */
interface Split {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/**
 * How far apart in memory the elements of one result stand, and where the results do, if one stride
 * serves all of them. A single result takes its elements in the order of memory.
 */
function groupsOf(
  { outer, count, inner }: Split,
  order: Order,
): { readonly stride: number; readonly order: Order } | null {
  if (outer * inner === 1) return { stride: 1, order: null };
  const at = (element: number): number => (order === null ? element : (order[element] ?? 0));
  const stride = count === 1 ? 1 : at(inner) - at(0);
  const places = new Int32Array(outer * inner);
  for (let result = 0; result < places.length; result++) {
    const first = Math.floor(result / inner) * count * inner + (result % inner);
    const base = at(first);
    for (let k = 0; k < count; k++) {
      if (stride < 1 || at(first + k * inner) !== base + k * stride) return null;
    }
    if (Math.floor(base / stride) % count !== 0) return null;
    places[result] = Math.floor(base / (count * stride)) * stride + (base % stride);
  }
  return { stride, order: simplified(places) };
}

/** Null unless the axes adjoin. */
function splitAt(shape: readonly number[], axes: readonly number[]): Split | null {
  const long = axes.filter((axis) => shape[axis] !== 1);
  const [first = 0] = long;
  const last = long.at(-1) ?? -1;
  const between = shape.slice(first, last + 1).filter((extent) => extent !== 1);
  if (between.length !== long.length) return null;
  return {
    count: sizeOf(shape.slice(first, last + 1)),
    inner: sizeOf(shape.slice(last + 1)),
    outer: sizeOf(shape.slice(0, first)),
  };
}
