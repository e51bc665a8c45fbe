import type { Window } from "../../src/graph/types.js";
import {
  accumulatorRanges,
  hull,
  poolRanges,
  productRange,
} from "../../src/network/lower/ranges.js";
import { signedBits } from "../../src/network/requantize.js";
import type {
  FixedPoint,
  IntegerStorage,
  IntegerTensor,
  Layer,
  Range,
  Requantization,
  SumPoolLayer,
  Tensor,
} from "../../src/network/types.js";
import { requantizer } from "../../src/simulate/requantizer.js";
import { countTaps } from "../../src/simulate/windows.js";
import type { Extent } from "./conform.js";

/** The limits that the lowering keeps: differences of accumulators fit int32, products a double. */
export const LARGEST_ACCUMULATOR = 2 ** 30 - 1;
const LARGEST_PRODUCT = 2 ** 52;
const LARGEST_MULTIPLIER = 2 ** 31 - 1;

export const STORAGE: Readonly<Record<IntegerStorage, Range>> = {
  int8: { low: -128, high: 127 },
  uint8: { low: 0, high: 255 },
  int16: { low: -(2 ** 15), high: 2 ** 15 - 1 },
  int32: { low: -(2 ** 31), high: 2 ** 31 - 1 },
};

export interface Proved {
  readonly layer: Layer;
  /** Null for float32. */
  readonly range: Range | null;
}

/**
 * The layer with the ranges of its accumulators and the bits of its sums, and the range of its
 * output, as the library's interval arithmetic proves them. Null where they break a limit that the
 * lowering keeps.
 */
export function prove(layer: Layer, inputs: readonly Tensor[], output: Tensor): Proved | null {
  if (layer.kind === "pointwise" || layer.kind === "reduce") return proveFloat(layer);
  const integers = inputs.filter((tensor) => tensor.type !== "float32");
  const [input] = integers;
  return input === undefined ? null : proveIntegers(layer, input, integers, output);
}

type FloatLayer = Layer & { readonly kind: "pointwise" | "reduce" };

function proveFloat(layer: FloatLayer): Proved {
  if (layer.kind === "reduce") return { layer, range: null };
  const { store } = layer;
  switch (store.kind) {
    case "float32":
      return { layer, range: null };
    case "round":
      return { layer, range: { low: store.low + store.zero, high: store.high + store.zero } };
    case "bipolar":
      return { layer, range: { low: -1, high: 1 } };
    default:
      return store satisfies never;
  }
}

function proveIntegers(
  layer: Exclude<Layer, FloatLayer>,
  input: IntegerTensor,
  inputs: readonly IntegerTensor[],
  output: Tensor,
): Proved | null {
  switch (layer.kind) {
    case "conv":
    case "conv-transpose":
    case "dense": {
      if (!contains(STORAGE[input.type], { low: layer.zero, high: layer.zero })) return null;
      const padded =
        layer.kind === "conv-transpose" ||
        (layer.kind === "conv" && Object.values(layer.window.pads).some((p) => p > 0));
      const accumulators = accumulatorRanges(layer.weights, input.range, layer.zero, padded);
      return proveAccumulating(layer, accumulators, output.channels);
    }
    case "sum-pool":
      if (!divides(layer, input, output)) return null;
      return proveAccumulating(
        layer,
        [poolRanges(layer.window, layer.multiple, input.range, layer.zero)],
        output.channels,
      );
    case "product": {
      const [a, b] = inputs;
      if (a === undefined || b === undefined) return null;
      const range = productRange(a.range, b.range, layer.zeros);
      return proveAccumulating(layer, [range], output.channels);
    }
    case "max-pool":
      return isSmall(input.range) ? { layer, range: input.range } : null;
    case "gather": {
      const { fill } = layer;
      return { layer, range: hull([...inputs.map((t) => t.range), { low: fill, high: fill }]) };
    }
    case "lookup": {
      const [low, high] = [Math.min(...layer.table), Math.max(...layer.table)];
      return { layer, range: { low, high } };
    }
    case "elementwise": {
      const operands = inputs.map((t) => [t.range]);
      const rule = proveRule(layer.requantization, operands, layer.period);
      if (rule === null) return null;
      return { layer: { ...layer, requantization: rule.requantization }, range: rule.range };
    }
    default:
      return layer satisfies never;
  }
}

function proveAccumulating(
  layer: Extract<Layer, { readonly accumulators: readonly Range[] }>,
  accumulators: readonly Range[],
  channels: number,
): Proved | null {
  const rule = proveRule(layer.requantization, [accumulators], channels);
  if (rule === null) return null;
  const { requantization, range } = rule;
  return { layer: { ...layer, accumulators, requantization }, range };
}

/** Whether the counts of a pool's windows divide its multiple. */
function divides(
  { window, multiple, margins }: SumPoolLayer,
  input: Tensor,
  output: Tensor,
): boolean {
  return windowCounts(window, margins, input, output).every((count) => multiple % count === 0);
}

/** Of how many elements of the tensor and its margins each window of a pool is the mean. */
export function windowCounts(
  { kernel, strides, dilations, pads }: Window,
  margins: Window["pads"],
  input: Extent,
  output: Extent,
): number[] {
  const along = (axis: 0 | 1, outputs: number, pad: number, ends: readonly [number, number]) =>
    Array.from({ length: outputs }, (_, i) =>
      countTaps(i * strides[axis] - pad, kernel[axis], dilations[axis], ends),
    );
  const rows = along(0, output.height, pads.top, [-margins.top, input.height + margins.bottom]);
  const columns = along(1, output.width, pads.left, [-margins.left, input.width + margins.right]);
  return rows.flatMap((row) => columns.map((column) => row * column));
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
  // Multipliers of a single operand are stored as int32.
  const most = multipliers.length === 1 ? LARGEST_MULTIPLIER : LARGEST_PRODUCT;
  const wide = multipliers.some((list) => list.some((m) => Math.abs(m) > most));
  return wide || largest >= LARGEST_PRODUCT ? null : signedBits(largest);
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
