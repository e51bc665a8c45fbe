/** Everything that the comparison with the float model says. */

import { type Diagnostic, errorDiagnostic } from "../diagnostics.js";

export function runtimeMissing(): Diagnostic {
  return errorDiagnostic(
    "tool/runtime-missing",
    {},
    "the float model is run by onnxruntime-web, and that package is not installed",
    "Install it beside tritc: npm install onnxruntime-web",
  );
}

export function ownReference(why: string): Diagnostic {
  return {
    code: "verify/own-float-reference",
    severity: "note",
    where: {},
    message: `the float model was run by tritc's own float32 evaluator: ${why}`,
  };
}

export function floatDiffers(first: number, inputs: number, count: number): Diagnostic {
  return errorDiagnostic(
    "verify/float-differs",
    {},
    `the simulator departs from the float model on ${inputs} of ${count} inputs, first on input ` +
      `${first}, where float32 rounding does not explain it`,
    "This is a bug of tritc: please report it with the model.",
  );
}

export function floatNeedsModel(folder: string): Diagnostic {
  return errorDiagnostic(
    "usage/float-needs-model",
    { file: folder },
    "a folder of compiled C holds no float model to compare with",
    "Give the model file itself: tritc verify MODEL --float.",
  );
}

export function labelsWithoutFloat(): Diagnostic {
  return errorDiagnostic(
    "usage/labels-without-float",
    {},
    "--labels goes with --float and --inputs: it scores the float model and the simulator",
    "Add --float and --inputs FILE.",
  );
}

export function labelsDiffer(file: string, given: readonly number[], inputs: number): Diagnostic {
  return errorDiagnostic(
    "usage/labels-shape",
    { file, shape: given },
    `labels must be one whole number for each of the ${inputs} inputs`,
    "Save them as integers of shape [N], in the order of the inputs.",
  );
}

export function noClasses(elements: number): Diagnostic {
  return errorDiagnostic(
    "usage/no-classes",
    {},
    `the model gives ${elements} numbers that are no scores of classes, so labels mean nothing to it`,
    "Leave --labels away.",
  );
}

export function floatDiffersWhereRounded(inputs: number, count: number): Diagnostic {
  return {
    code: "verify/float-rounded",
    severity: "note",
    where: {},
    message:
      `the simulator departs from the float model on ${inputs} of ${count} inputs; some layers of ` +
      "this network are not exact, which `tritc inspect` shows",
  };
}
