import type { Window } from "../graph/types.js";
import type { Tensor } from "../network/types.js";
import type { Struct } from "./types.js";

/** The C constant that describes a sliding window. */
export function windowStruct(
  { kernel, strides, dilations, pads }: Window,
  input: Tensor,
  output: Tensor,
): Struct {
  return {
    suffix: "window",
    type: "tritc_window",
    fields: {
      height: input.height,
      width: input.width,
      channels: input.channels,
      kernel_height: kernel[0],
      kernel_width: kernel[1],
      stride_height: strides[0],
      stride_width: strides[1],
      dilation_height: dilations[0],
      dilation_width: dilations[1],
      pad_top: pads.top,
      pad_left: pads.left,
      out_height: output.height,
      out_width: output.width,
    },
  };
}
