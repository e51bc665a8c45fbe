import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { endianness, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fail } from "../diagnostics.js";
import { systemCode } from "../io/files.js";
import type { EmulatedMachine, Target } from "../targets/index.js";
import * as say from "./diagnostics.js";
import type { ElementType, Subject, TensorFormat, Vectors } from "./types.js";

/** Bytes of an element. */
export const ELEMENT_SIZE: Readonly<Record<ElementType, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  int32: 4,
  float32: 4,
};

export const INPUTS_FILE = "inputs.bin";
export const OUTPUTS_FILE = "outputs.bin";
export const TRACE_FILE = "trace.bin";

/**
 * Calls `use` with a folder of the target's own: one in `workDir`, which stays, or a temporary
 * one, which is removed whatever happens. Throws `output/work-folder` when the folder cannot be
 * made, or `use` cannot write to it.
 */
export async function withWorkFolder<T>(
  target: string,
  workDir: string | undefined,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  try {
    return await inWorkFolder(target, workDir, use);
  } catch (error) {
    if (systemCode(error) === null || !(error instanceof Error)) throw error;
    return fail(say.workFolder(workDir ?? tmpdir(), error.message));
  }
}

async function inWorkFolder<T>(
  target: string,
  workDir: string | undefined,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  if (workDir !== undefined) {
    const folder = join(workDir, target);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    return use(folder);
  }
  const folder = await mkdtemp(join(tmpdir(), `tritc-${target}-`));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Writes all that the build needs besides the harness itself. */
export async function writeSources(
  folder: string,
  subject: Subject,
  target: Target,
): Promise<void> {
  const files = supportFiles(subject, target);
  for (const [path, text] of subject.sources) files.set(join("model", path), text);
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** What is written for each target, besides the model: names and memory. */
export function supportFiles(subject: Subject, { machine }: Target): Map<string, string> {
  const files = new Map([["subject.h", subjectHeader(subject, machine.kind !== "host")]]);
  if (machine.kind !== "host") files.set("memory.ld", memoryScript(machine));
  return files;
}

/** A folder to run a program in, with the inputs of the vectors from `first` on. */
export async function writeRunFolder(
  folder: string,
  name: string,
  subject: Subject,
  vectors: Vectors,
  range: { first: number; count: number },
): Promise<string> {
  const run = join(folder, name);
  const { elements } = subject.input;
  const inputs = vectors.inputs.subarray(
    range.first * elements,
    (range.first + range.count) * elements,
  );
  await mkdir(run, { recursive: true });
  const bytes = new Uint8Array(inputs.buffer, inputs.byteOffset, inputs.byteLength);
  await writeFile(join(run, INPUTS_FILE), littleEndian(bytes, ELEMENT_SIZE[subject.input.type]));
  return run;
}

export function littleEndian(bytes: Uint8Array, elementSize: number): Uint8Array {
  if (endianness() === "LE" || elementSize === 1) return bytes;
  const swapped = Buffer.from(bytes);
  return elementSize === 2 ? swapped.swap16() : swapped.swap32();
}

/**
 * Tells the harness the names of the model, and holds its header to what the subject says. On a
 * workstation arrays of their own have bounds that sanitizers watch; on a core the model's own memory is
 * what is to be shown to do.
 */
function subjectHeader(subject: Subject, emulated: boolean): string {
  const { name } = subject;
  const upper = name.toUpperCase();
  return `/* The model under test, under the names that the harness knows. */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "${name}.h"

typedef ${name}_input_t subject_input_t;
typedef ${name}_output_t subject_output_t;
#define SUBJECT_INPUT_SIZE ${upper}_INPUT_SIZE
#define SUBJECT_OUTPUT_SIZE ${upper}_OUTPUT_SIZE
#define subject_run ${name}_run
#ifdef ${upper}_TRACE
#define SUBJECT_TRACED
#define subject_trace ${name}_trace
#endif
${subject.inArena === true && emulated ? inArenaLines(name) : ""}
${assertFormat("input", name, subject.input)}
${assertFormat("output", name, subject.output)}

#endif
`;
}

function inArenaLines(name: string): string {
  return `#define SUBJECT_IN_ARENA
#define subject_input ${name}_input
#define subject_output ${name}_output
`;
}

function assertFormat(side: "input" | "output", name: string, format: TensorFormat): string {
  const size = `${name.toUpperCase()}_${side.toUpperCase()}_SIZE`;
  const type = `${name}_${side}_t`;
  const signed = format.type === "uint8" ? "> 0" : "< 0";
  return `typedef char subject_${side}_is_${format.elements}_of_${format.type}[
    (${size} == ${format.elements}u && sizeof(${type}) == ${ELEMENT_SIZE[format.type]}u &&
     (${type})-1 ${signed}) ? 1 : -1];`;
}

function memoryScript(machine: EmulatedMachine): string {
  const region = ({ origin, length }: EmulatedMachine["rom"]) =>
    `ORIGIN = 0x${origin.toString(16)}, LENGTH = ${length}`;
  return `STACK_SIZE = ${machine.stackSize};

MEMORY
{
  ROM (rx) : ${region(machine.rom)}
  RAM (rwx) : ${region(machine.ram)}
}
`;
}
