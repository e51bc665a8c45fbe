import { type ElementType, elementFormat } from "../element-types.js";
import type { NodeView } from "../node-view.js";
import { allocate, stridesOf, type Tensor, walk } from "../tensor.js";

/** How a reduction folds the elements it runs over. */
export interface Reduction {
  readonly start: number;
  readonly step: (sum: number, x: number) => number;
  readonly finish?: (sum: number, count: number) => number;
}

export const SUM: Reduction = { start: 0, step: (sum, x) => sum + x };
export const MEAN: Reduction = { ...SUM, finish: (sum, count) => sum / count };
export const MAX: Reduction = { start: Number.NEGATIVE_INFINITY, step: (a, b) => Math.max(a, b) };
export const MIN: Reduction = { start: Number.POSITIVE_INFINITY, step: (a, b) => Math.min(a, b) };

/**
 * Reduces a constant over some axes. Sums run in double precision and are rounded once, so they
 * are at least as near the true sum as those of any runtime, whose order is not specified.
 */
export function reduceTensor(
  node: NodeView,
  x: Tensor,
  axes: readonly number[],
  keepDims: boolean,
  { start, step, finish = (sum) => sum }: Reduction,
): Tensor {
  const { type, shape, data } = x;
  const reduced = new Set(axes);
  const kept = shape.map((extent, axis) => (reduced.has(axis) ? 1 : extent));
  const strides = stridesOf(kept).map((stride, axis) => (reduced.has(axis) ? 0 : stride));
  const sums = new Float64Array(allocate(type, kept, node.outputName()).length).fill(start);
  walk(shape, strides, (from, to) => {
    sums[to] = step(sums[to] ?? 0, data[from] ?? 0);
  });
  const count = data.length / sums.length;
  const out = rounded(
    type,
    sums.map((sum) => finish(sum, count)),
  );
  return {
    type,
    shape: keepDims ? kept : shape.filter((_, axis) => !reduced.has(axis)),
    data: out,
  };
}

function rounded(type: ElementType, values: Float64Array): Tensor["data"] {
  const { allocate: make, round = (x: number): number => x } = elementFormat(type);
  const out = make(values.length);
  for (const [i, value] of values.entries()) out[i] = round(value);
  return out;
}
