import { type Diagnostic, errorDiagnostic } from "../diagnostics.js";

/** `usage/cannot-bench`: the target has no emulated core. */
export function notEmulated(target: string): Diagnostic {
  return errorDiagnostic(
    "usage/cannot-bench",
    {},
    `nothing can be counted on target ${target}: it has no emulated core`,
    "choose another --target; `tritc targets` lists them",
  );
}

/** `verify/wrong-output`: how fast wrong code is tells nothing. */
export function wrongOutput(
  target: string,
  at: number,
  expected: Int32Array,
  actual: Int32Array,
): Diagnostic {
  return errorDiagnostic(
    "verify/wrong-output",
    {},
    `${target}: the generated C and the simulator disagree: output ${at} is ${actual[at]} and ` +
      `should be ${expected[at]}`,
    "`tritc verify` with this target finds the layer",
  );
}

/** `tool/not-counted`: the plugin saw something else than calls of the model's code. */
export function notCounted(
  target: string,
  calls: number,
  inputs: number,
  unknown: number,
): Diagnostic {
  return errorDiagnostic(
    "tool/not-counted",
    {},
    unknown > 0
      ? `${target}: ${unknown} instructions were executed that the disassembler does not show`
      : `${target}: ${calls} of ${inputs} runs were counted`,
    "use another version of the emulator or the compiler; `tritc doctor` shows which are used",
  );
}
