import type { Window } from "./types.js";

/** Height and width of what a window sliding over [height, width] makes; below 1 if it never fits. */
export function windowed(
  [height, width]: readonly [number, number],
  { kernel, strides, pads }: Window,
): [height: number, width: number] {
  return [
    Math.floor((height + pads.top + pads.bottom - kernel[0]) / strides[0]) + 1,
    Math.floor((width + pads.left + pads.right - kernel[1]) / strides[1]) + 1,
  ];
}
