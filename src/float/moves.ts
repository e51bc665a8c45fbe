import { sizeOf } from "../graph/nodes.js";
import type { GatherNode, Shape, TransposeNode } from "../graph/types.js";
import { at, type FloatArray, type Step } from "./arrays.js";

/** `y[i] = x[source[i]]`, or `fill` where source[i] is -1. */
export function takeStep(x: FloatArray, y: FloatArray, source: Int32Array, fill = 0): Step {
  return () => {
    for (let i = 0; i < source.length; i++) {
      const from = source[i] ?? -1;
      y[i] = from < 0 ? fill : (x[from] ?? 0);
    }
  };
}

/** Index of each element of `shape` along each axis, in order. */
function eachIndex<T>(shape: Shape, visit: (index: readonly number[]) => T): T[] {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  return Array.from({ length: sizeOf(shape) }, (_, i) =>
    visit(shape.map((extent, axis) => Math.floor(i / at(strides, axis)) % extent)),
  );
}

function flat(shape: Shape, index: readonly number[]): number {
  return index.reduce((sum, position, axis) => sum * at(shape, axis) + position, 0);
}

/** Where the elements of a transposition come from. */
export function transposeSource(
  { permutation }: TransposeNode,
  from: Shape,
  to: Shape,
): Int32Array {
  return Int32Array.from(
    eachIndex(to, (index) => {
      const source = from.map(() => 0);
      for (const [axis, position] of index.entries()) source[at(permutation, axis)] = position;
      return flat(from, source);
    }),
  );
}

/** Where the elements of a gather come from; -1 for its fill. */
export function gatherSource({ indices }: GatherNode, from: Shape, to: Shape): Int32Array {
  return Int32Array.from(
    eachIndex(to, (index) => {
      const source = index.map((position, axis) => {
        const list = indices[axis] ?? null;
        return list === null ? position : at(list, position);
      });
      return source.includes(-1) ? -1 : flat(from, source);
    }),
  );
}

/** Where the elements of a tensor spread over a larger shape come from, by ONNX's rules. */
export function broadcastSource(from: Shape, to: Shape): Int32Array {
  const lead = to.length - from.length;
  return Int32Array.from(
    eachIndex(to, (index) =>
      flat(
        from,
        from.map((n, axis) => (n === 1 ? 0 : at(index, axis + lead))),
      ),
    ),
  );
}

/** Tensors one after another along an axis. */
export function concatStep(
  parts: readonly FloatArray[],
  y: FloatArray,
  axis: number,
  shape: Shape,
): Step {
  const outer = sizeOf(shape.slice(0, axis));
  return () => {
    let to = 0;
    for (let o = 0; o < outer; o++) {
      for (const part of parts) {
        const run = part.length / outer;
        y.set(part.subarray(o * run, (o + 1) * run), to);
        to += run;
      }
    }
  };
}
