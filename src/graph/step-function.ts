import type { Quantizer } from "./types.js";

/**
 * A function of one number that is constant between break points: `values[n]` where n breaks have
 * been reached. They are in ascending order; one that is `open` is only reached above it.
 */
export interface StepFunction {
  readonly breaks: readonly Break[];
  readonly values: readonly number[];
}

export interface Break {
  readonly at: number;
  readonly open: boolean;
}

/** Above this many pieces functions are left alone. */
export const MOST_BREAKS = 1024;

/** The quantiser of all channels alike as a step function, exactly; null if it is none of that size. */
export function stepsOfQuantizer(quantizer: Quantizer): StepFunction | null {
  switch (quantizer.kind) {
    case "bipolar":
      return { breaks: [{ at: 0, open: false }], values: [-1, 1] };
    case "sign":
      return {
        breaks: [
          { at: 0, open: false },
          { at: 0, open: true },
        ],
        values: [-1, 0, 1],
      };
    case "thresholds": {
      const { values, count, base, step, open = [] } = quantizer;
      if (values.length !== count || count > MOST_BREAKS) return null;
      if (!values.every(Number.isFinite)) return null;
      return {
        breaks: Array.from(values, (at, j) => ({ at, open: open[j] ?? false })),
        values: Array.from({ length: count + 1 }, (_, n) => base + step * n),
      };
    }
    case "uniform":
      return uniformSteps(quantizer);
    default:
      return quantizer satisfies never;
  }
}

function uniformSteps(quantizer: Quantizer & { kind: "uniform" }): StepFunction | null {
  const { scale, zero, zeroAdded, min, max, rounding } = quantizer;
  const [width = 1] = scale;
  const [origin = 0] = zero;
  if (scale.length > 1 || zero.length > 1 || !Number.isInteger(origin)) return null;
  if (max - min > MOST_BREAKS) return null;
  const levels = Array.from({ length: max - min + 1 }, (_, i) => min + i);
  const breaks = levels.slice(1).map((level): Break => {
    const whole = level - origin;
    // Ties go to the even one of the integers that are rounded to.
    const even = (zeroAdded === "after-rounding" ? whole : level) % 2 === 0;
    switch (rounding) {
      case "half-even":
        return { at: (whole - 0.5) * width, open: !even };
      case "floor":
        return { at: whole * width, open: false };
      case "ceil":
        return { at: (whole - 1) * width, open: true };
      case "toward-zero":
        return whole > 0
          ? { at: whole * width, open: false }
          : { at: (whole - 1) * width, open: true };
      default:
        return rounding satisfies never;
    }
  });
  return { breaks, values: levels };
}

/** The step function of a number. */
export function valueAt({ breaks, values }: StepFunction, x: number): number {
  const reached = breaks.filter(({ at, open }) => (open ? x > at : x >= at)).length;
  return values[reached] ?? 0;
}

/** `f(x) = g(steps(x))` */
export function mapValues(steps: StepFunction, g: (value: number) => number): StepFunction {
  return tidy(steps.breaks, steps.values.map(g));
}

/** `f(x) = g(a(x), b(x))` */
export function combineSteps(
  a: StepFunction,
  b: StepFunction,
  g: (a: number, b: number) => number,
): StepFunction {
  const breaks: Break[] = [];
  const values = [g(a.values[0] ?? 0, b.values[0] ?? 0)];
  for (let i = 0, j = 0; i < a.breaks.length || j < b.breaks.length; ) {
    const [left, right] = [a.breaks[i], b.breaks[j]];
    const order = left === undefined ? 1 : right === undefined ? -1 : compareBreaks(left, right);
    const next = order <= 0 ? left : right;
    if (next === undefined) break;
    if (order <= 0) i++;
    if (order >= 0) j++;
    breaks.push(next);
    values.push(g(a.values[i] ?? 0, b.values[j] ?? 0));
  }
  return tidy(breaks, values);
}

function compareBreaks(a: Break, b: Break): number {
  return a.at === b.at ? Number(a.open) - Number(b.open) : a.at - b.at;
}

/** `f(x) = steps(|x|)` */
export function ofAbsolute({ breaks, values }: StepFunction): StepFunction {
  const isRight = ({ at, open }: Break): boolean => at > 0 || (at === 0 && open);
  const right = breaks.filter(isRight);
  const rightValues = values.slice(breaks.length - right.length);
  const left = right.map(({ at, open }) => ({ at: -at, open: !open })).reverse();
  return tidy([...left, ...right], [...rightValues.toReversed(), ...rightValues.slice(1)]);
}

/** `f(x) = steps(factor * x)`; null where a break point would be rounded. */
export function ofScaled({ breaks, values }: StepFunction, factor: number): StepFunction | null {
  const isExact = Number.isInteger(Math.log2(Math.abs(factor)));
  if (!isExact && breaks.some(({ at }) => at !== 0)) return null;
  const moved = breaks.map(({ at, open }) => ({ at: at / factor, open }));
  if (factor > 0) return { breaks: moved, values };
  const turned = moved.map(({ at, open }) => ({ at, open: !open }));
  return { breaks: turned.reverse(), values: values.toReversed() };
}

/** `f(x) = steps(x + offset)`; null where a break point would be rounded. */
export function ofShifted({ breaks, values }: StepFunction, offset: number): StepFunction | null {
  const moved = breaks.map(({ at, open }) => ({ at: at - offset, open }));
  const isExact = moved.every(({ at }, i) => differsBy(breaks[i]?.at ?? 0, offset, at));
  return isExact ? { breaks: moved, values } : null;
}

/** Whether `a - b` is exactly `difference`, which it is rounded to (Knuth's two-sum has no rest). */
function differsBy(a: number, b: number, difference: number): boolean {
  const virtual = a - difference;
  return a - (difference + virtual) + (virtual - b) === 0;
}

/** `f(x) = steps(clip(x, low, high))` */
export function ofClipped(
  { breaks, values }: StepFunction,
  low: number,
  high: number,
): StepFunction {
  const reached = ({ at, open }: Break, x: number): boolean => (open ? x > at : x >= at);
  const first = breaks.filter((b) => reached(b, low)).length;
  const last = breaks.filter((b) => reached(b, high)).length;
  return { breaks: breaks.slice(first, last), values: values.slice(first, last + 1) };
}

/** Without breaks at which nothing changes, and without pieces that have no number in them. */
function tidy(breaks: readonly Break[], values: readonly number[]): StepFunction {
  const kept: Break[] = [];
  const pieces: number[] = [values[0] ?? 0];
  for (const [i, place] of breaks.entries()) {
    const next = breaks[i + 1];
    const isEmpty = next !== undefined && compareBreaks(place, next) === 0;
    const value = values[i + 1] ?? 0;
    if (isEmpty || value === pieces.at(-1)) continue;
    kept.push(place);
    pieces.push(value);
  }
  return { breaks: kept, values: pieces };
}
