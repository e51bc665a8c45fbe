import type { Rational } from "./rational.js";

/** `value = clamp(sum of scales[i] * x_i + bias, low, high)` in one channel. */
export interface SumRule {
  readonly scales: readonly Rational[];
  readonly bias: Rational;
  readonly low: Rational | null;
  readonly high: Rational | null;
}

/** Everything in units of levels: the level is `floor(sum of slopes[i] * x_i + intercept)`. */
export interface LevelLine {
  readonly slopes: readonly Rational[];
  readonly intercept: Rational;
  readonly low: number;
  readonly high: number;
}
