import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { fail } from "../diagnostics.js";
import type { TensorInfo } from "../graph/types.js";
import * as say from "./diagnostics.js";
import { readBytes } from "./files.js";

/** How a float model's input is made from pixels: `(pixel / 255 - mean) / std`, channel by channel. */
export interface ImageScaling {
  /** One number for all channels or one for each. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Whether a file is taken for an image, by its name. */
export function isImageName(name: string): boolean {
  return /\.(png|jpe?g)$/i.test(name);
}

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha of each pixel, row by row. */
  readonly data: Uint8Array;
}

/** Memory that a JPEG file may ask for, in megabytes. */
const MOST_MEMORY = 256;

/**
 * A PNG or JPEG image as a model's input [1, C, H, W] or [1, H, W, C] with 1 or 3 channels. It must
 * have the model's size. Grey is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601); alpha is left out.
 */
export function readImage(file: string, info: TensorInfo, scaling: ImageScaling): Float64Array {
  const place = placeOf(info) ?? fail(say.noImages(file, info.shape));
  const pixels = decodeImage(file);
  if (pixels.width !== place.width || pixels.height !== place.height) {
    fail(say.imageSize(file, [pixels.width, pixels.height], [place.width, place.height]));
  }
  const { channels, height, width } = place;
  const values = new Float64Array(channels * height * width);
  for (let p = 0; p < height * width; p++) {
    for (let c = 0; c < channels; c++) {
      const at = place.channelsLast ? p * channels + c : c * height * width + p;
      values[at] = numberAt(pixels, p, c, channels, info, scaling);
    }
  }
  return values;
}

function numberAt(
  { data }: Pixels,
  pixel: number,
  channel: number,
  channels: number,
  { type }: TensorInfo,
  { mean, std }: ImageScaling,
): number {
  const [r = 0, g = 0, b = 0] = data.subarray(4 * pixel, 4 * pixel + 3);
  const grey = r === g && g === b ? r : 0.299 * r + 0.587 * g + 0.114 * b;
  const value = channels === 1 ? grey : ([r, g, b][channel] ?? 0);
  if (type !== "real") return Math.round(value);
  const each = (list: readonly number[]): number =>
    (list.length === 1 ? list[0] : list[channel]) ?? 0;
  return (value / 255 - each(mean)) / each(std);
}

/** Where the input's channels are; null where it is no image of one or three channels. */
function placeOf({ shape, type }: TensorInfo) {
  const [batch, a = 0, b = 0, c = 0, ...more] = shape;
  if (batch !== 1 || shape.length !== 4 || more.length > 0) return null;
  if (type !== "real" && type !== "uint8") return null;
  if (a === 1 || a === 3) return { channels: a, height: b, width: c, channelsLast: false };
  if (c === 1 || c === 3) return { channels: c, height: a, width: b, channelsLast: true };
  return null;
}

/** The pixels of a PNG or JPEG file. Throws `usage/damaged-image`. */
export function decodeImage(file: string): Pixels {
  const bytes = readBytes(file);
  try {
    return /\.png$/i.test(file)
      ? PNG.sync.read(Buffer.from(bytes))
      : jpeg.decode(bytes, { useTArray: true, maxMemoryUsageInMB: MOST_MEMORY });
  } catch (error) {
    // Both libraries throw plain errors about the bytes they were given.
    return fail(say.damagedImage(file, error instanceof Error ? error.message : String(error)));
  }
}
