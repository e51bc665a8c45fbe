/** The camera application on emulated boards, with frames that come over the serial line. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "../../src/compile.js";
import { appFiles } from "../../src/frame/app.js";
import { frameFiles } from "../../src/frame/emit.js";
import { type FrameFormat, PIXELS } from "../../src/frame/formats.js";
import { type FrameInput, frameInputOf } from "../../src/frame/pixels.js";
import { readModelFile } from "../../src/io/files.js";
import type { Network } from "../../src/network/types.js";
import { uartOf } from "../../src/project/emulated.js";
import { findTarget } from "../../src/targets/index.js";
import { WARNING_FLAGS } from "../../src/verify/build.js";
import { probeTools } from "../../src/verify/index.js";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const BOARD = path("../../firmware/board/src/");
const SUPPORT = path("../../firmware/emulated/support/");
const HARNESS = path("../../firmware/harness/");

export interface App {
  readonly network: Network;
  readonly input: FrameInput;
  readonly target: string;
  readonly elf: string;
  readonly remove: () => void;
}

/** Builds the application for a model and frames of a format. `more` goes into board_config.h. */
export async function buildApp(
  model: string,
  target: string,
  format: FrameFormat,
  more: Readonly<Record<string, string>> = {},
): Promise<App> {
  const core = findTarget(target);
  const { machine, compiler } = core;
  if (machine.kind === "host") throw new Error("not a board");
  const compiled = compile(readModelFile(model), { name: "seen", target: core });
  const { network, provenance } = compiled;
  const input = frameInputOf(network, null);
  const folder = mkdtempSync(join(tmpdir(), "tritc-app-"));
  const files = new Map([
    ...compiled.files,
    ...frameFiles(input, "seen", provenance),
    ...appFiles(network, "seen", "serial", null),
    ["board_config.h", boardConfig(format, more)],
  ]);
  for (const [file, text] of files) writeFileSync(join(folder, file), text);
  writeFileSync(
    join(folder, "memory.ld"),
    `STACK_SIZE = ${machine.stackSize};
MEMORY { ROM (rx) : ORIGIN = ${machine.rom.origin}, LENGTH = ${machine.rom.length}
         RAM (rwx) : ORIGIN = ${machine.ram.origin}, LENGTH = ${machine.ram.length} }
`,
  );
  const elf = join(folder, "app.elf");
  const own = [...files.keys()].filter((file) => file.endsWith(".c"));
  execFileSync(await commandOf(compiler.tool), [
    ...[...compiler.flags, "-O2", "-std=c99", ...WARNING_FLAGS, "-Wno-pedantic", "-Werror"],
    ...["-ffreestanding", "-fbuiltin", "-ffunction-sections", "-fdata-sections"],
    ...["-nostdlib", "-nostartfiles", "-Wl,--gc-sections", "-fno-tree-loop-distribute-patterns"],
    ...["-DTRITC_EMULATED", `-DTRITC_CLOCK=${machine.clockHz}L`],
    ...[`-DTRITC_UART=${uartOf(machine).address}`, `-D${uartOf(machine).kind}`],
    ...[`-isystem${HARNESS}include`, `-I${folder}`, `-I${BOARD}`, `-I${SUPPORT}`],
    ...own.map((file) => join(folder, file)),
    ...[BOARD, SUPPORT].flatMap((from) => cFiles(from).map((file) => from + file)),
    `${HARNESS}string.c`,
    ...[`-L${folder}`, `-T${SUPPORT}program.ld`, "-lgcc", "-o", elf],
  ]);
  return {
    ...{ network, input, target, elf },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function cFiles(folder: string): string[] {
  return readdirSync(folder).filter((file) => file.endsWith(".c"));
}

function boardConfig(format: FrameFormat, more: Readonly<Record<string, string>>): string {
  const defines = {
    CAMERA_WIDTH: `${format.width}u`,
    CAMERA_HEIGHT: `${format.height}u`,
    CAMERA_FORMAT: PIXELS[format.pixels].constant,
    CAMERA_ON_SERIAL: "1",
    ...more,
  };
  return Object.entries(defines)
    .map(([name, value]) => `#define ${name} ${value}\n`)
    .join("");
}

async function commandOf(id: string): Promise<string> {
  const tools = await probeTools();
  return tools.find(({ tool }) => tool.id === id)?.found?.command ?? id;
}

/** Starts the application with its serial line on a character device of QEMU (`stdio`, `pty`, ...). */
export async function startApp({ target, elf }: App, line: string): Promise<ChildProcess> {
  const { machine } = findTarget(target);
  if (machine.kind === "host") throw new Error("not a board");
  return spawn(await commandOf(machine.kind), [
    ...["-M", machine.name, ...(machine.cpu === null ? [] : ["-cpu", machine.cpu])],
    ...["-bios", "none", "-display", "none", "-monitor", "none", "-serial", "chardev:host"],
    ...["-chardev", `${line},id=host`, "-icount", "shift=6"],
    ...["-semihosting-config", "enable=on,target=native", "-kernel", elf],
  ]);
}

export interface Ran {
  readonly code: number | null;
  /** The objects that it printed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

const RUN_LIMIT_MS = 90_000;

/** Runs it on what a workstation sends, to its end; `code` is null where it does not come to one. */
export async function runApp(app: App, sent: Uint8Array): Promise<Ran> {
  const child = await startApp(app, "stdio,signal=off");
  const limit = setTimeout(() => child.kill("SIGKILL"), RUN_LIMIT_MS);
  let text = "";
  child.stdout?.on("data", (bytes) => {
    text += String(bytes);
  });
  child.stdin?.end(sent);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(limit);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return { code, lines: lines.map((line) => JSON.parse(line)) };
}
