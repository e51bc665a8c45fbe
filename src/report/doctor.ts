import { installLines, type ToolReport } from "../verify/index.js";
import { printable } from "./format.js";
import { indent, left, table } from "./table.js";

/** What `doctor --json` prints, besides the fields that all commands have. */
export interface DoctorReport {
  readonly tools: readonly ToolReport[];
  /** Targets that can be verified here, and those that cannot. */
  readonly targets: { readonly ready: readonly string[]; readonly blocked: readonly string[] };
}

/** Which tools are there, how to get those that are not, and what follows for the targets. */
export function doctorText({ tools, targets }: DoctorReport): string {
  const rows = tools.map(({ tool, found }) => [
    found === null ? "missing" : "ok",
    tool.id,
    found === null ? tool.purpose : `${printable(found.version)}  (${printable(found.command)})`,
  ]);
  const missing = tools.filter(({ found }) => found === null);
  return [
    table([left(""), left(""), left("")], rows),
    ...missing.flatMap(howToGet),
    "",
    `Can be verified here: ${list(targets.ready)}.`,
    ...(targets.blocked.length === 0 ? [] : [`Not yet: ${list(targets.blocked)}.`]),
  ].join("\n");
}

function howToGet({ tool, problem }: ToolReport): string[] {
  return [
    "",
    `${tool.id}, which ${tool.purpose}: ${printable(problem ?? "not found")}`,
    `To get it (or set ${tool.variable} to its path):`,
    indent(installLines(tool).join("\n")),
  ];
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}
