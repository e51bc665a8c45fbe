import { dirname, join } from "node:path";
import { type Diagnostic, fail } from "../diagnostics.js";
import type { EmulatedMachine } from "../targets/index.js";
import type { Configuration } from "./configurations.js";
import * as say from "./diagnostics.js";
import { PLATFORMS } from "./platforms.js";
import { type ProcessResult, runProcess } from "./process.js";
import type { Toolchain } from "./toolchain.js";

/** What the harness does; the modes of firmware/harness/main.c. */
export type Mode = "run" | "count";

export interface RunSettings {
  readonly configuration: Configuration;
  readonly toolchain: Toolchain;
  readonly silenceLimitMs: number;
  readonly signal: AbortSignal | undefined;
  /** Called with the number of vectors done. */
  readonly onVector: (done: number) => void;
  /** Given to the emulator besides what it always gets. */
  readonly emulatorArguments?: readonly string[];
}

/** A line of the harness's report: a word and numbers. */
export interface ReportLine {
  readonly word: string;
  readonly numbers: readonly number[];
}

/**
 * In `count` mode an instruction takes 2^8 ns of emulated time: more than four ticks of the clock
 * of every machine, so that rounding to whole ticks cannot hide an instruction.
 */
const ICOUNT_SHIFT = 8;
export const NS_PER_INSTRUCTION = 2 ** ICOUNT_SHIFT;

/**
 * Runs a built program in a folder that holds its inputs, and returns what it reported.
 * Throws `verify/hang`, `verify/fault`, `verify/stack-overflow`, `verify/no-result` or
 * `tool/failed`.
 */
export async function runProgram(
  settings: RunSettings,
  program: string,
  folder: string,
  mode: Mode,
): Promise<readonly ReportLine[]> {
  let vectors = 0;
  const { command, args } = commandLine(settings, program, mode);
  const result = await runProcess(command, args, {
    cwd: folder,
    silenceLimitMs: settings.silenceLimitMs,
    signal: settings.signal,
    onLine: (line) => {
      if (line.startsWith("vector ")) settings.onVector(++vectors);
    },
  });
  const lines = result.stdout.split(/\r?\n/).filter((line) => line !== "");
  const good = result.ending.kind === "exited" && result.ending.code === 0;
  if (!good || lines.at(-1) !== "done") {
    fail(await explainFailure(settings, { program, command, vectors, lines, result }));
  }
  return lines.map(parseLine);
}

function commandLine(
  { configuration: { target }, toolchain, emulatorArguments = [] }: RunSettings,
  program: string,
  mode: Mode,
): { command: string; args: string[] } {
  const { machine } = target;
  if (machine.kind === "host" || toolchain.emulator === null) {
    return { command: program, args: [mode] };
  }
  const args = [...qemuArguments(machine, program, mode), ...emulatorArguments];
  return { command: toolchain.emulator.command, args };
}

/** Semihosting text goes to standard output only by way of a character device of its own. */
export function qemuArguments(machine: EmulatedMachine, program: string, mode: Mode): string[] {
  const display = ["-nographic", "-monitor", "none", "-serial", "none"];
  const semihosting = `enable=on,target=native,chardev=host,arg=program,arg=${mode}`;
  return [
    ...["-M", machine.name, ...(machine.cpu === null ? [] : ["-cpu", machine.cpu])],
    ...["-bios", "none", ...display],
    ...["-chardev", "stdio,id=host,signal=off", "-semihosting-config", semihosting],
    ...(mode === "count" ? ["-icount", `shift=${ICOUNT_SHIFT}`] : []),
    ...["-kernel", program],
  ];
}

function parseLine(line: string): ReportLine {
  const [word = "", ...numbers] = line.split(" ");
  return { word, numbers: numbers.map((text) => Number.parseInt(text, 16)) };
}

interface Failure {
  readonly program: string;
  readonly command: string;
  /** Vectors that were finished before it. */
  readonly vectors: number;
  readonly lines: readonly string[];
  readonly result: ProcessResult;
}

const TAIL_LINES = 5;

/** What firmware/harness/main.c says when a file cannot be written: the disk is full, mostly. */
const CANNOT_WRITE = /^error cannot (create|write|finish)/;

async function explainFailure(settings: RunSettings, failure: Failure): Promise<Diagnostic> {
  const { id, target } = settings.configuration;
  const { vectors, result, lines, command } = failure;
  const { ending } = result;
  const where = `vector ${vectors}`;
  const tail = [...lines.slice(-TAIL_LINES), result.stderr].join("\n");
  const said = (word: string) => lines.find((line) => line.startsWith(`${word} `));

  switch (ending.kind) {
    case "silent":
      return say.hung(id, where, ending.limitMs, tail);
    case "not-started":
      return say.toolFailed(command, `does not start: ${ending.reason}`, "");
    case "killed":
      if (target.machine.kind === "host") return say.faulted(id, where, ending.signal);
      // QEMU gives up with an abort when a fault faults ("Lockup").
      return say.faulted(id, where, `the emulator ended with ${ending.signal}: ${tail}`);
    case "exited":
      break;
    default:
      return ending satisfies never;
  }
  const finding = /.*(?:runtime error:|ERROR: AddressSanitizer:).*/.exec(result.stderr)?.[0];
  if (finding !== undefined) return say.sanitizerFinding(id, where, finding.trim());
  const fault = said("fault");
  if (fault === "fault stack-overflow" && target.machine.kind !== "host") {
    return say.stackOverflow(id, where, target.machine.stackSize);
  }
  if (fault !== undefined) {
    return say.faulted(id, where, await describeFault(settings, failure.program, fault));
  }
  const error = said("error");
  if (error !== undefined && CANNOT_WRITE.test(error)) {
    return say.workFolder(dirname(failure.program), `the test program says "${error.slice(6)}"`);
  }
  if (error !== undefined) return say.noResult(id, error, tail);
  if (lines.length === 0 && ending.code !== 0) {
    return say.toolFailed(command, `ended with exit code ${ending.code}`, result.stderr);
  }
  return say.noResult(id, `it ended with exit code ${ending.code}`, tail);
}

async function describeFault(
  settings: RunSettings,
  program: string,
  line: string,
): Promise<string> {
  const match = /exception ([0-9a-f]+) pc ([0-9a-f]+)/.exec(line);
  if (match?.[1] === undefined || match[2] === undefined) return line;
  const exception = Number.parseInt(match[1], 16);
  const { machine } = settings.configuration.target;
  const names = machine.kind === "host" ? {} : PLATFORMS[machine.kind].exceptions;
  const name = names[exception] ?? `exception ${exception}`;
  const place = await functionAt(settings, program, match[2]);
  return `${name} at 0x${match[2]}${place === null ? "" : `, in ${place}`}`;
}

/** The function that a program address lies in; null when the toolchain cannot tell. */
async function functionAt(
  { toolchain, signal }: RunSettings,
  program: string,
  address: string,
): Promise<string | null> {
  const addr2line = siblingTool(toolchain, "addr2line");
  const args = ["-f", "-e", program, address];
  const result = await runProcess(addr2line, args, { silenceLimitMs: 10_000, signal });
  const name = result.stdout.split("\n")[0]?.trim() ?? "";
  return name === "" || name === "??" ? null : name;
}

/** The binutils program that belongs to the compiler: `arm-none-eabi-gcc`, `arm-none-eabi-size`. */
export function siblingTool({ compiler }: Toolchain, name: string): string {
  const folder = dirname(compiler.command);
  const file = compiler.command.slice(folder.length).replace(/^[/\\]/, "");
  return join(folder, file.replace(/gcc(-[\d.]+)?/, name));
}
