import { Option } from "commander";
import { generateFor } from "../boards/generate.js";
import { findBoard } from "../boards/index.js";
import { type Compiled, generate, load, withMeasured } from "../compile.js";
import { checkModelName, type FileMap, serialFiles, suggestModelName } from "../emit/index.js";
import { frameFiles } from "../frame/emit.js";
import { frameInputOf } from "../frame/pixels.js";
import { readModelFile } from "../io/files.js";
import { writeCompiled, writePackage } from "../io/manifest.js";
import { packageFiles } from "../package/index.js";
import { compileText } from "../report/compile.js";
import { findTarget, type Target } from "../targets/index.js";
import { measure } from "../verify/measure.js";
import { addCalibrationOptions, type CalibrationFlags, calibrationOf } from "./calibration.js";
import { addPixelOptions, normalisationOf, type PixelFlags } from "./frames.js";
import { addGoalOptions, type GoalFlags, goalOf } from "./goal.js";
import { interruptible, uninterrupted } from "./interrupt.js";
import { examples, notEmpty } from "./options.js";
import { startProgress } from "./progress.js";
import type { AddCommand, Io, Outcome } from "./types.js";

interface Options extends CalibrationFlags, GoalFlags, PixelFlags {
  readonly output: string;
  readonly target?: string;
  readonly board?: string;
  readonly name?: string;
  readonly serial?: boolean;
  readonly frame?: boolean;
  readonly package?: boolean;
  readonly measure?: boolean;
  readonly verbose?: boolean;
}

const DEFAULT_TARGET = "cortex-m4";

export const addCompile: AddCommand = (program, io, run) => {
  addPixelOptions(addGoalOptions(addCalibrationOptions(program.command("compile"))))
    .summary("write C for a model")
    .description(
      "Writes NAME.h and NAME.c, the network in C, and NAME.tritc.json, which says what they are " +
        "and lets `tritc verify` check them. Writes all of them or none.",
    )
    .argument("<model>", "model file")
    .requiredOption("-o, --output <folder>", "folder to write to; made where needed", notEmpty)
    .option(
      "-t, --target <target>",
      `core to choose kernels for; see \`tritc targets\` (default: ${DEFAULT_TARGET})`,
    )
    .addOption(
      new Option(
        "-b, --board <board>",
        "board whose core and memory to choose kernels for",
      ).conflicts("target"),
    )
    .option(
      "-n, --name <name>",
      "prefix of the files and of every C symbol (default: from the file)",
    )
    .option("--serial", "also write what lets `tritc verify --port` test the network on a device")
    .option("--frame", "also write what makes the network's input of a camera's frames")
    .option(
      "--package",
      "write a whole library instead, for PlatformIO, Arduino, ESP-IDF, Zephyr and CMake at once",
    )
    .option("--measure", "run the C on the emulated core, and write into the header what it took")
    .option("-v, --verbose", "show the kernels that were not chosen, and why")
    .addHelpText(
      "after",
      examples([
        "tritc compile model.onnx -o build/digits --name digits",
        "tritc compile model.onnx -o src/net --target cortex-m0plus -v",
        "tritc compile model.onnx -o src/net --board nucleo_g071rb --optimize speed",
        "tritc compile model.onnx -o src/net --serial",
        "tritc compile model.onnx -o lib/digits --name digits --package",
      ]),
    )
    .action((model: string, options: Options) => run(() => compileCommand(model, options, io)));
};

async function compileCommand(path: string, options: Options, io: Io): Promise<Outcome> {
  const board = options.board === undefined ? null : findBoard(options.board);
  const target = findTarget(board?.target ?? options.target ?? DEFAULT_TARGET);
  const given = options.name === undefined ? null : checkModelName(options.name);
  const model = readModelFile(path);
  const goal = goalOf(options);
  const chosen = { name: given ?? suggestModelName(model.name), goal };
  const loaded = load(model, calibrationOf(options));
  const plain =
    board === null
      ? {
          ...generate(loaded.network, model, { ...chosen, target }, loaded.calibration),
          remarks: loaded.remarks,
        }
      : generateFor(board, loaded, model, { ...chosen, appRam: 0 });
  const compiled = options.measure === true ? await measured(plain, target, io) : plain;
  const { network, name, provenance } = compiled;
  const more = new Map([
    ...(options.serial === true ? serialFiles(network, name, provenance) : []),
    ...(options.frame === true
      ? frameFiles(frameInputOf(network, normalisationOf(options)), name, provenance)
      : []),
  ]);
  const files = await written(compiled, more, options, io);
  const report = {
    model: { file: model.name, hash: compiled.provenance.hash },
    name: compiled.name,
    folder: options.output,
    files: [...files].map(([file, text]) => ({ path: file, bytes: Buffer.byteLength(text) })),
    facts: compiled.facts,
    calibration: compiled.calibration,
  };
  return {
    text: compileText(report, options.verbose === true),
    json: report,
    remarks: compiled.remarks,
  };
}

/** Writes the C, or a package of it; returns what it wrote. */
async function written(
  compiled: Compiled,
  more: FileMap,
  options: Options,
  io: Io,
): Promise<FileMap> {
  if (options.package !== true) {
    return uninterrupted(io, () => writeCompiled(options.output, compiled, more, io.outputFs));
  }
  const files = await packageFiles(compiled, more);
  uninterrupted(io, () => writePackage(options.output, compiled, files, io.outputFs));
  return files;
}

/** Runs what was compiled on its target. Throws when it does not compute what it must. */
async function measured(compiled: Compiled, target: Target, io: Io): Promise<Compiled> {
  const progress = startProgress(io, "measuring");
  try {
    return await interruptible(io, async (signal) => {
      const found = await measure(compiled, target, {
        env: io.env,
        signal,
        onProgress: ({ stage, done, total }) =>
          progress.say(`${target.id}: ${stage}${total === 0 ? "" : ` ${done} of ${total}`}`),
      });
      return withMeasured(compiled, found);
    });
  } finally {
    progress.end();
  }
}
