import { sizeOf } from "../../../graph/nodes.js";
import type { Shape } from "../../../graph/types.js";
import { keepsOrder } from "../../../graph/views.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import { normalAxis, reshape } from "../tensor.js";
import { bindSum } from "./sums.js";

/** The output's shape, for an input of that shape; `batch` is the batch size that became 1. */
type TargetShape = (node: NodeView, shape: Shape, batch: number) => Shape;

/** An operator that keeps elements and their order. */
function reshaping(target: TargetShape, limits = "any"): Operator {
  return {
    limits,
    translate: (node, build) => {
      const { shape, pending } = node.unfinished(0);
      const to = target(node, shape, build.fixedBatch);
      if (pending?.kind === "sum" && keepsOrder(shape, to)) bindSum(node, build, to, pending);
      else emitReshape(node, build, to);
    },
    evaluate: (node) => {
      const tensor = node.constant(0);
      return reshape(tensor, target(node, tensor.shape, 1));
    },
  };
}

/** Emits a reshape of input 0 to `shape`, whose size must be the input's. */
export function emitReshape(node: NodeView, build: GraphBuilder, shape: Shape): void {
  const x = node.runtime(0);
  build.emit(
    { kind: "reshape", origin: node.origin, input: x.name, output: node.outputName() },
    { shape, type: x.type },
  );
}

/** 0 keeps the input's extent (unless `allowzero`), -1 takes what is left. */
function reshapeTarget(node: NodeView, shape: Shape, batch: number): Shape {
  const written = node.integers("shape", 1) ?? [];
  const keepsZero = !node.flag("allowzero", false);
  const known = written.map((extent, axis) =>
    extent === 0 && keepsZero ? (shape[axis] ?? 0) : extent,
  );
  const [first, ...rest] = known;
  // A model exported for one batch size has that size written into its reshapes.
  const requested = batch > 1 && first === batch ? [1, ...rest] : known;
  const free = requested.indexOf(-1);
  const product = sizeOf(requested.filter((_, axis) => axis !== free));
  const left = sizeOf(shape) / product;
  const target = requested.map((extent, axis) => (axis === free ? left : extent));
  const fits =
    sizeOf(target) === sizeOf(shape) && target.every((n) => Number.isInteger(n) && n >= 0);
  return fits
    ? target
    : node.misfit(`${node.inputName(0)} ${showShape(shape)} cannot become ${showShape(written)}`);
}

function flattenTarget(node: NodeView, shape: Shape): Shape {
  const axis = node.int("axis", 1);
  const normal = axis < 0 ? axis + shape.length : axis;
  if (normal < 0 || normal > shape.length) node.badAxis(axis, shape.length);
  return [sizeOf(shape.slice(0, normal)), sizeOf(shape.slice(normal))];
}

function squeezeTarget(node: NodeView, shape: Shape): Shape {
  const axes = axesOf(node, shape.length);
  const dropped = axes ?? shape.flatMap((extent, axis) => (extent === 1 ? [axis] : []));
  const wrong = dropped.find((axis) => shape[axis] !== 1);
  if (wrong !== undefined) {
    node.misfit(`axis ${wrong} of ${node.inputName(0)} ${showShape(shape)} is not of size 1`);
  }
  return shape.filter((_, axis) => !dropped.includes(axis));
}

function unsqueezeTarget(node: NodeView, shape: Shape): Shape {
  const count = node.integers("axes", 1)?.length ?? 0;
  const rank = shape.length + count;
  const added = new Set(axesOf(node, rank));
  const kept = shape.values();
  return Array.from({ length: rank }, (_, axis) =>
    added.has(axis) ? 1 : (kept.next().value ?? 1),
  );
}

/** Axes are an attribute before opset 13 and an input since. */
export function axesOf(node: NodeView, rank: number, index = 1): number[] | null {
  const axes = node.integers("axes", index);
  return axes?.map((axis) => normalAxis(axis, rank) ?? node.badAxis(axis, rank)) ?? null;
}

export const SHAPE: OperatorTable = {
  Reshape: reshaping(reshapeTarget, "the shape a constant, or computed from the input's shape"),
  Flatten: reshaping(flattenTarget),
  Squeeze: reshaping(squeezeTarget),
  Unsqueeze: reshaping(unsqueezeTarget),
};
