import { fail } from "../../diagnostics.js";
import { sizeOf } from "../../graph/nodes.js";
import type { Constant } from "../../graph/types.js";
import { badVariance } from "../diagnostics.js";
import { isList } from "../json.js";
import { demandSize } from "../onnx/tensor.js";
import { stepsOf } from "./activations.js";
import { calledOf } from "./called.js";
import { CONVOLUTIONS, DENSE } from "./products.js";
import { activated } from "./steps.js";
import { asImage, type KerasTensor, reshaped } from "./tensor.js";
import type { LayerView, TranslateLayer } from "./view.js";
import { addPads, NO_PADS, pair, slide, squeezed, wholeWindow, windowOf } from "./windows.js";

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

function pool(kind: "maxPool" | "averagePool", axes: 1 | 2): TranslateLayer {
  return (view) => {
    const image = view.image(axes);
    const quantizer = view.config.raw("average_quantizer");
    if (quantizer !== undefined) view.refuse("has an average_quantizer", "Set it to None.");
    const kernel = pair(view, "pool_size", axes, 1, 2);
    const strides =
      view.config.raw("strides") === undefined ? kernel : pair(view, "strides", axes, 1);
    return pooled(view, image, kind, windowOf(view, kernel, image, axes, strides));
  };
}

function globalPool(kind: "maxPool" | "averagePool", axes: 1 | 2): TranslateLayer {
  return (view) => {
    const image = view.image(axes);
    return squeezed(view, pooled(view, image, kind, wholeWindow(image)));
  };
}

/** Keras leaves padding out of averages. */
function pooled(
  view: LayerView,
  image: KerasTensor,
  kind: "maxPool" | "averagePool",
  window: ReturnType<typeof wholeWindow>,
): KerasTensor {
  const { origin } = view;
  return slide(view, image, image.flow.shape[1] ?? 1, window, (input) =>
    kind === "maxPool"
      ? { kind, origin, input, window }
      : { kind, origin, input, window, countPadding: false, overhang: [0, 0] },
  );
}

function toShape(view: LayerView, shape: readonly number[]): KerasTensor {
  const x = view.plain();
  if (sizeOf(shape) !== sizeOf(x.shape)) {
    view.refuse(`makes [${shape.join(", ")}] of [${x.shape.join(", ")}], which has another size`);
  }
  return { flow: reshaped(view.graph, x.flow, shape, view.origin), shape, image: false };
}

function reshape(view: LayerView): KerasTensor {
  const input = view.input();
  const target = view.config.list("target_shape").map((extent) => Number(extent));
  const rest = target.filter((extent) => extent !== -1);
  const open = sizeOf(input.shape) / sizeOf(rest);
  const shape = [1, ...target.map((extent) => (extent === -1 ? open : extent))];
  const whole = shape.every((extent) => Number.isSafeInteger(extent) && extent > 0);
  if (!whole || target.length - rest.length > 1)
    view.refuse(`makes the shape [${target.join(", ")}]`);
  return toShape(view, shape);
}

function permute(view: LayerView): KerasTensor {
  const x = view.plain();
  const dims = view.config.list("dims").map((axis) => Number(axis));
  const permutation = [0, ...dims];
  const expected = x.shape.map((_, axis) => axis);
  if (`${permutation.toSorted((a, b) => a - b)}` !== `${expected}`)
    view.refuse(`permutes [${dims.join(", ")}]`);
  const shape = permutation.map((axis) => x.shape[axis] ?? 1);
  const node = { kind: "transpose", origin: view.origin, input: x.flow.name, permutation } as const;
  return { flow: view.graph.emit(node, { shape, type: x.flow.type }), shape, image: false };
}

/** Padding as a number, one for each axis, or two for each. */
function zeroPadding(axes: 1 | 2): TranslateLayer {
  return (view) => {
    const image = view.padded(axes);
    const written = view.config.raw("padding") ?? 1;
    const sides = isList(written) ? written : new Array(axes).fill(written);
    // A signal's list of two numbers is begin and end; an image's may be one number for each axis.
    const list = axes === 1 && isList(written) && written.length === 2 ? [written] : sides;
    const pads = list.flatMap((side) =>
      isList(side) ? side.map(Number) : [Number(side), Number(side)],
    );
    if (pads.length !== 2 * axes || !pads.every((pad) => Number.isSafeInteger(pad) && pad >= 0)) {
      view.refuse(`has padding ${JSON.stringify(written)}`);
    }
    const [a = 0, b = 0, c = 0, d = 0] = pads;
    const around =
      axes === 1 ? { ...NO_PADS, left: a, right: b } : { top: a, bottom: b, left: c, right: d };
    const total = addPads(image.pads ?? NO_PADS, around);
    const [, , height = 1, width = 1] = image.flow.shape;
    demandSize(
      [height + total.top + total.bottom, width + total.left + total.right],
      view.origin.name,
    );
    return { ...image, pads: total };
  };
}

/** Both as images where one is. */
function alike(
  { graph, origin }: LayerView,
  a: KerasTensor,
  b: KerasTensor,
): [KerasTensor, KerasTensor] {
  if (a.image === b.image) return [a, b];
  return [asImage(graph, a, origin) ?? a, asImage(graph, b, origin) ?? b];
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

/** Sums, differences and products of tensors of one shape. */
function combine(kind: "add" | "sub" | "mul"): TranslateLayer {
  return (view) => {
    const { graph, origin } = view;
    const [first, ...others] = view.merged();
    if (first === undefined) return view.refuse("combines nothing");
    return others.reduce((all, other) => {
      if (`${all.shape}` !== `${other.shape}`) {
        view.refuse(`combines [${all.shape.join(", ")}] and [${other.shape.join(", ")}]`);
      }
      const [a, b] = alike(view, all, other);
      const node = { kind, origin, inputs: [a.flow.name, b.flow.name] } as const;
      return { ...a, flow: graph.emit(node, { shape: a.flow.shape, type: "real" }) };
    }, first);
  };
}

/** One after another along the channels. */
function concatenate(view: LayerView): KerasTensor {
  const { graph, origin } = view;
  const inputs = view.merged();
  const [first] = inputs;
  if (first === undefined) return view.refuse("joins nothing");
  const rank = first.shape.length;
  const axis = view.config.raw("axis") ?? -1;
  if (axis !== -1 && axis !== rank - 1)
    view.refuse(`joins along axis ${JSON.stringify(axis)}`, "Join along the last axis.");
  if (inputs.some(({ shape }) => `${shape.slice(0, -1)}` !== `${first.shape.slice(0, -1)}`)) {
    view.refuse("joins tensors that differ in more than their channels");
  }
  const image = inputs.some((tensor) => tensor.image);
  const alikes = inputs.map((tensor) =>
    image ? (asImage(graph, tensor, origin) ?? tensor) : tensor,
  );
  const channels = inputs.reduce((sum, { shape }) => sum + (shape.at(-1) ?? 0), 0);
  const at = image ? 1 : rank - 1;
  const flowShape = (alikes[0]?.flow.shape ?? []).with(at, channels);
  const names = alikes.map(({ flow }) => flow.name);
  const flow = graph.emit(
    { kind: "concat", origin, inputs: names, axis: at },
    { shape: flowShape, type: "real" },
  );
  return { flow, shape: first.shape.with(-1, channels), image };
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
  MaxPooling1D: pool("maxPool", 1),
  MaxPooling2D: pool("maxPool", 2),
  AveragePooling1D: pool("averagePool", 1),
  AveragePooling2D: pool("averagePool", 2),
  QAveragePooling2D: pool("averagePool", 2),
  GlobalMaxPooling1D: globalPool("maxPool", 1),
  GlobalMaxPooling2D: globalPool("maxPool", 2),
  GlobalAveragePooling1D: globalPool("averagePool", 1),
  GlobalAveragePooling2D: globalPool("averagePool", 2),
  QGlobalAveragePooling2D: globalPool("averagePool", 2),
  Flatten: (view) => toShape(view, [1, sizeOf(view.input().shape)]),
  Reshape: reshape,
  Permute: permute,
  ZeroPadding1D: zeroPadding(1),
  ZeroPadding2D: zeroPadding(2),
  LeakyReLU: leakyRelu,
  ELU: elu,
  PReLU: prelu,
  Add: combine("add"),
  Subtract: combine("sub"),
  Multiply: combine("mul"),
  Concatenate: concatenate,
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
  Sequential: "Models inside models are not read: add their layers to the outer one.",
  Functional: "Models inside models are not read: add their layers to the outer one.",
  Model: "Models inside models are not read: add their layers to the outer one.",
  Normalization: "Give the network normalised inputs, or use Rescaling.",
  QDenseBatchnorm: "Use QDense and BatchNormalization.",
  QConv2DBatchnorm: "Use QConv2D and BatchNormalization.",
  QDepthwiseConv2DBatchnorm: "Use QDepthwiseConv2D and BatchNormalization.",
};
