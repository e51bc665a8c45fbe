import type { Window } from "./types.js";

/** Height and width from the first tap of a window to its last. */
export function spanOf({
  kernel,
  dilations,
}: Pick<Window, "kernel" | "dilations">): [height: number, width: number] {
  return [(kernel[0] - 1) * dilations[0] + 1, (kernel[1] - 1) * dilations[1] + 1];
}

/** Height and width of what a window sliding over [height, width] makes; below 1 if it never fits. */
export function windowed(
  [height, width]: readonly [number, number],
  window: Window,
): [height: number, width: number] {
  const { strides, pads } = window;
  const span = spanOf(window);
  return [
    Math.floor((height + pads.top + pads.bottom - span[0]) / strides[0]) + 1,
    Math.floor((width + pads.left + pads.right - span[1]) / strides[1]) + 1,
  ];
}

/** Height and width of what a transposed convolution makes of [height, width]. */
export function transposedExtent(
  [height, width]: readonly [number, number],
  window: Window,
  outputPadding: readonly [number, number],
): [height: number, width: number] {
  const { strides, pads } = window;
  const span = spanOf(window);
  return [
    (height - 1) * strides[0] + span[0] - pads.top - pads.bottom + outputPadding[0],
    (width - 1) * strides[1] + span[1] - pads.left - pads.right + outputPadding[1],
  ];
}
