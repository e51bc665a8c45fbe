import { type Diagnostic, errorDiagnostic } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import { nodeLabel } from "../diagnostics.js";

/** What the reader of safetensors and their architecture files says. */

const SEE = "docs/formats.md describes architecture files.";

export function noArchitecture(tried: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "read/no-architecture",
    {},
    "the file holds tensors without the network they belong to",
    `Put an architecture file beside it, as ${tried.join(" or ")}. ${SEE}`,
  );
}

export function badArchitecture(reason: string): Diagnostic {
  return errorDiagnostic("read/architecture", {}, `the architecture file ${reason}`, SEE);
}

export function noTensorFile(location: string): Diagnostic {
  return errorDiagnostic(
    "read/no-weights",
    {},
    `the architecture file needs the tensors of ${JSON.stringify(location.slice(0, 200))}, which is not beside it`,
    "Put both files into one folder.",
  );
}

export function outsideFolder(location: string): Diagnostic {
  return errorDiagnostic(
    "read/external-location",
    {},
    `the tensors are said to be in ${JSON.stringify(location.slice(0, 200))}, which is not beside the architecture file`,
    "Put both files into one folder.",
  );
}

export function noTensor(origin: Origin, tensor: string, nearest: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "read/missing-weight",
    { node: nodeLabel(origin), tensor },
    "the file has no tensor of that name",
    nearest.length === 0 ? SEE : `It has ${nearest.join(", ")}.`,
  );
}
