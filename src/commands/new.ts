import { Option } from "commander";
import { colourBlind } from "../boards/diagnostics.js";
import { generateFor } from "../boards/generate.js";
import { findBoard } from "../boards/index.js";
import { load, type ModelFile, shellWord } from "../compile.js";
import type { Diagnostic } from "../diagnostics.js";
import { checkModelName, suggestModelName } from "../emit/index.js";
import { readModelFile } from "../io/files.js";
import { checkNewFolder, writeFolder } from "../io/output.js";
import { goalOptions } from "../plan/index.js";
import {
  APPS,
  type App,
  applicationOf,
  appRamOf,
  isColourBlind,
  type ProjectParts,
  projectFiles,
  projectParts,
} from "../project/index.js";
import { pioRemarks } from "../project/pio.js";
import { newText } from "../report/new.js";
import { addCalibrationOptions, type CalibrationFlags, calibrationOf } from "./calibration.js";
import { addPixelOptions, normalisationOf, type PixelFlags, pixelOptions } from "./frames.js";
import { addGoalOptions, type GoalFlags, goalOf } from "./goal.js";
import { uninterrupted } from "./interrupt.js";
import { examples } from "./options.js";
import type { AddCommand, Io, Outcome } from "./types.js";

interface Options extends CalibrationFlags, GoalFlags, PixelFlags {
  readonly board: string;
  readonly model: string;
  readonly app?: App;
  readonly name?: string;
  readonly classes?: readonly string[];
}

export const addNew: AddCommand = (program, io, run) => {
  addPixelOptions(addGoalOptions(addCalibrationOptions(program.command("new"))))
    .summary("make a PlatformIO project for a board")
    .description(
      "Makes a folder with a complete PlatformIO project: the network as a library, an application, " +
        "tests, and a README with wiring and commands. Writes all of it or nothing.",
    )
    .argument("<folder>", "the project's folder; must not exist yet")
    .requiredOption("-b, --board <board>", "PlatformIO's id of the board; see `tritc boards`")
    .requiredOption("-m, --model <model>", "model file")
    .addOption(
      new Option(
        "-a, --app <app>",
        "application (default: camera for a board that has one, else serial)",
      ).choices(APPS),
    )
    .option(
      "--classes <names>",
      "names of the classes in the model's order, separated by commas: no-person,person",
      (text) => text.split(","),
    )
    .option("-n, --name <name>", "prefix of files and C symbols (default: from the file)")
    .addHelpText(
      "after",
      examples([
        "tritc new camera --board esp32cam --model person.onnx",
        "tritc new speed --board nucleo_f446re --model model.onnx --app bench",
        "tritc new emulated --board qemu-cortex-m4 --model model.onnx --app serial",
      ]),
    )
    .action((folder: string, options: Options) => run(() => newCommand(folder, options, io)));
};

async function newCommand(folder: string, options: Options, io: Io): Promise<Outcome> {
  const board = findBoard(options.board);
  const given = options.name === undefined ? null : checkModelName(options.name);
  checkNewFolder(folder);
  const model = readModelFile(options.model);
  const name = given ?? suggestModelName(model.name);
  const loaded = load(model, calibrationOf(options));
  const app = applicationOf(
    options.app ?? (board.camera === null ? "serial" : "camera"),
    loaded.network,
    board,
    { labels: options.classes ?? null, normalisation: normalisationOf(options) },
  );
  const compiled = generateFor(board, loaded, model, {
    name,
    goal: goalOf(options),
    appRam: appRamOf(app, board, loaded.network),
  });
  const command = commandText(model, name, app.kind, options);
  const parts = await projectParts(compiled, { board, app, command });
  const files = projectFiles(parts);
  uninterrupted(io, () => writeFolder(folder, files, io.outputFs));
  const report = {
    model: { file: model.name, hash: compiled.provenance.hash },
    name,
    folder,
    board: board.id,
    app: app.kind,
    files: [...files].map(([file, text]) => ({ path: file, bytes: Buffer.byteLength(text) })),
    vectors: parts.golden.inputs.count,
    needs: parts.needs,
  };
  return {
    text: newText(report, board),
    json: report,
    remarks: [...compiled.remarks, ...remarksOn(parts), ...(await pioRemarks(board, io.env))],
  };
}

/** The command that makes the same project, whatever its folder is called. */
function commandText({ name: file }: ModelFile, name: string, app: App, options: Options): string {
  const { board, classes } = options;
  const calibration = calibrationOf(options);
  return [
    `tritc new FOLDER --board ${board} --model ${shellWord(file)} --app ${app} --name ${name}`,
    ...(classes === undefined ? [] : [`--classes ${shellWord(classes.join(","))}`]),
    ...pixelOptions(options),
    ...goalOptions(goalOf(options)),
    ...(calibration === undefined ? [] : [calibration.commandOptions]),
  ].join(" ");
}

function remarksOn({ app, board }: ProjectParts): Diagnostic[] {
  return app.kind === "camera" && isColourBlind(app.setup) ? [colourBlind(board.id)] : [];
}
