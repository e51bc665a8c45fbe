import type { GraphNode, Shape, Window } from "../../../graph/types.js";
import { spanOf, windowed } from "../../../graph/window.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { RuntimeValue } from "../value.js";

type Pads = Window["pads"];

export const NO_PADS: Pads = { top: 0, left: 0, bottom: 0, right: 0 };

export function addPads(a: Pads, b: Pads): Pads {
  return {
    top: a.top + b.top,
    left: a.left + b.left,
    bottom: a.bottom + b.bottom,
    right: a.right + b.right,
  };
}

/** Height and width of an image [batch, channels, height, width]; a signal has height 1. */
export function planeOf(node: NodeView, shape: Shape): readonly [height: number, width: number] {
  const [, , first, second, ...more] = shape;
  if (first !== undefined && more.length === 0) {
    return second === undefined ? [1, first] : [first, second];
  }
  return node.unsupported(
    `works on ${showShape(shape)}; only [batch, channels, height, width] and [batch, channels, length] are supported`,
  );
}

export interface Sliding {
  readonly x: RuntimeValue;
  readonly window: Window;
  /** Channels of the output. */
  readonly channels: number;
  /** The node's own output unless given. */
  readonly output?: string;
}

/** Emits a node that slides a window. */
export function emitSliding(
  node: NodeView,
  build: GraphBuilder,
  { x, window, channels, output = node.outputName() }: Sliding,
  make: (input: string, output: string) => GraphNode,
): RuntimeValue {
  const shape = windowedShape(node, window, x.shape, channels);
  return emitPlane(node, build, x, shape, make, output);
}

/**
 * Emits a node that makes an image of that shape. A signal [batch, channels, length] is made an image
 * of height 1 for it, and what comes out a signal again: windows of the Graph have two axes.
 */
export function emitPlane(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  shape: Shape,
  make: (input: string, output: string) => GraphNode,
  output = node.outputName(),
): RuntimeValue {
  const { origin } = node;
  const { type } = x;
  if (x.shape.length !== 3) return build.emit(make(x.name, output), { shape, type });
  const image = build.emit(
    { kind: "reshape", origin, input: x.name, output: build.fresh(`${x.name}.image`) },
    { shape: x.shape.toSpliced(2, 0, 1), type },
  );
  const made = build.emit(make(image.name, build.fresh(`${output}.image`)), { shape, type });
  const signal = shape.toSpliced(2, 1);
  return build.emit({ kind: "reshape", origin, input: made.name, output }, { shape: signal, type });
}

/**
 * The window of a ConvTranspose. Its padding is given, or what an output of `output_shape`, or one
 * `strides` times as large (SAME_UPPER, SAME_LOWER), leaves of it (ONNX ConvTranspose).
 */
export function transposedWindow(
  node: NodeView,
  kernel: readonly [number, number],
  plane: readonly [number, number],
  axes: number,
): { readonly window: Window; readonly outputPadding: readonly [number, number] } {
  const autoPad = node.string("auto_pad", "NOTSET");
  const wanted = node.ints("output_shape");
  const same = autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER";
  const strides = pair(node, "strides", 1, axes);
  const dilations = pair(node, "dilations", 1, axes);
  if ([...kernel, ...strides, ...dilations].some((n) => n < 1)) {
    node.unsupported(`has kernel ${showShape(kernel)}, strides ${showShape(strides)}`);
  }
  const [first, second] = pair(node, "output_padding", 0, axes);
  const outputPadding = axes === 1 ? ([0, second] as const) : ([first, second] as const);
  if (wanted === null && !same) {
    const pads = padsOf(node, [1, 1], strides, plane, axes);
    return { window: { kernel, strides, dilations, pads }, outputPadding };
  }
  const span = spanOf({ kernel, dilations });
  const target =
    wanted === null
      ? ([plane[0] * strides[0], plane[1] * strides[1]] as const)
      : pair(node, "output_shape", 1, axes);
  const excess = ([0, 1] as const).map((axis) => {
    const full = (plane[axis] - 1) * strides[axis] + span[axis] + outputPadding[axis];
    return full - target[axis];
  });
  const [down = 0, across = 0] = excess;
  if (down < 0 || across < 0) {
    // More than the taps reach: what is left over at the end is empty.
    const more = [outputPadding[0] - Math.min(0, down), outputPadding[1] - Math.min(0, across)];
    const pads = place(Math.max(0, down), Math.max(0, across), Math.ceil);
    return {
      window: { kernel, strides, dilations, pads },
      outputPadding: [more[0] ?? 0, more[1] ?? 0],
    };
  }
  const half = autoPad === "SAME_UPPER" ? Math.floor : Math.ceil;
  const pads = place(down, across, half);
  return { window: { kernel, strides, dilations, pads }, outputPadding };
}

/**
 * The window that the attributes `strides`, `pads`, `dilations` and `auto_pad` give for a kernel, on
 * a plane of that height and width; `axes` is 1 for signals.
 */
export function windowOf(
  node: NodeView,
  kernel: readonly [number, number],
  plane: readonly [number, number],
  axes: number,
): Window {
  const written = pair(node, "dilations", 1, axes);
  const strides = pair(node, "strides", 1, axes);
  for (const [what, values] of [
    ["kernel", kernel],
    ["strides", strides],
    ["dilations", written],
  ] as const) {
    if (values.some((n) => n < 1)) node.unsupported(`has ${what} ${showShape(values)}`);
  }
  // A single tap has no neighbour to be at a distance from.
  const [high, wide] = kernel;
  const dilations = [high === 1 ? 1 : written[0], wide === 1 ? 1 : written[1]] as const;
  return {
    kernel,
    strides,
    dilations,
    pads: padsOf(node, spanOf({ kernel, dilations }), strides, plane, axes),
  };
}

/** The image's shape that a window makes of an input; a diagnostic if it never fits. */
function windowedShape(node: NodeView, window: Window, shape: Shape, channels: number): Shape {
  const plane = planeOf(node, shape);
  const out = windowed(plane, window);
  if (out.some((extent) => extent < 1)) {
    node.misfit(
      `a kernel ${showShape(window.kernel)} does not fit into ${node.inputName(0)} ${showShape(shape)} with its padding`,
    );
  }
  return [shape[0] ?? 1, channels, ...out];
}

/** An attribute with an integer for each of one or two spatial axes; a single axis is the width. */
export function pair(
  node: NodeView,
  name: string,
  fallback: number,
  axes: number,
): readonly [height: number, width: number] {
  const written = node.ints(name) ?? [];
  if (written.length > axes) node.unsupported(`has ${name} for ${written.length} spatial axes`);
  const [first = fallback, second = first] = written;
  return axes === 1 ? [1, first] : [first, second];
}

function padsOf(
  node: NodeView,
  span: readonly [number, number],
  strides: readonly [number, number],
  plane: readonly [number, number],
  axes: number,
): Pads {
  const autoPad = node.string("auto_pad", "NOTSET");
  switch (autoPad) {
    case "NOTSET": {
      const written = node.ints("pads") ?? [];
      const pads = axes === 1 ? besides(written) : around(written);
      if (Object.values(pads).some((pad) => pad < 0)) node.unsupported("has negative padding");
      return pads;
    }
    case "VALID":
      return NO_PADS;
    case "SAME_UPPER":
    case "SAME_LOWER": {
      const [height, width] = [0, 1].map((axis) =>
        samePadding(plane[axis] ?? 1, span[axis] ?? 1, strides[axis] ?? 1),
      );
      return autoPad === "SAME_UPPER"
        ? place(height ?? 0, width ?? 0, Math.floor)
        : place(height ?? 0, width ?? 0, Math.ceil);
    }
    default:
      return node.unsupported(`has auto_pad ${autoPad}`);
  }
}

/** Pads as ONNX has them: the begin of each axis, then the ends. */
function around([top = 0, left = 0, bottom = 0, right = 0]: readonly number[]): Pads {
  return { top, left, bottom, right };
}

function besides([left = 0, right = 0]: readonly number[]): Pads {
  return { ...NO_PADS, left, right };
}

/** Padding of one axis that makes the output ceil(extent / stride) long. */
function samePadding(extent: number, span: number, stride: number): number {
  return Math.max((Math.ceil(extent / stride) - 1) * stride + span - extent, 0);
}

/** Shares padding out between the two ends; `round` gives the begin's share of an odd one. */
function place(height: number, width: number, round: (half: number) => number): Pads {
  const [top, left] = [round(height / 2), round(width / 2)];
  return { top, left, bottom: height - top, right: width - left };
}
