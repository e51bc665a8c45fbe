import { availableParallelism } from "node:os";
import { DiagnosticError } from "../../diagnostics.js";
import { plural } from "../../report/format.js";
import type { DeviceResult, TargetResult } from "../../report/verify.js";
import { verifyDevice } from "../../serial/device.js";
import type { Target } from "../../targets/index.js";
import {
  type Configuration,
  inParallel,
  type Subject,
  type Vectors,
  type VerifyOptions,
  verifyConfiguration,
} from "../../verify/index.js";
import type { Progress } from "../progress.js";
import type { Io } from "../types.js";
import type { Claim } from "./claim.js";

/** What the configurations of one verification share. */
export interface Matrix {
  readonly claim: Claim;
  /** What is built and run for a target. */
  readonly subjectFor: (target: Target) => Subject;
  readonly vectors: Vectors;
  /** Compare every layer, too. */
  readonly layers: boolean;
  /** The user asked for layers, so that a device that cannot show them is refused. */
  readonly layersRequired: boolean;
  /** Longest time for one input, in milliseconds. */
  readonly timeoutMs: number | undefined;
  readonly workDir: string | undefined;
  readonly io: Io;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Verifies the configurations side by side; what one cannot do leaves the others their turn. */
export function runMatrix(
  matrix: Matrix,
  configurations: readonly Configuration[],
): Promise<TargetResult[]> {
  const total = configurations.length;
  let done = 0;
  const tasks = configurations.map((configuration) => async () => {
    const before = total === 1 ? "" : `${done} of ${plural(total, "configuration")} done; `;
    const result = await runConfiguration(matrix, configuration, before);
    done++;
    return result;
  });
  return inParallel(tasks, availableParallelism());
}

async function runConfiguration(
  matrix: Matrix,
  configuration: Configuration,
  before: string,
): Promise<TargetResult> {
  const { subjectFor, vectors, layers, io, progress, signal, timeoutMs, workDir } = matrix;
  const options: VerifyOptions = {
    layers,
    env: io.env,
    signal,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(workDir === undefined ? {} : { workDir }),
    onProgress: ({ stage, done, total }) => {
      const count = total === 0 ? "" : ` ${done} of ${plural(total, "input")}`;
      progress.say(`${before}${configuration.id}: ${stage}${count}`);
    },
  };
  try {
    const subject = subjectFor(configuration.target);
    const report = await verifyConfiguration(subject, vectors, configuration, options);
    const { outputs: _, ...measured } = report;
    return { ran: true, layers: subject.layers.map((layer) => layer.name), ...measured };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DiagnosticError)) throw error;
    return { ran: false, target: configuration.id, diagnostics: error.diagnostics };
  }
}

/** Verifies what runs on a device at a serial port; its C was made elsewhere, for `target`. */
export async function runDevice(
  { claim, subjectFor, vectors, layers, layersRequired, progress, signal, timeoutMs }: Matrix,
  target: Target,
  port: string,
  baud: number | undefined,
): Promise<DeviceResult> {
  try {
    const report = await verifyDevice(claim.network, subjectFor(target), vectors, port, {
      ...(layers ? { layers: layersRequired ? "required" : "where-traced" } : {}),
      signal,
      ...(baud === undefined ? {} : { baud }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      onVector: (done, total) => progress.say(`${port}: ${done} of ${plural(total, "input")}`),
    });
    return { ran: true, ...report };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DiagnosticError)) throw error;
    return { ran: false, port, diagnostics: error.diagnostics };
  }
}
