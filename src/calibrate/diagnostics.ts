/** Everything that calibration says. */

import { type Diagnostic, errorDiagnostic } from "../diagnostics.js";

export function notNeeded(file: string): Diagnostic {
  return {
    code: "lower/calibration-not-needed",
    severity: "note",
    where: { file },
    message: "the model has quantisers of its own: it was not calibrated, and nothing was changed",
  };
}

export function fewInputs(file: string, count: number): Diagnostic {
  return {
    code: "lower/few-calibration-inputs",
    severity: "warning",
    where: { file },
    message: `scales were chosen from ${count} inputs, which may not show how large activations get`,
    hint: "Give at least 16 inputs, better a few hundred, like those the device will see.",
  };
}

export function constantActivation(tensor: string, value: number): Diagnostic {
  return {
    code: "lower/constant-activation",
    severity: "warning",
    where: { tensor },
    message: `every element is ${value} on all calibration inputs`,
    hint: "Check that the calibration inputs are scaled and ordered as in training.",
  };
}

export function notFinite(tensor: string): Diagnostic {
  return errorDiagnostic(
    "lower/calibration-not-finite",
    { tensor },
    "the float model gives infinite numbers or NaN here on the calibration inputs",
    "Check how the calibration inputs were scaled.",
  );
}
