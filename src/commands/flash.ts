import { join } from "node:path";
import { fail } from "../diagnostics.js";
import { kindOf } from "../io/files.js";
import * as say from "../project/diagnostics.js";
import {
  boardOf,
  chooseEnvironment,
  needsPort,
  type PioConfig,
  parsePioConfig,
} from "../project/environment.js";
import { downloadProblem, requirePio } from "../project/pio.js";
import { choosePort } from "../serial/ports.js";
import { type ProcessResult, runProcess } from "../verify/process.js";
import { interruptible } from "./interrupt.js";
import { examples, notEmpty } from "./options.js";
import type { AddCommand, Io, Outcome } from "./types.js";

interface Options {
  readonly port?: string;
  readonly environment?: string;
  readonly json?: boolean;
}

export const addFlash: AddCommand = (program, io, run) => {
  program
    .command("flash")
    .summary("build a project and put it on its board")
    .description(
      "Runs `pio run -t upload` on a project of `tritc new`, with the port of the board that is plugged in.",
    )
    .argument("[folder]", "the project", ".")
    .option("--port <port>", "e.g. /dev/ttyUSB0 or COM3 (default: the only one)", notEmpty)
    .option("-e, --environment <name>", "of platformio.ini (default: its default)", notEmpty)
    .addHelpText(
      "after",
      examples([
        "tritc flash",
        "tritc flash blinker --port /dev/ttyACM0",
        "tritc flash -e esp32cam",
      ]),
    )
    .action((folder: string, options: Options) => run(() => flash(folder, options, io)));
};

/** Compilers of whole frameworks, and downloads, say nothing for minutes. */
const SILENCE_MS = 20 * 60_000;
const CONFIG_MS = 60_000;
const TAIL_LINES = 15;

async function flash(folder: string, options: Options, io: Io): Promise<Outcome> {
  if (kindOf(join(folder, "platformio.ini")) !== "file") fail(say.noProject(folder));
  const { command } = await requirePio(io.env);
  return interruptible(io, async (signal) => {
    const config = await configOf(command, folder, signal);
    const environment = chooseEnvironment(config, options.environment);
    const board = boardOf(environment);
    const problem = board === null ? null : await downloadProblem(board, io.env);
    if (problem !== null) fail(problem);
    const named = options.port ?? null;
    const port = named ?? (needsPort(environment) ? await choosePort(undefined) : null);
    const args = [
      ...["run", "-e", environment.name, "-t", "upload"],
      ...(port === null ? [] : ["--upload-port", port]),
    ];
    const result = await runProcess(command, args, {
      cwd: folder,
      silenceLimitMs: SILENCE_MS,
      signal,
      onLine: (line) => {
        if (options.json !== true) io.stdout.write(`${line}\n`);
      },
    });
    const problemOf = endingOf(result);
    if (problemOf !== null) {
      fail(say.flashFailed(environment.name, problemOf, tailOf(result), board?.upload ?? []));
    }
    const where = port === null ? "" : ` at ${port}`;
    return {
      text: `${environment.name} is flashed${where}; \`tritc monitor\` shows what it says`,
      json: { folder, environment: environment.name, port },
      remarks: [],
    };
  });
}

async function configOf(command: string, folder: string, signal: AbortSignal): Promise<PioConfig> {
  const args = ["project", "config", "--json-output"];
  const result = await runProcess(command, args, {
    cwd: folder,
    silenceLimitMs: CONFIG_MS,
    signal,
  });
  const config = endingOf(result) === null ? parsePioConfig(result.stdout) : null;
  return config ?? fail(say.damagedProject(folder, tailOf(result)));
}

/** Why a run did not succeed; null where it did. */
function endingOf({ ending }: ProcessResult): string | null {
  switch (ending.kind) {
    case "exited":
      return ending.code === 0 ? null : `exit code ${ending.code}`;
    case "killed":
      return `killed by ${ending.signal}`;
    case "silent":
      return `silent for ${ending.limitMs / 60_000} minutes`;
    case "not-started":
      return ending.reason;
    default:
      return ending satisfies never;
  }
}

function tailOf({ stdout, stderr }: ProcessResult): string {
  const lines = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-TAIL_LINES).join("\n");
}
