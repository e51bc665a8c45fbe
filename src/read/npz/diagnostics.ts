import { type Diagnostic, errorDiagnostic } from "../../diagnostics.js";
import type { Shape } from "../../graph/types.js";
import { showShape } from "../diagnostics.js";

/** What the reader of NumPy archives says. */

const NAMES =
  "Name the arrays of each layer by its place: np.savez(file, w0=..., b0=..., w1=..., b1=...); biases may be left out.";

export function noWeights(names: readonly string[]): Diagnostic {
  const held = names.length === 0 ? "no arrays" : `only ${names.slice(0, 8).join(", ")}`;
  return errorDiagnostic(
    "read/npz-names",
    {},
    `the .npz file holds no weights: it has ${held}`,
    NAMES,
  );
}

export function strangeArray(tensor: string, why: string): Diagnostic {
  return errorDiagnostic(
    "read/npz-names",
    { tensor },
    `it is not clear what this array of the .npz file is: ${why}`,
    `${NAMES} Leave other arrays out.`,
  );
}

export function twoOfRole(role: string, first: string, second: string): Diagnostic {
  return errorDiagnostic(
    "read/npz-names",
    { tensor: second },
    `the .npz file has two ${role} for one layer: ${first} and ${second}`,
    NAMES,
  );
}

export function ambiguousOrder(first: string, second: string): Diagnostic {
  return errorDiagnostic(
    "read/npz-names",
    { tensor: second },
    `nothing says which layer comes first, that of ${first} or that of ${second}`,
    NAMES,
  );
}

export function npzArray(tensor: string, problem: string): Diagnostic {
  return errorDiagnostic(
    "read/npz-array",
    { tensor },
    `the array cannot be read: ${problem}`,
    "Save weights and biases as plain arrays of numbers with np.savez.",
  );
}

export function notAMatrix(tensor: string, shape: Shape): Diagnostic {
  return errorDiagnostic(
    "read/shape-mismatch",
    { tensor, shape },
    `weights are matrices [inputs, outputs]; these have ${shape.length} axes`,
    "A .npz file is read as a chain of dense layers; export other networks to ONNX.",
  );
}

export function brokenChain(
  tensor: string,
  shape: Shape,
  before: string,
  width: number,
): Diagnostic {
  const turned = shape[1] === width ? " Transposed they would fit: save w.T." : "";
  return errorDiagnostic(
    "read/shape-mismatch",
    { tensor, shape },
    `weights ${showShape(shape)} take ${shape[0]} inputs, but ${before} gives ${width} outputs`,
    `Weights are [inputs, outputs], each layer's inputs the outputs of the one before.${turned}`,
  );
}

export function biasShape(tensor: string, shape: Shape, outputs: number): Diagnostic {
  return errorDiagnostic(
    "read/shape-mismatch",
    { tensor, shape },
    `a bias of shape ${showShape(shape)} for ${outputs} outputs`,
    "A bias has one number for each output of its layer.",
  );
}

export function notTrits(tensor: string, value: number, row: number, column: number): Diagnostic {
  return errorDiagnostic(
    "read/not-trits",
    { tensor },
    `weight [${row}, ${column}] is ${value}; the weights of a .npz chain are -1, 0 or 1`,
    "Save the quantised weights, not the floats they are made from; put a scale into the bias, for signs do not see it.",
  );
}
