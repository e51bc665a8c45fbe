import { fail } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import { pick } from "../channels.js";
import {
  divide,
  floor,
  multiply,
  negate,
  type Rational,
  sign,
  subtract,
  toNumber,
} from "../rational.js";
import type { TensorId } from "../types.js";
import { type LoweringContext, mergeOrigins } from "./context.js";
import {
  floatActivation,
  inputNotQuantised,
  perInputChannelScale,
  unquantisedClamp,
} from "./diagnostics.js";
import { notInFloat } from "./float/diagnostics.js";
import { boxesOf, copyOf } from "./gather.js";
import { type Extent, inverse, type Order, sameExtent, sameOrder, sizeOf } from "./layout.js";
import { tabulated } from "./tabulate.js";
import {
  type CurveValue,
  hasClamp,
  isUniform,
  plainOf,
  type RealValue,
  realOf,
  type Value,
} from "./value.js";

/** The integers behind a real tensor, `scale[c] * (x - zero[c])`, as a layer can read them. */
export interface Operand {
  readonly tensor: TensorId;
  readonly scales: readonly Rational[];
  readonly bias: readonly Rational[];
  readonly extent: Extent;
  readonly pending: readonly Origin[];
}

/** The input of a node that changes each element by itself. */
export function pointwiseInput(
  context: LoweringContext,
  name: string,
  origin: Origin,
): RealValue | CurveValue {
  const value = context.value(name);
  if (value === undefined) throw new Error(`tensor ${name} has no value`);
  if (value.kind === "float") return fail(notInFloat(origin));
  if (value.kind !== "integer") return value;
  return fail(floatActivation(origin, `tensor "${name}" is an integer code without a scale`));
}

/** The input of a node as a sum of integer tensors times scales. */
export function realInput(context: LoweringContext, name: string, origin: Origin): RealValue {
  const value = pointwiseInput(context, name, origin);
  return value.kind === "real" ? value : tabulated(context, value, origin);
}

/**
 * A clamp whose bounds lie on the integer grid of a quantised tensor (a Relu after a
 * DequantizeLinear) is a clamp of the integers. Null if it is anything else.
 */
function clampOnGrid(context: LoweringContext, value: RealValue): RealValue | null {
  const [term] = value.terms;
  if (term === undefined || term.tensor === "float" || value.terms.length > 1) return null;
  const [scale] = term.scales;
  const [bias] = value.bias;
  const source = context.tensor(term.tensor);
  const perTensor = isUniform(term.scales) && isUniform(value.bias) && value.low.length === 1;
  if (!perTensor || value.high.length > 1 || value.pool !== null) return null;
  if (scale === undefined || bias === undefined || sign(scale) <= 0) return null;
  if (source.declared === null) return null;
  const { range, type } = source.declared;
  const low = gridPosition(value.low[0] ?? null, scale, bias, range.low);
  const high = gridPosition(value.high[0] ?? null, scale, bias, range.high);
  if (low === null || high === null) return null;
  const inside = (bound: number): number => Math.min(range.high, Math.max(range.low, bound));
  const bounds = { low: inside(low), high: inside(high) };
  if (bounds.low === range.low && bounds.high === range.high) {
    return realOf(value, value.terms, value.bias); // it clips nothing that the integers can hold
  }
  const output = context.addTensor({ ...source, declared: { range: bounds, type } });
  context.layers.push({
    kind: "elementwise",
    inputs: [term.tensor],
    period: source.channels,
    rule: {
      kind: "line",
      shift: 0,
      multipliers: [[1]],
      offsets: [0],
      low: [bounds.low],
      high: [bounds.high],
      exactness: { kind: "exact" },
    },
    output,
    origins: mergeOrigins(value.pending),
  });
  const terms = [{ tensor: output, scales: term.scales }];
  return realOf({ ...value, pending: [] }, terms, value.bias);
}

/** The integer that stands for a bound; null if none does. */
function gridPosition(
  bound: Rational | null,
  scale: Rational,
  bias: Rational,
  unbounded: number,
): number | null {
  if (bound === null) return unbounded;
  const position = divide(subtract(bound, bias), scale);
  const whole = floor(position);
  return whole * position.den === position.num ? Number(whole) : null;
}

/** The value free of clamps: itself, or clamped integers; anything else is refused. */
export function withoutClamp(
  context: LoweringContext,
  value: RealValue,
  origin: Origin,
): RealValue {
  if (!hasClamp(value)) return value;
  return clampOnGrid(context, value) ?? fail(unquantisedClamp(origin));
}

/**
 * The node's input as one integer tensor with a scale, in the given order and extent, or a
 * diagnostic that says what stands in the way.
 */
export function operand(
  context: LoweringContext,
  input: RealValue,
  origin: Origin,
  order: Order,
  extent: Extent,
): Operand {
  if (input.terms.some((t) => t.tensor === "float")) return fail(inputNotQuantised(origin));
  const value = withoutClamp(context, input, origin);
  const plain = plainOf(value);
  if (plain === null) {
    return fail(floatActivation(origin, "it is a sum or maximum of unquantised tensors"));
  }
  const tensor = arranged(context, plain.tensor, value, order, extent, origin);
  // Scales for each channel mean the channels of the value's own place.
  const moved =
    tensor !== plain.tensor ||
    !sameExtent(value.extent, extent) ||
    value.period !== extent.channels;
  if (moved && !isPerTensor(plain)) return fail(perInputChannelScale(origin));
  return { ...plain, tensor, extent, pending: value.pending };
}

/** The tensor in another order or extent: the same one where memory agrees, else a copy. */
export function arranged(
  context: LoweringContext,
  tensor: TensorId,
  value: Value,
  order: Order,
  extent: Extent,
  origin: Origin,
): TensorId {
  const current = context.tensor(tensor);
  const agrees = sameOrder(value.order, order);
  if (agrees && sameExtent(current, extent)) return tensor;
  if (agrees && isPlainInput(context, tensor)) {
    context.tensors[tensor] = { ...current, ...extent };
    return tensor;
  }
  const toModel = inverse(order);
  const source = new Int32Array(sizeOf(value.shape));
  for (let memory = 0; memory < source.length; memory++) {
    const model = toModel === null ? memory : (toModel[memory] ?? 0);
    source[memory] = value.order === null ? model : (value.order[model] ?? 0);
  }
  const output = context.addTensor({ ...current, ...extent });
  context.layers.push({
    kind: "gather",
    inputs: [tensor],
    ...boxesOf(copyOf(source), extent),
    fill: 0,
    output,
    origins: [origin],
  });
  return output;
}

/**
 * Whether the tensor is the input, encoded alike in all channels, and no layer has read it yet: then
 * it may as well have another extent from the start.
 */
function isPlainInput({ input, layers }: LoweringContext, tensor: TensorId): boolean {
  if (tensor !== input?.tensor || layers.length > 0) return false;
  return input.encoding.kind !== "real" || input.encoding.breaks.length === 1;
}

/**
 * The number on the tensor's grid that stands for the real number 0; it need not be whole, and is
 * infinite where the scale is 0.
 */
export function zeroPoint({ scales, bias }: Pick<Operand, "scales" | "bias">): number {
  const scale = pick(scales, 0);
  return sign(scale) === 0
    ? Number.POSITIVE_INFINITY
    : toNumber(divide(negate(pick(bias, 0)), scale));
}

/** Whether every channel has the same scale and zero point. */
export function isPerTensor({ scales, bias }: Pick<Operand, "scales" | "bias">): boolean {
  return isUniform(scales) && isUniform(bias);
}

/** `scale * weightScale` for each output channel. */
export function productScales(scale: Rational, weightScales: readonly Rational[]): Rational[] {
  return weightScales.map((w) => multiply(scale, w));
}

/** The integer that stands for the real number 0 in every channel, or null if none does. */
export function integerZero(operand: Pick<Operand, "scales" | "bias">): number | null {
  const { scales, bias } = operand;
  if (bias.every((b) => sign(b) === 0)) return 0;
  const scale = pick(scales, 0);
  if (!isPerTensor(operand) || sign(scale) === 0) return null;
  const zero = divide(negate(pick(bias, 0)), scale);
  const whole = floor(zero);
  return whole * zero.den === zero.num ? Number(whole) : null;
}
