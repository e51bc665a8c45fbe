import { fail } from "../../../diagnostics.js";
import type { Shape } from "../../../graph/types.js";
import { badScale, badZeroPoint, showShape } from "../../diagnostics.js";
import { type ElementType, elementFormat, type NumberArray, roundingOf } from "../element-types.js";
import type { NodeView } from "../node-view.js";
import { stretches, type Tensor } from "../tensor.js";

/** A quantiser's scale or zero point: one number, or one for each index along `axis`. */
export interface Parameter {
  readonly values: Float32Array;
  readonly axis: number | null;
}

export interface Affine {
  readonly scale: Float32Array;
  readonly zero: Float32Array;
  readonly axis: number | null;
}

export function demandScales(node: NodeView, scales: NumberArray, name: string): void {
  const bad = scales.find((s) => !(s > 0 && Number.isFinite(s)));
  if (bad !== undefined) fail(badScale(node.origin, name, bad));
}

/** Checks the numbers, and that scale and zero point run along the same axis if both do. */
export function affineOf(
  node: NodeView,
  scale: Parameter,
  zero: Parameter,
  names: { readonly scale: string; readonly zero: string },
): Affine {
  demandScales(node, scale.values, names.scale);
  const badZero = zero.values.find((z) => !Number.isFinite(z));
  if (badZero !== undefined) fail(badZeroPoint(node.origin, names.zero, badZero));
  if (scale.axis !== null && zero.axis !== null && scale.axis !== zero.axis) {
    node.unsupported("has a scale along one axis and a zero point along another");
  }
  return { scale: scale.values, zero: zero.values, axis: scale.axis ?? zero.axis };
}

/**
 * Integers of every element of a constant: `quantize(x, scale, zero)`, the division already rounded
 * as the file's float type rounds it.
 */
export function quantizeElements(
  x: Tensor,
  { scale, zero, axis }: Affine,
  quantize: (scaled: number, zero: number) => number,
): Int32Array {
  const integers = new Int32Array(x.data.length);
  const round = roundingOf(x.type);
  stretches(x.shape, axis, (start, end, index) => {
    const s = at(scale, index);
    const z = at(zero, index);
    for (let i = start; i < end; i++) integers[i] = quantize(round((x.data[i] ?? 0) / s), z);
  });
  return integers;
}

/**
 * `(q - zero) * scale` of a constant's integers, with the grid that says so. Zero points that are
 * not integers leave no grid of integers.
 */
export function dequantizeElements(
  integers: ArrayLike<number>,
  shape: Shape,
  type: ElementType,
  { scale, zero, axis }: Affine,
): Tensor {
  const data = elementFormat(type).allocate(integers.length);
  const { round = (x: number): number => x } = elementFormat(type);
  const shifted = new Int32Array(integers.length);
  stretches(shape, axis, (start, end, index) => {
    const s = at(scale, index);
    const z = at(zero, index);
    for (let i = start; i < end; i++) {
      const q = (integers[i] ?? 0) - z;
      shifted[i] = q;
      data[i] = round(q * s);
    }
  });
  const exact = zero.every(Number.isInteger) && type !== "float16" && type !== "bfloat16";
  if (!exact) return { type, shape, data };
  const grid = { integers: shifted, scales: scale, axis: scale.length === 1 ? null : axis };
  return { type, shape, data, grid };
}

function at(values: Float32Array, index: number): number {
  return (values.length === 1 ? values[0] : values[index]) ?? 0;
}

/** A parameter that broadcasts to `shape` as QONNX has it: a number, or along one axis. */
export function broadcastParameter(
  node: NodeView,
  tensor: Tensor,
  shape: Shape,
  name: string,
): Parameter {
  const values = Float32Array.from(tensor.data);
  if (values.length === 1) return { values, axis: null };
  const offset = shape.length - tensor.shape.length;
  const long = [...tensor.shape.keys()].filter((axis) => tensor.shape[axis] !== 1);
  const [own = 0, ...more] = long;
  if (more.length > 0)
    node.unsupported(`${name} ${showShape(tensor.shape)} varies along several axes`);
  const axis = own + offset;
  if (axis < 0 || shape[axis] !== tensor.shape[own]) {
    node.misfit(`${name} ${showShape(tensor.shape)} does not broadcast to ${showShape(shape)}`);
  }
  return { values, axis };
}

/** A parameter as ONNX has it: a number, or a vector along the attribute `axis`. */
export function axisParameter(
  node: NodeView,
  tensor: Tensor,
  shape: Shape,
  name: string,
): Parameter {
  const values = Float32Array.from(tensor.data);
  if (values.length === 1) return { values, axis: null };
  const axis = node.axis("axis", 1, shape.length);
  if (tensor.shape.length !== 1 || shape[axis] !== values.length) {
    node.misfit(`${name} ${showShape(tensor.shape)} along axis ${axis} of ${showShape(shape)}`);
  }
  return { values, axis };
}
