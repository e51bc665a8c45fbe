import { sameShape, sizeOf } from "../../../graph/nodes.js";
import type { ReduceNode, Shape } from "../../../graph/types.js";
import type { GraphBuilder } from "../builder.js";
import { MAX, MEAN, MIN, type Reduction, reduceTensor, SUM } from "../fold/reduce.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import { tensorOf } from "../tensor.js";
import type { RuntimeValue } from "../value.js";
import { emitIdentity } from "./move.js";
import { emitWholeMax, emitWholeMean } from "./pooling.js";
import { axesOf } from "./shape.js";

/** No axes mean all of them, unless `noop_with_empty_axes` says none. */
function reducedAxes(node: NodeView, rank: number): readonly number[] {
  const axes = axesOf(node, rank) ?? [];
  if (new Set(axes).size < axes.length) node.misfit(`axes [${axes.join(", ")}] name one twice`);
  if (axes.length > 0 || node.flag("noop_with_empty_axes", false)) return axes;
  return Array.from({ length: rank }, (_, axis) => axis);
}

function onConstants(reduction: Reduction): Operator {
  return {
    limits: "on constants",
    evaluate: (node) => {
      const x = node.constant(0);
      const axes = reducedAxes(node, x.shape.length);
      return reduceTensor(node, x, axes, node.flag("keepdims", true), reduction);
    },
  };
}

type Pooling = ReduceNode["reduction"];

/**
 * A reduction is a pool over the whole of an image whose height and width are the reduced axes:
 * transposing and reshaping to that image moves nothing.
 */
function translateReduce(node: NodeView, build: GraphBuilder, pooling: Pooling): void {
  const x = node.real(0);
  const { shape } = x;
  const axes = reducedAxes(node, shape.length).toSorted((a, b) => a - b);
  if (axes.length === 0) {
    emitIdentity(node, build);
    return;
  }
  if (!isPool(shape, axes, pooling)) {
    translateReduction(node, build, axes, pooling);
    return;
  }
  const image = asImage(node, build, x, axes);
  const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const target = node.flag("keepdims", true)
    ? kept
    : shape.filter((_, axis) => !axes.includes(axis));
  const whole = sameShape(image.shape.slice(0, 2).concat(1, 1), target);
  const pooled = pooledWhole(node, build, image, pooling, whole);
  if (whole) return;
  build.emit(
    { kind: "reshape", origin: node.origin, input: pooled.name, output: node.outputName() },
    { shape: target, type: "real" },
  );
}

/**
 * Whether the axes are a plane's, or its height, or the steps of a sequence [1, steps, features]: then
 * integers are pooled. What remains, the last axis above all, is mostly norms.
 */
function isPool(shape: Shape, axes: readonly number[], pooling: Pooling): boolean {
  // Axes 1 and 2 are the plane of an image whose channels are last, as Keras has them.
  if (shape.length === 4) {
    return axes.includes(2) && (axes.every((axis) => axis >= 2) || sameShape(axes, [1, 2]));
  }
  if (shape.length !== 3 || axes.length > 1) return false;
  return axes.includes(1) || (pooling === "mean" && axes.includes(2));
}

/** In float32, unless something better is known. Reduced axes first stay, as axes of size 1. */
function translateReduction(
  node: NodeView,
  build: GraphBuilder,
  axes: readonly number[],
  reduction: ReduceNode["reduction"],
): void {
  const x = node.real(0);
  const { origin } = node;
  const keepDims = node.flag("keepdims", true);
  const output = keepDims ? node.outputName() : build.fresh(`${node.outputName()}.${reduction}`);
  const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  build.emit(
    { kind: "reduce", origin, input: x.name, reduction, axes, output },
    { shape: kept, type: "real" },
  );
  if (keepDims) return;
  build.emit(
    { kind: "reshape", origin, input: output, output: node.outputName() },
    { shape: x.shape.filter((_, axis) => !axes.includes(axis)), type: "real" },
  );
}

/** [1, everything else, reduced axes]: at most two of them, the later ones as one. */
function asImage(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  axes: readonly number[],
): RuntimeValue {
  const { shape } = x;
  const others = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const permutation = [...others, ...axes];
  const [height = 1, ...widths] = axes.map((axis) => shape[axis] ?? 1);
  const channels = sizeOf(others.map((axis) => shape[axis] ?? 1));
  const plane = axes.length === 1 ? [1, height] : [height, sizeOf(widths)];
  const image = [1, channels, ...plane];
  const turned = permutation.every((axis, i) => axis === i)
    ? x
    : build.emit(
        {
          kind: "transpose",
          origin: node.origin,
          input: x.name,
          permutation,
          output: build.fresh(`${node.outputName()}.turned`),
        },
        { shape: permutation.map((axis) => shape[axis] ?? 1), type: x.type },
      );
  if (sameShape(turned.shape, image)) return turned;
  return build.emit(
    {
      kind: "reshape",
      origin: node.origin,
      input: turned.name,
      output: build.fresh(`${node.outputName()}.image`),
    },
    { shape: image, type: x.type },
  );
}

function pooledWhole(
  node: NodeView,
  build: GraphBuilder,
  image: RuntimeValue,
  pooling: Pooling,
  last: boolean,
): RuntimeValue {
  const own = (what: string): string => build.fresh(`${node.outputName()}.${what}`);
  const name = last ? node.outputName() : own(pooling);
  switch (pooling) {
    case "mean":
      return emitWholeMean(node, build, image, name);
    case "max":
      return emitWholeMax(node, build, image, name);
    case "sum": {
      const mean = emitWholeMean(node, build, image, own("mean"));
      const count = sizeOf(image.shape.slice(2));
      const constant = build.constant(own("count"), tensorOf("float32", [], [count]));
      return build.emit(
        {
          kind: "arithmetic",
          origin: node.origin,
          operation: "mul",
          input: mean.name,
          constant,
          constantFirst: false,
          output: name,
        },
        { shape: mean.shape, type: "real" },
      );
    }
    default:
      return pooling satisfies never;
  }
}

function atRunTime(reduction: Reduction, pooling: Pooling): Operator {
  return {
    ...onConstants(reduction),
    limits: "over any axes; reals at run time",
    translate: (node, build) => translateReduce(node, build, pooling),
  };
}

export const REDUCE: OperatorTable = {
  ReduceMean: atRunTime(MEAN, "mean"),
  ReduceSum: atRunTime(SUM, "sum"),
  ReduceMax: atRunTime(MAX, "max"),
  ReduceMin: onConstants(MIN),
};
