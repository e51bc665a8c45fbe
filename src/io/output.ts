import * as nodeFs from "node:fs";
import { dirname, join } from "node:path";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics.js";
import * as say from "./diagnostics.js";
import { kindOf, listFolder, systemCode } from "./files.js";

/** What writing needs of the file system; tests put a full disk here. */
export type OutputFs = Pick<
  typeof nodeFs,
  | "existsSync"
  | "mkdirSync"
  | "mkdtempSync"
  | "renameSync"
  | "rmdirSync"
  | "rmSync"
  | "statSync"
  | "writeFileSync"
>;

/** Files to write: path inside the folder to contents. */
export type OutputFiles = ReadonlyMap<string, string | Uint8Array>;

/**
 * Writes all of the files, or none: they are first written to a temporary folder beside their place
 * (so on the same file system) and then renamed; when anything fails, what was there before is put
 * back and what was made is removed. Creates the folder where needed.
 * Throws `output/not-writable`, `output/disk-full`, `output/in-the-way` or `output/failed`.
 */
export function writeFiles(folder: string, files: OutputFiles, fs: OutputFs = nodeFs): void {
  const undo: (() => void)[] = [];
  try {
    refuseFolders(folder, files, fs);
    const staging = stage(folder, files, fs, undo);
    let index = 0;
    for (const path of files.keys()) {
      const staged = join(staging, `new-${index}`);
      const kept = join(staging, `old-${index}`);
      replace(join(folder, path), staged, kept, fs, undo);
      index++;
    }
    fs.rmSync(staging, { recursive: true, force: true });
  } catch (error) {
    const left = undoAll(undo);
    if (left.length > 0) fail(say.writeFailed(folder, `${reasonOf(error)}; ${left.join("; ")}`));
    throw new DiagnosticError([explain(folder, error)]);
  }
}

/** Throws `usage/folder-in-use` where there is anything that could be overwritten. */
export function checkNewFolder(folder: string): void {
  const kind = kindOf(folder);
  if (kind === "file" || (kind === "folder" && listFolder(folder).length > 0)) {
    fail(say.folderInUse(folder));
  }
}

/**
 * Writes a folder that is new or empty, whole or not at all: it is filled under another name beside
 * its place, and then renamed. Throws `usage/folder-in-use` and what `writeFiles` throws.
 */
export function writeFolder(folder: string, files: OutputFiles, fs: OutputFs = nodeFs): void {
  checkNewFolder(folder);
  const undo: (() => void)[] = [];
  try {
    makeFolder(dirname(folder), fs, undo);
    const staging = fs.mkdtempSync(join(dirname(folder), ".tritc-"));
    undo.push(() => fs.rmSync(staging, { recursive: true, force: true }));
    const whole = join(staging, "new");
    for (const [path, contents] of files) {
      fs.mkdirSync(dirname(join(whole, path)), { recursive: true });
      fs.writeFileSync(join(whole, path), contents);
    }
    if (fs.existsSync(folder)) {
      fs.rmdirSync(folder);
      undo.push(() => fs.mkdirSync(folder));
    }
    fs.renameSync(whole, folder);
    fs.rmSync(staging, { recursive: true, force: true });
  } catch (error) {
    const left = undoAll(undo);
    if (left.length > 0) fail(say.writeFailed(folder, `${reasonOf(error)}; ${left.join("; ")}`));
    throw new DiagnosticError([explain(folder, error)]);
  }
}

/** Renaming a file onto a folder fails late, and with a puzzling message. */
function refuseFolders(folder: string, files: OutputFiles, fs: OutputFs): void {
  for (const path of files.keys()) {
    const place = join(folder, path);
    const there = fs.statSync(place, { throwIfNoEntry: false });
    if (there?.isDirectory()) fail(say.inTheWay(place, "there is a folder of this name"));
  }
}

/** Writes the files to a new temporary folder, and returns it. */
function stage(folder: string, files: OutputFiles, fs: OutputFs, undo: (() => void)[]): string {
  makeFolder(folder, fs, undo);
  const staging = fs.mkdtempSync(join(folder, ".tritc-"));
  undo.push(() => fs.rmSync(staging, { recursive: true, force: true }));
  let index = 0;
  for (const contents of files.values()) {
    fs.writeFileSync(join(staging, `new-${index}`), contents);
    index++;
  }
  return staging;
}

function replace(
  place: string,
  staged: string,
  kept: string,
  fs: OutputFs,
  undo: (() => void)[],
): void {
  makeFolder(dirname(place), fs, undo);
  if (fs.existsSync(place)) {
    fs.renameSync(place, kept);
    undo.push(() => fs.renameSync(kept, place));
  }
  fs.renameSync(staged, place);
  undo.push(() => fs.rmSync(place));
}

/** One level at a time, so that exactly the new ones can be removed again. */
function makeFolder(folder: string, fs: OutputFs, undo: (() => void)[]): void {
  const missing: string[] = [];
  for (let at = folder; !fs.existsSync(at) && dirname(at) !== at; at = dirname(at)) {
    missing.unshift(at);
  }
  for (const path of missing) {
    fs.mkdirSync(path);
    undo.push(() => fs.rmdirSync(path));
  }
}

/** Takes back the newest step first; returns what could not be taken back. */
function undoAll(undo: readonly (() => void)[]): string[] {
  const left: string[] = [];
  for (const step of [...undo].reverse()) {
    try {
      step();
    } catch (error) {
      left.push(`and cleaning up failed: ${reasonOf(error)}`);
    }
  }
  return left;
}

function explain(folder: string, error: unknown): Diagnostic {
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return say.diskFull(folder);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return say.notWritable(folder, reasonOf(error));
    case "EEXIST":
    case "ENOTDIR":
      return say.inTheWay(folder, "the folder cannot be, since a file of that name is in the way");
    case null:
      throw error;
    default:
      return say.writeFailed(folder, reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
