import { type FrameFormat, PIXELS } from "./formats.js";
import type { Picture } from "./picture.js";
import type { FrameInput } from "./pixels.js";

/**
 * What firmware/frame and the generated NAME_frame.c must compute, bit for bit, written from the
 * definition (docs/camera.md) and not from the C.
 */

/** The part of a frame that the picture shows. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The largest part of the picture's aspect, in the middle; at least one pixel a side. */
export function cropOf(frame: FrameFormat, picture: Picture): Crop {
  const wide = frame.width * picture.height > frame.height * picture.width;
  const width = wide
    ? Math.max(1, Math.floor((frame.height * picture.width) / picture.height))
    : frame.width;
  const height = wide
    ? frame.height
    : Math.max(1, Math.floor((frame.width * picture.height) / picture.width));
  return {
    left: Math.floor((frame.width - width) / 2),
    top: Math.floor((frame.height - height) / 2),
    width,
    height,
  };
}

/** A source pixel's share in an element of an axis. */
interface Tap {
  readonly source: number;
  readonly weight: number;
}

/**
 * For each element of an axis, the source pixels in it. An axis that shrinks is cut into
 * `source * elements` parts, of which a pixel has `elements` and an element `source`; a pixel weighs
 * what it shares. One that stretches takes the pixel under the element's middle.
 */
function tapsOf(source: number, elements: number): readonly Tap[][] {
  return Array.from({ length: elements }, (_, element) => {
    if (source < elements) {
      return [{ source: Math.floor(((2 * element + 1) * source) / (2 * elements)), weight: 1 }];
    }
    const taps: Tap[] = [];
    for (let pixel = 0; pixel < source; pixel++) {
      const end = Math.min((pixel + 1) * elements, (element + 1) * source);
      const weight = end - Math.max(pixel * elements, element * source);
      if (weight > 0) taps.push({ source: pixel, weight });
    }
    return taps;
  });
}

/** A frame's picture, its values of 0 to 255 channels-last: weighted means, rounded, halves up. */
export function pictureOfFrame(
  frame: Uint8Array,
  format: FrameFormat,
  picture: Picture,
): Uint8Array {
  const { color, gray, bytes } = PIXELS[format.pixels];
  const { channels, width, height } = picture;
  const crop = cropOf(format, picture);
  const cropped = new Uint8Array(crop.height * crop.width * channels);
  for (let y = 0; y < crop.height; y++) {
    const start = (crop.top + y) * format.width * bytes;
    const row = frame.subarray(start, start + format.width * bytes);
    for (let x = 0; x < crop.width; x++) {
      const values = channels === 1 ? [gray(row, crop.left + x)] : color(row, crop.left + x);
      cropped.set(values, (y * crop.width + x) * channels);
    }
  }
  const columns = tapsOf(crop.width, width);
  const result = new Uint8Array(height * width * channels);
  let at = 0;
  for (const rows of tapsOf(crop.height, height)) {
    for (const taps of columns) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        let total = 0;
        for (const row of rows) {
          for (const tap of taps) {
            const weight = row.weight * tap.weight;
            sum += weight * (cropped[(row.source * crop.width + tap.source) * channels + c] ?? 0);
            total += weight;
          }
        }
        result[at++] = Math.floor((2 * sum + total) / (2 * total));
      }
    }
  }
  return result;
}

/** The network's input that a picture becomes, in the tensor's own order. */
export function inputOfPicture(values: Uint8Array, { picture, tables }: FrameInput): number[] {
  const { height, width, channels, strides } = picture;
  const input = new Array<number>(height * width * channels).fill(0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const table = tables[tables.length === 1 ? 0 : c] ?? [];
        const value = values[(y * width + x) * channels + c] ?? 0;
        input[y * strides.row + x * strides.column + c * strides.channel] = table[value] ?? 0;
      }
    }
  }
  return input;
}
