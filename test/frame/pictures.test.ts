import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { type FrameFormat, frameBytes, PIXELS, type PixelFormat } from "../../src/frame/formats.js";
import type { Picture } from "../../src/frame/picture.js";
import { cropOf, pictureOfFrame } from "../../src/frame/reference.js";
import { WARNING_FLAGS } from "../../src/verify/build.js";
import { temporaryFolder } from "../commands/run.js";
import { type Random, seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const FORMATS = Object.keys(PIXELS) as PixelFormat[];
const NO_STRIDES = { row: 0, column: 0, channel: 0 };

interface Case {
  readonly format: FrameFormat;
  readonly picture: Picture;
  readonly frame: Uint8Array;
}

function draw(random: Random): Case {
  const pixels = random.pick(FORMATS);
  const most = random.pick([3, 9, 40, 130]);
  const even = pixels === "yuyv" || pixels === "uyvy" ? 2 : 1;
  const width = even * random.integer(1, Math.max(1, Math.floor(most / even)));
  const format = { pixels, width, height: random.integer(1, most) };
  const largest = random.pick([1, 5, 24]);
  const picture: Picture = {
    width: random.integer(1, largest),
    height: random.integer(1, largest),
    channels: random.pick([1, 3]),
    strides: NO_STRIDES,
  };
  const high = random.pick([0, 255, -1]);
  const frame = Uint8Array.from({ length: frameBytes(format) }, () =>
    high < 0 ? random.integer(0, 255) : high,
  );
  return { format, picture, frame };
}

/** The biggest sum there is: all of the largest frame in one element. */
const LARGEST: Case = {
  format: { pixels: "gray8", width: 4096, height: 4096 },
  picture: { width: 1, height: 1, channels: 1, strides: NO_STRIDES },
  frame: new Uint8Array(4096 * 4096).fill(255),
};

describeWith(["gcc"], "pictures of frames", () => {
  it("are those of the definition, bit for bit, whatever the sizes and formats", () => {
    const random = seeded(3);
    const cases = Array.from({ length: 1500 }, () => draw(random));
    const expected = cases.map((each) => pictureOfFrame(each.frame, each.format, each.picture));
    const pictures = run([...cases, LARGEST]);
    let offset = 0;
    for (const [index, picture] of [...expected, Uint8Array.of(255)].entries()) {
      const actual = pictures.subarray(offset, offset + picture.length);
      if (Buffer.compare(actual, picture) !== 0) expect(describe(cases[index])).toBe("equal");
      offset += picture.length;
    }
    expect(pictures.length).toBe(offset);
  });
});

function describe(each: Case | undefined): string {
  return JSON.stringify({ ...each?.format, ...each?.picture });
}

function run(cases: readonly Case[]): Buffer {
  const program = join(temporaryFolder(), "pictures");
  const firmware = path("../../firmware/frame/");
  execFileSync("gcc", [
    ...["-std=c99", "-O2", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    ...[...WARNING_FLAGS, "-Werror", `-I${firmware}`, `${firmware}tritc_frame.c`],
    ...[path("./fixtures/pictures.c"), "-o", program],
  ]);
  const input = cases.flatMap(({ format, picture, frame }) => [
    new Uint8Array(headOf(format, picture).buffer),
    frame,
  ]);
  return execFileSync(program, { input: Buffer.concat(input), maxBuffer: 2 ** 28 });
}

function headOf(
  { pixels, width, height }: FrameFormat,
  picture: Picture,
): Uint32Array<ArrayBuffer> {
  return Uint32Array.of(
    ...[FORMATS.indexOf(pixels), width, height],
    ...[picture.width, picture.height, picture.channels],
  );
}

it("crops the middle, in the picture's aspect", () => {
  const picture = { width: 32, height: 32, channels: 1, strides: NO_STRIDES } as const;
  const crop = (width: number, height: number, other: Partial<Picture> = {}) =>
    cropOf({ pixels: "gray8", width, height }, { ...picture, ...other });
  expect(crop(160, 120)).toEqual({ left: 20, top: 0, width: 120, height: 120 });
  expect(crop(120, 161)).toEqual({ left: 0, top: 20, width: 120, height: 120 });
  expect(crop(1, 1000, { width: 100, height: 1 })).toEqual({
    left: 0,
    top: 499,
    width: 1,
    height: 1,
  });
});

it("averages what shrinks, halves up, and takes the nearest where it stretches", () => {
  const picture = (width: number, height: number): Picture => ({
    ...{ width, height, channels: 1, strides: NO_STRIDES },
  });
  const gray = (width: number, height: number, values: number[], to: Picture) => [
    ...pictureOfFrame(Uint8Array.from(values), { pixels: "gray8", width, height }, to),
  ];
  expect(gray(2, 2, [0, 1, 0, 1], picture(1, 1))).toEqual([1]);
  // Thirds of three pixels into two: (2 * 10 + 1 * 40) / 3 and (1 * 40 + 2 * 70) / 3.
  expect(gray(3, 3, [10, 40, 70, 10, 40, 70, 10, 40, 70], picture(2, 2))).toEqual([20, 60, 20, 60]);
  expect(gray(2, 2, [1, 2, 3, 4], picture(4, 4))).toEqual([
    ...[1, 1, 2, 2, 1, 1, 2, 2],
    ...[3, 3, 4, 4, 3, 3, 4, 4],
  ]);
});

it("reads colours as the formats mean them", () => {
  const color = (pixels: PixelFormat, bytes: number[], x = 0) =>
    PIXELS[pixels].color(Uint8Array.from(bytes), x);
  expect(color("rgb565be", [0xf8, 0x00])).toEqual([255, 0, 0]);
  expect(color("rgb565le", [0xe0, 0x07])).toEqual([0, 255, 0]);
  expect(color("rgb888", [1, 2, 3])).toEqual([1, 2, 3]);
  // JFIF's red, within the rounding of its own bytes.
  expect(color("yuyv", [76, 85, 150, 255], 0)).toEqual([254, 0, 0]);
  expect(color("uyvy", [85, 76, 255, 150], 1)).toEqual([255, 74, 74]);
  expect(PIXELS.rgb888.gray(Uint8Array.from([255, 0, 0]), 0)).toBe(76);
});
