import { Option } from "commander";
import { generateFor } from "../boards/generate.js";
import { type Board, findBoard } from "../boards/index.js";
import { load, shellWord } from "../compile.js";
import { checkModelName, suggestModelName } from "../emit/index.js";
import { readModelFile } from "../io/files.js";
import { checkNewFolder, writeFolder } from "../io/output.js";
import { APPS, type App, projectFiles, projectParts } from "../project/index.js";
import { newText } from "../report/new.js";
import { addCalibrationOptions, type CalibrationFlags, calibrationOf } from "./calibration.js";
import { addGoalOptions, type GoalFlags, goalOf } from "./goal.js";
import { uninterrupted } from "./interrupt.js";
import { examples } from "./options.js";
import type { AddCommand, Io, Outcome } from "./types.js";

interface Options extends CalibrationFlags, GoalFlags {
  readonly board: string;
  readonly model: string;
  readonly app?: App;
  readonly name?: string;
}

export const addNew: AddCommand = (program, io, run) => {
  addGoalOptions(addCalibrationOptions(program.command("new")))
    .summary("make a PlatformIO project for a board")
    .description(
      "Makes a folder with a complete PlatformIO project: the network as a library, an application, " +
        "tests, and a README with wiring and commands. Writes all of it or nothing.",
    )
    .argument("<folder>", "the project's folder; must not exist yet")
    .requiredOption("-b, --board <board>", "PlatformIO's id of the board; see `tritc boards`")
    .requiredOption("-m, --model <model>", "model file")
    .addOption(
      new Option("-a, --app <app>", "application: what the board does with the network").choices(
        APPS,
      ),
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
  const calibration = calibrationOf(options);
  const compiled = generateFor(board, load(model, calibration), model, {
    name: given ?? suggestModelName(model.name),
    goal: goalOf(options),
  });
  const app = options.app ?? usualApp(board);
  const command = [
    `tritc new FOLDER --board ${board.id} --model ${shellWord(model.name)} --app ${app}`,
    `--name ${compiled.name}`,
    ...(calibration === undefined ? [] : [calibration.commandOptions]),
  ].join(" ");
  const parts = await projectParts(compiled, { board, app, command });
  const files = projectFiles(parts);
  uninterrupted(io, () => writeFolder(folder, files, io.outputFs));
  const report = {
    model: { file: model.name, hash: compiled.provenance.hash },
    name: compiled.name,
    folder,
    board: board.id,
    app,
    files: [...files].map(([file, text]) => ({ path: file, bytes: Buffer.byteLength(text) })),
    vectors: parts.golden.inputs.count,
    needs: parts.needs,
  };
  return { text: newText(report, board), json: report, remarks: compiled.remarks };
}

function usualApp(_board: Board): App {
  return "serial";
}
