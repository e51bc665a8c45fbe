import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, normalize, sep } from "node:path";
import type { ModelFile } from "../compile.js";
import { type Diagnostic, fail } from "../diagnostics.js";
import * as say from "./diagnostics.js";

/** The code of a system error (`ENOENT`, `EACCES`), or null for any other error. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/**
 * A file that the user named. Throws `usage/missing-file`, `usage/is-a-folder` or
 * `usage/unreadable-file`.
 */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    return fail(readProblem(path, error));
  }
}

function readProblem(path: string, error: unknown): Diagnostic {
  switch (systemCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return say.missingFile(path);
    case "EISDIR":
      return say.isFolder(path);
    case null:
      throw error;
    default:
      return say.unreadableFile(path, error instanceof Error ? error.message : String(error));
  }
}

/** What a path names; null for nothing, or nothing that can be looked at. */
export function kindOf(path: string): "file" | "folder" | null {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return null;
  }
}

/** Names of what is in a folder, in order. Throws `usage/unreadable-file`. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    return fail(readProblem(path, error));
  }
}

/** A model file with the files of weights beside it. Throws as `readBytes` does. */
export function readModelFile(path: string): ModelFile {
  const bytes = readBytes(path);
  const folder = dirname(path);
  return {
    name: basename(path),
    bytes,
    external: (location) => readExternal(folder, location),
  };
}

/** Only files in the model's own folder or below it: a model must not read any other file. */
function readExternal(folder: string, location: string): Uint8Array | undefined {
  const inside = normalize(location);
  if (isAbsolute(inside) || inside === ".." || inside.startsWith(`..${sep}`)) return undefined;
  const path = join(folder, inside);
  return kindOf(path) === "file" ? readBytes(path) : undefined;
}
