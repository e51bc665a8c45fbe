import { type Command, InvalidArgumentError } from "commander";
import { fail } from "../diagnostics.js";
import { frameFormat, frameSize } from "../frame/diagnostics.js";
import { type FrameFormat, isPixelFormat, LARGEST_SIDE } from "../frame/formats.js";
import type { Normalisation } from "../frame/pixels.js";
import { numberOrThree, positiveOrThree } from "./options.js";

/** Options of the commands that make a network's input of a camera's frames. */
export interface PixelFlags {
  readonly pixelScale?: Normalisation["scale"];
  readonly pixelMean?: readonly number[];
  readonly pixelStd?: readonly number[];
}

export function addPixelOptions(command: Command): Command {
  return command
    .option(
      "--pixel-scale <scale>",
      "how training made numbers of 8-bit pixels: (pixel * scale - mean) / std (default: 1/255)",
      scale,
    )
    .option("--pixel-mean <numbers>", "one number, or one for each channel", numberOrThree)
    .option(
      "--pixel-std <numbers>",
      "one number, or one for each channel: 0.5,0.5,0.5",
      positiveOrThree,
    );
}

/** What the flags state, or null where they state nothing. */
export function normalisationOf(flags: PixelFlags): Normalisation | null {
  const { pixelScale, pixelMean, pixelStd } = flags;
  if (pixelScale === undefined && pixelMean === undefined && pixelStd === undefined) return null;
  return {
    scale: pixelScale ?? { numerator: 1, denominator: 255 },
    mean: pixelMean ?? [0],
    std: pixelStd ?? [1],
  };
}

/** The options that state the same again. */
export function pixelOptions({ pixelScale, pixelMean, pixelStd }: PixelFlags): readonly string[] {
  const { numerator = 1, denominator = 1 } = pixelScale ?? {};
  return [
    ...(pixelScale === undefined ? [] : [`--pixel-scale ${numerator}/${denominator}`]),
    ...(pixelMean === undefined ? [] : [`--pixel-mean ${pixelMean.join(",")}`]),
    ...(pixelStd === undefined ? [] : [`--pixel-std ${pixelStd.join(",")}`]),
  ];
}

/** `rgb565be:160x120`. Throws `usage/frame-format` or `usage/frame-size`. */
export function parseFrameFormat(text: string): FrameFormat {
  const [, name = "", width, height] = /^([a-z0-9]+):(\d+)x(\d+)$/i.exec(text) ?? [];
  if (!isPixelFormat(name)) return fail(frameFormat(text));
  const format = { pixels: name, width: Number(width), height: Number(height) };
  const shared = name === "yuyv" || name === "uyvy";
  const sides = [format.width, format.height];
  const good = sides.every((side) => side >= 1 && side <= LARGEST_SIDE);
  return good && !(shared && format.width % 2 === 1) ? format : fail(frameSize(format));
}

/** A number, or a quotient of two: 1/255 divides by 255. */
function scale(text: string): Normalisation["scale"] {
  const [numerator = Number.NaN, denominator = 1, ...more] = text
    .split("/")
    .map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (more.length === 0 && [numerator, denominator].every((n) => Number.isFinite(n) && n > 0)) {
    return { numerator, denominator };
  }
  throw new InvalidArgumentError("It must be a number above 0, or a quotient such as 1/255.");
}
