import type { Window } from "../graph/types.js";
import type { Tensor } from "../network/types.js";

/**
 * One position of a sliding window: those of its rows [top, bottom), columns [left, right), in steps
 * of its dilations, that lie inside the tensor.
 */
export interface Place {
  /** Position in the output, `y * width + x`. */
  readonly index: number;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export function forEachWindow(
  { kernel, strides, dilations, pads }: Window,
  input: Tensor,
  output: Tensor,
  visit: (place: Place) => void,
): void {
  for (let y = 0; y < output.height; y++) {
    for (let x = 0; x < output.width; x++) {
      const originY = y * strides[0] - pads.top;
      const originX = x * strides[1] - pads.left;
      visit({
        index: y * output.width + x,
        top: firstInside(originY, dilations[0]),
        bottom: Math.min(input.height, originY + kernel[0] * dilations[0]),
        left: firstInside(originX, dilations[1]),
        right: Math.min(input.width, originX + kernel[1] * dilations[1]),
      });
    }
  }
}

function firstInside(origin: number, dilation: number): number {
  return origin >= 0 ? origin : origin + Math.ceil(-origin / dilation) * dilation;
}

/**
 * Every input element under the windows of one row of output positions: `tap` is its place in the
 * window, `column` the output position, `at` its position in the input, `y * width + x`.
 */
export function forEachTap(
  { kernel, strides, dilations, pads }: Window,
  input: Tensor,
  outputWidth: number,
  outputRow: number,
  visit: (tap: number, column: number, at: number) => void,
): void {
  for (let ky = 0; ky < kernel[0]; ky++) {
    const y = outputRow * strides[0] - pads.top + ky * dilations[0];
    if (y < 0 || y >= input.height) continue;
    for (let kx = 0; kx < kernel[1]; kx++) {
      for (let column = 0; column < outputWidth; column++) {
        const x = column * strides[1] - pads.left + kx * dilations[1];
        if (x >= 0 && x < input.width) visit(ky * kernel[1] + kx, column, y * input.width + x);
      }
    }
  }
}

/** The same for a transposed convolution, whose window slides over the output. */
export function forEachTransposedTap(
  { kernel, strides, dilations, pads }: Window,
  input: Tensor,
  outputWidth: number,
  outputRow: number,
  visit: (tap: number, column: number, at: number) => void,
): void {
  const sourceOf = (position: number, stride: number, extent: number): number | null => {
    const source = position / stride;
    return Number.isInteger(source) && source >= 0 && source < extent ? source : null;
  };
  for (let ky = 0; ky < kernel[0]; ky++) {
    const y = sourceOf(outputRow + pads.top - ky * dilations[0], strides[0], input.height);
    if (y === null) continue;
    for (let kx = 0; kx < kernel[1]; kx++) {
      for (let column = 0; column < outputWidth; column++) {
        const x = sourceOf(column + pads.left - kx * dilations[1], strides[1], input.width);
        if (x !== null) visit(ky * kernel[1] + kx, column, y * input.width + x);
      }
    }
  }
}

/** How many taps of a window, `dilation` apart from `origin` on, lie in [low, high). */
export function countTaps(
  origin: number,
  taps: number,
  dilation: number,
  [low, high]: readonly [number, number],
): number {
  let count = 0;
  for (let k = 0; k < taps; k++) {
    const at = origin + k * dilation;
    if (at >= low && at < high) count++;
  }
  return count;
}
