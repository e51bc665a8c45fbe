import { fail } from "../../../diagnostics.js";
import type { DequantizeNode, Origin, QuantizeNode, Quantizer } from "../../../graph/types.js";
import { pick } from "../../channels.js";
import { equal, fromNumber, multiply, negate } from "../../rational.js";
import { isUniformOverChannels, listsOf } from "../../steps.js";
import type { IntegerStorage, Range, TensorId } from "../../types.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import {
  inputNotQuantised,
  inputQuantisedTwice,
  notPerChannel,
  perChannelZeroPoints,
  tooManyOperands,
  unsupportedSum,
} from "../diagnostics.js";
import { encodeFloatInput, sameEncoding } from "../input.js";
import { perChannelOf } from "../layout.js";
import { isPerTensor, realInput } from "../materialize.js";
import { plainOf, type RealValue, realOf, sumRules } from "../value.js";
import { addMaxPool } from "./pool.js";

/** A real value meets its quantiser: here an exact rule is attached and an integer tensor made. */
export function lowerQuantize(context: LoweringContext, node: QuantizeNode): void {
  const value = realInput(context, node.input, node.origin);
  checkZeroPoints(node.quantizer, node.origin);
  const existing = alreadyQuantised(context, value, node.quantizer);
  const tensor = existing ?? quantised(context, value, node);
  context.setValue(node.output, {
    kind: "integer",
    tensor,
    shape: context.shapeOf(node.output),
    order: value.order,
    extent: value.extent,
    pending: existing === null ? [] : [...value.pending, node.origin],
  });
}

function checkZeroPoints(quantizer: Quantizer, origin: Origin): void {
  if (quantizer.kind !== "uniform") return;
  const [first] = quantizer.zero;
  if (quantizer.zero.some((z) => z !== first)) fail(perChannelZeroPoints(origin));
}

/** The tensor itself, if it already holds exactly what this quantiser would make of it. */
function alreadyQuantised(
  context: LoweringContext,
  value: RealValue,
  quantizer: Quantizer,
): TensorId | null {
  const plain = plainOf(value);
  if (plain === null || quantizer.kind !== "uniform" || !isPerTensor(plain)) return null;
  if (!isUniformOverChannels(quantizer)) return null;
  const [scale] = plain.scales;
  const [bias] = plain.bias;
  const own = fromNumber(quantizer.scale[0] ?? 1);
  if (scale === undefined || bias === undefined || !equal(scale, own)) return null;
  const zero = fromNumber(quantizer.zero[0] ?? 0);
  if (!equal(bias, negate(multiply(zero, scale)))) return null;
  const range = context.tensor(plain.tensor).declared?.range;
  const inside = range !== undefined && range.low >= quantizer.min && range.high <= quantizer.max;
  return inside ? plain.tensor : null;
}

function quantised(context: LoweringContext, value: RealValue, node: QuantizeNode): TensorId {
  const { origin, quantizer } = node;
  const channels = quantizerChannels(quantizer, value, origin);
  if (value.terms.some((t) => t.tensor === "float")) {
    return quantisedInput(context, value, quantizer, channels, origin);
  }
  const ready = value.terms.length > 1 ? withoutClampTerms(value, origin, quantizer) : value;
  const inputs = ready.terms.map((t) =>
    t.tensor === "float" ? fail(inputNotQuantised(origin)) : t.tensor,
  );
  const [first] = inputs;
  if (first === undefined) throw new Error("a value without terms");
  const declared = declaredBy(quantizer);
  // The rule's channels are the value's; only a pool that waits has not changed the tensor yet.
  const extent = ready.pool === null ? ready.extent : context.tensor(first);
  const output = context.addTensor({ ...extent, declared });
  const origins = mergeOrigins(value.pending, [origin]);
  const sums = sumRules(ready, value.extent.channels);
  context.layers.push({
    kind: "elementwise",
    inputs,
    rule: { kind: "quantize", sums, quantizer, channels, replay: value.replay },
    output,
    origins,
  });
  if (ready.pool === null) return output;
  return addMaxPool(context, output, ready.extent, ready.pool, origins.slice(-1));
}

function withoutClampTerms(value: RealValue, origin: Origin, quantizer: Quantizer): RealValue {
  if (value.terms.length > 2) return fail(tooManyOperands(origin));
  if (quantizer.kind === "sign") return fail(unsupportedSum(origin, "Sign"));
  if (quantizer.kind === "thresholds") return fail(unsupportedSum(origin, "thresholds of its own"));
  if (quantizer.kind === "uniform" && ["ceil", "toward-zero"].includes(quantizer.rounding)) {
    return fail(unsupportedSum(origin, `rounding mode ${quantizer.rounding}`));
  }
  return value;
}

/** Which element of the quantiser's lists each channel of the tensor uses; null if there is one. */
function quantizerChannels(
  quantizer: Quantizer,
  value: RealValue,
  origin: Origin,
): readonly number[] | null {
  if (quantizer.kind === "bipolar" || quantizer.kind === "sign") return null;
  const length = listsOf(quantizer);
  if (length === 1) return null;
  const what = quantizer.kind === "uniform" ? "scale" : "list of thresholds";
  return alongAxis(value, quantizer.axis ?? 0, length) ?? fail(notPerChannel(origin, what));
}

/** For each channel of the memory, its index along an axis of the model's tensor. */
function alongAxis(
  value: Pick<RealValue, "shape" | "order" | "extent">,
  axis: number,
  length: number,
): readonly number[] | null {
  const shape = [length, ...value.shape.slice(axis + 1).map(() => 1)];
  const data = Array.from({ length }, (_, i) => i);
  const indices = perChannelOf({ shape, data }, value.shape, value.order, value.extent.channels);
  if (indices === null || indices.length === value.extent.channels) return indices;
  return null;
}

/** Integers a quantiser can make, and how they are stored. */
export function declaredBy(quantizer: Quantizer): { range: Range; type: IntegerStorage } {
  const range = codesOf(quantizer);
  return { range, type: storageFor(range) };
}

function codesOf(quantizer: Quantizer): Range {
  switch (quantizer.kind) {
    case "bipolar":
    case "sign":
      return { low: -1, high: 1 };
    case "uniform":
      return { low: quantizer.min, high: quantizer.max };
    case "thresholds":
      return { low: quantizer.base, high: quantizer.base + quantizer.step * quantizer.count };
    default:
      return quantizer satisfies never;
  }
}

export function storageFor({ low, high }: Range): IntegerStorage {
  if (low >= -128 && high <= 127) return "int8";
  if (low >= 0 && high <= 255) return "uint8";
  if (low >= -32768 && high <= 32767) return "int16";
  return "int32";
}

function quantisedInput(
  context: LoweringContext,
  value: RealValue,
  quantizer: Quantizer,
  channels: readonly number[] | null,
  origin: Origin,
): TensorId {
  if (value.terms.length !== 1 || value.pool !== null) return fail(inputNotQuantised(origin));
  const encoding = encodeFloatInput(
    sumRules(value, value.extent.channels),
    quantizer,
    channels,
    value.replay,
    value.extent.channels,
  );
  if (context.input !== null) {
    if (!sameEncoding(context.input.encoding, encoding)) fail(inputQuantisedTwice(origin));
    return context.input.tensor;
  }
  const tensor = context.addTensor({ ...value.extent, declared: declaredBy(quantizer) });
  context.input = { tensor, encoding };
  return tensor;
}

function float32Element(list: Float32Array, index: number): number {
  return (list.length === 1 ? list[0] : list[index]) ?? Number.NaN;
}

export function lowerDequantize(context: LoweringContext, node: DequantizeNode): void {
  const value = context.value(node.input);
  if (value === undefined) throw new Error(`tensor ${node.input} has no value`);
  if (value.kind === "real") throw new Error(`tensor ${node.input} is real, not an integer code`);
  const channels = Math.max(node.scale.length, node.zero.length);
  const index =
    channels === 1
      ? [0]
      : (alongAxis(value, node.axis ?? 0, channels) ?? fail(notPerChannel(node.origin, "scale")));
  const element = (list: Float32Array, i: number) => fromNumber(float32Element(list, i));
  const scales = index.map((i) => element(node.scale, i));
  const bias = index.map((i) => negate(multiply(element(node.scale, i), element(node.zero, i))));
  const base = {
    shape: value.shape,
    order: value.order,
    extent: value.extent,
    pending: [...value.pending, node.origin],
  };
  const float32 = {
    scales: index.map((i) => float32Element(node.scale, i)),
    zeros: index.map((i) => float32Element(node.zero, i)),
  };
  context.setValue(node.output, {
    ...realOf(base, [{ tensor: value.tensor, scales }], bias),
    replay: (q, c) =>
      Math.fround(Math.fround(q - pick(float32.zeros, c)) * pick(float32.scales, c)),
  });
}
