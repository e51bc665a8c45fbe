import { basename, dirname } from "node:path";
import { Option } from "commander";
import { fail } from "../../diagnostics.js";
import { floatNeedsModel, labelsWithoutFloat } from "../../float/diagnostics.js";
import { readInputs } from "../../io/inputs.js";
import { checkNewFolder, writeFiles } from "../../io/output.js";
import { plural } from "../../report/format.js";
import { junitText } from "../../report/junit.js";
import { type DeviceResult, type VerifyReport, verifyText } from "../../report/verify.js";
import { simulateAll } from "../../simulate/batch.js";
import { findTarget, TARGETS } from "../../targets/index.js";
import { BUNDLE, bundleFiles } from "../../verify/bundle.js";
import { type Chosen, chooseInputs, coverageOfInputs } from "../../verify/choose.js";
import {
  type Configuration,
  configurationList,
  isReady,
  probeTools,
  type Vectors,
} from "../../verify/index.js";
import { subjectOf, vectorsOf } from "../../verify/subject.js";
import { addCalibrationOptions, type CalibrationFlags, calibrationOf } from "../calibration.js";
import { addPixelOptions, type PixelFlags } from "../frames.js";
import { addGoalOptions, type GoalFlags, goalOf } from "../goal.js";
import { interruptible, uninterrupted } from "../interrupt.js";
import { examples, notEmpty, wholeNumber } from "../options.js";
import { startProgress } from "../progress.js";
import type { AddCommand, Io, Outcome } from "../types.js";
import { type Claim, claimOf } from "./claim.js";
import { compareFloat } from "./float.js";
import { framedOf } from "./framed.js";
import { DEFAULT_SEED, type InputSource, outcomeOf, reportOf } from "./outcome.js";
import { prove } from "./prove.js";
import { type Matrix, runDevice, runMatrix } from "./run.js";

interface Options extends CalibrationFlags, GoalFlags, PixelFlags {
  readonly target?: string;
  readonly port?: string;
  readonly baud?: number;
  readonly name?: string;
  readonly inputs?: string;
  readonly frames?: string;
  readonly seed?: number;
  readonly count?: number;
  readonly layers?: boolean;
  readonly timeout?: number;
  readonly workDir?: string;
  readonly prove?: boolean;
  readonly junit?: string;
  readonly bundle?: string;
  readonly float?: boolean;
  readonly labels?: string;
  readonly verbose?: boolean;
}

export const addVerify: AddCommand = (program, io, run) => {
  addPixelOptions(addGoalOptions(addCalibrationOptions(program.command("verify"))))
    .summary("show that the C computes what it must, natively, on emulated cores, on a device")
    .description(
      "Builds the C of a model, runs it on each target, and compares every output with the " +
        "simulator, bit for bit. MODEL is compiled for each target; of a FOLDER that `tritc compile` " +
        "wrote, the files are taken as they lie there. Measures flash, RAM and instructions on " +
        "emulated cores.",
    )
    .argument("<model-or-folder>", "model file, or a folder of compiled C")
    .option(
      "-t, --target <targets>",
      "separated by commas: see `tritc targets`; `all` of them, or the whole `matrix` (default: native)",
    )
    .option("-n, --name <name>", "which model of the folder, or the name to compile under")
    .option("-i, --inputs <file>", ".npy or .npz file of inputs (default: inputs from the seed)")
    .addOption(
      new Option(
        "--frames <format>",
        "verify from a camera's frames to the outputs: FORMAT:WIDTHxHEIGHT, e.g. rgb565be:160x120; " +
          "--inputs are then frames: .npy, raw, images (see docs/camera.md)",
      ).conflicts(["port", "bundle", "float", "prove"]),
    )
    .addOption(
      new Option("--seed <number>", `seed of the inputs (default: ${DEFAULT_SEED})`)
        .argParser(wholeNumber(0))
        .conflicts("inputs"),
    )
    .option(
      "--count <number>",
      "how many inputs (default: all of the file, as many as are needed from the seed)",
      wholeNumber(1),
    )
    .option("--layers", "compare every layer, too (always, for inputs from the seed)")
    .option("--port <port>", "verify a device, e.g. /dev/ttyUSB0 (see docs/serial.md)", notEmpty)
    .option("--baud <number>", "speed of the port (default: 115200)", wholeNumber(1))
    .addOption(
      new Option(
        "--prove",
        "instead of running the C, prove with Frama-C that no input makes it go wrong (see docs/proof.md)",
      ).conflicts(["inputs", "seed", "count", "layers", "port", "junit", "bundle", "float"]),
    )
    .option(
      "--timeout <seconds>",
      "longest time for one input (default: 60), or to prove one layer (default: 600)",
      wholeNumber(1),
    )
    .option(
      "--work-dir <folder>",
      "build there and keep everything (default: a temporary folder)",
      notEmpty,
    )
    .option("--junit <file>", "write the results as JUnit XML", notEmpty)
    .option("--bundle <folder>", "write all that others need to run it again", notEmpty)
    .option("--float", "also compare the simulator with the float model, run by onnxruntime-web")
    .option(
      "--labels <file>",
      "with --float and --inputs: classes (.npy, .npz) to score by",
      notEmpty,
    )
    .option(
      "-v, --verbose",
      "show calibration and each layer: instructions, exactness, faults that would show",
    )
    .addHelpText(
      "after",
      examples([
        "tritc verify model.onnx --target native,cortex-m4",
        "tritc verify model.onnx --target matrix --junit results.xml",
        "tritc verify model.onnx --float --inputs test.npz:images --labels test.npz:labels",
        "tritc verify build/digits --target native:clang:sanitize --inputs images.npy -v",
        "tritc verify build/digits --prove --target cortex-m4",
        "tritc verify model.onnx --frames rgb565be:160x120 --target native,cortex-m4",
      ]),
    )
    .action((path: string, options: Options) => run(() => verify(path, options, io)));
};

async function verify(path: string, options: Options, io: Io): Promise<Outcome> {
  for (const folder of [options.workDir, options.bundle]) {
    if (folder !== undefined) checkNewFolder(folder);
  }
  if (options.labels !== undefined && (options.float !== true || options.inputs === undefined)) {
    fail(labelsWithoutFloat());
  }
  const claim = claimOf(path, options.name ?? null, {
    calibration: calibrationOf(options),
    goal: goalOf(options),
  });
  const configurations = await wanted(options, claim, io);
  const timeoutMs = options.timeout === undefined ? undefined : 1000 * options.timeout;
  if (options.prove === true) {
    const targets = new Set(configurations.map(({ target }) => target));
    return prove(claim, [...targets], { timeoutMs, workDir: options.workDir }, io);
  }
  if (options.float === true && claim.float === null) fail(floatNeedsModel(path));
  const progress = startProgress(io, "simulating");
  try {
    const framed = framedOf(claim, options);
    const chosen = framed?.chosen ?? inputsFor(claim, options);
    const expected = await simulateAll(claim.network, chosen.inputs, (done, total) =>
      progress.say(`simulating: ${done} of ${plural(total, "input")}`),
    );
    const own = vectorsOf(claim.network, chosen.inputs, expected);
    if (claim.bundled?.inputs === chosen.inputs) claim.bundled.check(own);
    const vectors = framed?.vectors(own) ?? own;
    const { targets, devices } = await interruptible(io, async (signal) => {
      const matrix: Matrix = {
        ...{ claim, vectors, io, progress, signal, workDir: options.workDir },
        subjectFor:
          framed?.subjectFor ??
          ((target) => subjectOf(claim.network, claim.name, claim.filesFor(target))),
        layers: options.layers === true || options.inputs === undefined,
        layersRequired: options.layers === true,
        timeoutMs,
      };
      return {
        targets: await runMatrix(matrix, configurations),
        devices: await devicesOf(matrix, configurations, options),
      };
    });
    const float =
      options.float === true && claim.float !== null
        ? await compareFloat(
            { ...claim.float, network: claim.network, inputs: chosen.inputs, outputs: expected },
            { inputs: options.inputs ?? null, labels: options.labels ?? null },
            progress,
          )
        : null;
    const source = { ...sourceOf(claim, chosen, options), frames: framed?.format ?? null };
    const report = reportOf(claim, chosen, source, { targets, devices, float });
    writeExtras({ report, claim, configurations, vectors }, options, io);
    return outcomeOf(claim, report, float, options.verbose === true);
  } finally {
    progress.end();
  }
}

/** A device alone is verified alone, unless targets are named as well; of a bundle, all it has. */
async function wanted(
  { target, port }: Options,
  { bundled }: Claim,
  io: Io,
): Promise<Configuration[]> {
  if (target === undefined && port !== undefined) return [];
  const text = target ?? bundled?.configurations.join(",") ?? "native";
  const tools = await probeTools(io.env);
  return configurationList(text, new Set(TARGETS.filter((each) => isReady(each, tools))));
}

function inputsFor({ network, bundled }: Claim, { inputs, seed, count }: Options): Chosen {
  if (bundled !== null && inputs === undefined && seed === undefined) {
    return { inputs: bundled.inputs, coverage: coverageOfInputs(network, bundled.inputs) };
  }
  if (inputs === undefined) return chooseInputs(network, seed ?? DEFAULT_SEED, count ?? null);
  const read = readInputs(network, inputs, count);
  return { inputs: read, coverage: coverageOfInputs(network, read) };
}

/** Where the inputs came from, for the report. */
function sourceOf({ bundled }: Claim, { inputs }: Chosen, options: Options): InputSource {
  if (bundled?.inputs === inputs) return { file: BUNDLE.inputs, seed: null };
  if (options.inputs !== undefined) return { file: options.inputs, seed: null };
  return { file: null, seed: options.seed ?? DEFAULT_SEED };
}

/** After the emulators, so that they do not slow down the answers to the device. */
async function devicesOf(
  matrix: Matrix,
  configurations: readonly Configuration[],
  { port, baud }: Options,
): Promise<DeviceResult[]> {
  if (port === undefined) return [];
  const target = configurations[0]?.target ?? findTarget("native");
  return [await runDevice(matrix, target, port, baud)];
}

interface Results {
  readonly report: VerifyReport;
  readonly claim: Claim;
  readonly configurations: readonly Configuration[];
  readonly vectors: Vectors;
}

/** A bundle shows something that was shown here: there is none of what differs or did not run. */
function writeExtras(results: Results, { junit, bundle }: Options, io: Io): void {
  const { report, claim, configurations, vectors } = results;
  if (junit !== undefined) {
    const files = new Map([[basename(junit), junitText(report)]]);
    uninterrupted(io, () => writeFiles(dirname(junit), files, io.outputFs));
  }
  if (bundle !== undefined && report.equal && report.float?.agrees !== false) {
    const text = verifyText(report, true);
    const files = bundleFiles({ ...claim, vectors, configurations, report, text });
    uninterrupted(io, () => writeFiles(bundle, files, io.outputFs));
  }
}
