import { Command } from "commander";
import { addBench } from "./commands/bench.js";
import { addBoards } from "./commands/boards.js";
import { addCompile } from "./commands/compile.js";
import { addDoctor } from "./commands/doctor.js";
import { addFlash } from "./commands/flash.js";
import { addInspect } from "./commands/inspect.js";
import { addMonitor } from "./commands/monitor.js";
import { addNew } from "./commands/new.js";
import { JSON_FLAG, JSON_HELP } from "./commands/options.js";
import { showError, showOutcome } from "./commands/show.js";
import { addSimulate } from "./commands/simulate.js";
import { addTargets } from "./commands/targets.js";
import type { AddCommand, Io, Run } from "./commands/types.js";
import { addVerify } from "./commands/verify/index.js";
import { VERSION } from "./version.js";

const COMMANDS: readonly AddCommand[] = [
  addInspect,
  addCompile,
  addSimulate,
  addVerify,
  addBench,
  addNew,
  addBoards,
  addFlash,
  addMonitor,
  addTargets,
  addDoctor,
];

const MORE_HELP = `
Examples:
  $ tritc inspect model.onnx
  $ tritc compile model.onnx -o build/digits --name digits
  $ tritc verify build/digits --target native,cortex-m4
  $ tritc new camera --board esp32cam --model person.onnx

Exit codes:
  0   success; every comparison was equal
  1   the C and the simulator differ, or the C does not build or run
  2   the command line, or a file that it names, is wrong
  3   the model is refused
  4   no C can be made for the model
  5   the output cannot be written
  6   a compiler, emulator or device is missing or fails
  70  an error in tritc itself

Environment:
  NO_COLOR=1                                  no colours
  TRITC_DEBUG=1                               the stack of an internal error
  TRITC_CC, TRITC_ARM_GCC, TRITC_QEMU_ARM     programs to use instead of those found
  TRITC_GCC, TRITC_CLANG                      the same, for native:gcc and native:clang
  TRITC_RISCV_GCC, TRITC_QEMU_RISCV32         the same, for RISC-V
  TRITC_XTENSA_GCC, TRITC_QEMU_XTENSA         the same, for Xtensa
  TRITC_PIO                                   the same, for PlatformIO
`;

/** The command line: runs one command and returns its exit code. Never throws, never exits. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const json = argv.includes(JSON_FLAG);
  let exitCode = 0;
  const program = createProgram(io, async (action) => {
    exitCode = showOutcome(showing(), await action());
  });
  const showing = () => ({ io, json, command: program.args[0] ?? "" });
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    return showError(showing(), error);
  }
}

function createProgram(io: Io, run: Run): Command {
  const program = new Command("tritc")
    .description("Compiles trained ternary neural networks to verified C for microcontrollers.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => {}, // `main` shows errors, as text or as an object
    })
    .showSuggestionAfterError()
    .addHelpText("after", MORE_HELP);
  for (const add of COMMANDS) add(program, io, run);
  for (const command of program.commands) command.option(JSON_FLAG, JSON_HELP);
  return program;
}
