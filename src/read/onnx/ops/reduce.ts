import { sameShape } from "../../../graph/nodes.js";
import type { GraphBuilder } from "../builder.js";
import { MAX, MEAN, MIN, type Reduction, reduceTensor, SUM } from "../fold/reduce.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import { wholeWindow } from "./pooling.js";
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

/** The mean over height and width is an average pool over the whole plane. */
function translateReduceMean(node: NodeView, build: GraphBuilder): void {
  const x = node.real(0);
  const axes = reducedAxes(node, x.shape.length).toSorted((a, b) => a - b);
  if (x.shape.length !== 4 || !sameShape(axes, [2, 3])) {
    node.unsupported(
      `means over axes [${axes.join(", ")}] of a tensor of ${x.shape.length} axes; only over height and width of [batch, channels, height, width]`,
    );
  }
  const [batch = 1, channels = 1] = x.shape;
  const keepDims = node.flag("keepdims", true);
  const pooled = build.emit(
    {
      kind: "averagePool",
      origin: node.origin,
      input: x.name,
      output: keepDims ? node.outputName() : build.fresh(`${node.outputName()}.mean`),
      window: wholeWindow(x.shape),
      countPadding: false,
    },
    { shape: [batch, channels, 1, 1], type: "real" },
  );
  if (keepDims) return;
  build.emit(
    { kind: "reshape", origin: node.origin, input: pooled.name, output: node.outputName() },
    { shape: [batch, channels], type: "real" },
  );
}

export const REDUCE: OperatorTable = {
  ReduceMean: {
    ...onConstants(MEAN),
    limits: "over height and width; any axes on constants",
    translate: translateReduceMean,
  },
  ReduceSum: onConstants(SUM),
  ReduceMax: onConstants(MAX),
  ReduceMin: onConstants(MIN),
};
