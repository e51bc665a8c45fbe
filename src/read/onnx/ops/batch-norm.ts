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
  const channels = x.shape[1] ?? node.misfit(`${x.name} ${showShape(x.shape)} has no channel axis`);
  const channelConstant = (index: number): string => {
    const constant = node.constant(index);
    if (!sameShape(constant.shape, [channels])) {
      const own = `${node.inputName(index)} ${showShape(constant.shape)}`;
      node.misfit(`${own} for the channels of ${x.name} ${showShape(x.shape)}`);
    }
    return build.constant(node.inputName(index), constant);
  };
  const epsilon = node.float("epsilon", DEFAULT_EPSILON);
  const [gamma, beta, mean] = [channelConstant(1), channelConstant(2), channelConstant(3)];
  const variance = channelConstant(4);
  demandPositive(node, epsilon);
  build.emit(
    {
      kind: "batchNorm",
      origin: node.origin,
      input: x.name,
      gamma,
      beta,
      mean,
      variance,
      epsilon,
      output: node.outputName(),
    },
    { shape: x.shape, type: "real" },
  );
}

/** The square root of variance + epsilon is a divisor. */
function demandPositive(node: NodeView, epsilon: number): void {
  for (const [channel, value] of node.constant(4).data.entries()) {
    const sum = value + epsilon;
    if (!(sum > 0 && Number.isFinite(sum)))
      fail(badVariance(node.origin, node.inputName(4), channel, sum));
  }
}

export const BATCH_NORM: OperatorTable = {
  BatchNormalization: { limits: "at inference, along axis 1", translate: translateBatchNorm },
};
