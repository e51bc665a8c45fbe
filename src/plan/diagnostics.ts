import { type Diagnostic, errorDiagnostic } from "../diagnostics.js";
import type { Layer } from "../network/types.js";
import type { Refused } from "./choices.js";

export function noKernel({ name }: Layer, refused: readonly Refused[]): Diagnostic {
  const reasons = refused.map((r) => `${r.kernel}: ${r.reason}`).join("; ");
  const multiplies = refused.some((r) => r.reason === "it multiplies");
  return errorDiagnostic(
    "plan/no-kernel",
    { node: name },
    `no kernel can compute this layer. ${reasons}`,
    multiplies ? "Leave out --no-multiply." : "Please report this model.",
  );
}

/** A limit that no plan keeps; `least` is what the best plan for it takes. */
export function overLimit(
  option: "--max-flash" | "--max-ram" | "--max-cycles",
  limit: number,
  least: number,
  others: string,
): Diagnostic {
  const unit = option === "--max-cycles" ? "cycles" : "bytes";
  const what = {
    "--max-flash": "flash for tables and code of its layers",
    "--max-ram": "RAM for its arena",
    "--max-cycles": "time",
  }[option];
  const number = (n: number): string => Math.ceil(n).toLocaleString("en-US");
  return errorDiagnostic(
    `plan/${option.slice(2)}`,
    {},
    `no plan for this network keeps ${option} ${limit}: ${what} takes at least ${number(least)} ${unit}${others}`,
    `Allow ${option} ${Math.ceil(least)}${others === "" ? "" : ", or loosen the other limits"}, or use a smaller network.`,
  );
}
