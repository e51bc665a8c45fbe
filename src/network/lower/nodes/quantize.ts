import { fail } from "../../../diagnostics.js";
import type { DequantizeNode, Origin, QuantizeNode, Quantizer } from "../../../graph/types.js";
import { pick } from "../../channels.js";
import { equal, fromNumber, multiply, negate } from "../../rational.js";
import { isUniformOverChannels, listsOf } from "../../steps.js";
import type { InputEncoding, IntegerStorage, Range, TensorId } from "../../types.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import {
  inputNotQuantised,
  inputQuantisedTwice,
  notPerChannel,
  perChannelZeroPoints,
} from "../diagnostics.js";
import type { Rule } from "../draft.js";
import { encodeFloatCurve, encodeFloatInput, sameEncoding } from "../input.js";
import { perChannelOf } from "../layout.js";
import { isPerTensor, pointwiseInput } from "../materialize.js";
import { summed } from "../summed.js";
import { type CurveValue, plainOf, type RealValue, realOf, spread, sumRules } from "../value.js";
import { addMaxPool } from "./pool.js";

/** A real value meets its quantiser: here an exact rule is attached and an integer tensor made. */
export function lowerQuantize(context: LoweringContext, node: QuantizeNode): void {
  const value = pointwiseInput(context, node.input, node.origin);
  checkZeroPoints(node.quantizer, node.origin);
  const existing = value.kind === "real" ? alreadyQuantised(context, value, node.quantizer) : null;
  const tensor =
    existing ??
    (value.kind === "real"
      ? quantised(context, value, node)
      : quantisedCurve(context, value, node));
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

function quantised(context: LoweringContext, given: RealValue, node: QuantizeNode): TensorId {
  const { origin, quantizer } = node;
  const [value, channels] = quantizerChannels(quantizer, given, origin);
  if (value.terms.some((t) => t.tensor === "float")) {
    return quantisedInput(context, value, quantizer, channels, origin);
  }
  const evenSteps = value.terms.length === 1 || isEven(quantizer);
  const ready = evenSteps && value.terms.length <= 2 ? value : summed(context, value, origin);
  const inputs = ready.terms.map((t) =>
    t.tensor === "float" ? fail(inputNotQuantised(origin)) : t.tensor,
  );
  const sums = sumRules(ready);
  const rule: Rule = { kind: "quantize", sums, quantizer, channels, replay: value.replay };
  return addQuantised(context, ready, inputs, rule, origin);
}

function quantisedCurve(context: LoweringContext, given: CurveValue, node: QuantizeNode): TensorId {
  const { origin, quantizer } = node;
  const [value, channels] = quantizerChannels(quantizer, given, origin);
  const { curve, tensor } = value;
  if (tensor === "float") return quantisedInput(context, value, quantizer, channels, origin);
  const last = value.pending.at(-1) ?? origin;
  const rule: Rule = { kind: "curve", curve, origin: last, quantizer, channels, rounded: false };
  return addQuantised(context, value, [tensor], rule, origin);
}

/** The layer of a quantiser, and the pool that waited for it. */
function addQuantised(
  context: LoweringContext,
  value: RealValue | CurveValue,
  inputs: readonly TensorId[],
  rule: Rule & { readonly kind: "quantize" | "curve" },
  origin: Origin,
): TensorId {
  // The rule's channels are the value's; only a pool that waits has not changed the tensor yet.
  const extent = value.pool === null ? value.extent : context.tensor(pick(inputs, 0));
  const { height, width, channels } = extent;
  const declared = declaredBy(rule.quantizer);
  const output = context.addTensor({ height, width, channels, declared });
  const origins = mergeOrigins(value.pending, [origin]);
  const { period } = value;
  context.layers.push({ kind: "elementwise", inputs, period, rule, output, origins });
  if (value.pool === null) return output;
  return addMaxPool(context, output, value.extent, value.pool, origins.slice(-1));
}

/** Whether a fixed-point sum of two operands can have all of the quantiser's break points. */
function isEven(quantizer: Quantizer): boolean {
  if (quantizer.kind === "uniform") return !["ceil", "toward-zero"].includes(quantizer.rounding);
  return quantizer.kind === "bipolar";
}

/**
 * Which element of the quantiser's lists each channel of the tensor uses, null if there is one; where
 * its axis is not that of the channels, each element of the tensor has its own.
 */
function quantizerChannels<T extends RealValue | CurveValue>(
  quantizer: Quantizer,
  value: T,
  origin: Origin,
): [value: T, channels: readonly number[] | null] {
  if (quantizer.kind === "bipolar" || quantizer.kind === "sign") return [value, null];
  const length = listsOf(quantizer);
  if (length === 1) return [value, null];
  const axis = quantizer.axis ?? 0;
  const channels = alongAxis(value, axis, length, value.period);
  if (channels !== null) return [value, channels];
  const what = quantizer.kind === "uniform" ? "scale" : "list of thresholds";
  if (value.pool !== null) return fail(notPerChannel(origin, what));
  const wide = spread(value);
  return [wide, alongAxis(wide, axis, length, wide.period) ?? fail(notPerChannel(origin, what))];
}

/** For each channel of the memory, its index along an axis of the model's tensor. */
function alongAxis(
  value: Pick<RealValue, "shape" | "order" | "extent">,
  axis: number,
  length: number,
  period = value.extent.channels,
): readonly number[] | null {
  const shape = [length, ...value.shape.slice(axis + 1).map(() => 1)];
  const data = Array.from({ length }, (_, i) => i);
  const indices = perChannelOf({ shape, data }, value.shape, value.order, period);
  return indices === null || indices.length === period ? indices : null;
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
  value: RealValue | CurveValue,
  quantizer: Quantizer,
  channels: readonly number[] | null,
  origin: Origin,
): TensorId {
  const apart = value.period !== value.extent.channels;
  if (value.pool !== null || apart) return fail(inputNotQuantised(origin));
  const encoding = floatEncoding(value, quantizer, channels) ?? fail(inputNotQuantised(origin));
  if (context.input !== null) {
    if (!sameEncoding(context.input.encoding, encoding)) fail(inputQuantisedTwice(origin));
    return context.input.tensor;
  }
  const tensor = context.addTensor({ ...value.extent, declared: declaredBy(quantizer) });
  context.input = { tensor, encoding };
  return tensor;
}

/** Null where no break points tell the quantiser's outputs apart. */
function floatEncoding(
  value: RealValue | CurveValue,
  quantizer: Quantizer,
  channels: readonly number[] | null,
): InputEncoding | null {
  const count = value.extent.channels;
  if (value.kind === "curve") {
    return encodeFloatCurve(value.curve, quantizer, channels, count, value.pending);
  }
  if (value.terms.length !== 1) return null;
  return encodeFloatInput(sumRules(value), quantizer, channels, value.replay, count);
}

function float32Element(list: Float32Array, index: number): number {
  return (list.length === 1 ? list[0] : list[index]) ?? Number.NaN;
}

export function lowerDequantize(context: LoweringContext, node: DequantizeNode): void {
  const value = context.value(node.input);
  if (value === undefined) throw new Error(`tensor ${node.input} has no value`);
  if (value.kind !== "integer") throw new Error(`tensor ${node.input} is no integer code`);
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
