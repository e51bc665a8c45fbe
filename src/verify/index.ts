import { fail } from "../diagnostics.js";
import type { EmulatedMachine, Target } from "../targets/index.js";
import { type BuildSettings, buildPrograms, type Variant } from "./build.js";
import { type Configuration, configurationOf } from "./configurations.js";
import { countInstructions } from "./counts.js";
import * as say from "./diagnostics.js";
import { inParallel } from "./process.js";
import { type RunSettings, runProgram } from "./run.js";
import { measureSizes } from "./sizes.js";
import {
  firstMismatch,
  locateDifference,
  numberOf,
  readOutputs,
  readTraces,
  traceBytes,
} from "./tensors.js";
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

export { type Configuration, configurationList, configurationOf } from "./configurations.js";
export { different, installLines } from "./diagnostics.js";
export {
  type Environment,
  type FoundTool,
  probeTool,
  probeTools,
  type ToolReport,
} from "./probe.js";
export { inParallel } from "./process.js";
export {
  decodeTensor,
  encodeTensor,
  firstMismatch,
  locateDifference,
  numberOf,
} from "./tensors.js";
export { isReady } from "./toolchain.js";
export type * from "./types.js";
export { ELEMENT_SIZE, littleEndian } from "./workspace.js";

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_COUNTED_VECTORS = 3;

/** Everything that the steps of one verification share. */
interface Job {
  readonly subject: Subject;
  readonly vectors: Vectors;
  readonly configuration: Configuration;
  readonly toolchain: Toolchain;
  readonly folder: string;
  readonly options: VerifyOptions;
}

/** `verifyConfiguration` of a target with its usual compiler and level. */
export function verifyTarget(
  subject: Subject,
  vectors: Vectors,
  target: Target,
  options: VerifyOptions = {},
): Promise<TargetReport> {
  return verifyConfiguration(subject, vectors, configurationOf(target), options);
}

/**
 * Builds generated C for a target, runs it there on every vector, and compares every output with
 * the expected one, and every layer's tensor if `layers` says so; on a difference finds the layer
 * that makes it. Measures sizes, stack and instructions where the target's machine can (instructions
 * only of a program that is right).
 *
 * Returns a report, also about a program that computes something else. Throws a DiagnosticError
 * (`tool/...`, `verify/...`) when there is nothing to compare: a tool is missing, the C does not
 * compile, the program faults, hangs, or gives too little.
 */
export async function verifyConfiguration(
  subject: Subject,
  vectors: Vectors,
  configuration: Configuration,
  options: VerifyOptions = {},
): Promise<TargetReport> {
  checkVectors(subject, vectors);
  const toolchain = await requireToolchain(configuration, options.env ?? process.env);
  const folderName = configuration.id.replaceAll(":", "-");
  return withWorkFolder(folderName, options.workDir, (folder) =>
    verify({ subject, vectors, configuration, toolchain, folder, options }),
  );
}

async function verify(job: Job): Promise<TargetReport> {
  const { subject, vectors, configuration, toolchain, options } = job;
  const { machine } = configuration.target;
  progress(job, "build", 0, 0);
  await writeSources(job.folder, subject, configuration.target);
  const variants: Variant[] = options.layers === true ? ["plain", "traced"] : ["plain"];
  const [plain = "", traced = null] = await buildPrograms(buildSettings(job), variants);

  const { outputs, stack } = await runAll(job, plain);
  const mismatch = firstMismatch(vectors.expected, outputs);
  const firstDifference =
    mismatch !== null
      ? await findDifference(job, outputs, mismatch, traced)
      : traced === null
        ? null
        : await compareLayers(job, traced);
  const equal = firstDifference === null;

  const emulated = machine.kind === "host" ? null : machine;
  const some = Math.min(vectors.count, options.countedVectors ?? DEFAULT_COUNTED_VECTORS);
  const counts = emulated !== null && equal && some > 0;
  const counted = counts ? await count(job, emulated, some, { plain, traced }) : null;
  const sizes = emulated && (await measureSizes(toolchain, plain, options.signal));
  return {
    target: configuration.id,
    toolchain: {
      compiler: describeTool(toolchain.compiler),
      emulator: toolchain.emulator && describeTool(toolchain.emulator),
    },
    equal,
    vectors: vectors.count,
    layersCompared: equal && traced !== null ? vectors.count : 0,
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
  const { subject, vectors, configuration } = job;
  const { count } = vectors;
  const folder = await writeRunFolder(job.folder, "run", subject, vectors, { first: 0, count });
  const report = await runProgram(runSettings(job, "run", count), program, folder, "run");
  const stack = report.find(({ word }) => word === "stack")?.numbers[0] ?? 0;
  const outputs = await readOutputs(configuration.id, folder, subject.output, count);
  return { outputs, stack };
}

/** Every layer's tensor of some vectors, as a tracing build computes them. */
async function traceOf(
  job: Job,
  traced: string,
  range: { readonly first: number; readonly count: number },
): Promise<Int32Array[][]> {
  const { subject, vectors, configuration } = job;
  const folder = await writeRunFolder(job.folder, "trace", subject, vectors, range);
  await runProgram(runSettings(job, "trace", range.count), traced, folder, "run");
  return readTraces(configuration.id, folder, subject, range.count);
}

/** Where the vector whose output is wrong first goes wrong. */
async function findDifference(
  job: Job,
  outputs: Int32Array,
  at: number,
  built: string | null,
): Promise<Difference> {
  const { subject, vectors } = job;
  const { elements, type } = subject.output;
  const vector = Math.floor(at / elements);
  const traced = built ?? (await buildTraced(job));
  const [tensors = []] = await traceOf(job, traced, { first: vector, count: 1 });
  return (
    locateDifference(subject, vector, vectors.trace(vector), tensors) ?? {
      vector,
      layer: null,
      element: at % elements,
      expected: numberOf(vectors.expected[at] ?? 0, type),
      actual: numberOf(outputs[at] ?? 0, type),
    }
  );
}

async function buildTraced(job: Job): Promise<string> {
  const [traced = ""] = await buildPrograms(buildSettings(job), ["traced"]);
  return traced;
}

/** Bytes of a trace file: so many vectors are traced in one run. */
const TRACE_LIMIT = 2 ** 26;

/** The first difference of any layer on any vector, though the outputs are equal. */
async function compareLayers(job: Job, traced: string): Promise<Difference | null> {
  const { subject, vectors } = job;
  const batch = Math.max(1, Math.floor(TRACE_LIMIT / traceBytes(subject)));
  for (let first = 0; first < vectors.count; first += batch) {
    const count = Math.min(batch, vectors.count - first);
    const traces = await traceOf(job, traced, { first, count });
    for (const [i, tensors] of traces.entries()) {
      const vector = first + i;
      const difference = locateDifference(subject, vector, vectors.trace(vector), tensors);
      if (difference !== null) return difference;
    }
  }
  return null;
}

/** Counts instructions, in all and layer by layer, on the first few vectors. */
async function count(
  job: Job,
  machine: EmulatedMachine,
  some: number,
  { plain, traced: built }: { readonly plain: string; readonly traced: string | null },
) {
  const { subject, vectors, configuration } = job;
  const range = { first: 0, count: some };
  const folder = await writeRunFolder(job.folder, "count", subject, vectors, range);
  const settings = runSettings(job, "count", some);
  const [ofPlain = [], ofTraced = []] = await inParallel(
    [
      () => runProgram(settings, plain, folder, "count"),
      async () => {
        const traced = built ?? (await buildTraced(job));
        return runProgram({ ...settings, onVector: () => {} }, traced, folder, "count");
      },
    ],
    2,
  );
  const reports = { plain: ofPlain, traced: ofTraced, layers: subject.layers.length };
  return countInstructions(configuration.id, machine, reports);
}

function buildSettings(job: Job): BuildSettings {
  const { subject, configuration, toolchain, folder, options } = job;
  return {
    subject,
    configuration,
    toolchain,
    folder,
    silenceLimitMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    signal: options.signal,
  };
}

function runSettings(job: Job, stage: Progress["stage"], total: number): RunSettings {
  const { configuration, toolchain, options } = job;
  return {
    configuration,
    toolchain,
    silenceLimitMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    signal: options.signal,
    onVector: (done) => progress(job, stage, done, total),
  };
}

function progress(job: Job, stage: Progress["stage"], done: number, total: number): void {
  job.options.onProgress?.({ stage, done, total });
}
