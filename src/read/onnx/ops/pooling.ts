import type { Shape, Window } from "../../../graph/types.js";
import { spanOf } from "../../../graph/window.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import type { RuntimeValue } from "../value.js";
import { emitSliding, NO_PADS, pair, planeOf, type Sliding, windowOf } from "./window.js";

/** A window as large as the plane. */
function wholeWindow(node: NodeView, shape: Shape): Window {
  return { kernel: planeOf(node, shape), strides: [1, 1], dilations: [1, 1], pads: NO_PADS };
}

function poolWindow(node: NodeView, x: RuntimeValue): Window {
  const plane = planeOf(node, x.shape);
  const axes = x.shape.length - 2;
  const window = windowOf(node, pair(node, "kernel_shape", 1, axes), plane, axes);
  const { kernel, dilations, pads } = window;
  const around = [Math.max(pads.top, pads.bottom), Math.max(pads.left, pads.right)];
  const span = spanOf(window);
  // A window whose taps are all in the padding would have no element to choose from.
  if (around.some((pad, axis) => pad >= (span[axis] ?? 1))) {
    node.unsupported(`has padding as large as its kernel ${showShape(kernel)}`);
  }
  if (around.some((pad, axis) => pad > 0 && (dilations[axis] ?? 1) > (plane[axis] ?? 1))) {
    node.unsupported(`is dilated by ${showShape(dilations)}, further than its input reaches`);
  }
  return window;
}

/**
 * `ceil_mode` lets the last window hang over the end: the same as more padding there. A window that
 * would start in that padding is left out (ONNX MaxPool).
 */
function withCeil(window: Window, [height, width]: readonly [number, number]): Window {
  const { strides, pads } = window;
  const span = spanOf(window);
  const extra = (axis: 0 | 1, extent: number, begin: number, end: number): number => {
    const steps = (extent + begin + end - span[axis]) / strides[axis];
    const whole =
      Math.ceil(steps) * strides[axis] >= extent + begin ? Math.floor(steps) : Math.ceil(steps);
    return Math.max(whole * strides[axis] + span[axis] - extent - begin, end);
  };
  const bottom = extra(0, height, pads.top, pads.bottom);
  const right = extra(1, width, pads.left, pads.right);
  return { ...window, pads: { ...pads, bottom, right } };
}

function translateMaxPool(node: NodeView, build: GraphBuilder): void {
  const x = node.runtime(0);
  const window = poolWindow(node, x);
  const ceil = node.flag("ceil_mode", false);
  emitMaxPool(node, build, x, ceil ? withCeil(window, planeOf(node, x.shape)) : window);
}

function emitMaxPool(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  window: Window,
  output = node.outputName(),
): RuntimeValue {
  const { origin } = node;
  const sliding = { x, window, channels: x.shape[1] ?? 1, output };
  return emitSliding(node, build, sliding, (input, made) => ({
    kind: "maxPool",
    origin,
    input,
    output: made,
    window,
  }));
}

function translateAveragePool(node: NodeView, build: GraphBuilder): void {
  const x = node.real(0);
  const window = poolWindow(node, x);
  const countPadding = node.flag("count_include_pad", false);
  const reached = node.flag("ceil_mode", false) ? withCeil(window, planeOf(node, x.shape)) : window;
  const overhang = [
    reached.pads.bottom - window.pads.bottom,
    reached.pads.right - window.pads.right,
  ] as const;
  emitAveragePool(node, build, { x, window: reached }, countPadding, overhang);
}

function emitAveragePool(
  node: NodeView,
  build: GraphBuilder,
  sliding: Pick<Sliding, "x" | "window" | "output">,
  countPadding: boolean,
  overhang: readonly [bottom: number, right: number] = [0, 0],
): RuntimeValue {
  const { origin } = node;
  const { x, window } = sliding;
  return emitSliding(node, build, { ...sliding, channels: x.shape[1] ?? 1 }, (input, output) => ({
    kind: "averagePool",
    origin,
    input,
    output,
    window,
    countPadding,
    overhang,
  }));
}

/** The mean over all of the plane, under that name. */
export function emitWholeMean(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  output: string,
): RuntimeValue {
  return emitAveragePool(node, build, { x, window: wholeWindow(node, x.shape), output }, false);
}

/** The largest element of the plane, under that name. */
export function emitWholeMax(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  output: string,
): RuntimeValue {
  return emitMaxPool(node, build, x, wholeWindow(node, x.shape), output);
}

const LIMITS = "1-D or 2-D; padding smaller than the kernel";

export const POOLING: OperatorTable = {
  MaxPool: { limits: `${LIMITS}; no indices`, translate: translateMaxPool },
  AveragePool: { limits: LIMITS, translate: translateAveragePool },
  GlobalMaxPool: {
    limits: "1-D or 2-D",
    translate: (node, build) => {
      const x = node.runtime(0);
      emitMaxPool(node, build, x, wholeWindow(node, x.shape));
    },
  },
  GlobalAveragePool: {
    limits: "1-D or 2-D",
    translate: (node, build) => {
      emitWholeMean(node, build, node.real(0), node.outputName());
    },
  },
};
