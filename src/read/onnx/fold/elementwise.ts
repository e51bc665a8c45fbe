import { broadcastShape, sameShape, sizeOf } from "../../../graph/nodes.js";
import { showShape } from "../../diagnostics.js";
import { type ElementType, elementFormat } from "../element-types.js";
import type { NodeView } from "../node-view.js";
import { allocate, broadcastStrides, type Tensor, walk } from "../tensor.js";

/**
 * `f` of every element. The result is rounded to `type` as the file's own arithmetic would be:
 * double precision is enough for one operation on float32 numbers to round as float32 does.
 */
export function mapElements(
  node: NodeView,
  x: Tensor,
  type: ElementType,
  f: (x: number) => number,
): Tensor {
  const { round } = elementFormat(type);
  const data = allocate(type, x.shape, node.outputName());
  const g = round === undefined ? f : (value: number): number => round(f(value));
  for (let i = 0; i < data.length; i++) data[i] = g(x.data[i] ?? 0);
  return { type, shape: x.shape, data };
}

/** `f` of every pair of elements, broadcast as ONNX does, rounded to `type`. */
export function zipElements(
  node: NodeView,
  a: Tensor,
  b: Tensor,
  type: ElementType,
  f: (a: number, b: number) => number,
): Tensor {
  if (b.data.length === 1 && b.shape.length <= a.shape.length) {
    const y = b.data[0] ?? 0;
    return mapElements(node, a, type, (x) => f(x, y));
  }
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === null) {
    return node.misfit(`${showShape(a.shape)} and ${showShape(b.shape)} do not broadcast`);
  }
  const { round } = elementFormat(type);
  const data = allocate(type, shape, node.outputName());
  const left = broadcastTo(a, shape);
  const right = broadcastTo(b, shape);
  const g = round === undefined ? f : (x: number, y: number): number => round(f(x, y));
  for (let i = 0; i < data.length; i++) data[i] = g(left[i] ?? 0, right[i] ?? 0);
  return { type, shape, data };
}

/** The elements as they stand once the tensor has been broadcast to `shape`. */
export function broadcastTo(tensor: Tensor, shape: readonly number[]): Tensor["data"] {
  if (sameShape(tensor.shape, shape)) return tensor.data;
  const data = elementFormat(tensor.type).allocate(sizeOf(shape));
  walk(shape, broadcastStrides(tensor.shape, shape), (to, from) => {
    data[to] = tensor.data[from] ?? 0;
  });
  return data;
}
