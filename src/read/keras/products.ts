import { transposedExtent } from "../../graph/window.js";
import { addDense } from "../layers/nodes.js";
import { stepsOf } from "./activations.js";
import { binaryNetRule } from "./binary-net.js";
import { type Called, calledOf } from "./called.js";
import { LARQ_RULES } from "./larq.js";
import { QKERAS_RULES } from "./qkeras.js";
import type { WeightRule } from "./quantized.js";
import { activated } from "./steps.js";
import { type KerasTensor, surrounded, withZeros } from "./tensor.js";
import type { LayerView, TranslateLayer } from "./view.js";
import { NO_PADS, pair, slide, transposedWindow, windowOf } from "./windows.js";

/** How a family of layers says by which rule its latent weights are quantised. */
type Family = "keras" | "larq" | "qkeras" | "binary-net";

/** The rule in a field of the configuration; null where weights are used as they are. */
function ruleIn(view: LayerView, family: Family, key: string): WeightRule | null {
  if (family === "keras") return null;
  if (family === "binary-net") return binaryNetRule(view.origin.op, view.config);
  const called = calledOf(view.config.raw(key));
  if (called === null) return null;
  const rules: Readonly<Record<string, (called: Called) => WeightRule | null>> =
    family === "larq" ? LARQ_RULES : QKERAS_RULES;
  const make = Object.hasOwn(rules, called.key) ? rules[called.key] : undefined;
  if (make === undefined) {
    return view.refuse(
      `has the ${key} ${called.text}, which is not read`,
      `Quantisers of weights that are read here: ${Object.keys(rules).join(", ")}.`,
    );
  }
  return make(called);
}

/** QKeras leaves a bias' alpha of None at 1, where it computes a kernel's. */
function biasRule(view: LayerView, family: Family): WeightRule | null {
  const called = family === "qkeras" ? calledOf(view.config.raw("bias_quantizer")) : null;
  if (called === null) return null;
  const make = Object.hasOwn(QKERAS_RULES, called.key) ? QKERAS_RULES[called.key] : undefined;
  const alpha = called.fields.raw("alpha") ?? 1;
  if (make === undefined || typeof alpha === "string") {
    return view.refuse(`has the bias_quantizer ${called.text}, which is not read`);
  }
  return make({ ...called, fields: called.fields.with("alpha", alpha) });
}

/** Larq quantises what comes in. */
function quantisedInput(view: LayerView, x: KerasTensor): KerasTensor {
  const steps = stepsOf(calledOf(view.config.raw("input_quantizer")));
  if (steps.length === 0) return x;
  // Padding comes before the quantiser here, so its zeros are quantised too: +1 and no longer 0.
  return activated(view, withZeros(view.graph, x, view.origin), steps);
}

function withActivation(view: LayerView, x: KerasTensor): KerasTensor {
  return activated(view, x, stepsOf(calledOf(view.config.raw("activation"))));
}

function dense(family: Family): TranslateLayer {
  return (view) => {
    const x = quantisedInput(view, view.plain());
    const inputs = x.shape.at(-1) ?? 0;
    const outputs = view.config.whole("units", 1);
    const rule = ruleIn(view, family, "kernel_quantizer");
    const arrange = { permutation: [1, 0] };
    const weight = view.kernel(["kernel"], [inputs, outputs], rule, arrange);
    const bias = view.bias(outputs, biasRule(view, family));
    const flow = addDense(view.graph, x.flow, { weight, bias }, view.origin);
    return withActivation(view, { flow, shape: flow.shape, image: false });
  };
}

/** Kernels are [height, width, in / groups, out], those of signals [length, in / groups, out]. */
function conv(family: Family, axes: 1 | 2): TranslateLayer {
  return (view) => {
    const x = quantisedInput(view, view.padded(axes));
    const channels = x.flow.shape[1] ?? 1;
    const outputs = view.config.whole("filters", 1);
    const groups = view.config.whole("groups", 1, 1);
    if (channels % groups !== 0 || outputs % groups !== 0) {
      view.refuse(`has ${groups} groups for ${channels} inputs and ${outputs} outputs`);
    }
    const kernel = pair(view, "kernel_size", axes, 1);
    const expected = [...kernel.slice(2 - axes), channels / groups, outputs];
    const arrange =
      axes === 2
        ? { permutation: [3, 2, 0, 1] }
        : { permutation: [2, 1, 0], shape: (own: readonly number[]) => own.toSpliced(2, 0, 1) };
    const rule = ruleIn(view, family, "kernel_quantizer");
    const weight = view.kernel(["kernel"], expected, rule, arrange);
    const bias = view.bias(outputs, biasRule(view, family));
    return withActivation(view, addConv(view, x, { weight, bias, groups, kernel, axes }));
  };
}

/**
 * A transposed convolution, kernel [height, width, out, in]. TensorFlow means the gradient of a
 * convolution from the output: with SAME padding what surrounds is shared out as there.
 */
function transposed(family: Family): TranslateLayer {
  return (view) => {
    const x = quantisedInput(view, view.image(2));
    const [, channels = 1, height = 1, width = 1] = x.flow.shape;
    const outputs = view.config.whole("filters", 1);
    const kernel = pair(view, "kernel_size", 2, 1);
    const rule = ruleIn(view, family, "kernel_quantizer");
    const expected = [...kernel, outputs, channels];
    const weight = view.kernel(["kernel"], expected, rule, { permutation: [3, 2, 0, 1] });
    const bias = view.bias(outputs, biasRule(view, family));
    const { window, outputPadding } = transposedWindow(view, kernel);
    const [high, wide] = transposedExtent([height, width], window, outputPadding);
    if (high < 1 || wide < 1) view.refuse("leaves no output");
    const { graph, origin } = view;
    const node = {
      kind: "convTranspose",
      origin,
      input: x.flow.name,
      weight: graph.constant(`${origin.name}/kernel`, weight),
      bias: bias === null ? null : graph.constant(`${origin.name}/bias`, bias),
      window,
      outputPadding,
      groups: 1,
    } as const;
    const flow = graph.emit(node, { shape: [1, outputs, high, wide], type: "real" });
    return withActivation(view, { flow, shape: [1, high, wide, outputs], image: true });
  };
}

interface Convolution {
  readonly weight: ReturnType<LayerView["kernel"]>;
  readonly bias: ReturnType<LayerView["bias"]>;
  readonly groups: number;
  readonly kernel: readonly [number, number];
  readonly axes: 1 | 2;
}

function addConv(
  view: LayerView,
  x: KerasTensor,
  { weight, bias, groups, kernel, axes }: Convolution,
): KerasTensor {
  const { graph, origin } = view;
  const fill = padValue(view);
  const given = fill === 0 ? x : withZeros(graph, x, origin);
  const whole = windowOf(view, kernel, given, axes, pair(view, "strides", axes, 1, 1));
  const window = fill === 0 ? whole : { ...whole, pads: NO_PADS };
  const constants = {
    weight: graph.constant(`${origin.name}/kernel`, weight),
    bias: bias === null ? null : graph.constant(`${origin.name}/bias`, bias),
  };
  const { pads: _, ...own } =
    fill === 0 ? given : surrounded(graph, given, whole.pads, fill, origin);
  return slide(view, own, weight.shape[0] ?? 1, window, (input) => ({
    kind: "conv",
    origin,
    input,
    ...constants,
    window,
    groups,
  }));
}

/** The depthwise kernel [height, width, in, multiplier] as the Graph's [in * multiplier, 1, ...]. */
function depthwiseKernel(view: LayerView, x: KerasTensor, rule: WeightRule | null) {
  const channels = x.flow.shape[1] ?? 1;
  const multiplier = view.config.whole("depth_multiplier", 1, 1);
  const kernel = pair(view, "kernel_size", 2, 1);
  const weight = view.kernel(
    ["depthwise_kernel", "kernel"],
    [...kernel, channels, multiplier],
    rule,
    {
      permutation: [2, 3, 0, 1],
      shape: ([, , height = 1, width = 1]) => [channels * multiplier, 1, height, width],
    },
  );
  return { weight, kernel, groups: channels, outputs: channels * multiplier };
}

function depthwise(family: Family): TranslateLayer {
  return (view) => {
    const x = quantisedInput(view, view.padded(2));
    const rule = ruleIn(view, family, "depthwise_quantizer");
    const { outputs, ...form } = depthwiseKernel(view, x, rule);
    const bias = view.bias(outputs, biasRule(view, family));
    return withActivation(view, addConv(view, x, { ...form, bias, axes: 2 }));
  };
}

/** A depthwise convolution, then one of 1x1, without anything between. */
function separable(family: Family): TranslateLayer {
  return (view) => {
    const x = quantisedInput(view, view.padded(2));
    const { outputs: between, ...form } = depthwiseKernel(
      view,
      x,
      ruleIn(view, family, "depthwise_quantizer"),
    );
    const spread = addConv(view, x, { ...form, bias: null, axes: 2 });
    const outputs = view.config.whole("filters", 1);
    const rule = ruleIn(view, family, "pointwise_quantizer");
    const weight = view.kernel(["pointwise_kernel"], [1, 1, between, outputs], rule, {
      permutation: [3, 2, 0, 1],
    });
    const window = { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: NO_PADS } as const;
    const { graph, origin } = view;
    const bias = view.bias(outputs, biasRule(view, family));
    const constants = {
      weight: graph.constant(`${origin.name}/pointwise_kernel`, weight),
      bias: bias === null ? null : graph.constant(`${origin.name}/bias`, bias),
    };
    const mixed = slide(view, spread, outputs, window, (input) => ({
      kind: "conv",
      origin,
      input,
      ...constants,
      window,
      groups: 1,
    }));
    return withActivation(view, mixed);
  };
}

/** Larq's padding, other than with zeros: with ones, which sign activations can be. */
function padValue(view: LayerView): number {
  return view.config.text("padding", "valid") === "same" ? view.config.number("pad_values", 0) : 0;
}

export const DENSE: Readonly<Record<string, TranslateLayer>> = {
  Dense: dense("keras"),
  QuantDense: dense("larq"),
  QDense: dense("qkeras"),
  TernaryDense: dense("binary-net"),
  BinaryDense: dense("binary-net"),
};

export const CONVOLUTIONS: Readonly<Record<string, TranslateLayer>> = {
  Conv1D: conv("keras", 1),
  Conv2D: conv("keras", 2),
  Conv2DTranspose: transposed("keras"),
  QuantConv2DTranspose: transposed("larq"),
  QConv2DTranspose: transposed("qkeras"),
  DepthwiseConv2D: depthwise("keras"),
  SeparableConv2D: separable("keras"),
  QuantConv1D: conv("larq", 1),
  QuantConv2D: conv("larq", 2),
  QuantDepthwiseConv2D: depthwise("larq"),
  QuantSeparableConv2D: separable("larq"),
  QConv1D: conv("qkeras", 1),
  QConv2D: conv("qkeras", 2),
  QDepthwiseConv2D: depthwise("qkeras"),
  QSeparableConv2D: separable("qkeras"),
  TernaryConv2D: conv("binary-net", 2),
  BinaryConv2D: conv("binary-net", 2),
};
