import { crc32 } from "../serial/frame.js";
import { PIXELS } from "./formats.js";
import { type Frames, frameAt } from "./frames.js";

/** Frames as firmware/app/camera_serial.c reads them from a serial line. */

const START = 0xf5;

/** One frame: mark, size and format, pixels, CRC-32 of all but the mark. */
export function frameMessage(frames: Frames, index: number): Uint8Array {
  const { pixels, width, height } = frames.format;
  const frame = frameAt(frames, index);
  const message = new Uint8Array(2 + 5 + frame.length + 4);
  const view = new DataView(message.buffer);
  message.set([START, "F".charCodeAt(0)]);
  view.setUint16(2, width, true);
  view.setUint16(4, height, true);
  message[6] = Object.keys(PIXELS).indexOf(pixels);
  message.set(frame, 7);
  view.setUint32(message.length - 4, crc32(message.subarray(2, -4)), true);
  return message;
}

/** There are no more frames. */
export const END_MESSAGE = Uint8Array.of(START, "E".charCodeAt(0));
