import { fail } from "../../diagnostics.js";
import type { Constant } from "../../graph/types.js";
import { badVariance } from "../diagnostics.js";
import { isList } from "../json.js";
import { stepsOf } from "./activations.js";
import { calledOf } from "./called.js";
import { MERGING } from "./merging.js";
import { POOLING } from "./pooling.js";
import { CONVOLUTIONS, DENSE } from "./products.js";
import { SHAPES } from "./shapes.js";
import { activated } from "./steps.js";
import { asImage, type KerasTensor } from "./tensor.js";
import type { LayerView, TranslateLayer } from "./view.js";

const identity: TranslateLayer = (view) => view.input();

function activation(view: LayerView): KerasTensor {
  return activated(view, view.input(), stepsOf(calledOf(view.config.raw("activation"))));
}

function relu(view: LayerView): KerasTensor {
  const slope = view.config.number("negative_slope", 0);
  const threshold = view.config.number("threshold", 0);
  if (threshold !== 0) view.refuse("has a threshold", "Use a plain ReLU.");
  const limit = view.config.raw("max_value");
  if (slope !== 0) {
    if (limit !== undefined) view.refuse("has a slope and a limit", "Use one of them.");
    const leaky = { name: "leakyRelu", alpha: slope } as const;
    return activated(view, view.input(), [{ kind: "unary", function: leaky }]);
  }
  const high = limit === undefined ? Number.POSITIVE_INFINITY : view.config.number("max_value");
  return activated(view, view.input(), [{ kind: "clip", low: 0, high }]);
}

/** The last axis is normalised; Graphs normalise axis 1, which an image's channels are. */
function batchNorm(view: LayerView): KerasTensor {
  const input = view.input();
  const { graph, origin, config } = view;
  const rank = input.shape.length;
  const written = config.raw("axis");
  const axis = isList(written) && written.length === 1 ? written[0] : (written ?? -1);
  if (axis !== -1 && axis !== rank - 1) view.refuse(`normalises axis ${JSON.stringify(axis)}`);
  for (const key of config.keys.filter((name) => name.endsWith("_quantizer"))) {
    if (config.raw(key) !== undefined) view.refuse(`has a ${key}`, "Set its quantisers to None.");
  }
  const x =
    rank === 2 ? input : (asImage(graph, input, origin) ?? view.refuse(`works on ${rank} axes`));
  const channels = input.shape.at(-1) ?? 1;
  const filled = (value: number): Constant => ({
    shape: [channels],
    data: new Float32Array(channels).fill(value),
  });
  const gamma = config.flag("scale", true) ? view.vector("gamma", channels) : filled(1);
  const beta = config.flag("center", true) ? view.vector("beta", channels) : filled(0);
  const mean = view.vector("moving_mean", channels);
  const variance = view.vector("moving_variance", channels);
  const epsilon = config.number("epsilon", 1e-3);
  const bad = variance.data.findIndex((v) => !(v + epsilon > 0));
  if (bad >= 0)
    fail(badVariance(origin, "moving_variance", bad, (variance.data[bad] ?? 0) + epsilon));
  const constants = {
    gamma: graph.constant(`${origin.name}/gamma`, gamma),
    beta: graph.constant(`${origin.name}/beta`, beta),
    mean: graph.constant(`${origin.name}/moving_mean`, mean),
    variance: graph.constant(`${origin.name}/moving_variance`, variance),
  };
  const node = { kind: "batchNorm", origin, input: x.flow.name, ...constants, epsilon } as const;
  return { ...x, flow: graph.emit(node, { shape: x.flow.shape, type: "real" }) };
}

/** Keras 2 calls the slope alpha. */
function leakyRelu(view: LayerView): KerasTensor {
  const alpha = view.config.number("negative_slope", view.config.number("alpha", 0.3));
  const leaky = { name: "leakyRelu", alpha } as const;
  return activated(view, view.input(), [{ kind: "unary", function: leaky }]);
}

function elu(view: LayerView): KerasTensor {
  const alpha = view.config.number("alpha", 1);
  return activated(view, view.input(), [{ kind: "unary", function: { name: "elu", alpha } }]);
}

/** A slope for each channel, shared over the other axes. */
function prelu(view: LayerView): KerasTensor {
  const { graph, origin } = view;
  const x = view.input();
  const { shape, data } = view.weight("alpha");
  const channels = x.shape.at(-1) ?? 1;
  if (shape.at(-1) !== channels || data.length !== channels) {
    view.refuse("has a slope for each pixel", "Share its slopes: PReLU(shared_axes=[1, 2]).");
  }
  const slope = graph.constant(`${origin.name}/alpha`, {
    shape: x.image ? [channels, 1, 1] : [channels],
    data,
  });
  const node = { kind: "prelu", origin, input: x.flow.name, slope } as const;
  return { ...x, flow: graph.emit(node, { shape: x.flow.shape, type: "real" }) };
}

function rescaling(view: LayerView): KerasTensor {
  const x = view.input();
  const factor = view.config.number("scale", 1);
  const offset = view.config.number("offset", 0);
  return activated(view, x, [{ kind: "affine", factor, offset }]);
}

function softmax(view: LayerView): KerasTensor {
  const x = view.input();
  const axis = view.config.raw("axis") ?? -1;
  if (axis !== -1 && axis !== x.shape.length - 1)
    view.refuse(`works along axis ${JSON.stringify(axis)}`);
  return activated(view, x, [{ kind: "softmax" }]);
}

/** The layers that are read, by class name. */
export const LAYERS: Readonly<Record<string, TranslateLayer>> = {
  ...DENSE,
  ...CONVOLUTIONS,
  ...POOLING,
  ...MERGING,
  ...SHAPES,
  InputLayer: identity,
  Dropout: identity,
  SpatialDropout1D: identity,
  SpatialDropout2D: identity,
  GaussianDropout: identity,
  GaussianNoise: identity,
  AlphaDropout: identity,
  ActivityRegularization: identity,
  DropoutNoScale: identity,
  DropoutNoScaleForBinary: identity,
  DropoutNoScaleForTernary: identity,
  Activation: activation,
  QActivation: activation,
  ReLU: relu,
  Softmax: softmax,
  BatchNormalization: batchNorm,
  QBatchNormalization: batchNorm,
  LeakyReLU: leakyRelu,
  ELU: elu,
  PReLU: prelu,
  Rescaling: rescaling,
};

/** What to do instead of layers that people are likely to bring. */
export const ALTERNATIVES: Readonly<Record<string, string>> = {
  Lambda: "Lambda layers hold code that is not in the file: use layers that say what they do.",
  TFOpLambda: "Use a layer (Add, Rescaling, ReLU) in place of a TensorFlow function on a tensor.",
  LSTM: "Recurrent layers are not read: use Conv1D or dense layers over a window.",
  GRU: "Recurrent layers are not read: use Conv1D or dense layers over a window.",
  SimpleRNN: "Recurrent layers are not read: use Conv1D or dense layers over a window.",
  Bidirectional: "Recurrent layers are not read: use Conv1D or dense layers over a window.",
  Conv3D: "Use Conv2D.",
  Normalization: "Give the network normalised inputs, or use Rescaling.",
  QDenseBatchnorm: "Use QDense and BatchNormalization.",
  QConv2DBatchnorm: "Use QConv2D and BatchNormalization.",
  QDepthwiseConv2DBatchnorm: "Use QDepthwiseConv2D and BatchNormalization.",
};
