import { sizeOf } from "../graph/nodes.js";
import type { ConvNode, ConvTransposeNode, Shape, Window } from "../graph/types.js";
import { at, type FloatArray, type Step } from "./arrays.js";

/** The non-zero weights of each row, column and value; row o is those from ends[o] to ends[o + 1]. */
interface Rows {
  readonly columns: Int32Array;
  readonly values: Float64Array;
  readonly ends: Int32Array;
}

function rowsOf(weights: ArrayLike<number>, rows: number, perRow: number): Rows {
  const columns: number[] = [];
  const values: number[] = [];
  const ends = new Int32Array(rows + 1);
  for (let o = 0; o < rows; o++) {
    for (let k = 0; k < perRow; k++) {
      const weight = at(weights, o * perRow + k);
      if (weight === 0) continue;
      columns.push(k);
      values.push(weight);
    }
    ends[o + 1] = columns.length;
  }
  return { columns: Int32Array.from(columns), values: Float64Array.from(values), ends };
}

/** Columns of a panel that are multiplied at a time, their sums in registers. */
const WIDTH = 4;

/** `sums[j] = bias + sum over k of row[k] * panel[k * width + j]`, in doubles. */
function multiplyRow(
  { columns, values, ends }: Rows,
  row: number,
  panel: Float64Array,
  bias: number,
  sums: Float64Array,
): void {
  const width = sums.length;
  const begin = ends[row] ?? 0;
  const end = ends[row + 1] ?? 0;
  for (let j = 0; j < width; j += WIDTH) {
    let [a, b, c, d] = [bias, bias, bias, bias];
    for (let i = begin; i < end; i++) {
      const weight = values[i] ?? 0;
      const from = (columns[i] ?? 0) * width + j;
      a += weight * (panel[from] ?? 0);
      b += weight * (panel[from + 1] ?? 0);
      c += weight * (panel[from + 2] ?? 0);
      d += weight * (panel[from + 3] ?? 0);
    }
    sums[j] = a;
    sums[j + 1] = b;
    sums[j + 2] = c;
    sums[j + 3] = d;
  }
}

function wide(length: number): number {
  return Math.ceil(length / WIDTH) * WIDTH;
}

/** A 2-D convolution, a group's taps at a time as a matrix product. */
export function convStep(
  { window, groups }: ConvNode,
  [x, shape]: readonly [FloatArray, Shape],
  [y, out]: readonly [FloatArray, Shape],
  weights: ArrayLike<number>,
  bias: ArrayLike<number> | null,
): Step {
  const [, channels = 1, height = 1, width = 1] = shape;
  const [, outputs = 1, outHeight = 1, outWidth = 1] = out;
  const positions = outHeight * outWidth;
  const perGroup = channels / groups;
  const taps = window.kernel[0] * window.kernel[1];
  const rows = rowsOf(weights, outputs, perGroup * taps);
  const sums = new Float64Array(wide(positions));
  const panel = new Float64Array(perGroup * taps * sums.length);
  const places = tapsOf(window, [height, width], [outHeight, outWidth]);
  return () => {
    for (let g = 0; g < groups; g++) {
      for (let c = 0; c < perGroup; c++) {
        const from = (g * perGroup + c) * height * width;
        for (const [t, place] of places.entries()) {
          const to = (c * taps + t) * sums.length;
          for (let p = 0; p < positions; p++) {
            const source = place[p] ?? -1;
            panel[to + p] = source < 0 ? 0 : (x[from + source] ?? 0);
          }
        }
      }
      const first = (g * outputs) / groups;
      for (let o = first; o < first + outputs / groups; o++) {
        multiplyRow(rows, o, panel, bias === null ? 0 : at(bias, o), sums);
        const to = o * positions;
        for (let p = 0; p < positions; p++) y[to + p] = sums[p] ?? 0;
      }
    }
  };
}

/** For each tap of the window, the element of a plane it meets at each output position; -1: padding. */
function tapsOf(
  { kernel, strides, dilations, pads }: Window,
  [height, width]: readonly [number, number],
  [outHeight, outWidth]: readonly [number, number],
): Int32Array[] {
  return Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
    const ky = Math.floor(tap / kernel[1]);
    const kx = tap % kernel[1];
    return Int32Array.from({ length: outHeight * outWidth }, (_position, p) => {
      const iy = Math.floor(p / outWidth) * strides[0] + ky * dilations[0] - pads.top;
      const ix = (p % outWidth) * strides[1] + kx * dilations[1] - pads.left;
      return iy < 0 || iy >= height || ix < 0 || ix >= width ? -1 : iy * width + ix;
    });
  });
}

/** A product along the last axis, four rows of inputs side by side. */
export function denseStep(
  [x, shape]: readonly [FloatArray, Shape],
  [y, out]: readonly [FloatArray, Shape],
  weights: ArrayLike<number>,
  bias: ArrayLike<number> | null,
): Step {
  const inputs = at(shape, shape.length - 1);
  const outputs = at(out, out.length - 1);
  const positions = sizeOf(shape) / inputs;
  const rows = rowsOf(weights, outputs, inputs);
  const sums = new Float64Array(wide(positions));
  const panel = new Float64Array(inputs * sums.length);
  return () => {
    for (let p = 0; p < positions; p++) {
      for (let k = 0; k < inputs; k++) panel[k * sums.length + p] = x[p * inputs + k] ?? 0;
    }
    for (let o = 0; o < outputs; o++) {
      multiplyRow(rows, o, panel, bias === null ? 0 : at(bias, o), sums);
      for (let p = 0; p < positions; p++) y[p * outputs + o] = sums[p] ?? 0;
    }
  };
}

/** A transposed convolution: every input element adds its kernel to the output, in doubles. */
export function convTransposeStep(
  { window, groups }: ConvTransposeNode,
  [x, shape]: readonly [FloatArray, Shape],
  [y, out]: readonly [FloatArray, Shape],
  weights: ArrayLike<number>,
  bias: ArrayLike<number> | null,
): Step {
  const [, channels = 1, height = 1, width = 1] = shape;
  const [, outputs = 1, outHeight = 1, outWidth = 1] = out;
  const positions = height * width;
  const perGroup = outputs / groups;
  const [, kernelWidth] = window.kernel;
  const taps = window.kernel[0] * kernelWidth;
  const sums = new Float64Array(sizeOf(out));
  // Where a tap sends each input element: the places that a convolution would take them from.
  const places = tapsOf(window, [outHeight, outWidth], [height, width]);
  const plane = outHeight * outWidth;
  return () => {
    for (let i = 0; i < sums.length; i++) {
      sums[i] = bias === null ? 0 : at(bias, Math.floor(i / plane));
    }
    for (let c = 0; c < channels; c++) {
      const first = Math.floor(c / (channels / groups)) * perGroup;
      for (let o = 0; o < perGroup; o++) {
        const to = (first + o) * plane;
        for (const [t, place] of places.entries()) {
          const weight = at(weights, (c * perGroup + o) * taps + t);
          for (let p = 0; p < positions; p++) {
            const target = place[p] ?? -1;
            if (target < 0) continue;
            sums[to + target] = (sums[to + target] ?? 0) + weight * (x[c * positions + p] ?? 0);
          }
        }
      }
    }
    y.set(sums);
  };
}
