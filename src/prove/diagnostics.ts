/** Everything that the proof area says. */

import { type Diagnostic, errorDiagnostic } from "../diagnostics.js";
import type { LayerInfo } from "../verify/types.js";
import type { Alarm } from "./types.js";

/** `verify/unproved`: a property that the analyser could not prove. */
export function unproved(target: string, alarm: Alarm, layer: LayerInfo | null): Diagnostic {
  const { file, line, kind, property } = alarm;
  const place = layer === null ? "" : `, met first in layer ${layer.name}`;
  return errorDiagnostic(
    "verify/unproved",
    { file: `${file}:${line}`, ...(layer === null ? {} : { node: layer.origin }) },
    `${target}: not proved: ${[kind, property].filter((part) => part !== "").join(", ")}${place}`,
    "a bug of the compiler, or code that the analyser cannot follow; docs/proof.md says how to look into it",
  );
}

/** `verify/proof-incomplete`: the analyser ended, but not by having followed the whole program. */
export function incomplete(target: string, reason: string, output: string): Diagnostic {
  return errorDiagnostic(
    "verify/proof-incomplete",
    {},
    `${target}: nothing is proved: ${reason}${tail(output)}`,
    "verify again with --work-dir, and look at the files left there",
  );
}

/** `verify/proof-timeout`. */
export function tooSlow(target: string, layer: LayerInfo | null, limitMs: number): Diagnostic {
  const where = layer === null ? "the analysis" : `layer ${layer.name}`;
  return errorDiagnostic(
    "verify/proof-timeout",
    layer === null ? {} : { node: layer.origin },
    `${target}: nothing is proved: ${where} took longer than ${limitMs / 1000} s`,
    "allow more with --timeout; docs/proof.md says what an analysis costs",
  );
}

const SHOWN_LINES = 6;

function tail(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines
    .slice(-SHOWN_LINES)
    .map((line) => `\n  ${line.trimEnd()}`)
    .join("");
}
