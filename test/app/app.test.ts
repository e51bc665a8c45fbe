import { afterAll, expect, it } from "vitest";
import { type FrameFormat, frameBytes, PIXELS, type Rgb } from "../../src/frame/formats.js";
import { type Frames, frameAt, seededFrames } from "../../src/frame/frames.js";
import { pictureOfFrame } from "../../src/frame/reference.js";
import { END_MESSAGE, frameMessage } from "../../src/frame/send.js";
import { inputsOfFrames } from "../../src/frame/subject.js";
import { readArray } from "../../src/io/arrays.js";
import { simulateAll } from "../../src/simulate/batch.js";
import { describeWith } from "../verify/toolchains.js";
import { type App, buildApp, runApp } from "./device.js";

const DIGITS = "examples/digits/model.onnx";
const FORMAT: FrameFormat = { pixels: "rgb565be", width: 30, height: 24 };

const PERSON = "examples/person-camera/model.onnx";
const PERSON_FORMAT: FrameFormat = { pixels: "rgb565be", width: 72, height: 64 };

const apps: App[] = [];
afterAll(() => {
  for (const app of apps) app.remove();
});

async function build(target: string, more: Readonly<Record<string, string>> = {}): Promise<App> {
  const app = await buildApp(DIGITS, target, FORMAT, more);
  apps.push(app);
  return app;
}

/** The class of each frame, as the reference and the simulator compute it. */
async function classesOf({ network, input }: App, frames: Frames): Promise<number[]> {
  const inputs = inputsOfFrames(network, input, frames);
  const { values } = await simulateAll(network, inputs);
  const each = values.length / frames.count;
  return Array.from({ length: frames.count }, (_, i) => {
    const scores = Array.from(values.subarray(i * each, (i + 1) * each));
    return scores.indexOf(Math.max(...scores));
  });
}

/** Digits of the test set, each three times as large. */
function digits(count: number): Frames {
  const images = readArray("examples/digits/test_images.npy").data;
  return enlarged(FORMAT, 3, count, (i, y, x) => {
    const gray = images[64 * i + 8 * y + x] ?? 0;
    return [gray, gray, gray];
  });
}

/** Every other picture of the example, twice as large: a frame takes QEMU's line a second. */
function people(): Frames {
  const images = readArray("examples/person-camera/sample_images.npy").data;
  return enlarged(PERSON_FORMAT, 2, 4, (i, y, x) => {
    const at = 3 * (32 * (32 * 2 * i + y) + x);
    return [images[at] ?? 0, images[at + 1] ?? 0, images[at + 2] ?? 0];
  });
}

/** Pictures as tall as a frame and in its middle. */
function enlarged(
  format: FrameFormat,
  times: number,
  count: number,
  colorAt: (picture: number, y: number, x: number) => Rgb,
): Frames {
  const { put, bytes } = PIXELS[format.pixels];
  const each = frameBytes(format);
  const data = new Uint8Array(count * each);
  const left = (format.width - format.height) / 2;
  for (let i = 0; i < count; i++) {
    for (let y = 0; y < format.height; y++) {
      const start = i * each + y * format.width * bytes;
      const row = data.subarray(start, start + format.width * bytes);
      for (let x = 0; x < format.height; x++) {
        put(row, left + x, colorAt(i, Math.floor(y / times), Math.floor(x / times)));
      }
    }
  }
  return { format, count, data };
}

function messages(frames: Frames): Uint8Array[] {
  return Array.from({ length: frames.count }, (_, i) => frameMessage(frames, i));
}

function classesSaid(lines: readonly Readonly<Record<string, unknown>>[]): unknown[] {
  return lines.filter((line) => "frame" in line).map((line) => line.class);
}

const TARGETS = ["cortex-m4", "cortex-m7", "rv32imc"];

describeWith(["arm-gcc", "qemu-arm", "riscv-gcc", "qemu-riscv32"], "the camera application", () => {
  it.each(TARGETS)(
    "sees who is there as the reference does, frame by frame, on %s",
    async (target) => {
      const app = await buildApp(PERSON, target, PERSON_FORMAT);
      apps.push(app);
      const frames = people();
      const expected = await classesOf(app, frames);
      expect(new Set(expected).size).toBe(2);
      const { code, lines } = await runApp(app, Buffer.concat([...messages(frames), END_MESSAGE]));
      expect(classesSaid(lines)).toEqual(expected);
      expect(code).toBe(0);
      expect(lines[0]).toMatchObject({ model: "seen", camera: [72, 64], picture: [32, 32, 3] });
    },
  );

  it("counts frames that are damaged or of another size, and goes on", async () => {
    const app = await build("cortex-m4", { APP_CAMERA_TRIES: "2" });
    const frames = digits(4);
    const larger = { ...FORMAT, width: 31 };
    const other = frameMessage(seededFrames(larger, app.input.picture, 4, 1), 0);
    const sent = messages(frames);
    const damaged = (sent[1] ?? Uint8Array.of()).slice();
    damaged[100] = 1 ^ (damaged[100] ?? 0);
    const stream = [sent[0], damaged, sent[2], other, sent[3], END_MESSAGE];
    const { code, lines } = await runApp(app, Buffer.concat(stream.filter((m) => m !== undefined)));
    const expected = await classesOf(app, frames);
    expect(classesSaid(lines)).toEqual([expected[0], expected[2], expected[3]]);
    expect(lines.filter((line) => "error" in line)).toEqual([
      { error: "damaged", failures: 1, damaged: 1, resized: 0 },
      { error: "size", failures: 1, damaged: 1, resized: 1 },
    ]);
    expect(code).toBe(0);
  });

  it("restarts the board when the camera has stopped for good", async () => {
    const app = await build("cortex-m4", { APP_CAMERA_TRIES: "2", APP_CAMERA_MS: "2u" });
    const frames = digits(1);
    const { code, lines } = await runApp(app, Buffer.concat(messages(frames)));
    expect(lines.filter((line) => "error" in line).map((line) => line.failures)).toEqual([1, 2, 3]);
    expect(code).toBe(1);
  });

  it("acts on the class that most frames show", async () => {
    const app = await build("cortex-m4", { APP_SMOOTH_FRAMES: "3u" });
    const frames = digits(6);
    const classes = await classesOf(app, frames);
    const a = 0;
    const b = classes.findIndex((seen) => seen !== classes[a]);
    const sent = messages(frames);
    const stream = [a, b, a, a, b, a, b, b].map((i) => sent[i] ?? Uint8Array.of());
    const { lines } = await runApp(app, Buffer.concat([...stream, END_MESSAGE]));
    const [first, second] = [classes[a], classes[b]];
    expect(lines.filter((line) => "frame" in line).map((line) => line.steady)).toEqual([
      ...[-1, -1, first, first, first, first, second, second],
    ]);
  });

  it("sends the picture that the network sees", async () => {
    const app = await build("rv32imc", { APP_PICTURE_EVERY: "2" });
    const frames = seededFrames(FORMAT, app.input.picture, 4, 4);
    const { lines } = await runApp(app, Buffer.concat([...messages(frames), END_MESSAGE]));
    const rows = lines.filter((line) => "row" in line);
    expect(new Set(rows.map((line) => line.picture))).toEqual(new Set([0, 2]));
    const sent = rows
      .filter((line) => line.picture === 2)
      .map((line) => Buffer.from(String(line.data), "base64"));
    const expected = pictureOfFrame(frameAt(frames, 2), FORMAT, app.input.picture);
    expect([...Buffer.concat(sent)]).toEqual([...expected]);
  });
});
