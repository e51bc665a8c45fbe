import type { Origin, Quantizer, Rounding } from "../../graph/types.js";
import { pick } from "../channels.js";
import type { SumRule } from "../lines.js";
import {
  compare,
  divide,
  fromNumber,
  negate,
  type Rational,
  sign,
  subtract,
  toNumber,
} from "../rational.js";
import { isUniformOverChannels, type Levels, levelAt, levelsOf } from "../steps.js";
import type { InputEncoding } from "../types.js";
import type { Curve } from "./curve.js";
import { float32Level, type Replay } from "./replay.js";

type RealEncoding = InputEncoding & { readonly kind: "real" };

/**
 * The model takes float32 and quantises it: finds, for each channel, the exact float32 numbers at
 * which the quantiser's output changes. Comparing with those gives what the model's own float32
 * arithmetic gives (`replay`), or where that is not known what exact arithmetic does.
 */
export function encodeFloatInput(
  rules: readonly SumRule[],
  quantizer: Quantizer,
  channels: readonly number[] | null,
  replay: Replay | null,
  channelCount: number,
): RealEncoding {
  const alike = rules.length === 1 && channels === null;
  const lists = Array.from({ length: alike ? 1 : channelCount }, (_, c) => {
    const index = channels === null ? 0 : pick(channels, c);
    const levels = levelsOf(quantizer, index);
    const rule = pick(rules, c);
    if (replay === null) return { levels, ...breaksOf(rule, levels) };
    const level = float32Level(quantizer, index, levels);
    const descending = sign(pick(rule.scales, 0)) < 0;
    const breaks = replayedBreaks((x) => level(replay(x, c)), levels, descending);
    return { levels, breaks, descending };
  });
  const levels = pick(lists, 0).levels;
  const { breaks, descending } = sharedIfEqual(lists);
  return {
    kind: "real",
    breaks,
    descending,
    base: levels.base + levels.step * levels.min,
    step: levels.step,
    formula: formulaOf(rules, quantizer),
  };
}

/**
 * The same for a function of the input that never turns back; null if it is not known that it does
 * not.
 */
export function encodeFloatCurve(
  curve: Curve,
  quantizer: Quantizer,
  channels: readonly number[] | null,
  channelCount: number,
  nodes: readonly Origin[],
): RealEncoding | null {
  const { directions } = curve;
  if (directions === null) return null;
  const real = curve.replay ?? curve.value;
  const alike = curve.lists === 1 && directions.length === 1 && channels === null;
  const lists = Array.from({ length: alike ? 1 : channelCount }, (_, c) => {
    const index = channels === null ? 0 : pick(channels, c);
    const levels = levelsOf(quantizer, index);
    const level = float32Level(quantizer, index, levels);
    const own = curve.lists === 1 ? 0 : c;
    const falls = pick(directions, c) === -1;
    const breaks = replayedBreaks((x) => level(real(x, own)), levels, falls);
    return { levels, breaks, descending: falls };
  });
  const { levels } = pick(lists, 0);
  return {
    kind: "real",
    ...sharedIfEqual(lists),
    base: levels.base + levels.step * levels.min,
    step: levels.step,
    formula: quantizerText(nodes.map(({ op }) => op).join(", then "), quantizer),
  };
}

/**
 * The float32 numbers at which a function of float32 that never turns back reaches each level, by
 * bisection over all of them. Infinite where every number reaches it, or none.
 */
function replayedBreaks(
  level: (x: number) => number,
  levels: Levels,
  descending: boolean,
): Float64Array {
  const at = (order: number): number => level(descending ? -float32At(order) : float32At(order));
  const breaks = new Float64Array(levels.max - levels.min);
  let from = -LARGEST_FLOAT32;
  for (let k = levels.min + 1; k <= levels.max; k++) {
    let low = from;
    let high = LARGEST_FLOAT32 + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (at(middle) >= k) high = middle;
      else low = middle + 1;
    }
    from = low;
    const x = low > LARGEST_FLOAT32 ? Number.POSITIVE_INFINITY : float32At(low);
    const found = low === -LARGEST_FLOAT32 ? Number.NEGATIVE_INFINITY : x;
    breaks[k - levels.min - 1] = descending ? -found : found;
  }
  return breaks;
}

/** Infinite breaks stand for levels that every number reaches, or none. */
function breaksOf(rule: SumRule, levels: Levels): { breaks: Float64Array; descending: boolean } {
  const scale = pick(rule.scales, 0);
  const descending = sign(scale) < 0;
  const floor = rule.low === null ? levels.min : levelAt(rule.low, levels);
  const ceiling = rule.high === null ? levels.max : levelAt(rule.high, levels);
  const always = descending ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const constant = sign(scale) === 0 ? levelAt(rule.bias, levels) : null;
  const breaks = new Float64Array(levels.max - levels.min);
  for (let k = levels.min + 1; k <= levels.max; k++) {
    const j = k - levels.min - 1;
    if (k <= floor) breaks[j] = always;
    else if (k > ceiling) breaks[j] = -always;
    else if (constant !== null) breaks[j] = k <= constant ? always : -always;
    else {
      const { at, open } = levels.breakPoint(k);
      const exact = divide(subtract(at, rule.bias), scale);
      breaks[j] = descending ? -leastFloat32(negate(exact), open) : leastFloat32(exact, open);
    }
  }
  return { breaks, descending };
}

/** The smallest float32 that is >= x, or > x if `open`. */
export function leastFloat32(x: Rational, open: boolean): number {
  const reaches = (candidate: number): boolean => {
    if (candidate === Number.POSITIVE_INFINITY) return true;
    if (candidate === Number.NEGATIVE_INFINITY) return false;
    const side = compare(fromNumber(candidate), x);
    return open ? side > 0 : side >= 0;
  };
  let candidate = Math.fround(toNumber(x));
  while (!reaches(candidate)) candidate = nextFloat32(candidate, 1);
  for (;;) {
    const below = nextFloat32(candidate, -1);
    if (!reaches(below)) return candidate;
    candidate = below;
  }
}

const float32 = new Float32Array(1);
const float32Bits = new Int32Array(float32.buffer);

/** Place of the largest finite float32 in the order of all, counted from 0 at zero. */
const LARGEST_FLOAT32 = 0x7f7fffff;

/** The float32 at a place in their order: non-negative bit patterns are in order of magnitude. */
function float32At(order: number): number {
  float32Bits[0] = Math.abs(order);
  const magnitude = float32[0] ?? 0;
  return order < 0 ? -magnitude : magnitude;
}

/** The float32 next to `value`, above (1) or below (-1). */
function nextFloat32(value: number, direction: 1 | -1): number {
  float32[0] = value;
  const bits = float32Bits[0] ?? 0;
  // As integers, floats of one sign are in order of magnitude.
  if (value === 0) float32Bits[0] = direction === 1 ? 1 : (1 << 31) | 1;
  else float32Bits[0] = bits + (bits >= 0 ? direction : -direction);
  return float32[0] ?? value;
}

function sharedIfEqual(
  lists: readonly { readonly breaks: Float64Array; readonly descending: boolean }[],
): { breaks: readonly Float64Array[]; descending: readonly boolean[] } {
  const first = pick(lists, 0);
  const equal = lists.every(
    (l) => l.descending === first.descending && l.breaks.every((b, j) => b === first.breaks[j]),
  );
  const kept = equal ? [first] : lists;
  return { breaks: kept.map((l) => l.breaks), descending: kept.map((l) => l.descending) };
}

export function sameEncoding(a: InputEncoding, b: InputEncoding): boolean {
  if (a.kind !== "real" || b.kind !== "real") return a === b;
  return (
    a.base === b.base &&
    a.step === b.step &&
    sameList(a.descending, b.descending) &&
    a.breaks.length === b.breaks.length &&
    a.breaks.every((list, c) => sameList(list, b.breaks[c] ?? []))
  );
}

function sameList<T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => value === b[i]);
}

const ROUND_NAME: Readonly<Record<Rounding, string>> = {
  "half-even": "round_half_even",
  floor: "floor",
  ceil: "ceil",
  "toward-zero": "trunc",
};

/** For people: the affine part and the quantiser, as numbers that a reader can check. */
function formulaOf(rules: readonly SumRule[], quantizer: Quantizer): string {
  const affine =
    rules.length > 1
      ? "x * scale[c] + offset[c]"
      : describeAffine(pick(pick(rules, 0).scales, 0), pick(rules, 0).bias);
  return quantizerText(affine, quantizer);
}

function quantizerText(affine: string, quantizer: Quantizer): string {
  switch (quantizer.kind) {
    case "bipolar":
      return `${affine} >= 0 ? 1 : -1`;
    case "sign":
      return `sign(${affine})`;
    case "uniform": {
      const scale = quantizer.scale.length === 1 ? `${quantizer.scale[0]}` : "s[c]";
      const zero = quantizer.zero[0] ?? 0;
      const shift = zero === 0 ? "" : ` + ${zero}`;
      const round = ROUND_NAME[quantizer.rounding];
      const rounded =
        quantizer.zeroAdded === "before-rounding"
          ? `${round}((${affine}) / ${scale}${shift})`
          : `${round}((${affine}) / ${scale})${shift}`;
      return `clamp(${rounded}, ${quantizer.min}, ${quantizer.max})`;
    }
    case "thresholds": {
      const { base, step, count, values, open = [] } = quantizer;
      if (values.length === 1) {
        return `${affine} ${open[0] === true ? ">" : ">="} ${values[0]} ? ${base + step} : ${base}`;
      }
      const lists = isUniformOverChannels(quantizer) ? "" : " of its channel";
      return `${base} + ${step} * (how many of ${count} thresholds${lists} ${affine} reaches)`;
    }
    default:
      return quantizer satisfies never;
  }
}

function describeAffine(scale: Rational, bias: Rational): string {
  const factor = toNumber(scale);
  const offset = toNumber(bias);
  const product = factor === 1 ? "x" : `x * ${factor}`;
  return offset === 0 ? product : `${product} + ${offset}`;
}
