import { fail } from "../../diagnostics.js";
import { sizeOf } from "../../graph/nodes.js";
import type { Shape, WeightGrid } from "../../graph/types.js";
import { tensorSize, tooLarge } from "../diagnostics.js";
import { LIMITS } from "../limits.js";
import { type ElementType, elementFormat, type NumberArray } from "./element-types.js";

/** A constant while the file is read: any element type, row-major. */
export interface Tensor {
  readonly type: ElementType;
  readonly shape: Shape;
  readonly data: NumberArray;
  readonly grid?: WeightGrid | undefined;
  /** As a Constant's. */
  readonly rule?: string | undefined;
}

/** An array for a tensor of that shape; a file cannot make us allocate without bound. */
export function allocate(type: ElementType, shape: Shape, tensor: string): NumberArray {
  return elementFormat(type).allocate(demandSize(shape, tensor));
}

/** The number of elements, if the shape is one and a tensor of it can be held. */
export function demandSize(shape: Shape, tensor: string): number {
  if (!shape.every((extent) => Number.isInteger(extent) && extent >= 0)) {
    fail(tensorSize(tensor, shape, "an extent is not a whole number from 0 on"));
  }
  const size = sizeOf(shape);
  return size <= LIMITS.elements ? size : fail(tooLarge(tensor, shape));
}

/** A tensor of numbers already rounded to the type. */
export function tensorOf(type: ElementType, shape: Shape, values: readonly number[]): Tensor {
  const data = elementFormat(type).allocate(values.length);
  data.set(values);
  return { type, shape, data };
}

/** `axis` counted from the front; null if the rank has no such axis. */
export function normalAxis(axis: number, rank: number): number | null {
  const normal = axis < 0 ? axis + rank : axis;
  return Number.isInteger(normal) && normal >= 0 && normal < rank ? normal : null;
}

/** How many elements lie between neighbours along each axis, row-major. */
export function stridesOf(shape: Shape): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const extent of shape.toReversed()) {
    strides.push(stride);
    stride *= extent;
  }
  return strides.reverse();
}

/**
 * Visits the elements of a strided tensor in row-major order of `shape`: calls
 * `visit(position, offset)` with the running index and the offset that the strides give.
 */
export function walk(
  shape: Shape,
  strides: readonly number[],
  visit: (position: number, offset: number) => void,
): void {
  const size = sizeOf(shape);
  const index = shape.map(() => 0);
  let offset = 0;
  for (let position = 0; position < size; position++) {
    visit(position, offset);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const stride = strides[axis] ?? 0;
      offset += stride;
      if (next < (shape[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      offset -= stride * next;
      index[axis] = 0;
    }
  }
}

/** Strides that read a tensor of shape `from` as if it had been broadcast to `to`. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  const missing = to.length - from.length;
  return to.map((_, axis) => {
    const own = axis - missing;
    return own < 0 || from[own] === 1 ? 0 : (strides[own] ?? 0);
  });
}

/** The axes of a tensor in another order; its grid goes along. */
export function transpose(tensor: Tensor, permutation: readonly number[]): Tensor {
  const own = stridesOf(tensor.shape);
  const shape = permutation.map((axis) => tensor.shape[axis] ?? 1);
  const strides = permutation.map((axis) => own[axis] ?? 0);
  const data = elementFormat(tensor.type).allocate(tensor.data.length);
  const { grid, rule } = tensor;
  if (grid === undefined) {
    walk(shape, strides, (to, from) => {
      data[to] = tensor.data[from] ?? 0;
    });
    return { type: tensor.type, shape, data, rule };
  }
  const integers = new Int32Array(grid.integers.length);
  walk(shape, strides, (to, from) => {
    data[to] = tensor.data[from] ?? 0;
    integers[to] = grid.integers[from] ?? 0;
  });
  const axis = grid.axis === null ? null : permutation.indexOf(grid.axis);
  return { type: tensor.type, shape, data, grid: { ...grid, integers, axis }, rule };
}

/** The same elements under another shape of the same size; the grid stays if its axis does. */
export function reshape(tensor: Tensor, shape: Shape): Tensor {
  const { type, data, grid, rule } = tensor;
  if (grid === undefined || grid.axis === null) return { type, shape, data, grid, rule };
  const extent = tensor.shape[grid.axis];
  const before = sizeOf(tensor.shape.slice(0, grid.axis));
  const axis = shape.findIndex((n, i) => n === extent && sizeOf(shape.slice(0, i)) === before);
  return { type, shape, data, grid: axis < 0 ? undefined : { ...grid, axis }, rule };
}

/**
 * Visits the stretches of a row-major tensor that have one index along `axis`:
 * `visit(start, end, index)`. One stretch with index 0 if there is no axis.
 */
export function stretches(
  shape: Shape,
  axis: number | null,
  visit: (start: number, end: number, index: number) => void,
): void {
  const size = sizeOf(shape);
  if (axis === null) {
    visit(0, size, 0);
    return;
  }
  const extent = shape[axis] ?? 1;
  const length = sizeOf(shape.slice(axis + 1));
  for (let start = 0, n = 0; start < size; start += length, n++) {
    visit(start, start + length, n % extent);
  }
}
