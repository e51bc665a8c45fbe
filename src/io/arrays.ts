import { fail } from "../diagnostics.js";
import * as say from "./diagnostics.js";
import { kindOf, readBytes } from "./files.js";
import { formatNpy, isNpy, type NumberArray, type NumberData, parseNpy } from "./npy.js";
import { formatNpz, isZip, parseNpz } from "./npz.js";

export type { ElementType, NumberArray, NumberData } from "./npy.js";

/**
 * The array that `path` or `path:member` names, from a .npy or .npz file, known by its contents.
 * Where a .npz file holds several arrays and none is named, the only one that `fits` is taken.
 * Throws `usage/...` diagnostics.
 */
export function readArray(
  name: string,
  fits: (shape: readonly number[]) => boolean = () => true,
): NumberArray {
  const { path, member } = splitMember(name);
  const bytes = readBytes(path);
  if (isZip(bytes)) return parseNpz(bytes, path, member, fits);
  if (member === null && isNpy(bytes)) return parseNpy(bytes, path);
  return fail(say.notAnArray(path));
}

/** A colon may also stand in a path (`C:\x.npy`): a file of the whole name comes first. */
export function splitMember(name: string): { path: string; member: string | null } {
  const colon = name.lastIndexOf(":");
  const path = name.slice(0, colon);
  if (colon <= 0 || kindOf(name) !== null || kindOf(path) !== "file") {
    return { path: name, member: null };
  }
  return { path, member: name.slice(colon + 1) };
}

/** Checks that a file name says in which of the two formats to write. Throws `usage/array-file-name`. */
export function checkArrayFileName(path: string): void {
  if (!/\.np[yz]$/i.test(path)) fail(say.arrayFileName(path));
}

/** The bytes of an array file: .npz with one member, or .npy, as the file's name says. */
export function formatArray(
  path: string,
  member: string,
  data: NumberData,
  shape: readonly number[],
): Uint8Array {
  checkArrayFileName(path);
  return /z$/i.test(path) ? formatNpz(member, data, shape) : formatNpy(data, shape);
}
