import { Option } from "commander";
import { generate, hashOf, load, type ModelFile } from "../compile.js";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics.js";
import { checkModelName, type FileMap, suggestModelName } from "../emit/index.js";
import { workFolderInUse } from "../io/diagnostics.js";
import { kindOf, listFolder, readModelFile } from "../io/files.js";
import { readInputs } from "../io/inputs.js";
import { readCompiledFolder } from "../io/manifest.js";
import type { Network } from "../network/types.js";
import { plural } from "../report/format.js";
import type { ModelSource } from "../report/inspect.js";
import { type TargetResult, type VerifyReport, verifyText } from "../report/verify.js";
import { type Samples, simulateAll } from "../simulate/batch.js";
import type { Target } from "../targets/index.js";
import { different, type Vectors, verifyTarget } from "../verify/index.js";
import { seededInputs, subjectOf, vectorsOf } from "../verify/subject.js";
import { interruptible } from "./interrupt.js";
import { examples, notEmpty, targetList, wholeNumber } from "./options.js";
import { type Progress, startProgress } from "./progress.js";
import type { AddCommand, Io, Outcome } from "./types.js";

const DEFAULT_SEED = 1;
const DEFAULT_COUNT = 32;

interface Options {
  readonly target: string;
  readonly name?: string;
  readonly inputs?: string;
  readonly seed?: number;
  readonly count?: number;
  readonly timeout?: number;
  readonly workDir?: string;
  readonly verbose?: boolean;
}

export const addVerify: AddCommand = (program, io, run) => {
  program
    .command("verify")
    .summary("show that the C computes what it must, natively and on emulated cores")
    .description(
      "Builds the C of a model, runs it on each target, and compares every output with the " +
        "simulator, bit for bit. MODEL is compiled for each target; of a FOLDER that `tritc compile` " +
        "wrote, the files are taken as they lie there. Measures flash, RAM and instructions on " +
        "emulated cores.",
    )
    .argument("<model-or-folder>", "model file, or a folder of compiled C")
    .option("-t, --target <targets>", "targets, separated by commas; see `tritc targets`", "native")
    .option("-n, --name <name>", "which model of the folder, or the name to compile under")
    .option("-i, --inputs <file>", ".npy or .npz file of inputs (default: inputs from the seed)")
    .addOption(
      new Option("--seed <number>", `seed of the inputs (default: ${DEFAULT_SEED})`)
        .argParser(wholeNumber(0))
        .conflicts("inputs"),
    )
    .option(
      "--count <number>",
      `how many inputs (default: all of the file, ${DEFAULT_COUNT} from the seed)`,
      wholeNumber(1),
    )
    .option("--timeout <seconds>", "longest time for one input (default: 60)", wholeNumber(1))
    .option(
      "--work-dir <folder>",
      "build there and keep everything (default: a temporary folder)",
      notEmpty,
    )
    .option("-v, --verbose", "show the instructions of each layer")
    .addHelpText(
      "after",
      examples([
        "tritc verify model.onnx --target native,cortex-m4",
        "tritc verify build/digits --target cortex-m4 --inputs images.npy -v",
      ]),
    )
    .action((path: string, options: Options) => run(() => verify(path, options, io)));
};

/** What is verified: a network, and C that claims to compute it. */
interface Claim {
  readonly model: ModelSource;
  readonly name: string;
  readonly network: Network;
  readonly filesFor: (target: Target) => FileMap;
  readonly remarks: readonly Diagnostic[];
}

async function verify(path: string, options: Options, io: Io): Promise<Outcome> {
  const targets = targetList(options.target);
  if (options.workDir !== undefined) checkWorkFolder(options.workDir);
  const claim = kindOf(path) === "folder" ? fromFolder(path, options) : fromModel(path, options);
  const progress = startProgress(io, "simulating");
  try {
    const inputs = inputsFor(claim.network, options);
    const expected = await simulateAll(claim.network, inputs, (done, total) =>
      progress.say(`simulating: ${done} of ${plural(total, "input")}`),
    );
    const vectors = vectorsOf(claim.network, inputs, expected);
    const results: TargetResult[] = [];
    await interruptible(io, async (signal) => {
      for (const target of targets) {
        results.push(await verifyOn(target, claim, vectors, options, { io, progress, signal }));
      }
    });
    return outcomeOf(claim, vectors, results, options);
  } finally {
    progress.end();
  }
}

/** What is in the way there would be overwritten. */
function checkWorkFolder(folder: string): void {
  const kind = kindOf(folder);
  if (kind === "file" || (kind === "folder" && listFolder(folder).length > 0)) {
    fail(workFolderInUse(folder));
  }
}

function fromFolder(folder: string, { name }: Options): Claim {
  const wanted = name === undefined ? null : checkModelName(name);
  const { files, remarks, ...compiled } = readCompiledFolder(folder, wanted);
  return {
    model: { file: compiled.source, hash: compiled.hash },
    name: compiled.name,
    network: compiled.network,
    filesFor: () => files,
    remarks,
  };
}

function fromModel(path: string, options: Options): Claim {
  const model: ModelFile = readModelFile(path);
  const name =
    options.name === undefined ? suggestModelName(model.name) : checkModelName(options.name);
  const { network, remarks } = load(model);
  return {
    model: { file: model.name, hash: hashOf(model.bytes) },
    name,
    network,
    filesFor: (target) => generate(network, model, { name, target }).files,
    remarks,
  };
}

function inputsFor(network: Network, { inputs, seed, count }: Options): Samples {
  return inputs === undefined
    ? seededInputs(network, seed ?? DEFAULT_SEED, count ?? DEFAULT_COUNT)
    : readInputs(network, inputs, count);
}

interface Surroundings {
  readonly io: Io;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What one target has to say; a target that cannot run leaves the others their turn. */
async function verifyOn(
  target: Target,
  { network, name, filesFor }: Claim,
  vectors: Vectors,
  options: Options,
  { io, progress, signal }: Surroundings,
): Promise<TargetResult> {
  try {
    const subject = subjectOf(network, name, filesFor(target));
    const { outputs: _, ...report } = await verifyTarget(subject, vectors, target, {
      env: io.env,
      signal,
      ...(options.timeout === undefined ? {} : { timeoutMs: 1000 * options.timeout }),
      ...(options.workDir === undefined ? {} : { workDir: options.workDir }),
      onProgress: ({ stage, done, total }) =>
        progress.say(
          `${target.id}: ${stage}${total === 0 ? "" : ` ${done} of ${plural(total, "input")}`}`,
        ),
    });
    return { ran: true, layers: network.layers.map((layer) => layer.name), ...report };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DiagnosticError)) throw error;
    return { ran: false, target: target.id, diagnostics: error.diagnostics };
  }
}

function outcomeOf(
  { model, name, remarks }: Claim,
  { count }: Vectors,
  targets: readonly TargetResult[],
  options: Options,
): Outcome {
  const errors = inOrderOfWeight(targets.flatMap(errorsOf));
  const fromFile = options.inputs !== undefined;
  const report: VerifyReport = {
    model,
    name,
    vectors: {
      count,
      file: options.inputs ?? null,
      seed: fromFile ? null : (options.seed ?? DEFAULT_SEED),
    },
    equal: errors.length === 0,
    targets,
  };
  const measured = targets.flatMap((result) => (result.ran ? result.remarks : []));
  return {
    text: verifyText(report, options.verbose === true),
    json: report,
    remarks: [...remarks, ...measured],
    errors,
  };
}

function errorsOf(result: TargetResult): readonly Diagnostic[] {
  if (!result.ran) return result.diagnostics;
  const { target, vectors, firstDifference } = result;
  return firstDifference === null ? [] : [different(target, vectors, firstDifference)];
}

/** The first decides the exit code: that the C is wrong weighs more than that a tool is missing. */
function inOrderOfWeight(errors: readonly Diagnostic[]): Diagnostic[] {
  const isTool = (error: Diagnostic) => error.code.startsWith("tool/");
  return [...errors.filter((e) => !isTool(e)), ...errors.filter(isTool)];
}
