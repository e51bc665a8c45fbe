import { sizeOf } from "../../graph/nodes.js";
import type { GraphNode, Window } from "../../graph/types.js";
import { spanOf, windowed } from "../../graph/window.js";
import type { Unnamed } from "../layers/assembly.js";
import { demandSize } from "../onnx/tensor.js";
import type { KerasTensor } from "./tensor.js";
import type { LayerView } from "./view.js";

type Pads = Window["pads"];

export const NO_PADS: Pads = { top: 0, left: 0, bottom: 0, right: 0 };

/** A list of one number for each spatial axis; a signal's height has `besides`. */
export function pair(
  view: LayerView,
  key: string,
  axes: 1 | 2,
  least: number,
  fallback?: number,
): readonly [height: number, width: number] {
  const besides = least === 0 ? 0 : 1;
  const [first = besides, second = first] = view.config.wholes(key, axes, least, fallback);
  return axes === 1 ? [besides, first] : [first, second];
}

/** The window of a layer with `strides`, `padding` and, if it is a convolution, `dilation_rate`. */
export function windowOf(
  view: LayerView,
  kernel: readonly [number, number],
  image: KerasTensor,
  axes: 1 | 2,
  strides: readonly [number, number],
): Window {
  const written = pair(view, "dilation_rate", axes, 1, 1);
  const dilations = [kernel[0] === 1 ? 1 : written[0], kernel[1] === 1 ? 1 : written[1]] as const;
  const span = spanOf({ kernel, dilations });
  const [, , height = 1, width = 1] = image.flow.shape;
  const around = image.pads ?? NO_PADS;
  const plane = [height + around.top + around.bottom, width + around.left + around.right] as const;
  const own = paddingOf(view, span, strides, plane, axes);
  return { kernel, strides, dilations, pads: addPads(own, around) };
}

function paddingOf(
  view: LayerView,
  span: readonly [number, number],
  strides: readonly [number, number],
  plane: readonly [number, number],
  axes: 1 | 2,
): Pads {
  const padding = view.config.text("padding", "valid");
  switch (padding) {
    case "valid":
      return NO_PADS;
    case "same": {
      const [height, width] = [
        samePadding(plane, span, strides, 0),
        samePadding(plane, span, strides, 1),
      ];
      const [top, left] = [Math.floor(height / 2), Math.floor(width / 2)];
      return { top, left, bottom: height - top, right: width - left };
    }
    case "causal":
      if (axes === 1) return { ...NO_PADS, left: span[1] - 1 };
      return view.refuse("has padding causal on an image");
    default:
      return view.refuse(`has padding ${padding}`);
  }
}

/** TensorFlow's SAME: the output is ceil(extent / stride) long, an odd element is padded at the end. */
function samePadding(
  plane: readonly [number, number],
  span: readonly [number, number],
  strides: readonly [number, number],
  axis: 0 | 1,
): number {
  const outputs = Math.ceil(plane[axis] / strides[axis]);
  return Math.max((outputs - 1) * strides[axis] + span[axis] - plane[axis], 0);
}

/**
 * The window of a transposed convolution. Its output is as long as Keras says (`output_padding`, or
 * what the strides give); where the taps do not reach that far the end is empty.
 */
export function transposedWindow(
  view: LayerView,
  kernel: readonly [number, number],
): { readonly window: Window; readonly outputPadding: readonly [number, number] } {
  const strides = pair(view, "strides", 2, 1, 1);
  const dilations = pair(view, "dilation_rate", 2, 1, 1);
  if (dilations.some((d) => d > 1)) view.refuse("has a dilation_rate");
  const padding = view.config.text("padding", "valid");
  if (padding !== "valid" && padding !== "same") view.refuse(`has padding ${padding}`);
  const more =
    view.config.raw("output_padding") === undefined ? null : pair(view, "output_padding", 2, 0);
  const ends = ([0, 1] as const).map((axis) => {
    const [taps, stride] = [kernel[axis], strides[axis]];
    // How far the output goes beyond the stride's multiple of the last input element.
    const given = padding === "same" ? taps - 2 * Math.floor(taps / 2) : taps;
    const least = padding === "same" ? stride : Math.max(taps, stride);
    const reach = more === null ? least : given + more[axis];
    const cut = padding === "same" ? Math.max(taps - reach, 0) : 0;
    const begin = Math.floor(cut / 2);
    return { begin, end: cut - begin, beyond: reach - (taps - cut) };
  });
  const [rows, columns] = ends;
  const pads = {
    top: rows?.begin ?? 0,
    left: columns?.begin ?? 0,
    bottom: rows?.end ?? 0,
    right: columns?.end ?? 0,
  };
  return {
    window: { kernel, strides, dilations: [1, 1], pads },
    outputPadding: [rows?.beyond ?? 0, columns?.beyond ?? 0],
  };
}

export function addPads(a: Pads, b: Pads): Pads {
  return {
    top: a.top + b.top,
    left: a.left + b.left,
    bottom: a.bottom + b.bottom,
    right: a.right + b.right,
  };
}

/** Emits a node that slides a window over an image. */
export function slide(
  view: LayerView,
  image: KerasTensor,
  channels: number,
  window: Window,
  node: (input: string) => Unnamed<GraphNode>,
): KerasTensor {
  const [, , height = 1, width = 1] = image.flow.shape;
  const [high, wide] = windowed([height, width], window);
  if (high < 1 || wide < 1) {
    view.refuse(
      `has a kernel [${window.kernel.join(", ")}] that does not fit into its input [${image.shape.join(", ")}]`,
    );
  }
  const flowShape = [1, channels, high, wide];
  demandSize(flowShape, view.origin.name);
  const flow = view.graph.emit(node(image.flow.name), { shape: flowShape, type: "real" });
  const shape = image.shape.length === 3 ? [1, wide, channels] : [1, high, wide, channels];
  return { flow, shape, image: true };
}

/** The window over all of a plane. */
export function wholeWindow(image: KerasTensor): Window {
  const [, , height = 1, width = 1] = image.flow.shape;
  return { kernel: [height, width], strides: [1, 1], dilations: [1, 1], pads: NO_PADS };
}

/** Without the spatial axes, unless `keepdims` asks for them. */
export function squeezed(view: LayerView, image: KerasTensor): KerasTensor {
  if (view.config.flag("keepdims", false)) return image;
  const shape = [1, sizeOf(image.shape)];
  const flow = view.graph.emit(
    { kind: "reshape", origin: view.origin, input: image.flow.name },
    { shape, type: image.flow.type },
    `${view.origin.name}.vector`,
  );
  return { flow, shape, image: false };
}
