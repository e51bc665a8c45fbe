import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { hashOf } from "../compile.js";
import { fail } from "../diagnostics.js";
import { sizeOf } from "../graph/nodes.js";
import type { TensorInfo } from "../graph/types.js";
import type { ModelInputs } from "../simulate/batch.js";
import { type NumberArray, readArray, splitMember } from "./arrays.js";
import * as say from "./diagnostics.js";
import { kindOf, listFolder, readBytes } from "./files.js";
import { type ImageScaling, isImageName, readImage } from "./images.js";
import { checkShape, fits, product, sampleShape } from "./inputs.js";

/** Inputs for calibration, and where they came from. */
export interface CalibrationInputs {
  /** Name of the file (with the member that was asked for) or of the folder. */
  readonly name: string;
  /** SHA-256 of the file, or of the names and hashes of the folder's files. */
  readonly hash: string;
  readonly inputs: ModelInputs;
}

/**
 * Calibration inputs for a model's input: a .npy or .npz file (`x.npz:member`), a folder of .npy
 * files of one or several inputs each, or a folder of PNG and JPEG images of the model's size.
 * Of more than `most` inputs, that many evenly spaced ones are taken. Throws `usage/...` diagnostics.
 */
export function readCalibration(
  path: string,
  most: number,
  scaling: ImageScaling,
  info: TensorInfo,
): CalibrationInputs {
  const folder = kindOf(path) === "folder";
  const parts = folder ? filesOf(path) : [path];
  const arrays = spaced(parts, folder ? most : 1).map((part) =>
    isImageName(part) ? readImage(part, info, scaling) : arrayOf(part, info),
  );
  const data = taken(joined(arrays), sizeOf(info.shape), most);
  const count = data.length / sizeOf(info.shape);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) fail(say.calibrationValue(path, Math.floor(bad / sizeOf(info.shape))));
  return {
    name: basename(path),
    hash: folder ? hashOfFolder(parts) : hashOf(readBytes(splitMember(path).path)),
    inputs: { count, data },
  };
}

/** The arrays of a folder, or its images, but not both. */
function filesOf(folder: string): string[] {
  const names = listFolder(folder);
  const images = names.filter(isImageName);
  const arrays = names.filter((name) => /\.npy$/i.test(name));
  if (images.length > 0 && arrays.length > 0) fail(say.imagesAndArrays(folder));
  if (images.length + arrays.length === 0) fail(say.nothingToCalibrate(folder));
  return [...images, ...arrays].map((name) => join(folder, name));
}

function hashOfFolder(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${basename(file)} ${hashOf(readBytes(file))}\n`);
  return hash.digest("hex");
}

/** One file of inputs; in a file of one input the batch axis may be left out. */
function arrayOf(file: string, info: TensorInfo): ArrayLike<number> {
  const shape = sampleShape(info.shape);
  const array = readArray(file, ([, ...sample]) => fits(sample, shape));
  const single = fits(array.shape, shape);
  const batch: NumberArray = single ? { ...array, shape: [1, ...array.shape] } : array;
  checkShape(batch, shape, file);
  const real = array.type.startsWith("float");
  if (info.type === "real" && !real) fail(say.realsWanted(file, array.type));
  if (info.type !== "real" && real) fail(say.integersWanted(file, array.type, info.type));
  return array.data.subarray(0, (batch.shape[0] ?? 0) * product(shape));
}

function joined(arrays: readonly ArrayLike<number>[]): Float64Array {
  const data = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    data.set(array, at);
    at += array.length;
  }
  return data;
}

/** At most so many of a list, evenly spaced from the first on. */
function spaced<T>(list: readonly T[], most: number): T[] {
  const step = Math.max(1, list.length / most);
  const count = Math.min(list.length, most);
  return Array.from({ length: count }, (_, i) => list[Math.floor(i * step)]).filter(
    (item) => item !== undefined,
  );
}

function taken(data: Float64Array, size: number, most: number): Float64Array {
  const all = Array.from({ length: data.length / size }, (_, i) => i);
  if (all.length <= most) return data;
  return joined(spaced(all, most).map((i) => data.subarray(i * size, (i + 1) * size)));
}
