import type { Diagnostic } from "../../../diagnostics.js";
import type { Origin } from "../../../graph/types.js";
import { atNode } from "../diagnostics.js";

const FLOAT32_NODES =
  "In float32 tritc computes Add, Sub, Mul, Div, Abs, Neg, Sqrt, Reciprocal, Pow by whole numbers, Relu, Clip, Min, Max, sums, means and largest elements.";

export function notInFloat(origin: Origin): Diagnostic {
  return atNode(
    "lower/not-in-float32",
    origin,
    "it would have to be computed in float32 at run time, and is not specified there bit by bit",
    `${FLOAT32_NODES} Or quantise its input with a static scale.`,
  );
}

export function floatProduct(origin: Origin): Diagnostic {
  return atNode(
    "lower/float32-product",
    origin,
    "its input is float32 that is not an integer times one factor for each row: the product with the weights would not be one of integers",
    "Quantise the input as BitLinear does: clip(round(x * s), -128, 127) / s, with s from the largest |x| of the row.",
  );
}

export function roundWithoutClip(origin: Origin): Diagnostic {
  return atNode(
    "lower/round-without-clip",
    origin,
    "it reads what a Round gives, and no Clip says which integers that can be",
    "Let a Clip to the integer type's range follow each Round, as in clip(round(x * s), -128, 127).",
  );
}

export function tooManyLevels(origin: Origin, low: number, high: number): Diagnostic {
  return atNode(
    "lower/too-many-levels",
    origin,
    `it clips rounded numbers to [${low}, ${high}]: between 1 and 2^22 integers on each side of 0 can be stored`,
    "Clip to the range of an 8-bit or 16-bit integer.",
  );
}

export function quantizerInFloat(origin: Origin): Diagnostic {
  return atNode(
    "lower/quantizer-in-float32",
    origin,
    "it quantises float32 that is computed at run time; there one scale and one whole zero point for the tensor, rounding half to even, are supported, or the sign",
    "Use QuantizeLinear with one scale for the tensor.",
  );
}

export function apartForFloat(origin: Origin): Diagnostic {
  return atNode(
    "lower/float32-layout",
    origin,
    "its operands stand in different orders in memory, or do not belong together row by row",
    "Let float32 operators work along the last axis, on tensors that were not transposed.",
  );
}

export function axesApart(origin: Origin, axes: readonly number[]): Diagnostic {
  return atNode(
    "lower/float32-axes",
    origin,
    `it reduces axes [${axes.join(", ")}], which do not adjoin`,
    "Reduce neighbouring axes, or one after the other.",
  );
}

export function inputTwice(origin: Origin): Diagnostic {
  return atNode(
    "lower/input-twice",
    origin,
    "the model's float input is needed both quantised by the caller and as float32",
    "Please report this model.",
  );
}

export function straightThrough([first, ...more]: readonly [Origin, ...Origin[]]): Diagnostic {
  const others = more.length === 0 ? "" : ` and ${more.length} more`;
  return {
    ...atNode(
      "lower/straight-through",
      first,
      `x + (q - x), here${others}, is taken for q, which it means; a float runtime that computes it rounds twice more`,
    ),
    severity: "note",
  };
}
