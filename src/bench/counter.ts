import { readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail } from "../diagnostics.js";
import { toolFailed } from "../verify/diagnostics.js";
import { type Environment, type FoundTool, requireTool } from "../verify/probe.js";
import { runProcess } from "../verify/process.js";
import { withWorkFolder } from "../verify/workspace.js";
import type { Instruction } from "./program.js";

const SOURCES = fileURLToPath(new URL("../../firmware/bench/", import.meta.url));

const COMPILE_LIMIT_MS = 120_000;

/** Where the plugin for an emulator lies, built when it is first asked for. */
export type Counter = (emulator: FoundTool) => Promise<string>;

/**
 * Gives `use` the plugin that counts (firmware/bench), which is built by this computer's compiler in a
 * temporary folder and removed with it. Throws `tool/missing`, `tool/failed`, `output/work-folder`.
 */
export function withCounter<T>(
  env: Environment,
  signal: AbortSignal | undefined,
  use: (counter: Counter) => Promise<T>,
): Promise<T> {
  return withWorkFolder("counter", undefined, (folder) => {
    const built = new Map<number, Promise<string>>();
    return use((emulator) => {
      const version = interfaceVersion(emulator);
      const known = built.get(version) ?? build(folder, version, env, signal);
      built.set(version, known);
      return known;
    });
  });
}

/** Of QEMU's plugin interface: from QEMU 9 on, version 1 is no longer taken. */
function interfaceVersion({ version }: FoundTool): number {
  const major = Number(/version (\d+)/.exec(version)?.[1] ?? 0);
  return major >= 9 ? 2 : 1;
}

async function build(
  folder: string,
  version: number,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<string> {
  const compiler = await requireTool("cc", "bench", env);
  const library = join(folder, `counter${version}.so`);
  const sources = readdirSync(SOURCES)
    .filter((name) => name.endsWith(".c"))
    .sort()
    .map((name) => join(SOURCES, name));
  const undefined_ = process.platform === "darwin" ? ["-undefined", "dynamic_lookup"] : [];
  const flags = ["-O2", "-shared", "-fPIC", `-DINTERFACE_VERSION=${version}`, ...undefined_];
  const result = await runProcess(compiler.command, [...flags, ...sources, "-o", library], {
    silenceLimitMs: COMPILE_LIMIT_MS,
    signal,
  });
  if (result.ending.kind !== "exited" || result.ending.code !== 0) {
    const { command } = compiler;
    fail(toolFailed(command, "cannot build the plugin that counts instructions", result.stderr));
  }
  return library;
}

/** What is counted: calls of the function at `run`, in stretches that end before `marks`. */
export interface Counted {
  /** Of firmware/bench, by the id of a target; null: instructions only. */
  readonly model: string | null;
  readonly run: number;
  readonly marks: readonly { readonly address: number; readonly stretch: number }[];
  readonly stretches: number;
  readonly instructions: readonly Instruction[];
}

const TABLE_FILE = "instructions.txt";
const COUNTS_FILE = "counts.txt";
const PROFILE_FILE = "profile.txt";

/** Writes what the plugin reads to the folder that the emulator runs in; returns QEMU's arguments. */
export async function prepareCounter(
  folder: string,
  library: string,
  counted: Counted,
): Promise<string[]> {
  await writeFile(join(folder, TABLE_FILE), tableText(counted));
  const { model, run, stretches } = counted;
  const args = [
    // A comma would end the path.
    library.replaceAll(",", ",,"),
    `table=${TABLE_FILE}`,
    `out=${COUNTS_FILE}`,
    `profile=${PROFILE_FILE}`,
    `model=${model ?? "none"}`,
    `run=${run.toString(16)}`,
    `stretches=${stretches}`,
  ];
  return ["-plugin", args.join(",")];
}

function tableText({ instructions, marks }: Counted): string {
  const hex = (value: number | bigint): string => value.toString(16);
  const lines = instructions.map(({ address, bytes, timing: t }) =>
    [
      ...["I", hex(address), hex(bytes), t.kind, hex(t.transfers)],
      ...[hex(t.reads), hex(t.writes), hex(t.base), t.updatesBase ? "1" : "0"],
    ].join(" "),
  );
  const ends = marks.map(({ address, stretch }) => `M ${hex(address)} ${hex(stretch)}`);
  return `${[...lines, ...ends].join("\n")}\n`;
}

/** An instruction, how often the last call executed it, and the cycles that it took in all. */
export interface Executed {
  readonly instruction: Instruction;
  readonly times: number;
  readonly cycles: number;
}

/** Of those instructions the ones that were executed, in their order. */
export async function readProfile(
  folder: string,
  instructions: readonly Instruction[],
): Promise<Executed[]> {
  const [text = ""] = (await readFile(join(folder, PROFILE_FILE), "utf8")).split("end\n");
  const counts = new Map(
    text.split("\n").map((line) => {
      const [address = "", times = "", cycles = ""] = line.split(" ");
      return [Number.parseInt(address, 16), { times: Number(times), cycles: Number(cycles) }];
    }),
  );
  return instructions.flatMap((instruction) => {
    const count = counts.get(instruction.address);
    return count === undefined ? [] : [{ instruction, ...count }];
  });
}

/** What one call, or a stretch of it, executed. Cycles are 0 where nothing models them. */
export interface Work {
  readonly instructions: number;
  readonly cycles: number;
}

export interface CountedCall extends Work {
  /** Instructions that the models knew nothing of. */
  readonly unknown: number;
  readonly stretches: readonly (Work & { readonly codeBytes: number })[];
}

/** What the plugin found out, call by call. */
export async function readCounts(folder: string): Promise<CountedCall[]> {
  return parseCounts(await readFile(join(folder, COUNTS_FILE), "utf8"));
}

/** See firmware/bench/counter.c for the format. */
export function parseCounts(text: string): CountedCall[] {
  return text
    .split(/^(?=call )/m)
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const [call = [], ...stretches] = part
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ").slice(1).map(Number));
      const [instructions = 0, cycles = 0, unknown = 0] = call;
      return {
        ...{ instructions, cycles, unknown },
        stretches: stretches.map(([i = 0, c = 0, codeBytes = 0]) => ({
          ...{ instructions: i, cycles: c, codeBytes },
        })),
      };
    });
}
