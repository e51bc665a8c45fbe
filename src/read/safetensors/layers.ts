import { fail } from "../../diagnostics.js";
import { sizeOf } from "../../graph/nodes.js";
import type { Constant, Origin } from "../../graph/types.js";
import { badVariance } from "../diagnostics.js";
import { demandFinite } from "../finite.js";
import type { Fields } from "../json.js";
import type { Assembly, Flow } from "../layers/assembly.js";
import { type Activation, addActivation, addDense } from "../layers/nodes.js";
import type { Tensor } from "../onnx/tensor.js";
import { UnsupportedForm } from "../unsupported.js";
import { noTensor } from "./diagnostics.js";
import { Written } from "./dynamic.js";
import type { TensorFile } from "./file.js";
import { gridConstant, isRule, RULES, ternarised, unpacked } from "./rules.js";

/** One layer of an architecture file. */
export interface LayerSpec {
  readonly origin: Origin;
  readonly fields: Fields;
  readonly graph: Assembly;
  readonly file: TensorFile;
  readonly x: Flow;
  /** Outputs of earlier layers that have a name. */
  readonly named: ReadonlyMap<string, Flow>;
}

/** The kinds of layers, by `type`. */
export const LAYER_TYPES: Readonly<Record<string, (layer: LayerSpec) => Flow>> = {
  linear,
  batchNorm,
  add,
  relu: (layer) => clip(layer, 0, Number.POSITIVE_INFINITY),
  clip: (layer) => clip(layer, layer.fields.number("low"), layer.fields.number("high")),
  sign: (layer) => activation(layer, BIPOLAR),
  ternary,
  quantize,
  absmax: ({ graph, origin, x, fields }) => {
    const bits = fields.whole("bits", 2, 8);
    if (bits > 8) refuse(`has ${bits} bits; at most 8 are read`);
    return new Written(graph, origin).absmax(x, 2 ** (bits - 1) - 1);
  },
  rmsNorm,
  squaredRelu: (layer) => {
    const { graph, origin } = layer;
    const { name } = clip(layer, 0, Number.POSITIVE_INFINITY);
    const square = { name: "power", exponent: 2 } as const;
    return graph.emit({ kind: "unary", origin, input: name, function: square }, realOf(layer.x));
  },
  silu: ({ graph, origin, x }) =>
    graph.emit({ kind: "unary", origin, input: x.name, function: { name: "silu" } }, realOf(x)),
  softmax: ({ graph, origin, x }) => {
    const axis = x.shape.length - 1;
    return graph.emit({ kind: "softmax", origin, input: x.name, axis }, realOf(x));
  },
  flatten: ({ graph, origin, x }) => {
    const shape = [1, sizeOf(x.shape)];
    return graph.emit({ kind: "reshape", origin, input: x.name }, { shape, type: "real" });
  },
};

function realOf({ shape }: Flow) {
  return { shape, type: "real" } as const;
}

function refuse(reason: string): never {
  throw new UnsupportedForm(reason);
}

/** The tensor that a field names. */
function tensorIn({ fields, file, origin }: LayerSpec, key: string): Tensor {
  const name = fields.text(key);
  const found = file.tensor(name);
  if (found !== undefined) {
    demandFinite(name, found);
    return found;
  }
  const last = name.slice(name.lastIndexOf(".") + 1);
  const nearest = file.names.filter((other) => other.endsWith(last)).slice(0, 5);
  return fail(noTensor(origin, name, nearest));
}

function constantOf({ shape, data }: Tensor): Constant {
  return { shape, data: data instanceof Float32Array ? data : Float64Array.from(data) };
}

function vectorIn(layer: LayerSpec, key: string, length: number): Constant {
  const { shape, data } = constantOf(tensorIn(layer, key));
  if (data.length !== length)
    refuse(`has ${data.length} numbers as ${key}; ${length} are expected`);
  return { shape: [length], data: shape.length === 1 ? data : data.slice() };
}

/** Weights as the field `weights` says they are stored. */
function weightOf(layer: LayerSpec): Constant {
  const { fields } = layer;
  const stored = tensorIn(layer, "weight");
  const how = fields.text("weights", "values");
  if (how === "packed") {
    const outputs = fields.whole("outputs", 1, 4 * (stored.shape[0] ?? 0));
    const trits = unpacked(stored, outputs);
    return gridConstant([outputs, stored.shape[1] ?? 0], trits, scaleIn(layer, outputs));
  }
  if (stored.shape.length !== 2)
    refuse(`has a weight [${stored.shape.join(", ")}]; [out, in] is expected`);
  if (isRule(how)) return ternarised(stored, how, fields.flag("perChannel", false));
  if (how !== "values") {
    refuse(
      `has weights stored as ${how}; known are values, packed, ${Object.keys(RULES).join(", ")}`,
    );
  }
  if (fields.raw("scale") === undefined) return constantOf(stored);
  if (!stored.data.every(Number.isInteger)) refuse("has a scale for weights that are not integers");
  return gridConstant(
    stored.shape,
    Int32Array.from(stored.data),
    scaleIn(layer, stored.shape[0] ?? 1),
  );
}

/** Offline BitLinear layers divide by their stored scale (1 / mean|w|), AutoBitLinear multiplies. */
function scaleIn(layer: LayerSpec, outputs: number): Float32Array {
  const convention = layer.fields.text("scaleIs");
  if (convention !== "multiplied" && convention !== "divided") {
    refuse(`has ${convention} as scaleIs; "multiplied" or "divided" is expected`);
  }
  const { data } = tensorIn(layer, "scale");
  if (data.length !== 1 && data.length !== outputs)
    refuse(`has ${data.length} scales for ${outputs} outputs`);
  const scales = Float32Array.from(data, (s) => (convention === "divided" ? 1 / s : s));
  if (!scales.every((s) => s > 0 && Number.isFinite(s))) refuse("has a scale that is not positive");
  return scales;
}

function linear(layer: LayerSpec): Flow {
  const { graph, x, fields, origin } = layer;
  const weight = weightOf(layer);
  const [outputs = 0, inputs = 0] = weight.shape;
  const width = x.shape.at(-1) ?? 0;
  if (inputs !== width || outputs === 0) {
    refuse(`has weights for ${inputs} inputs and ${outputs} outputs, and takes ${width} numbers`);
  }
  const bias = fields.raw("bias") === undefined ? null : vectorIn(layer, "bias", outputs);
  return addDense(graph, x, { weight, bias }, origin);
}

function batchNorm(layer: LayerSpec): Flow {
  const { graph, x, fields, origin } = layer;
  if (x.shape.length !== 2) refuse("normalises what is no vector");
  const channels = x.shape[1] ?? 0;
  const epsilon = fields.number("epsilon", 1e-5);
  const filled = (value: number): Constant => ({
    shape: [channels],
    data: new Float32Array(channels).fill(value),
  });
  const vector = (key: string, fallback: number): Constant =>
    fields.raw(key) === undefined ? filled(fallback) : vectorIn(layer, key, channels);
  const variance = vectorIn(layer, "variance", channels);
  const bad = variance.data.findIndex((v) => !(v + epsilon > 0));
  if (bad >= 0) fail(badVariance(origin, "variance", bad, (variance.data[bad] ?? 0) + epsilon));
  const constants = {
    gamma: graph.constant(`${origin.name}.weight`, vector("weight", 1)),
    beta: graph.constant(`${origin.name}.bias`, vector("bias", 0)),
    mean: graph.constant(`${origin.name}.mean`, vectorIn(layer, "mean", channels)),
    variance: graph.constant(`${origin.name}.variance`, variance),
  };
  return graph.emit({ kind: "batchNorm", origin, input: x.name, ...constants, epsilon }, realOf(x));
}

/** With the weight of each element, if there is one. */
function rmsNorm(layer: LayerSpec): Flow {
  const { graph, x, fields, origin } = layer;
  const epsilon = Math.fround(fields.number("epsilon", 1e-5));
  if (!(epsilon > 0)) refuse(`has an epsilon of ${epsilon}`);
  const normal = new Written(graph, origin).rootMeanSquare(x, epsilon);
  if (fields.raw("weight") === undefined) return normal;
  const weight = graph.constant(
    `${origin.name}.weight`,
    vectorIn(layer, "weight", x.shape.at(-1) ?? 0),
  );
  const form = { operation: "mul", constant: weight, constantFirst: false } as const;
  return graph.emit({ kind: "arithmetic", origin, input: normal.name, ...form }, realOf(x));
}

function clip({ graph, origin, x }: LayerSpec, low: number, high: number): Flow {
  if (low > high) refuse(`clips to ${low} and ${high}`);
  return graph.emit({ kind: "clip", origin, input: x.name, low, high }, realOf(x));
}

function add({ graph, origin, x, fields, named }: LayerSpec): Flow {
  const name = fields.text("with");
  const other = named.get(name) ?? refuse(`adds ${name}, which no earlier layer is named`);
  if (`${other.shape}` !== `${x.shape}`) {
    refuse(`adds [${x.shape.join(", ")}] and [${other.shape.join(", ")}]`);
  }
  return graph.emit({ kind: "add", origin, inputs: [other.name, x.name] }, realOf(x));
}

function activation({ graph, origin, x }: LayerSpec, form: Activation): Flow {
  return addActivation(graph, x, form, origin);
}

const BIPOLAR: Activation = { quantizer: { kind: "bipolar" }, type: "int8", scale: 1, zero: 0 };

/** 1 above `threshold`, -1 below its negative, else 0. */
function ternary(layer: LayerSpec): Flow {
  const threshold = layer.fields.number("threshold", 0.5);
  if (!(threshold > 0)) refuse(`has a threshold of ${threshold}`);
  const quantizer = {
    kind: "thresholds",
    values: Float64Array.of(-threshold, threshold),
    open: [false, true],
    count: 2,
    axis: null,
    base: -1,
    step: 1,
  } as const;
  // -threshold itself is 0: the first threshold counts when it is reached.
  return activation(layer, { quantizer, type: "int8", scale: 1, zero: 0 });
}

/** `clip(round(x / scale) + zero, min, max)`, ties to even. */
function quantize(layer: LayerSpec): Flow {
  const { fields } = layer;
  const scale = Math.fround(fields.number("scale"));
  if (!(scale > 0)) refuse(`has a scale of ${scale}`);
  const bits = fields.whole("bits", 1, 8);
  if (bits > 16) refuse(`has ${bits} bits; at most 16 are read`);
  const signed = fields.flag("signed", true);
  const min = fields.number("min", signed ? -(2 ** (bits - 1)) : 0);
  const max = fields.number("max", signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1);
  const limit = signed ? { low: -32768, high: 32767 } : { low: 0, high: 65535 };
  if (
    !Number.isInteger(min) ||
    !Number.isInteger(max) ||
    min > max ||
    min < limit.low ||
    max > limit.high
  ) {
    refuse(`has the levels ${min} to ${max}`);
  }
  const zero = fields.number("zero", 0);
  if (!Number.isInteger(zero) || zero < min || zero > max) refuse(`has a zero point of ${zero}`);
  const narrow = signed ? min >= -128 && max <= 127 : max <= 255;
  const type = signed ? (narrow ? "int8" : "int16") : narrow ? "uint8" : "uint16";
  const quantizer = {
    kind: "uniform",
    scale: Float32Array.of(scale),
    zero: Float32Array.of(zero),
    zeroAdded: "after-rounding",
    axis: null,
    min,
    max,
    rounding: "half-even",
  } as const;
  return activation(layer, { quantizer, type, scale, zero });
}
