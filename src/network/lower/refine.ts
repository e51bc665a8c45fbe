import { fail } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import {
  add,
  divide,
  floor,
  fromInteger,
  max,
  min,
  negate,
  ONE,
  type Rational,
  ratio,
  sign,
} from "../rational.js";
import { type LoweringContext, mergeOrigins } from "./context.js";
import { unquantisedClamp } from "./diagnostics.js";
import { withoutClamp } from "./materialize.js";
import { hasClamp, NO_BIAS, pick, type RealValue, realOf } from "./value.js";

/** Steps of the refined grid for each unit of the accumulator. */
const REFINEMENT = 256;

/** Largest bound in the refined grid: leaves room for sums of some windows. */
const UNBOUNDED = 2 ** 29;

/**
 * A clipped but unquantised value (a Relu on an accumulator) that is about to be averaged or added,
 * on an integer grid 256 times finer than the accumulator's own. This rounds, by at most half a step
 * of that grid, and the layer says so; a quantiser in the model would make it exact.
 */
export function linearized(context: LoweringContext, value: RealValue, origin: Origin): RealValue {
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
  const channels = value.extent.channels;
  const lines = Array.from({ length: channels }, (_, c) =>
    refine(pick(term.scales, c), pick(value.bias, c), pick(value.low, c), pick(value.high, c)),
  );
  if (lines.some((l) => l.low > l.high)) return fail(unquantisedClamp(origin));
  const output = context.addTensor({ ...source, declared: null });
  context.layers.push({
    kind: "elementwise",
    inputs: [term.tensor],
    rule: {
      kind: "line",
      multipliers: lines.map((l) => l.multiplier),
      offsets: lines.map((l) => l.offset),
      low: lines.map((l) => l.low),
      high: lines.map((l) => l.high),
      exactness: { kind: "rounded", bound: 0.5 },
    },
    output,
    origins: mergeOrigins(value.pending),
  });
  const scales = lines.map((l) => l.scale);
  return realOf({ ...value, pending: [] }, [{ tensor: output, scales }], NO_BIAS);
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
  scale: Rational,
  bias: Rational,
  low: Rational | null,
  high: Rational | null,
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
  const step = divide(magnitude, fromInteger(REFINEMENT));
  const steps = (x: Rational): number => Number(floor(add(divide(x, step), ratio(1n, 2n))));
  const bounded = (x: Rational | null, otherwise: number): number =>
    x === null ? otherwise : Math.min(UNBOUNDED, Math.max(-UNBOUNDED, steps(x)));
  return {
    scale: step,
    multiplier: sign(scale) * REFINEMENT,
    offset: steps(bias),
    low: bounded(low, -UNBOUNDED),
    high: bounded(high, UNBOUNDED),
  };
}
