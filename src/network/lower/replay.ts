import { ROUND } from "../../graph/rounding.js";
import type { Quantizer } from "../../graph/types.js";
import { type Levels, levelAtStep, type StepFunction, thresholdsOf } from "../steps.js";
import type { Range } from "../types.js";

/**
 * What the model's own float32 arithmetic makes of one stored element, where nothing but pointwise
 * operators lie between it and a quantiser (an image that is scaled and shifted, say). A float
 * runtime computes exactly this, in any order of elements, so the compiled network can too: where
 * every pixel lands on a tie, as with (x / 255 - 0.5) / 0.25, float32 rounding is the model.
 * Sums (convolutions, averages) have no such value: their order is the runtime's own.
 */
export type Replay = (element: number, channel: number) => number;

/** The quantiser in float32, as runtimes compute it: the level n of `Levels`. */
export function float32Level(quantizer: Quantizer, index: number, levels: Levels): Level {
  switch (quantizer.kind) {
    case "bipolar":
      return (value) => (value >= 0 ? 1 : 0);
    case "sign":
      return (value) => Math.sign(value) + 0;
    case "uniform": {
      const pick = (list: Float32Array): number =>
        (list.length === 1 ? list[0] : list[index]) ?? Number.NaN;
      const scale = pick(quantizer.scale);
      const zero = quantizer.zeroAdded === "before-rounding" ? pick(quantizer.zero) : 0;
      const round = ROUND[quantizer.rounding];
      return (value) => {
        const position = Math.fround(Math.fround(value / scale) + zero);
        return Math.min(levels.max, Math.max(levels.min, round(position)));
      };
    }
    case "thresholds": {
      const list = thresholdsOf(quantizer, index);
      const { open = [] } = quantizer;
      const reaches = (value: number, t: number, j: number): boolean =>
        open[j] === true ? value > t : value >= t;
      return (value) => list.reduce((n, t, j) => n + (reaches(value, t, j) ? 1 : 0), 0);
    }
    default:
      return quantizer satisfies never;
  }
}

export type Level = (value: number) => number;

/** One level for each value of a range, from `range.low` up. */
export function replayLevels(level: (x: number) => number, { low, high }: Range): Int32Array {
  return Int32Array.from({ length: high - low + 1 }, (_, i) => level(low + i));
}

/** Whether exact arithmetic gives these levels too. */
export function agrees(steps: StepFunction, levels: Int32Array, { low }: Range): boolean {
  return levels.every((level, i) => level === levelAtStep(steps, steps.direction * (low + i)));
}
