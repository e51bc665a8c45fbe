/**
 * float32 arithmetic, specified operation by operation: each result is rounded to IEEE single
 * precision, to nearest and ties to even, before the next operation sees it. A core with a
 * floating-point unit, a core without one and the simulator thus agree in every bit.
 *
 * A program computes one element; a layer runs it for each of its elements, in the order of memory.
 */
export interface FloatProgram {
  /** In order of evaluation; a step reads earlier ones by their index. The last is the result. */
  readonly steps: readonly FloatStep[];
}

/**
 * - `operand`: element of input tensor `input`, integers rounded to float32. For element i of N it
 *   is element `floor(i * n / N)` of an input of n elements: the same one for a whole row.
 * - `constant`: `values[i % values.length]` for element i.
 * - `max`: `a > b ? a : b`, `min`: `a < b ? a : b`. `abs`: `a <= 0 ? 0 - a : a`.
 * - `sqrt` is correctly rounded; of a negative number it is NaN.
 */
export type FloatStep =
  | { readonly op: "operand"; readonly input: number }
  | { readonly op: "constant"; readonly values: Float32Array }
  | { readonly op: FloatUnary; readonly a: number }
  | { readonly op: FloatBinary; readonly a: number; readonly b: number };

export type FloatUnary = "neg" | "abs" | "sqrt";

export type FloatBinary = "add" | "sub" | "mul" | "div" | "max" | "min";

/**
 * What becomes of a program's result r.
 * - `float32`: it is stored as it is.
 * - `round`: `zero + n`, where n is the integer nearest to `min(max(r, low), high)`, ties to even.
 *   `low` and `high` are integers of at most 22 bits. NaN gives `low`.
 * - `bipolar`: `r >= 0 ? 1 : -1`.
 */
export type FloatStore =
  | { readonly kind: "float32" }
  | { readonly kind: "round"; readonly low: number; readonly high: number; readonly zero: number }
  | { readonly kind: "bipolar" };

/** Largest bound of a `round`: below it, float32 still has a place for every half. */
export const LARGEST_ROUNDED = 2 ** 22 - 1;

/** How a reduction goes on, in the order of memory: `0 + r`, or `max(-LARGEST, r)`, comes first. */
export type FloatReduction = "sum" | "max";
