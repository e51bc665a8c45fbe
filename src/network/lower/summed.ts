import { fail } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import { pick } from "../channels.js";
import {
  add,
  divide,
  floor,
  fromInteger,
  multiply,
  ONE,
  type Rational,
  ratio,
  sign,
  toNumber,
} from "../rational.js";
import { type LoweringContext, mergeOrigins } from "./context.js";
import { inputNotQuantised } from "./diagnostics.js";
import { accumulatorBound } from "./refine.js";
import { NO_BIAS, type RealValue, realOf } from "./value.js";

/** Sums on a grid of tritc's own stay below this, as accumulators must. */
const SUM_LIMIT = 2 ** 28;

/** Bits of the fraction of multipliers onto such a grid: their own rounding then hardly shows. */
const FRACTION = 16;

/** Ratios of scales up to this make a common grid of whole steps. */
const LARGEST_RATIO = 256;

/**
 * A sum of several integer tensors as one: exactly, where their scales are small multiples of one
 * unit; else on a grid of about 2^-28 of the sum's range, as the layer says. Clamps stay where they
 * are, around the sum.
 */
export function summed(context: LoweringContext, value: RealValue, origin: Origin): RealValue {
  const [first, second, ...more] = value.terms;
  if (first === undefined || second === undefined) return value;
  if (more.length > 0) {
    const pair = { ...realOf(value, [first, second], NO_BIAS), period: value.period };
    const { terms } = summed(context, pair, origin);
    return summed(context, { ...value, terms: [...terms, ...more], pending: [] }, origin);
  }
  const inputs = value.terms.map((t) =>
    t.tensor === "float" ? fail(inputNotQuantised(origin)) : t.tensor,
  );
  const bounds = inputs.map((id) => accumulatorBound(context, id));
  const lists = value.terms.every((t) => t.scales.length === 1) ? 1 : value.period;
  const grids = Array.from({ length: lists }, (_, c) =>
    gridOf(
      value.terms.map((t) => pick(t.scales, c)),
      bounds,
    ),
  );
  const exact = grids.every(({ steps }) => steps.every(isWhole));
  const shift = exact ? 0 : FRACTION;
  const multipliers = grids.map(({ steps }) => steps.map((s) => nearest(s, shift)));
  const output = context.addTensor({ ...value.extent, declared: null });
  context.layers.push({
    kind: "elementwise",
    inputs,
    period: value.period,
    rule: {
      kind: "line",
      shift,
      multipliers: inputs.map((_, i) => multipliers.map((list) => pick(list, i))),
      offsets: [exact ? 0 : 2 ** (shift - 1)],
      low: [-2 * SUM_LIMIT],
      high: [2 * SUM_LIMIT],
      exactness: exact ? { kind: "exact" } : { kind: "rounded", bound: boundOf(bounds, shift) },
    },
    output,
    origins: mergeOrigins(value.pending, [origin]),
  });
  const terms = [{ tensor: output, scales: grids.map(({ unit }) => unit) }];
  return { ...value, terms, pending: [], replay: null };
}

interface Grid {
  /** The real size of one step. */
  readonly unit: Rational;
  /** Steps for each unit of each operand. */
  readonly steps: readonly Rational[];
}

function gridOf(scales: readonly Rational[], bounds: readonly number[]): Grid {
  const largest = scales.reduce(
    (sum, scale, i) => sum + Math.abs(toNumber(scale)) * pick(bounds, i),
    0,
  );
  if (largest === 0) return { unit: ONE, steps: scales };
  const whole = commonUnit(scales);
  if (whole !== null && largest / toNumber(whole.unit) < SUM_LIMIT) return whole;
  const exponent = Math.ceil(Math.log2(largest / SUM_LIMIT));
  const unit =
    exponent >= 0 ? fromInteger(1n << BigInt(exponent)) : ratio(1n, 1n << BigInt(-exponent));
  return { unit, steps: scales.map((scale) => divide(scale, unit)) };
}

/** A unit of which all scales are whole multiples; null if it would be too small a part of them. */
function commonUnit(scales: readonly Rational[]): Grid | null {
  const reference = scales.find((scale) => sign(scale) !== 0) ?? ONE;
  for (let parts = 1n; parts <= LARGEST_RATIO; parts++) {
    const unit = multiply(reference, ratio(BigInt(sign(reference)), parts));
    const steps = scales.map((scale) => divide(scale, unit));
    if (steps.every(isWhole)) return { unit, steps };
  }
  return null;
}

function isWhole({ num, den }: Rational): boolean {
  return num % den === 0n;
}

function nearest(value: Rational, shift: number): number {
  const scaled = multiply(value, fromInteger(1n << BigInt(shift)));
  return Number(floor(add(scaled, ratio(1n, 2n))));
}

/** Half a step for the sum, and half a unit of each multiplier for each unit of its operand. */
function boundOf(bounds: readonly number[], shift: number): number {
  return 0.5 + bounds.reduce((sum, bound) => sum + bound / 2, 0) / 2 ** shift;
}
