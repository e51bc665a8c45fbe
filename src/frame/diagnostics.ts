/** Everything that is said of frames and of what makes a network's input of them. */

import { type Diagnostic, errorDiagnostic } from "../diagnostics.js";
import { type FrameFormat, LARGEST_SIDE, PIXELS } from "./formats.js";

/** `usage/no-picture`: a camera's frame cannot be this network's input. */
export function noPicture(shape: readonly number[]): Diagnostic {
  return errorDiagnostic(
    "usage/no-picture",
    { shape },
    `the model's input [${shape.join(", ")}] is no picture: [N, C, H, W] or [N, H, W, C] of 1 or 3 ` +
      "channels, [N, H, W], or [N, K] with K grey pixels of a square",
    "Export the model with the shape of its pictures.",
  );
}

/** `usage/pixel-channels`: as many means and deviations as channels, or one. */
export function pixelChannels(given: number, channels: number): Diagnostic {
  return errorDiagnostic(
    "usage/pixel-channels",
    {},
    `${given} numbers are given for a picture of ${channels === 1 ? "1 channel" : `${channels} channels`}`,
    "Give --pixel-mean and --pixel-std one number, or one for each channel, separated by commas.",
  );
}

/** `usage/pixel-range`: 256 values do not fit, and nothing says how they shall. */
export function pixelRange(low: number, high: number): Diagnostic {
  return errorDiagnostic(
    "usage/pixel-range",
    {},
    `the model takes integers from ${low} to ${high}, which do not hold the 256 values of a pixel`,
    "Say how training made them: --pixel-scale, --pixel-mean, --pixel-std.",
  );
}

/** `usage/pixel-encoding`: the network treats the pixels of one channel differently. */
export function pixelEncoding(): Diagnostic {
  return errorDiagnostic(
    "usage/pixel-encoding",
    {},
    "the model quantises each pixel of its input by constants of its own, so that no table of a " +
      "channel's values can do it",
    "Quantise the input by one scale, or by one for each channel.",
  );
}

/** `usage/frame-format`: neither a format nor a size. */
export function frameFormat(text: string): Diagnostic {
  return errorDiagnostic(
    "usage/frame-format",
    {},
    `"${text}" is no format and size of frames`,
    `Write FORMAT:WIDTHxHEIGHT, for example rgb565be:160x120; formats are ${Object.keys(PIXELS).join(", ")}.`,
  );
}

/** `usage/frame-size`: no frame of that size can be read. */
export function frameSize({ pixels, width, height }: FrameFormat): Diagnostic {
  const yuv = pixels === "yuyv" || pixels === "uyvy";
  return errorDiagnostic(
    "usage/frame-size",
    {},
    `frames of ${width} x ${height} pixels in ${pixels} cannot be read`,
    `A side has 1 to ${LARGEST_SIDE} pixels${yuv ? ", and the width is even where two pixels share their colour" : ""}.`,
  );
}

/** `usage/frame-file`: the bytes are not a whole number of frames. */
export function frameFile(file: string, bytes: number, each: number, what: string): Diagnostic {
  return errorDiagnostic(
    "usage/frame-file",
    { file },
    `its ${bytes} bytes are not a whole number of frames, each of ${each} (${what})`,
    "Check --frames against what the camera gave.",
  );
}

/** `usage/frame-array`: an array of something other than bytes. */
export function frameArray(file: string, type: string): Diagnostic {
  return errorDiagnostic(
    "usage/frame-array",
    { file },
    `its elements are ${type}, and frames are bytes`,
    "Save the frames with x.astype(np.uint8), as the camera gave them.",
  );
}

/** `usage/frame-image`: an image of another size than the frames. */
export function frameImage(
  file: string,
  [width, height]: readonly [number, number],
  format: FrameFormat,
): Diagnostic {
  return errorDiagnostic(
    "usage/frame-image",
    { file },
    `the image has ${width} x ${height} pixels and the frames ${format.width} x ${format.height}`,
    "Give images of the camera's size, or name the images' size in --frames.",
  );
}

/** `usage/no-frames`: nothing to run. */
export function noFrames(file: string): Diagnostic {
  return errorDiagnostic(
    "usage/no-frames",
    { file },
    "there are no frames in it: no bytes, or no .png or .jpg images",
    "Name a .npy file of bytes, a raw file, an image, or a folder of images.",
  );
}

/** `usage/no-classes`: the application has nothing to show. */
export function noClasses(shape: readonly number[]): Diagnostic {
  return errorDiagnostic(
    "usage/no-classes",
    { shape },
    `the model's output [${shape.join(", ")}] is no list of class scores`,
    "The camera application shows the class of the highest score; use the compiled C directly for other outputs.",
  );
}

/** `usage/class-names`: as many names as classes. */
export function classNames(given: number, classes: number): Diagnostic {
  return errorDiagnostic(
    "usage/class-names",
    {},
    `${given} names are given for ${classes} classes`,
    "Name every class, in the model's order.",
  );
}
