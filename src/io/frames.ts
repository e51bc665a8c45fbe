import { join } from "node:path";
import { fail } from "../diagnostics.js";
import * as say from "../frame/diagnostics.js";
import { type FrameFormat, frameBytes, PIXELS } from "../frame/formats.js";
import type { Frames } from "../frame/frames.js";
import { readArray, splitMember } from "./arrays.js";
import { kindOf, listFolder, readBytes } from "./files.js";
import { decodeImage, isImageName } from "./images.js";
import { isNpy } from "./npy.js";
import { isZip } from "./npz.js";

/**
 * Frames of a format: an array of bytes in a .npy or .npz file, whatever its shape; a raw file as a
 * camera gave it; a PNG or JPEG image of the frames' size, or a folder of them, by name. The first
 * `limit`, or all. Throws `usage/...` diagnostics.
 */
export function readFrames(path: string, format: FrameFormat, limit?: number): Frames {
  const bytes = bytesOf(path, format);
  const each = frameBytes(format);
  if (bytes.length === 0) fail(say.noFrames(path));
  if (bytes.length % each !== 0) {
    const { pixels, width, height } = format;
    fail(say.frameFile(path, bytes.length, each, `${pixels}, ${width} x ${height}`));
  }
  const count = Math.min(bytes.length / each, limit ?? Number.POSITIVE_INFINITY);
  return { format, count, data: bytes.subarray(0, count * each) };
}

function bytesOf(path: string, format: FrameFormat): Uint8Array {
  if (kindOf(path) === "folder") {
    const images = listFolder(path).filter(isImageName);
    return Buffer.concat(images.map((name) => frameOfImage(join(path, name), format)));
  }
  if (isImageName(path)) return frameOfImage(path, format);
  const contents = readBytes(splitMember(path).path);
  if (!isNpy(contents) && !isZip(contents)) return contents;
  const { data, type } = readArray(path);
  if (type !== "uint8" || !(data instanceof Uint8Array)) return fail(say.frameArray(path, type));
  return data;
}

function frameOfImage(file: string, format: FrameFormat): Uint8Array {
  const { width, height, data } = decodeImage(file);
  if (width !== format.width || height !== format.height) {
    fail(say.frameImage(file, [width, height], format));
  }
  const { put, bytes } = PIXELS[format.pixels];
  const frame = new Uint8Array(frameBytes(format));
  for (let y = 0; y < height; y++) {
    const row = frame.subarray(y * width * bytes, (y + 1) * width * bytes);
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      put(row, x, [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]);
    }
  }
  return frame;
}
