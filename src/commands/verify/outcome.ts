import type { Diagnostic } from "../../diagnostics.js";
import { networkFacts } from "../../report/facts.js";
import {
  type DeviceResult,
  type TargetResult,
  type VerifyReport,
  verifyText,
} from "../../report/verify.js";
import type { Chosen } from "../../verify/choose.js";
import { different } from "../../verify/index.js";
import type { Outcome } from "../types.js";
import type { Claim } from "./claim.js";
import type { FloatOutcome } from "./float.js";

/** Of inputs that no file gives. */
export const DEFAULT_SEED = 1;

/** A file of inputs, or the seed that they were drawn from. */
export type InputSource =
  | { readonly file: string; readonly seed: null }
  | { readonly file: null; readonly seed: number };

/** What was found out, each by its own means. */
export interface Compared {
  readonly targets: readonly TargetResult[];
  readonly devices: readonly DeviceResult[];
  readonly float: FloatOutcome | null;
}

export function reportOf(
  { model, name, network, float: floatModel }: Claim,
  { inputs, coverage }: Chosen,
  source: InputSource & Pick<VerifyReport["vectors"], "frames">,
  { targets, devices, float }: Compared,
): VerifyReport {
  return {
    model,
    name,
    vectors: { count: inputs.count, ...source },
    equal: [...targets, ...devices].every((result) => result.ran && result.equal),
    network: networkFacts(network),
    calibration: floatModel?.calibration ?? null,
    coverage: coverage.layers(),
    targets,
    devices,
    float: float?.report ?? null,
  };
}

export function outcomeOf(
  { remarks }: Claim,
  report: VerifyReport,
  float: FloatOutcome | null,
  verbose: boolean,
): Outcome {
  const { targets, devices } = report;
  const measured = targets.flatMap((result) => (result.ran ? result.remarks : []));
  const errors = [
    ...targets.flatMap((result) => errorsOf(result, result.target)),
    ...devices.flatMap((result) => errorsOf(result, result.port)),
    ...(float?.errors ?? []),
  ];
  return {
    text: verifyText(report, verbose),
    json: report,
    remarks: [...remarks, ...measured, ...(float?.remarks ?? [])],
    errors: inOrderOfWeight(errors),
  };
}

function errorsOf(result: TargetResult | DeviceResult, where: string): readonly Diagnostic[] {
  if (!result.ran) return result.diagnostics;
  const { vectors, firstDifference } = result;
  return firstDifference === null ? [] : [different(where, vectors, firstDifference)];
}

/** The first decides the exit code: that the C is wrong weighs more than that a tool is missing. */
function inOrderOfWeight(errors: readonly Diagnostic[]): Diagnostic[] {
  const isTool = ({ code }: Diagnostic) => code.startsWith("tool/") || code.startsWith("device/");
  return [...errors.filter((e) => !isTool(e)), ...errors.filter(isTool)];
}
