import { fail } from "../../../diagnostics.js";
import type { AveragePoolNode, MaxPoolNode, Origin, Window } from "../../../graph/types.js";
import { pick } from "../../channels.js";
import { divide, fromInteger, sign } from "../../rational.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import { floatActivation, negativeAfterPool, zeroPointOffGrid } from "../diagnostics.js";
import { channelsFirst, type Extent, sameExtent, sameOrder } from "../layout.js";
import { integerZero, operand, realInput, zeroPoint } from "../materialize.js";
import { linearized } from "../refine.js";
import { NO_BIAS, type RealValue, realOf } from "../value.js";

/**
 * The maximum of a quantised tensor is the maximum of its integers. That of unquantised values waits
 * for their quantiser: step functions that rise commute with the maximum, so the quantiser can go
 * first and the pool works on small integers.
 */
export function lowerMaxPool(context: LoweringContext, node: MaxPoolNode): void {
  const value = realInput(context, node.input, node.origin);
  const [, channels = 1, height = 1, width = 1] = context.shapeOf(node.input);
  const extent: Extent = { height, width, channels };
  if (value.pool !== null)
    fail(floatActivation(node.origin, "a MaxPool of unquantised values precedes it"));
  const pooled = pooledPlace(context, node.output);
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
  if (value.terms.length > 1) {
    fail(floatActivation(node.origin, "it is a sum of unquantised tensors"));
  }
  if (!sameOrder(value.order, channelsFirst(extent)) || !sameExtent(value.extent, extent)) {
    fail(floatActivation(node.origin, "it was reshaped or transposed before any quantiser"));
  }
  const pending = [...value.pending, node.origin];
  context.setValue(node.output, { ...value, ...pooled, pool: node.window, pending });
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
  const unpooled = withoutPool(context, realInput(context, node.input, node.origin), node.origin);
  const elements = node.window.kernel[0] * node.window.kernel[1];
  const value = linearized(context, unpooled, elements, node.origin);
  const [, channels = 1, height = 1, width = 1] = context.shapeOf(node.input);
  const extent: Extent = { height, width, channels };
  const input = operand(context, value, node.origin, channelsFirst(extent), extent);
  const pooled = pooledPlace(context, node.output);
  const counts = windowCounts(node.window, extent, pooled.extent);
  const [kernelHeight, kernelWidth] = node.window.kernel;
  const full = kernelHeight * kernelWidth;
  const everywhere = counts.size === 1 && counts.has(full);
  const needsZero = !everywhere;
  const zero = integerZero(input);
  if (needsZero && node.countPadding && zero === null) {
    fail(zeroPointOffGrid(node.origin, zeroPoint(input)));
  }
  const multiple = everywhere || node.countPadding ? 0 : [...counts].reduce(leastCommonMultiple);
  const divisor = fromInteger(multiple === 0 ? full : multiple);
  const output = context.addTensor({ ...pooled.extent, declared: null });
  context.layers.push({
    kind: "sum-pool",
    input: input.tensor,
    zero: zero ?? 0,
    window: node.window,
    multiple,
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

/** How many elements of the tensor the windows hold: the different numbers that occur. */
function windowCounts(window: Window, input: Extent, output: Extent): Set<number> {
  const along = (size: number, count: number, axis: 0 | 1, pad: number): number[] =>
    Array.from({ length: count }, (_, i) => {
      const start = i * pick(window.strides, axis) - pad;
      const end = start + pick(window.kernel, axis);
      return Math.min(end, size) - Math.max(start, 0);
    });
  const rows = along(input.height, output.height, 0, window.pads.top);
  const columns = along(input.width, output.width, 1, window.pads.left);
  return new Set(rows.flatMap((r) => columns.map((c) => r * c)));
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
