import type { Diagnostic } from "../diagnostics.js";
import type { AssumedSums, Proof } from "../prove/index.js";
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
  | ({ readonly ran: true } & Proof)
  | { readonly ran: false; readonly target: string; readonly diagnostics: readonly Diagnostic[] };

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
    ...ran.flatMap(({ target, assumed }) => assumedText(target, assumed)),
  ].join("\n");
}

const MEANING = [
  "Proved: no access out of bounds, no read of what was never written, no signed overflow, no",
  "conversion that loses a value, no invalid shift, every tensor within its stated range.",
];

function assumedText(target: string, assumed: readonly AssumedSums[]): string[] {
  if (assumed.length === 0) return [];
  const layers = assumed.map(({ layer, kernel }) => `${layer} (${kernel})`).join(", ");
  return [
    "",
    `${target}: sums that the analysis does not follow were taken to stay in the ranges that the`,
    `compiler computed, which \`verify\` tries on inputs: ${layers}.`,
  ];
}

function cells(result: ProofResult): string[] {
  if (!result.ran) return [result.target, "NO RESULT", "-", "-"];
  const { target, machine, proved, alarms, seconds } = result;
  const outcome = proved ? "proved" : `NOT PROVED: ${plural(alarms.length, "alarm")}`;
  return [target, outcome, machine, seconds.toFixed(0)];
}
