import { wordsOf } from "../verify/subject.js";
import { type FrameFormat, frameBytes, PIXELS, type Rgb } from "./formats.js";
import type { Picture } from "./picture.js";
import { cropOf } from "./reference.js";

/** Frames, one after another. */
export interface Frames {
  readonly format: FrameFormat;
  readonly count: number;
  readonly data: Uint8Array;
}

/** Frame number `index`. */
export function frameAt({ format, data }: Frames, index: number): Uint8Array {
  const bytes = frameBytes(format);
  return data.subarray(index * bytes, (index + 1) * bytes);
}

/** How many elements of the picture one drawn square covers, in turn: details and whole areas. */
const SQUARES = [1, 2, 4, 8] as const;

/**
 * Frames that the seed decides, the same on every machine: all bits 0, all bits 1, any bytes at all,
 * and then pictures of coloured squares. Noise alone would not do: where many pixels are averaged, it
 * leaves a picture grey.
 */
export function seededFrames(
  format: FrameFormat,
  picture: Picture,
  seed: number,
  count: number,
): Frames {
  const bytes = frameBytes(format);
  const data = new Uint8Array(count * bytes);
  for (let index = 0; index < count; index++) {
    const frame = data.subarray(index * bytes, (index + 1) * bytes);
    if (index === 1) frame.fill(255);
    else if (index === 2) frame.set(bytesOf(`${seed} bytes`, bytes));
    else if (index > 2) {
      drawSquares(frame, format, picture, `${seed} ${index}`, SQUARES[index % 4] ?? 1);
    }
  }
  return { format, count, data };
}

function bytesOf(text: string, count: number): Uint8Array {
  const words = wordsOf(text, Math.ceil(count / 4));
  return new Uint8Array(words.buffer, 0, count);
}

/** Squares of the picture's elements, each of one colour, over the whole frame. */
function drawSquares(
  frame: Uint8Array,
  format: FrameFormat,
  picture: Picture,
  text: string,
  square: number,
): void {
  const { put, bytes } = PIXELS[format.pixels];
  const crop = cropOf(format, picture);
  const side = Math.max(1, Math.round((square * crop.width) / picture.width));
  const across = Math.ceil(format.width / side);
  const colors = bytesOf(text, 3 * across * Math.ceil(format.height / side));
  for (let y = 0; y < format.height; y++) {
    const start = y * format.width * bytes;
    const row = frame.subarray(start, start + format.width * bytes);
    for (let x = 0; x < format.width; x++) {
      const at = 3 * (Math.floor(y / side) * across + Math.floor(x / side));
      const color: Rgb = [colors[at] ?? 0, colors[at + 1] ?? 0, colors[at + 2] ?? 0];
      put(row, x, color);
    }
  }
}
