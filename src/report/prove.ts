import type { Diagnostic } from "../diagnostics.js";
import type { Proof } from "../prove/index.js";
import { plural } from "./format.js";
import type { ModelSource } from "./inspect.js";
import { left, right, table } from "./table.js";

/** What `verify --prove --json` prints, besides the fields that all commands have. */
export interface ProofReport {
  readonly model: ModelSource;
  readonly name: string;
  /** Every analysis ran to its end without an alarm. */
  readonly proved: boolean;
  readonly proofs: readonly ProofResult[];
}

/** `ran` false: there is no result, and the diagnostics say why. */
export type ProofResult =
  | ({ readonly ran: true; readonly standIns: readonly StandIn[] } & Proof)
  | { readonly ran: false; readonly target: string; readonly diagnostics: readonly Diagnostic[] };

/** A layer that was proved with another kernel than `compile` chooses. */
export interface StandIn {
  readonly layer: string;
  readonly chosen: string;
  readonly instead: string;
}

/** One line a target, and what a proof means. */
export function proofText({ model, name, proofs, proved }: ProofReport): string {
  const ran = proofs.filter((result) => result.ran);
  const analysers = [...new Set(ran.map(({ analyser }) => analyser))];
  return [
    `${name} (${model.file}), every input at once`,
    "",
    table([left("target"), left("result"), left("as on"), right("seconds")], proofs.map(cells)),
    ...(analysers.length === 0 ? [] : ["", ...analysers]),
    ...(proved ? ["", ...MEANING] : []),
    ...ran.flatMap(({ target, standIns }) => standInText(target, standIns)),
  ].join("\n");
}

const MEANING = [
  "Proved: no access out of bounds, no read of what was never written, no signed overflow, no",
  "conversion that loses a value, no invalid shift, every tensor within its stated range.",
];

function standInText(target: string, standIns: readonly StandIn[]): string[] {
  if (standIns.length === 0) return [];
  return [
    "",
    `${target}: not the C that compile writes. Analysis does not follow the kernels chosen there:`,
    ...standIns.map(
      ({ layer, chosen, instead }) => `  ${layer}: ${instead} was analysed instead of ${chosen}`,
    ),
  ];
}

function cells(result: ProofResult): string[] {
  if (!result.ran) return [result.target, "NO RESULT", "-", "-"];
  const { target, machine, proved, alarms, seconds } = result;
  const outcome = proved ? "proved" : `NOT PROVED: ${plural(alarms.length, "alarm")}`;
  return [target, outcome, machine, seconds.toFixed(0)];
}
