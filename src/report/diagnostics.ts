import type { Colors } from "picocolors/types.js";
import type { Diagnostic, Where } from "../diagnostics.js";
import { printable, shape } from "./format.js";
import { indent } from "./table.js";

/**
 * A diagnostic for people: severity and code, what is wrong, where, what to do next.
 *
 *     error read/bad-scale: a quantiser's scale must be positive and finite; this one has 0
 *       in model.onnx, QuantizeLinear "q1", tensor s
 *       A scale of zero comes from a channel without weights: ...
 */
export function diagnosticText(diagnostic: Diagnostic, colors: Colors): string {
  const { severity, code, message, where, hint } = diagnostic;
  const head = colors.bold(SEVERITY_COLOR[severity](colors)(`${severity} ${code}:`));
  const [first = "", ...rest] = printable(message).split("\n");
  const place = whereText(where);
  const details = [
    ...rest,
    ...(place === "" ? [] : [colors.dim(`in ${printable(place)}`)]),
    ...(hint === undefined ? [] : [printable(hint)]),
  ];
  return [`${head} ${first}`, ...details.map((line) => indent(line))].join("\n");
}

const SEVERITY_COLOR: Readonly<Record<Diagnostic["severity"], (c: Colors) => Colors["red"]>> = {
  error: (c) => c.red,
  warning: (c) => c.yellow,
  note: (c) => c.cyan,
};

function whereText({ file, node, tensor, shape: sizes }: Where): string {
  const parts = [
    file ?? "",
    node ?? "",
    tensor === undefined ? "" : `tensor ${tensor}`,
    sizes === undefined ? "" : `shape ${shape(sizes)}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
