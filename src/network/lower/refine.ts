import { fail } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import { pick } from "../channels.js";
import {
  add,
  divide,
  floor,
  fromInteger,
  fromNumber,
  max,
  min,
  negate,
  ONE,
  type Rational,
  ratio,
  sign,
  toNumber,
} from "../rational.js";
import type { Range, TensorId } from "../types.js";
import { type LoweringContext, mergeOrigins } from "./context.js";
import { unquantisedClamp } from "./diagnostics.js";
import type { Rule } from "./draft.js";
import { type Operand, withoutClamp } from "./materialize.js";
import { accumulatorRanges, poolRanges } from "./ranges.js";
import { hasClamp, NO_BIAS, type RealValue, realOf } from "./value.js";

/** Accumulators, and sums of them, stay below this. */
const ACCUMULATOR_LIMIT = 2 ** 29;

/** No refinement is finer: float32 itself has no more bits. */
const FINEST = 16;

/**
 * A clipped but unquantised value (a Relu on an accumulator) that is about to be averaged or added,
 * on an integer grid as much finer than the accumulator's own as the sum of `elements` of them
 * leaves room for. This rounds, by at most half a step of that grid, and the layer says so; a
 * quantiser in the model would make it exact.
 */
export function linearized(
  context: LoweringContext,
  value: RealValue,
  elements: number,
  origin: Origin,
): RealValue {
  const [term] = value.terms;
  const refinable =
    hasClamp(value) &&
    value.terms.length === 1 &&
    value.pool === null &&
    term !== undefined &&
    term.tensor !== "float" &&
    context.tensor(term.tensor).declared === null;
  if (!refinable) return withoutClamp(context, value, origin);
  const source = context.tensor(term.tensor);
  const room = ACCUMULATOR_LIMIT / (elements * accumulatorBound(context, term.tensor));
  const refinement = 2 ** Math.min(FINEST, Math.max(0, Math.floor(Math.log2(room))));
  const lines = Array.from({ length: value.period }, (_, c) =>
    refine(
      { scale: pick(term.scales, c), bias: pick(value.bias, c) },
      { low: pick(value.low, c), high: pick(value.high, c) },
      refinement,
    ),
  );
  if (lines.some((l) => l.low > l.high)) return fail(unquantisedClamp(origin));
  const output = context.addTensor({ ...source, declared: null });
  context.layers.push({
    kind: "elementwise",
    inputs: [term.tensor],
    period: value.period,
    rule: {
      kind: "line",
      shift: 0,
      multipliers: [lines.map((l) => l.multiplier)],
      offsets: lines.map((l) => l.offset),
      low: lines.map((l) => l.low),
      high: lines.map((l) => l.high),
      exactness: { kind: "rounded", bound: 0.5 },
    },
    output,
    origins: mergeOrigins(value.pending),
  });
  const scales = lines.map((l) => l.scale);
  const refined = realOf({ ...value, pending: [] }, [{ tensor: output, scales }], NO_BIAS);
  return { ...refined, period: value.period };
}

interface RefinedLine {
  /** The real size of one step of the refined grid. */
  readonly scale: Rational;
  readonly multiplier: number;
  readonly offset: number;
  readonly low: number;
  readonly high: number;
}

function refine(
  { scale, bias }: { readonly scale: Rational; readonly bias: Rational },
  { low, high }: { readonly low: Rational | null; readonly high: Rational | null },
  refinement: number,
): RefinedLine {
  if (sign(scale) === 0) {
    // A constant channel: its one value, exactly, as one step.
    let value = bias;
    if (low !== null) value = max(value, low);
    if (high !== null) value = min(value, high);
    const step = sign(value) === 0 ? ONE : value;
    const position = sign(value) === 0 ? 0 : 1;
    return { scale: step, multiplier: 0, offset: position, low: position, high: position };
  }
  const magnitude = sign(scale) < 0 ? negate(scale) : scale;
  const step = divide(magnitude, fromInteger(refinement));
  const steps = (x: Rational): number => Number(floor(add(divide(x, step), ratio(1n, 2n))));
  const bounded = (x: Rational | null, otherwise: number): number =>
    x === null ? otherwise : Math.min(ACCUMULATOR_LIMIT, Math.max(-ACCUMULATOR_LIMIT, steps(x)));
  return {
    scale: step,
    multiplier: sign(scale) * refinement,
    offset: steps(bias),
    low: bounded(low, -ACCUMULATOR_LIMIT),
    high: bounded(high, ACCUMULATOR_LIMIT),
  };
}

/** A bound of the values of a tensor whose range is not proved yet: what its maker can reach. */
export function accumulatorBound(context: LoweringContext, tensor: TensorId): number {
  const { declared } = context.tensor(tensor);
  if (declared !== null) return magnitude(declared.range);
  const maker = context.layers.find((l) => l.output === tensor);
  if (maker === undefined) return ACCUMULATOR_LIMIT;
  if (maker.kind === "product") {
    const [a, b] = maker.inputs.map((id, i) => {
      const { low, high } = boundOf(context, id);
      const zero = pick(maker.zeros, i);
      return magnitude({ low: low - zero, high: high - zero });
    });
    return (a ?? 1) * (b ?? 1);
  }
  if (maker.kind === "elementwise" && maker.rule.kind === "line") return lineBound(context, maker);
  if (maker.kind === "gather") {
    return Math.max(
      Math.abs(maker.fill),
      ...maker.inputs.map((id) => accumulatorBound(context, id)),
    );
  }
  if ("inputs" in maker) return ACCUMULATOR_LIMIT;
  const input = accumulatorBound(context, maker.input);
  const range = boundOf(context, maker.input);
  switch (maker.kind) {
    case "conv":
    case "conv-transpose":
    case "dense":
      return Math.max(...accumulatorRanges(maker.weights, range, maker.zero, true).map(magnitude));
    case "sum-pool":
      return magnitude(poolRanges(maker.window, maker.multiple, range, maker.zero));
    case "max-pool":
    case "lookup":
      return input;
    default:
      return maker satisfies never;
  }
}

function lineBound(
  context: LoweringContext,
  { inputs, rule }: { readonly inputs: readonly TensorId[]; readonly rule: Rule },
): number {
  if (rule.kind !== "line") return ACCUMULATOR_LIMIT;
  const { multipliers, offsets, shift, low, high } = rule;
  const largest = (list: readonly number[]): number =>
    list.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const sum = inputs.reduce(
    (total, id, i) => total + largest(pick(multipliers, i)) * accumulatorBound(context, id),
    largest(offsets),
  );
  return Math.max(1, Math.min(Math.ceil(sum / 2 ** shift), largest([...low, ...high])));
}

function boundOf(context: LoweringContext, tensor: TensorId): Range {
  const { declared } = context.tensor(tensor);
  if (declared !== null) return declared.range;
  const bound = accumulatorBound(context, tensor);
  return { low: -bound, high: bound };
}

/** At least 1. */
function magnitude({ low, high }: Range): number {
  return Math.max(1, -low, high);
}

/** Bits of the fraction of multipliers that map integers to 16 bits. */
const MAP_SHIFT = 14;

/**
 * Integers whose real numbers need a scale for each channel, or whose zero point is not whole, on
 * one 16-bit grid around zero: what normalising an image by channel, without a quantiser behind it,
 * asks of the first layer. Rounds by little more than half a step of 2^-16 of the range.
 */
export function onOneGrid(
  context: LoweringContext,
  input: Operand,
  origin: Origin,
): Operand | null {
  const source = context.tensor(input.tensor);
  if (source.declared === null) return null;
  const { range } = source.declared;
  const channels = Array.from({ length: input.extent.channels }, (_, c) => ({
    scale: toNumber(pick(input.scales, c)),
    bias: toNumber(pick(input.bias, c)),
  }));
  const largest = Math.max(
    ...channels.flatMap(({ scale, bias }) =>
      [range.low, range.high].map((q) => Math.abs(q * scale + bias)),
    ),
  );
  if (largest === 0) return null;
  const step = largest / 32767;
  const unit = 2 ** MAP_SHIFT;
  const declared = { range: { low: -32768, high: 32767 }, type: "int16" as const };
  const output = context.addTensor({ ...source, declared });
  context.layers.push({
    kind: "elementwise",
    inputs: [input.tensor],
    period: input.extent.channels,
    rule: {
      kind: "line",
      shift: MAP_SHIFT,
      multipliers: [channels.map(({ scale }) => Math.round((scale / step) * unit))],
      offsets: channels.map(({ bias }) => Math.round((bias / step + 0.5) * unit)),
      low: [-32768],
      high: [32767],
      exactness: { kind: "rounded", bound: 0.5 + (range.high - range.low + 1) / unit },
    },
    output,
    origins: mergeOrigins(input.pending, [origin]),
  });
  return { ...input, tensor: output, scales: [fromNumber(step)], bias: NO_BIAS, pending: [] };
}
