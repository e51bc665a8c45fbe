import type { Shape, Window } from "../../../graph/types.js";
import { spanOf, windowed } from "../../../graph/window.js";
import { showShape } from "../../diagnostics.js";
import type { NodeView } from "../node-view.js";

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

/** Height and width of [batch, channels, height, width]; other ranks are not supported. */
export function planeOf(node: NodeView, shape: Shape): readonly [height: number, width: number] {
  const [, , height, width, ...more] = shape;
  if (height !== undefined && width !== undefined && more.length === 0) return [height, width];
  return node.unsupported(
    `works on ${showShape(shape)}; only [batch, channels, height, width] is supported`,
  );
}

/**
 * The window that the attributes `strides`, `pads`, `dilations` and `auto_pad` give for a kernel, on a plane of
 * that height and width.
 */
export function windowOf(
  node: NodeView,
  kernel: readonly [number, number],
  plane: readonly [number, number],
): Window {
  const written = pair(node, "dilations", 1);
  const strides = pair(node, "strides", 1);
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
    pads: padsOf(node, spanOf({ kernel, dilations }), strides, plane),
  };
}

/** The shape that a window makes of [batch, _, height, width]; a diagnostic if it never fits. */
export function windowedShape(
  node: NodeView,
  window: Window,
  shape: Shape,
  channels: number,
): Shape {
  const plane = planeOf(node, shape);
  const out = windowed(plane, window);
  if (out.some((extent) => extent < 1)) {
    node.misfit(
      `a kernel ${showShape(window.kernel)} does not fit into ${node.inputName(0)} ${showShape(shape)} with its padding`,
    );
  }
  return [shape[0] ?? 1, channels, ...out];
}

/** An attribute of two integers; other counts belong to 1-D or 3-D windows. */
export function pair(node: NodeView, name: string, fallback: number): readonly [number, number] {
  const [height = fallback, width = height, ...more] = node.ints(name) ?? [];
  if (more.length > 0) node.unsupported(`has ${name} for ${more.length + 2} spatial axes`);
  return [height, width];
}

function padsOf(
  node: NodeView,
  span: readonly [number, number],
  strides: readonly [number, number],
  plane: readonly [number, number],
): Pads {
  const autoPad = node.string("auto_pad", "NOTSET");
  switch (autoPad) {
    case "NOTSET": {
      const [top = 0, left = 0, bottom = 0, right = 0] = node.ints("pads") ?? [];
      const pads = { top, left, bottom, right };
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

/** Padding of one axis that makes the output ceil(extent / stride) long. */
function samePadding(extent: number, span: number, stride: number): number {
  return Math.max((Math.ceil(extent / stride) - 1) * stride + span - extent, 0);
}

/** Shares padding out between the two ends; `round` gives the begin's share of an odd one. */
function place(height: number, width: number, round: (half: number) => number): Pads {
  const [top, left] = [round(height / 2), round(width / 2)];
  return { top, left, bottom: height - top, right: width - left };
}
