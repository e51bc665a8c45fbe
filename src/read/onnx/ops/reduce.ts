import { sameShape } from "../../../graph/nodes.js";
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
    node.unsupported(
      `means over axes [${axes.join(", ")}] of a tensor of ${x.shape.length} axes; only over height and width of [batch, channels, height, width], or length of [batch, channels, length]`,
    );
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

export const REDUCE: OperatorTable = {
  ReduceMean: {
    ...onConstants(MEAN),
    limits: "over height and width, or length; any axes on constants",
    translate: translateReduceMean,
  },
  ReduceSum: onConstants(SUM),
  ReduceMax: onConstants(MAX),
  ReduceMin: onConstants(MIN),
};
