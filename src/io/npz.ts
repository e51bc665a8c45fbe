import { unzipSync, zipSync } from "fflate";
import { fail } from "../diagnostics.js";
import * as say from "./diagnostics.js";
import { formatNpy, type NumberArray, type NumberData, parseNpy } from "./npy.js";

/** Zip archives begin with a local file header, or with the end record when they are empty. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

const SUFFIX = ".npy";

/**
 * One array of a .npz file: the named one; else the only one; else the only one that `fits`.
 * Throws `usage/missing-member`, `usage/which-member`, `usage/not-an-array`, `usage/damaged-array`.
 */
export function parseNpz(
  bytes: Uint8Array,
  file: string,
  member: string | null,
  fits: (shape: readonly number[]) => boolean,
): NumberArray {
  const members = namesIn(bytes, file);
  if (members.length === 0) fail(say.noArraysInside(file));
  const extract = (name: string): NumberArray => parseMember(bytes, file, name);
  if (member !== null) {
    const name = member.endsWith(SUFFIX) ? member.slice(0, -SUFFIX.length) : member;
    return members.includes(name) ? extract(name) : fail(say.noSuchMember(file, member, members));
  }
  const [only, ...others] = members;
  if (only !== undefined && others.length === 0) return extract(only);
  const fitting = members.filter((name) => fits(extract(name).shape));
  const [fit, ...more] = fitting;
  if (fit !== undefined && more.length === 0) return extract(fit);
  return fail(say.whichMember(file, fitting.length === 0 ? members : fitting));
}

function namesIn(bytes: Uint8Array, file: string): string[] {
  const names: string[] = [];
  unzip(bytes, file, (name) => {
    if (name.endsWith(SUFFIX)) names.push(name.slice(0, -SUFFIX.length));
    return false;
  });
  return names;
}

function parseMember(bytes: Uint8Array, file: string, name: string): NumberArray {
  const entry = name + SUFFIX;
  const contents = unzip(bytes, file, (candidate) => candidate === entry)[entry];
  if (contents === undefined) throw new Error(`no entry ${entry}`);
  return parseNpy(contents, `${file}:${name}`);
}

function unzip(bytes: Uint8Array, file: string, wanted: (name: string) => boolean) {
  try {
    return unzipSync(bytes, { filter: ({ name }) => wanted(name) });
  } catch (error) {
    // The library's errors are about the bytes it was given and nothing else.
    return fail(say.damagedArray(file, error instanceof Error ? error.message : String(error)));
  }
}

/** Zip keeps a local time without a zone: this one is the same everywhere, and the oldest it can keep. */
const NO_TIME = new Date(1980, 0, 1);

/** A .npz file of one array. The same array gives the same bytes. */
export function formatNpz(name: string, data: NumberData, shape: readonly number[]): Uint8Array {
  return zipSync({ [name + SUFFIX]: formatNpy(data, shape) }, { mtime: NO_TIME });
}
