import { type Diagnostic, fail } from "../../diagnostics.js";
import { compareWithFloat, hasClasses } from "../../float/compare.js";
import {
  floatDiffers,
  floatDiffersWhereRounded,
  labelsDiffer,
  noClasses,
  ownReference,
} from "../../float/diagnostics.js";
import { openReference } from "../../float/reference.js";
import { readArray } from "../../io/arrays.js";
import { readModelInputs } from "../../io/inputs.js";
import type { Network } from "../../network/types.js";
import { networkFacts } from "../../report/facts.js";
import type { FloatReport } from "../../report/float.js";
import { plural } from "../../report/format.js";
import type { ModelInputs, Samples } from "../../simulate/batch.js";
import { decodeInput } from "../../simulate/codec.js";
import type { Progress } from "../progress.js";
import type { FloatModel } from "./claim.js";

/** A model, and what the simulator gave for its inputs. */
export interface FloatClaim extends FloatModel {
  readonly network: Network;
  readonly inputs: Samples;
  readonly outputs: Samples;
}

export interface FloatFiles {
  /** The file the inputs came from, and how many were taken; null for inputs from a seed. */
  readonly inputs: string | null;
  /** A file with the class of each input. */
  readonly labels: string | null;
}

export interface FloatOutcome {
  readonly report: FloatReport;
  readonly remarks: readonly Diagnostic[];
  readonly errors: readonly Diagnostic[];
}

/** Compares the simulator with the float model, for `verify --float`. */
export async function compareFloat(
  claim: FloatClaim,
  files: FloatFiles,
  progress: Progress,
): Promise<FloatOutcome> {
  const { file, graph, network, inputs: samples, outputs } = claim;
  const reference = await openReference(file, graph);
  const calibrated = claim.calibration !== null;
  const inputs =
    files.inputs === null
      ? decoded(network, samples)
      : readModelInputs(network, files.inputs, samples.count);
  const labels = files.labels === null ? null : readLabels(files.labels, network, samples.count);
  const comparison = await compareWithFloat(
    { network, meaning: calibrated ? null : graph },
    reference,
    { inputs, outputs, labels },
    (done, total) => progress.say(`float model: ${done} of ${plural(total, "input")}`),
  );
  const unexplained = comparison.different - comparison.rounding;
  const first = comparison.firstUnexplained ?? 0;
  const differs = !calibrated && unexplained > 0;
  const agrees = !(differs && networkFacts(network).total.exact);
  return {
    report: { ...comparison, reference: reference.name, calibrated, agrees },
    remarks: [
      ...(reference.why === null ? [] : [ownReference(reference.why)]),
      ...(differs && agrees ? [floatDiffersWhereRounded(unexplained, inputs.count)] : []),
    ],
    errors: agrees ? [] : [floatDiffers(first, unexplained, inputs.count)],
  };
}

/** Inputs from a seed are the network's own integers: numbers that the model takes for them. */
function decoded(network: Network, { count, values }: Samples): ModelInputs {
  const size = values.length / count;
  const data = new Float64Array(values.length);
  for (let i = 0; i < count; i++) {
    data.set(decodeInput(network, values.subarray(i * size, (i + 1) * size)), i * size);
  }
  return { count, data };
}

function readLabels(file: string, network: Network, inputs: number): ArrayLike<number> {
  if (!hasClasses(network)) fail(noClasses(network.output.shape.reduce((a, b) => a * b, 1)));
  const { data, shape, type } = readArray(file, ([count]) => count !== undefined);
  const whole = data.every((label) => Number.isInteger(label) && label >= 0);
  if (type === "bool" || !whole || data.length !== shape[0] || data.length < inputs) {
    fail(labelsDiffer(file, shape, inputs));
  }
  return data;
}
