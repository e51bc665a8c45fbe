import { fail } from "../diagnostics.js";
import type { EmulatedMachine, Target } from "../targets/index.js";
import { type BuildSettings, buildPrograms } from "./build.js";
import { countInstructions } from "./counts.js";
import * as say from "./diagnostics.js";
import { inParallel } from "./process.js";
import { type RunSettings, runProgram } from "./run.js";
import { measureSizes } from "./sizes.js";
import { firstMismatch, locateDifference, readOutputs, readTrace } from "./tensors.js";
import { describeTool, requireToolchain, type Toolchain } from "./toolchain.js";
import type {
  Difference,
  Progress,
  Subject,
  TargetReport,
  Vectors,
  VerifyOptions,
} from "./types.js";
import { withWorkFolder, writeRunFolder, writeSources } from "./workspace.js";

export { different, installLines } from "./diagnostics.js";
export { probeTools, type ToolReport } from "./probe.js";
export { decodeTensor, encodeTensor, firstMismatch } from "./tensors.js";
export type * from "./types.js";
export { ELEMENT_SIZE } from "./workspace.js";

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_COUNTED_VECTORS = 3;

/** Everything that the steps of one verification share. */
interface Job {
  readonly subject: Subject;
  readonly vectors: Vectors;
  readonly target: Target;
  readonly toolchain: Toolchain;
  readonly folder: string;
  readonly options: VerifyOptions;
}

/**
 * Builds generated C for a target, runs it there on every vector, and compares every output with
 * the expected one; on a difference finds the layer that makes it. Measures sizes, stack and
 * instructions where the target's machine can (instructions only of a program that is right).
 *
 * Returns a report, also about a program that computes something else. Throws a DiagnosticError
 * (`tool/...`, `verify/...`) when there is nothing to compare: a tool is missing, the C does not
 * compile, the program faults, hangs, or gives too little.
 */
export async function verifyTarget(
  subject: Subject,
  vectors: Vectors,
  target: Target,
  options: VerifyOptions = {},
): Promise<TargetReport> {
  checkVectors(subject, vectors);
  const toolchain = await requireToolchain(target, options.env ?? process.env);
  return withWorkFolder(target.id, options.workDir, (folder) =>
    verify({ subject, vectors, target, toolchain, folder, options }),
  );
}

async function verify(job: Job): Promise<TargetReport> {
  const { subject, vectors, target, toolchain, options } = job;
  const { machine } = target;
  progress(job, "build", 0, 0);
  await writeSources(job.folder, subject, target);
  const [plain = ""] = await buildPrograms(buildSettings(job), ["plain"]);

  const { outputs, stack } = await runAll(job, plain);
  const mismatch = firstMismatch(vectors.expected, outputs);
  const equal = mismatch === null;
  const firstDifference = equal ? null : await findDifference(job, outputs, mismatch);

  const emulated = machine.kind === "host" ? null : machine;
  const counted = emulated && equal ? await count(job, emulated, plain) : null;
  const sizes = emulated && (await measureSizes(toolchain, plain, options.signal));
  return {
    target: target.id,
    toolchain: {
      compiler: describeTool(toolchain.compiler),
      emulator: toolchain.emulator && describeTool(toolchain.emulator),
    },
    equal,
    vectors: vectors.count,
    firstDifference,
    outputs,
    instructions: counted?.instructions ?? null,
    flash: sizes && { weights: sizes.tables, code: sizes.code },
    ram: sizes && { data: sizes.data, stack },
    remarks: counted?.remarks ?? [],
  };
}

function checkVectors({ input, output }: Subject, { count, inputs, expected }: Vectors): void {
  if (count < 1) fail(say.badVectors("there are none"));
  const check = (what: string, is: number, elements: number) => {
    const must = count * elements;
    if (is !== must) fail(say.badVectors(`${is} ${what} instead of ${count} x ${elements}`));
  };
  check("inputs", inputs.length, input.elements);
  check("expected outputs", expected.length, output.elements);
}

/** Runs the program on all vectors. `stack` is in bytes, 0 on the host. */
async function runAll(job: Job, program: string): Promise<{ outputs: Int32Array; stack: number }> {
  const { subject, vectors, target } = job;
  const { count } = vectors;
  const folder = await writeRunFolder(job.folder, "run", subject, vectors, { first: 0, count });
  const report = await runProgram(runSettings(job, "run", count), program, folder, "run");
  const stack = report.find(({ word }) => word === "stack")?.numbers[0] ?? 0;
  return { outputs: await readOutputs(target.id, folder, subject.output, count), stack };
}

/** Runs a tracing build on the vector that went wrong, and compares layer by layer. */
async function findDifference(job: Job, outputs: Int32Array, at: number): Promise<Difference> {
  const { subject, vectors, target } = job;
  const { elements } = subject.output;
  const vector = Math.floor(at / elements);
  const [traced = ""] = await buildPrograms(buildSettings(job), ["traced"]);
  const range = { first: vector, count: 1 };
  const folder = await writeRunFolder(job.folder, "trace", subject, vectors, range);
  await runProgram(runSettings(job, "trace", 1), traced, folder, "run");
  const tensors = await readTrace(target.id, folder, subject);
  return locateDifference(subject, vectors, tensors, {
    vector,
    element: at % elements,
    expected: vectors.expected[at] ?? 0,
    actual: outputs[at] ?? 0,
  });
}

/** Counts instructions, in all and layer by layer, on the first few vectors. */
async function count(job: Job, machine: EmulatedMachine, plain: string) {
  const { subject, vectors, target, options } = job;
  const some = Math.min(vectors.count, options.countedVectors ?? DEFAULT_COUNTED_VECTORS);
  const range = { first: 0, count: some };
  const folder = await writeRunFolder(job.folder, "count", subject, vectors, range);
  const settings = runSettings(job, "count", some);
  const [ofPlain = [], ofTraced = []] = await inParallel(
    [
      () => runProgram(settings, plain, folder, "count"),
      async () => {
        const [traced = ""] = await buildPrograms(buildSettings(job), ["traced"]);
        return runProgram({ ...settings, onVector: () => {} }, traced, folder, "count");
      },
    ],
    2,
  );
  const reports = { plain: ofPlain, traced: ofTraced, layers: subject.layers.length };
  return countInstructions(target.id, machine, reports);
}

function buildSettings({ subject, target, toolchain, folder, options }: Job): BuildSettings {
  return {
    subject,
    target,
    toolchain,
    folder,
    optimization: options.optimization ?? "-O2",
    silenceLimitMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    signal: options.signal,
  };
}

function runSettings(job: Job, stage: Progress["stage"], total: number): RunSettings {
  const { target, toolchain, options } = job;
  return {
    target,
    toolchain,
    silenceLimitMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    signal: options.signal,
    onVector: (done) => progress(job, stage, done, total),
  };
}

function progress(job: Job, stage: Progress["stage"], done: number, total: number): void {
  job.options.onProgress?.({ stage, done, total });
}
