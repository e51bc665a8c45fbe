import type { Window } from "../graph/types.js";
import type { Tensor } from "../network/types.js";
import type { Struct } from "./types.js";

/** The C constant that describes a sliding window. */
export function windowStruct({ kernel, strides, pads }: Window, input: Tensor, output: Tensor): Struct {
  return {
    suffix: "window",
    type: "tritc_window",
    fields: [
      input.height,
      input.width,
      input.channels,
      ...kernel,
      ...strides,
      pads.top,
      pads.left,
      output.height,
      output.width,
    ],
  };
}
