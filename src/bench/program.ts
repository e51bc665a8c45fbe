import { fail } from "../diagnostics.js";
import type { Machine } from "../targets/index.js";
import { toolFailed } from "../verify/diagnostics.js";
import { runProcess } from "../verify/process.js";
import { siblingTool } from "../verify/run.js";
import type { Toolchain } from "../verify/toolchain.js";
import { classify } from "./classify.js";
import { type Timing, timing } from "./timing.js";

/** A built program, as its binary utilities show it. */
export interface Program {
  readonly path: string;
  readonly toolchain: Toolchain;
  readonly signal: AbortSignal | undefined;
}

/** An instruction of a program. */
export interface Instruction extends Line {
  /** The function that it is in, or a label there. */
  readonly symbol: string;
  readonly timing: Timing;
}

const SILENCE_LIMIT_MS = 60_000;

/**
 * The instructions of a program. Only those of Arm cores are told apart, the others are all `alu`.
 * Throws `tool/failed`.
 */
export async function disassemble(
  program: Program,
  machine: Machine["kind"],
): Promise<Instruction[]> {
  const arm = machine === "qemu-arm";
  // Without an architecture, vector instructions are shown as those of a coprocessor.
  const architecture = arm ? ["-m", "armv8.1-m.main"] : [];
  const lines = await output(program, "objdump", ["-d", ...architecture, program.path]);
  const other = timing("alu");
  const instructions: Instruction[] = [];
  let symbol = "";
  for (const text of lines) {
    symbol = /^[0-9a-f]+ <(.+)>:$/.exec(text)?.[1] ?? symbol;
    const line = parseLine(text);
    if (line === null) continue;
    const { mnemonic, operands } = line;
    instructions.push({ ...line, symbol, timing: arm ? classify(mnemonic, operands) : other });
  }
  return instructions;
}

/** An instruction as objdump writes it. */
export interface Line {
  readonly address: number;
  readonly bytes: number;
  readonly mnemonic: string;
  readonly operands: string;
}

/** A line of objdump's, such as `    8124:\tf811 2b01 \tldrb.w\tr2, [r1], #1`; null of others. */
export function parseLine(line: string): Line | null {
  const [, address, code, mnemonic, rest = ""] =
    /^\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(\S+)(?:\t(.*))?$/.exec(line) ?? [];
  if (address === undefined || code === undefined || mnemonic === undefined) return null;
  if (mnemonic.startsWith(".")) return null; // constants among the code
  return {
    address: Number.parseInt(address, 16),
    bytes: code.replaceAll(" ", "").length / 2,
    mnemonic,
    operands: (/^[^;@<]*/.exec(rest)?.[0] ?? "").trim(),
  };
}

/** Addresses by name, of a program's functions and labels. Throws `tool/failed`. */
export async function symbols(program: Program): Promise<Map<string, number>> {
  const lines = await output(program, "nm", [program.path]);
  return new Map(
    lines.flatMap((line): [string, number][] => {
      const [address = "", , name = ""] = line.trim().split(" ");
      return name === "" ? [] : [[name, Number.parseInt(address, 16)]];
    }),
  );
}

async function output(program: Program, tool: string, args: readonly string[]): Promise<string[]> {
  const command = siblingTool(program.toolchain, tool);
  const { signal } = program;
  const lines: string[] = [];
  // Whole, however long: what is captured by default is what a person would read.
  const result = await runProcess(command, args, {
    silenceLimitMs: SILENCE_LIMIT_MS,
    signal,
    onLine: (line) => lines.push(line),
  });
  if (result.ending.kind !== "exited" || result.ending.code !== 0) {
    fail(
      toolFailed(command, `cannot read the built program (${result.ending.kind})`, result.stderr),
    );
  }
  return lines;
}
