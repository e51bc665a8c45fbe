import { sameShape } from "../../../graph/nodes.js";
import type { ReduceNode } from "../../../graph/types.js";
import type { GraphBuilder } from "../builder.js";
import { MAX, MEAN, MIN, type Reduction, reduceTensor, SUM } from "../fold/reduce.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import { emitWholeMean } from "./pooling.js";
import { axesOf } from "./shape.js";

/** No axes mean all of them, unless `noop_with_empty_axes` says none. */
function reducedAxes(node: NodeView, rank: number): readonly number[] {
  const axes = axesOf(node, rank) ?? [];
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

/** The mean over all axes behind the channels is an average pool over the whole plane. */
function translateReduceMean(node: NodeView, build: GraphBuilder): void {
  const x = node.real(0);
  const axes = reducedAxes(node, x.shape.length).toSorted((a, b) => a - b);
  const spatial = [...x.shape.keys()].slice(2);
  if (axes.length === 0 || axes.length > 2 || !sameShape(axes, spatial)) {
    translateReduction(node, build, "mean");
    return;
  }
  const [batch = 1, channels = 1] = x.shape;
  const keepDims = node.flag("keepdims", true);
  const name = keepDims ? node.outputName() : build.fresh(`${node.outputName()}.mean`);
  const pooled = emitWholeMean(node, build, x, name);
  if (keepDims) return;
  build.emit(
    { kind: "reshape", origin: node.origin, input: pooled.name, output: node.outputName() },
    { shape: [batch, channels], type: "real" },
  );
}

/** In float32, unless something better is known. Reduced axes first stay, as axes of size 1. */
function translateReduction(
  node: NodeView,
  build: GraphBuilder,
  reduction: ReduceNode["reduction"],
): void {
  const x = node.real(0);
  const axes = reducedAxes(node, x.shape.length).toSorted((a, b) => a - b);
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

function anyAxes(reduction: ReduceNode["reduction"], onConstant: Reduction): Operator {
  return {
    ...onConstants(onConstant),
    limits: "neighbouring axes; any on constants",
    translate: (node, build) => translateReduction(node, build, reduction),
  };
}

export const REDUCE: OperatorTable = {
  ReduceMean: {
    ...onConstants(MEAN),
    limits: "neighbouring axes; any on constants",
    translate: translateReduceMean,
  },
  ReduceSum: anyAxes("sum", SUM),
  ReduceMax: anyAxes("max", MAX),
  ReduceMin: onConstants(MIN),
};
