/** Devices for these tests: the firmware that users build, on emulated boards with a serial line. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { compile, type ModelFile } from "../../src/compile.js";
import { serialFiles } from "../../src/emit/index.js";
import { readModelFile } from "../../src/io/files.js";
import { simulateAll } from "../../src/simulate/batch.js";
import { type EmulatedMachine, findTarget, type Target } from "../../src/targets/index.js";
import { probeTools, type Subject, type Vectors } from "../../src/verify/index.js";
import { seededInputs, subjectOf, vectorsOf } from "../../src/verify/subject.js";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const HARNESS = path("../../firmware/harness/");

/** The network of the tests, compiled under the name that the firmware of the tests knows. */
export const MODEL: ModelFile = readModelFile(path("../../examples/digits/model.onnx"));

export function compiledFor(target: Target) {
  const compiled = compile(MODEL, { name: "subject", target });
  const { network, files, provenance } = compiled;
  return {
    ...compiled,
    files: new Map([...files, ...serialFiles(network, "subject", provenance)]),
  };
}

export async function subjectAndVectors(
  target: Target,
  count: number,
): Promise<{ subject: Subject; vectors: Vectors }> {
  const { network, files } = compiledFor(target);
  const inputs = seededInputs(network, 1, count);
  const vectors = vectorsOf(network, inputs, await simulateAll(network, inputs, () => {}));
  return { subject: subjectOf(network, "subject", files), vectors };
}

interface Board {
  readonly target: string;
  readonly sources: readonly string[];
  readonly uart: string;
}

const BOARDS = {
  arm: {
    target: "cortex-m3",
    sources: ["cortex_m_start.c", "cortex_m_measure.c"],
    uart: "uart_mps2.c",
  },
  riscv: {
    target: "rv32imc",
    sources: ["riscv_start.c", "riscv_measure.c"],
    uart: "uart_virt.c",
  },
} as const satisfies Record<string, Board>;

export type BoardName = keyof typeof BOARDS;

export function targetOf(board: BoardName): Target {
  return findTarget(BOARDS[board].target);
}

export interface Firmware {
  readonly board: BoardName;
  readonly elf: string;
  readonly remove: () => void;
}

/** Builds what a user would flash. `change` edits the model's C; `flags` go to every file. */
export async function buildFirmware(
  board: BoardName,
  flags: readonly string[] = [],
  change: (source: string) => string = (source) => source,
): Promise<Firmware> {
  const target = targetOf(board);
  const folder = mkdtempSync(join(tmpdir(), "tritc-serial-"));
  const model = join(folder, "model");
  mkdirSync(model);
  for (const [file, text] of compiledFor(target).files) {
    writeFileSync(join(model, file), file === "subject.c" ? change(text) : text);
  }
  writeFileSync(join(folder, "subject.h"), SUBJECT_HEADER);
  const { rom, ram, stackSize } = machineOf(target);
  writeFileSync(
    join(folder, "memory.ld"),
    `STACK_SIZE = ${stackSize};
MEMORY { ROM (rx) : ORIGIN = ${rom.origin}, LENGTH = ${rom.length}
         RAM (rwx) : ORIGIN = ${ram.origin}, LENGTH = ${ram.length} }
`,
  );
  const { sources, uart } = BOARDS[board];
  const elf = join(folder, "firmware.elf");
  const tools = await probeTools();
  const gcc = tools.find(({ tool }) => tool.id === target.compiler.tool)?.found?.command ?? "";
  execFileSync(gcc, [
    ...[...target.compiler.flags, "-O2", "-std=c99", "-Wall", "-Wextra", "-Werror", ...flags],
    ...["-ffreestanding", "-fbuiltin", "-ffunction-sections", "-fdata-sections"],
    ...["-nostdlib", "-nostartfiles", "-Wl,--gc-sections", "-fno-tree-loop-distribute-patterns"],
    ...[`-isystem${HARNESS}include`, `-I${model}`, `-I${folder}`, `-I${HARNESS}`],
    ...["emulated.c", "string.c", ...sources].map((file) => HARNESS + file),
    ...["firmware.c", uart].map((file) => path(`./fixtures/${file}`)),
    ...["subject.c", "subject_serial.c", "tritc_serial.c"].map((file) => join(model, file)),
    ...[`-L${folder}`, `-T${HARNESS}emulated.ld`, "-lgcc", "-o", elf],
  ]);
  return { board, elf, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The harness knows its model by the names of subject.h; here the model has those names. */
const SUBJECT_HEADER = `#ifndef SUBJECT_H_OF_HARNESS
#define SUBJECT_H_OF_HARNESS
#include "model/subject.h"
#endif
`;

function machineOf({ machine }: Target): EmulatedMachine {
  if (machine.kind === "host") throw new Error("not a board");
  return machine;
}

export interface Device {
  readonly port: string;
  readonly stop: () => Promise<void>;
}

/** Starts an emulated board whose serial line is a TCP server of this computer. */
export async function startDevice({ board, elf }: Firmware): Promise<Device> {
  const number = await freePort();
  const serial = `tcp:127.0.0.1:${number},server=on,wait=off,nodelay=on`;
  const child = await startBoard(board, elf, serial);
  for (let tries = 0; tries < 100 && !(await listens(number)); tries++) await setTimeout(50);
  return { port: `tcp:127.0.0.1:${number}`, stop: () => stopped(child) };
}

/** The same with a serial line that looks like a device file. */
export async function startDeviceFile({ board, elf }: Firmware): Promise<Device> {
  const child = await startBoard(board, elf, "pty");
  const port = await new Promise<string>((resolve) => {
    let said = "";
    const listen = (text: Buffer) => {
      said += text.toString();
      const found = /redirected to (\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
  });
  return { port, stop: () => stopped(child) };
}

async function startBoard(board: BoardName, elf: string, serial: string): Promise<ChildProcess> {
  const machine = machineOf(targetOf(board));
  const tools = await probeTools();
  const qemu = tools.find(({ tool }) => tool.id === machine.kind)?.found?.command ?? "";
  return spawn(qemu, [
    ...["-M", machine.name, ...(machine.cpu === null ? [] : ["-cpu", machine.cpu])],
    ...["-bios", "none", "-display", "none", "-monitor", "none"],
    ...["-serial", serial, "-kernel", elf],
  ]);
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const number = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(number));
    });
  });
}
