import { type Diagnostic, DiagnosticError } from "../../diagnostics.js";
import { type Proof, proveSubject, unprovedAlarms } from "../../prove/index.js";
import { type ProofReport, type ProofResult, proofText } from "../../report/prove.js";
import type { Target } from "../../targets/index.js";
import { subjectOf } from "../../verify/subject.js";
import { interruptible } from "../interrupt.js";
import { startProgress } from "../progress.js";
import type { Io, Outcome } from "../types.js";
import type { Claim } from "./claim.js";

export interface ProveSettings {
  readonly timeoutMs: number | undefined;
  readonly workDir: string | undefined;
}

/** Proves the C of each target in turn: each fills all cores. */
export async function prove(
  claim: Claim,
  targets: readonly Target[],
  settings: ProveSettings,
  io: Io,
): Promise<Outcome> {
  const progress = startProgress(io, "proving");
  const errors: Diagnostic[] = [];
  const results: ProofResult[] = [];
  try {
    await interruptible(io, async (signal) => {
      for (const target of targets) {
        const subject = subjectOf(claim.network, claim.name, claim.filesFor(target));
        const total = subject.layers.length;
        const say = (done: number) =>
          progress.say(`${target.id}: proved ${done} of ${total} layers`);
        say(0);
        try {
          const proof: Proof = await proveSubject(claim.network, subject, target, {
            ...{ signal, env: io.env, onLayer: say },
            ...(settings.timeoutMs === undefined ? {} : { timeoutMs: settings.timeoutMs }),
            ...(settings.workDir === undefined ? {} : { workDir: settings.workDir }),
          });
          results.push({ ran: true, ...proof });
          errors.push(...unprovedAlarms(proof, subject));
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof DiagnosticError)) throw error;
          results.push({ ran: false, target: target.id, diagnostics: error.diagnostics });
          errors.push(...error.diagnostics);
        }
      }
    });
  } finally {
    progress.end();
  }
  const report: ProofReport = {
    model: claim.model,
    name: claim.name,
    proved: results.every((result) => result.ran && result.proved),
    proofs: results,
  };
  return { text: proofText(report), json: report, remarks: claim.remarks, errors };
}
