import { fail } from "../../../diagnostics.js";
import { sameShape } from "../../../graph/nodes.js";
import { badVariance, showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";

/** ONNX's default, as the float32 it is. */
const DEFAULT_EPSILON = Math.fround(1e-5);

function translateBatchNorm(node: NodeView, build: GraphBuilder): void {
  if (node.flag("training_mode", false)) {
    node.unsupported("is in training mode", "Export the model in evaluation mode.");
  }
  const x = node.real(0);
  const channels = x.shape[1];
  if (channels === undefined) node.misfit(`${x.name} ${showShape(x.shape)} has no channel axis`);
  const constants = [1, 2, 3, 4].map((index) => {
    const constant = node.constant(index);
    if (!sameShape(constant.shape, [channels ?? 1])) {
      const own = `${node.inputName(index)} ${showShape(constant.shape)}`;
      node.misfit(`${own} for the channels of ${x.name} ${showShape(x.shape)}`);
    }
    return { constant, name: build.constant(node.inputName(index), constant) };
  });
  const [gamma, beta, mean, variance] = constants;
  if (!gamma || !beta || !mean || !variance) throw new Error("four inputs became fewer constants");
  const epsilon = node.float("epsilon", DEFAULT_EPSILON);
  for (const [channel, value] of variance.constant.data.entries()) {
    const sum = value + epsilon;
    if (!(sum > 0)) fail(badVariance(node.origin, node.inputName(4), channel, sum));
  }
  build.emit(
    {
      kind: "batchNorm",
      origin: node.origin,
      input: x.name,
      gamma: gamma.name,
      beta: beta.name,
      mean: mean.name,
      variance: variance.name,
      epsilon,
      output: node.outputName(),
    },
    { shape: x.shape, type: "real" },
  );
}

export const BATCH_NORM: OperatorTable = {
  BatchNormalization: { limits: "at inference, along axis 1", translate: translateBatchNorm },
};
