import { accumulatorRanges, hull, poolRanges } from "../../src/network/lower/ranges.js";
import { signedBits } from "../../src/network/requantize.js";
import type {
  FixedPoint,
  Layer,
  Range,
  Requantization,
  StorageType,
  SumPoolLayer,
  Tensor,
} from "../../src/network/types.js";
import { requantizer } from "../../src/simulate/requantizer.js";
import { forEachWindow } from "../../src/simulate/windows.js";

/** The limits that the lowering keeps: differences of accumulators fit int32, products a double. */
export const LARGEST_ACCUMULATOR = 2 ** 30 - 1;
const LARGEST_PRODUCT = 2 ** 52;
const LARGEST_MULTIPLIER = 2 ** 31 - 1;

export const STORAGE: Readonly<Record<StorageType, Range>> = {
  int8: { low: -128, high: 127 },
  uint8: { low: 0, high: 255 },
  int16: { low: -(2 ** 15), high: 2 ** 15 - 1 },
  int32: { low: -(2 ** 31), high: 2 ** 31 - 1 },
};

export interface Proved {
  readonly layer: Layer;
  readonly range: Range;
}

/**
 * The layer with the ranges of its accumulators and the bits of its sums, and the range of its
 * output, as the library's interval arithmetic proves them. Null where they break a limit that the
 * lowering keeps.
 */
export function prove(layer: Layer, inputs: readonly Tensor[], output: Tensor): Proved | null {
  const [input] = inputs;
  if (input === undefined) return null;
  switch (layer.kind) {
    case "conv":
    case "dense": {
      if (!contains(STORAGE[input.type], { low: layer.zero, high: layer.zero })) return null;
      const padded = layer.kind === "conv" && Object.values(layer.window.pads).some((p) => p > 0);
      const accumulators = accumulatorRanges(layer.weights, input.range, layer.zero, padded);
      const rule = proveRule(layer.requantization, [accumulators], output.channels);
      if (rule === null) return null;
      const { requantization, range } = rule;
      return { layer: { ...layer, accumulators, requantization }, range };
    }
    case "sum-pool": {
      if (!divides(layer, input, output)) return null;
      const accumulators = [poolRanges(layer.window, layer.multiple, input.range, layer.zero)];
      const rule = proveRule(layer.requantization, [accumulators], output.channels);
      if (rule === null) return null;
      const { requantization, range } = rule;
      return { layer: { ...layer, accumulators, requantization }, range };
    }
    case "max-pool":
      return isSmall(input.range) ? { layer, range: input.range } : null;
    case "gather":
      return { layer, range: input.range };
    case "elementwise": {
      const rule = proveRule(
        layer.requantization,
        inputs.map((t) => [t.range]),
        output.channels,
      );
      if (rule === null) return null;
      return { layer: { ...layer, requantization: rule.requantization }, range: rule.range };
    }
    default:
      return layer satisfies never;
  }
}

/** The counts of a pool's windows divide its multiple, and sums are not dilated. */
function divides({ window, multiple }: SumPoolLayer, input: Tensor, output: Tensor): boolean {
  if (window.dilations.some((d) => d > 1)) return false;
  let good = true;
  forEachWindow(window, input, output, ({ top, bottom, left, right }) => {
    good &&= multiple % ((bottom - top) * (right - left)) === 0;
  });
  return good;
}

/** `operands[i]` are the ranges of operand i, one for all channels or one for each. */
export function proveRule(
  rule: Requantization,
  operands: readonly (readonly Range[])[],
  channels: number,
): { requantization: Requantization; range: Range } | null {
  if (!operands.every((ranges) => isSmall(hull(ranges)))) return null;
  const [ranges = []] = operands;
  switch (rule.kind) {
    case "none":
      return operands.length === 1 ? { requantization: rule, range: hull(ranges) } : null;
    case "thresholds":
      if (
        operands.length > 1 ||
        !rule.thresholds.every((t) => isSmall({ low: t - 1, high: t - 1 }))
      )
        return null;
      return reached(rule, operands, channels);
    case "table": {
      const { low, size, values } = rule;
      if (operands.length > 1 || !contains({ low, high: low + size - 1 }, hull(ranges)))
        return null;
      // All of the table is stored as the output's type.
      const range = { low: Math.min(...values), high: Math.max(...values) };
      return { requantization: rule, range };
    }
    case "fixed-point": {
      const bits = bitsOf(rule, operands, channels);
      return bits === null ? null : reached({ ...rule, bits }, operands, channels);
    }
    default:
      return rule satisfies never;
  }
}

/** The step functions are monotone: what they reach, they reach at the ends of their operands. */
function reached(
  rule: Requantization,
  operands: readonly (readonly Range[])[],
  channels: number,
): { requantization: Requantization; range: Range } | null {
  const output = requantizer(rule);
  const values = Array.from({ length: channels }, (_, c) =>
    corners(operands, c).map(([x = 0, second]) => output(x, c, second)),
  ).flat();
  const range = { low: Math.min(...values), high: Math.max(...values) };
  return contains(STORAGE.int32, range) ? { requantization: rule, range } : null;
}

/** Bits that every p, and every part of it, needs; null where the C could not form one. */
function bitsOf(
  rule: FixedPoint,
  operands: readonly (readonly Range[])[],
  channels: number,
): number | null {
  const { multipliers, offsets, low, high, base, step, shift, tieBand } = rule;
  const bounds = [...low, ...high].flatMap((b) => [b, step * b, base + step * b]);
  if (!bounds.every((b) => contains(STORAGE.int32, { low: b, high: b }))) return null;
  if (multipliers.length !== operands.length || tieBand > Math.min(2 ** shift, 2 ** 31 - 1)) {
    return null;
  }
  if (low.some((l, c) => l > at(high, c)) || high.some((h, c) => at(low, c) > h)) return null;
  let largest = 0;
  for (let c = 0; c < channels; c++) {
    const offset = at(offsets, c);
    largest = Math.max(largest, Math.abs(offset));
    for (const corner of corners(operands, c)) {
      const parts = corner.map((x, i) => x * at(multipliers[i] ?? new Float64Array(1), c));
      const sum = parts.reduce((a, b) => a + b, 0);
      largest = Math.max(largest, Math.abs(sum + offset), ...parts.map(Math.abs));
    }
  }
  const wide =
    multipliers.length === 1 && multipliers[0]?.some((m) => Math.abs(m) > LARGEST_MULTIPLIER);
  return wide === true || largest >= LARGEST_PRODUCT ? null : signedBits(largest);
}

function corners(operands: readonly (readonly Range[])[], channel: number): number[][] {
  let found: number[][] = [[]];
  for (const ranges of operands) {
    const { low, high } = ranges[ranges.length === 1 ? 0 : channel] ?? { low: 0, high: 0 };
    found = found.flatMap((head) => [
      [...head, low],
      [...head, high],
    ]);
  }
  return found;
}

function at(list: Float64Array, channel: number): number {
  return (list.length === 1 ? list[0] : list[channel]) ?? 0;
}

export function contains(outer: Range, inner: Range): boolean {
  return outer.low <= inner.low && inner.high <= outer.high;
}

function isSmall(range: Range): boolean {
  return contains({ low: -LARGEST_ACCUMULATOR, high: LARGEST_ACCUMULATOR }, range);
}
