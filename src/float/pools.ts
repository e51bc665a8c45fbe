import type { AveragePoolNode, MaxPoolNode, ReduceNode, Shape } from "../graph/types.js";
import { at, type FloatArray, type Step } from "./arrays.js";
import { broadcastSource } from "./moves.js";

/** The largest element of each window; padding never wins. */
export function maxPoolStep(
  { window }: MaxPoolNode,
  [x, shape]: readonly [FloatArray, Shape],
  [y, out]: readonly [FloatArray, Shape],
): Step {
  const windows = windowsOf(window, shape, out);
  return eachWindow([x, shape], [y, out], windows, (plane, list) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (const place of list) largest = Math.max(largest, at(x, plane + place));
    return largest;
  });
}

/** The mean of each window, over the elements that are there or that padding counts as there. */
export function averagePoolStep(
  { window, countPadding, overhang }: AveragePoolNode,
  [x, shape]: readonly [FloatArray, Shape],
  [y, out]: readonly [FloatArray, Shape],
): Step {
  const windows = windowsOf(window, shape, out);
  const [, , height = 1, width = 1] = shape;
  const [, , , outWidth = 1] = out;
  const inside = (axis: 0 | 1, index: number, pad: number, end: number): number => {
    const first = index * window.strides[axis] - pad;
    const taps = Array.from({ length: window.kernel[axis] }, (_, k) => k * window.dilations[axis]);
    return taps.filter((tap) => first + tap < end).length;
  };
  const counts = windows.map((list, p) => {
    if (!countPadding) return list.length;
    const { top, left, bottom, right } = window.pads;
    const rows = inside(0, Math.floor(p / outWidth), top, height + bottom - overhang[0]);
    return rows * inside(1, p % outWidth, left, width + right - overhang[1]);
  });
  return eachWindow([x, shape], [y, out], windows, (plane, list, p) => {
    let sum = 0;
    for (const place of list) sum += at(x, plane + place);
    return sum / at(counts, p);
  });
}

/** Sum, mean or maximum over some axes, which stay with size 1. */
export function reduceStep(
  { reduction, axes }: ReduceNode,
  [x, shape]: readonly [FloatArray, Shape],
  y: FloatArray,
): Step {
  const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const target = broadcastSource(kept, shape);
  const count = x.length / y.length;
  const sums = new Float64Array(y.length);
  return () => {
    sums.fill(reduction === "max" ? Number.NEGATIVE_INFINITY : 0);
    for (let i = 0; i < x.length; i++) {
      const to = target[i] ?? 0;
      const [old, v] = [at(sums, to), at(x, i)];
      sums[to] = reduction === "max" ? Math.max(old, v) : old + v;
    }
    y.set(reduction === "mean" ? sums.map((sum) => sum / count) : sums);
  };
}

/** For each output position, the elements of a plane in its window. */
function windowsOf(
  { kernel, strides, dilations, pads }: MaxPoolNode["window"],
  [, , height = 1, width = 1]: Shape,
  [, , outHeight = 1, outWidth = 1]: Shape,
): Int32Array[] {
  return Array.from({ length: outHeight * outWidth }, (_, p) => {
    const list: number[] = [];
    for (let ky = 0; ky < kernel[0]; ky++) {
      for (let kx = 0; kx < kernel[1]; kx++) {
        const iy = Math.floor(p / outWidth) * strides[0] + ky * dilations[0] - pads.top;
        const ix = (p % outWidth) * strides[1] + kx * dilations[1] - pads.left;
        if (iy >= 0 && iy < height && ix >= 0 && ix < width) list.push(iy * width + ix);
      }
    }
    return Int32Array.from(list);
  });
}

function eachWindow(
  [, shape]: readonly [FloatArray, Shape],
  [y, out]: readonly [FloatArray, Shape],
  windows: readonly Int32Array[],
  value: (plane: number, list: Int32Array, position: number) => number,
): Step {
  const [, channels = 1, height = 1, width = 1] = shape;
  const [, , outHeight = 1, outWidth = 1] = out;
  const positions = outHeight * outWidth;
  return () => {
    for (let c = 0; c < channels; c++) {
      for (const [p, list] of windows.entries()) {
        y[c * positions + p] = value(c * height * width, list, p);
      }
    }
  };
}
