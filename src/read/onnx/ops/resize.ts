import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { demandSize } from "../tensor.js";
import { axesOf } from "./shape.js";
import { emitTaking } from "./taking.js";

/** Nearest neighbours: every way of writing "take element floor(i * from / to)" and its kin. */
function translateResize(node: NodeView, build: GraphBuilder): void {
  const x = node.runtime(0);
  const mode = node.string("mode", "nearest");
  if (mode !== "nearest") node.unsupported(`resizes by ${mode} interpolation`);
  const rank = x.shape.length;
  const axes = axesOf(node, rank, 99) ?? [...x.shape.keys()];
  const { factors, sizes } = targetOf(node, x.shape, axes);
  demandSize(sizes, node.outputName());
  const transform = node.string("coordinate_transformation_mode", defaultTransform(node));
  const nearest = node.string("nearest_mode", "round_prefer_floor");
  const indices = x.shape.map((extent, axis) => {
    const size = sizes[axis] ?? extent;
    if (size === extent) return null;
    const scale = factors[axis] ?? size / extent;
    const original = originOf(node, transform, scale, extent, size);
    return Int32Array.from({ length: size }, (_, i) =>
      Math.min(extent - 1, Math.max(0, rounded(node, nearest, original(i)))),
    );
  });
  emitTaking(node, build, x, indices);
}

/** Upsample, and Resize before opset 11, count from the first element's corner. */
function defaultTransform(node: NodeView): string {
  return node.op === "Upsample" || node.opset < 11 ? "asymmetric" : "half_pixel";
}

interface Target {
  readonly factors: readonly (number | undefined)[];
  readonly sizes: readonly number[];
}

/** Sizes, or the factors that give them, of all axes or of those that `axes` names. */
function targetOf(node: NodeView, shape: readonly number[], axes: readonly number[]): Target {
  const old = node.op === "Upsample" || node.opset < 11;
  const scales = old
    ? (node.floats("scales") ?? Array.from(node.constant(1).data))
    : Array.from(node.optionalConstant(2)?.data ?? []);
  const written = old ? [] : Array.from(node.optionalConstant(3)?.data ?? []);
  const list = scales.length > 0 ? scales : written;
  if (list.length !== axes.length || list.some((n) => !(n > 0))) {
    node.misfit(
      `scales or sizes ${showShape(list)} for ${axes.length} axes of ${showShape(shape)}`,
    );
  }
  if (node.string("keep_aspect_ratio_policy", "stretch") !== "stretch") {
    node.unsupported("keeps the aspect ratio");
  }
  const byAxis = shape.map((_, axis) => list[axes.indexOf(axis)]);
  if (scales.length === 0) {
    return { factors: shape.map(() => undefined), sizes: shape.map((n, i) => byAxis[i] ?? n) };
  }
  const sizes = shape.map((extent, axis) => Math.floor(extent * (byAxis[axis] ?? 1)));
  return { factors: byAxis, sizes };
}

/** From an index of the output to a place in the input (ONNX Resize). */
function originOf(
  node: NodeView,
  mode: string,
  scale: number,
  extent: number,
  size: number,
): (index: number) => number {
  switch (mode) {
    case "asymmetric":
      return (i) => i / scale;
    case "half_pixel":
      return (i) => (i + 0.5) / scale - 0.5;
    case "pytorch_half_pixel":
      return (i) => (size > 1 ? (i + 0.5) / scale - 0.5 : 0);
    case "half_pixel_symmetric":
      return (i) => {
        const adjusted = size / (extent * scale);
        const center = extent / 2;
        return center * (1 - adjusted) + (i + 0.5) / scale - 0.5;
      };
    case "align_corners":
      return (i) => (size > 1 ? (i * (extent - 1)) / (size - 1) : 0);
    case "tf_half_pixel_for_nn":
      return (i) => (i + 0.5) / scale;
    default:
      return node.unsupported(`has coordinate_transformation_mode ${mode}`);
  }
}

function rounded(node: NodeView, mode: string, x: number): number {
  // Before opset 11 there was no choice.
  switch (node.op === "Upsample" || node.opset < 11 ? "floor" : mode) {
    case "round_prefer_floor":
      return Math.ceil(x - 0.5);
    case "round_prefer_ceil":
      return Math.floor(x + 0.5);
    case "floor":
      return Math.floor(x);
    case "ceil":
      return Math.ceil(x);
    default:
      return node.unsupported(`has nearest_mode ${mode}`);
  }
}

const LIMITS = "to the nearest element, by constant scales or sizes";

export const RESIZE: OperatorTable = {
  Resize: { limits: LIMITS, translate: translateResize },
  Upsample: { limits: LIMITS, translate: translateResize },
};
