import { fail } from "../../../diagnostics.js";
import type { AveragePoolNode, MaxPoolNode, Origin, Window } from "../../../graph/types.js";
import { divide, fromInteger, sign } from "../../rational.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import { floatActivation, negativeAfterPool, zeroPointOffGrid } from "../diagnostics.js";
import { notInFloat } from "../float/diagnostics.js";
import { channelsFirst, type Extent, type Placed, sameExtent, sameOrder } from "../layout.js";
import { arranged, integerZero, operand, realInput, zeroPoint } from "../materialize.js";
import { linearized } from "../refine.js";
import { summed } from "../summed.js";
import { tabulated } from "../tabulate.js";
import { type CurveValue, NO_BIAS, type RealValue, realOf } from "../value.js";

/**
 * The maximum of a quantised tensor is the maximum of its integers. That of unquantised values waits
 * for their quantiser: step functions that rise commute with the maximum, so the quantiser can go
 * first and the pool works on small integers.
 */
export function lowerMaxPool(context: LoweringContext, node: MaxPoolNode): void {
  const [, channels = 1, height = 1, width = 1] = context.shapeOf(node.input);
  const extent: Extent = { height, width, channels };
  const pooled = pooledPlace(context, node.output);
  const given = context.value(node.input);
  if (given === undefined) throw new Error(`tensor ${node.input} has no value`);
  if (given.kind === "integer") {
    const input = arranged(
      context,
      given.tensor,
      given,
      channelsFirst(extent),
      extent,
      node.origin,
    );
    const origins = [...given.pending, node.origin];
    const tensor = addMaxPool(context, input, pooled.extent, node.window, origins);
    context.setValue(node.output, { ...given, ...pooled, tensor, pending: [] });
    return;
  }
  if (given.kind === "float") fail(notInFloat(node.origin));
  const value = poolable(context, given, extent, node.origin);
  if (value.kind === "curve") {
    const pending = [...value.pending, node.origin];
    context.setValue(node.output, { ...value, ...pooled, pool: node.window, pending });
    return;
  }
  const [term] = value.terms;
  if (term === undefined) throw new Error("a value without terms");
  const declared = term.tensor !== "float" && context.tensor(term.tensor).declared !== null;
  const rising = term.scales.every((s) => sign(s) > 0);
  if (value.terms.length === 1 && declared && rising) {
    const plain = { ...value, low: [null], high: [null] };
    const input = operand(context, plain, node.origin, channelsFirst(extent), extent);
    const tensor = addMaxPool(context, input.tensor, pooled.extent, node.window, [
      ...input.pending,
      node.origin,
    ]);
    const terms = [{ tensor, scales: input.scales }];
    context.setValue(node.output, { ...value, ...pooled, terms, bias: input.bias, pending: [] });
    return;
  }
  if (!stands(value, extent)) {
    fail(floatActivation(node.origin, "it was reshaped or transposed before any quantiser"));
  }
  const pending = [...value.pending, node.origin];
  context.setValue(node.output, { ...value, ...pooled, pool: node.window, pending });
}

/**
 * A value whose maxima can wait for its quantiser: of one tensor, with channels for its lists and no
 * pool that waits already.
 */
function poolable(
  context: LoweringContext,
  value: RealValue | CurveValue,
  extent: Extent,
  origin: Origin,
): RealValue | CurveValue {
  const simple = value.pool === null && value.period === value.extent.channels;
  if (value.kind === "real") return summed(context, withoutPool(context, value, origin), origin);
  return simple && stands(value, extent) ? value : tabulated(context, value, origin);
}

function stands(value: Placed, extent: Extent): boolean {
  return sameOrder(value.order, channelsFirst(extent)) && sameExtent(value.extent, extent);
}

function pooledPlace(context: LoweringContext, output: string) {
  const shape = context.shapeOf(output);
  const [, channels = 1, height = 1, width = 1] = shape;
  const extent: Extent = { height, width, channels };
  return { shape, extent, order: channelsFirst(extent) };
}

/** Adds a max-pool layer over `input` and returns its output tensor. */
export function addMaxPool(
  context: LoweringContext,
  input: number,
  extent: Extent,
  window: Window,
  origins: readonly Origin[],
): number {
  const { declared } = context.tensor(input);
  const output = context.addTensor({ ...extent, declared });
  context.layers.push({ kind: "max-pool", input, window, output, origins: mergeOrigins(origins) });
  return output;
}

/** Carries out a waiting MaxPool on the accumulators themselves, for nodes that cannot wait. */
export function withoutPool(context: LoweringContext, value: RealValue, origin: Origin): RealValue {
  const [term] = value.terms;
  if (value.pool === null || term === undefined) return value;
  if (term.tensor === "float" || !term.scales.every((s) => sign(s) >= 0)) {
    return fail(negativeAfterPool(origin));
  }
  const tensor = addMaxPool(context, term.tensor, value.extent, value.pool, value.pending);
  return { ...value, terms: [{ ...term, tensor }], pool: null, pending: [] };
}

export function lowerAveragePool(context: LoweringContext, node: AveragePoolNode): void {
  const [, channels = 1, height = 1, width = 1] = context.shapeOf(node.input);
  const extent: Extent = { height, width, channels };
  const pooled = pooledPlace(context, node.output);
  const margins = marginsOf(node);
  const counts = windowCounts(node.window, extent, pooled.extent, margins);
  const inside = windowCounts(node.window, extent, pooled.extent, NO_MARGINS);
  const common = counts.reduce(leastCommonMultiple);
  const unpooled = withoutPool(context, realInput(context, node.input, node.origin), node.origin);
  const single = summed(context, unpooled, node.origin);
  // A window with fewer elements is weighted up to the common multiple.
  const value = linearized(context, single, common, node.origin);
  const input = operand(context, value, node.origin, channelsFirst(extent), extent);
  const zero = integerZero(input);
  // Elements that count but are not there are the real number 0.
  const allInside = counts.every((count, i) => count === inside[i]);
  if (zero === null && !allInside) fail(zeroPointOffGrid(node.origin, zeroPoint(input)));
  const multiple = counts.every((count) => count === common) ? 0 : common;
  const divisor = fromInteger(common);
  const output = context.addTensor({ ...pooled.extent, declared: null });
  context.layers.push({
    kind: "sum-pool",
    input: input.tensor,
    zero: zero ?? 0,
    window: node.window,
    multiple,
    margins,
    rule: null,
    output,
    origins: mergeOrigins(input.pending, [node.origin]),
  });
  const scales = input.scales.map((s) => divide(s, divisor));
  const bias = zero === null ? input.bias : NO_BIAS;
  context.setValue(
    node.output,
    realOf({ ...pooled, pending: [] }, [{ tensor: output, scales }], bias),
  );
}

type Pads = Window["pads"];

const NO_MARGINS: Pads = { top: 0, left: 0, bottom: 0, right: 0 };

/** The padding that the mean counts. */
function marginsOf({ countPadding, overhang, window }: AveragePoolNode): Pads {
  if (!countPadding) return NO_MARGINS;
  const { top, left, bottom, right } = window.pads;
  return { top, left, bottom: bottom - overhang[0], right: right - overhang[1] };
}

/** How many elements of the tensor and its margins the windows hold, one after another. */
function windowCounts(
  { kernel, strides, dilations, pads }: Window,
  input: Extent,
  output: Extent,
  margins: Pads,
): number[] {
  const along = (
    axis: 0 | 1,
    size: number,
    count: number,
    pad: number,
    [before, behind]: readonly [number, number],
  ): number[] =>
    Array.from({ length: count }, (_, i) => {
      const origin = i * strides[axis] - pad;
      const taps = Array.from({ length: kernel[axis] }, (_tap, k) => origin + k * dilations[axis]);
      return taps.filter((at) => at >= -before && at < size + behind).length;
    });
  const rows = along(0, input.height, output.height, pads.top, [margins.top, margins.bottom]);
  const columns = along(1, input.width, output.width, pads.left, [margins.left, margins.right]);
  return rows.flatMap((r) => columns.map((c) => r * c));
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
