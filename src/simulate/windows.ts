import type { Window } from "../graph/types.js";
import type { Tensor } from "../network/types.js";

/** One position of a sliding window: rows [top, bottom), columns [left, right) inside the tensor. */
export interface Place {
  /** Position in the output, `y * width + x`. */
  readonly index: number;
  /** Where the window begins; may lie outside the tensor. */
  readonly originY: number;
  readonly originX: number;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export function forEachWindow(
  { kernel, strides, pads }: Window,
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
        originY,
        originX,
        top: Math.max(0, originY),
        bottom: Math.min(input.height, originY + kernel[0]),
        left: Math.max(0, originX),
        right: Math.min(input.width, originX + kernel[1]),
      });
    }
  }
}

/**
 * Every input element under the windows of one row of output positions: `tap` is its place in the
 * window, `column` the output position, `at` its position in the input, `y * width + x`.
 */
export function forEachTap(
  { kernel, strides, pads }: Window,
  input: Tensor,
  outputWidth: number,
  outputRow: number,
  visit: (tap: number, column: number, at: number) => void,
): void {
  for (let ky = 0; ky < kernel[0]; ky++) {
    const y = outputRow * strides[0] - pads.top + ky;
    if (y < 0 || y >= input.height) continue;
    for (let kx = 0; kx < kernel[1]; kx++) {
      for (let column = 0; column < outputWidth; column++) {
        const x = column * strides[1] - pads.left + kx;
        if (x >= 0 && x < input.width) visit(ky * kernel[1] + kx, column, y * input.width + x);
      }
    }
  }
}
