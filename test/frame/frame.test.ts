import { expect, it } from "vitest";
import { compile } from "../../src/compile.js";
import { type FrameFormat, PIXELS, type PixelFormat } from "../../src/frame/formats.js";
import { seededFrames } from "../../src/frame/frames.js";
import { frameInputOf, type Normalisation } from "../../src/frame/pixels.js";
import { framedSubject, framedVectors, inputsOfFrames } from "../../src/frame/subject.js";
import { readModelFile } from "../../src/io/files.js";
import { simulateAll } from "../../src/simulate/batch.js";
import {
  configurationList,
  type TargetReport,
  verifyConfiguration,
} from "../../src/verify/index.js";
import { vectorsOf } from "../../src/verify/subject.js";
import { describeWith } from "../verify/toolchains.js";

/** Float input, [1, 1, 8, 8]; and three channels. */
const GRAY = "examples/digits/model.onnx";
const COLOR = "test/models/byte_pixels_normalised.onnx";

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

async function verify(
  model: string,
  format: FrameFormat,
  configuration: string,
  { normalisation = null, change }: { normalisation?: Normalisation | null; change?: Change } = {},
): Promise<TargetReport> {
  const [chosen] = configurationList(configuration);
  if (chosen === undefined) throw new Error(configuration);
  const { network, files } = compile(readModelFile(model), { name: "seen", target: chosen.target });
  const frame = frameInputOf(network, normalisation);
  const frames = seededFrames(format, frame.picture, 1, 6);
  const inputs = inputsOfFrames(network, frame, frames);
  const vectors = vectorsOf(network, inputs, await simulateAll(network, inputs));
  const subject = framedSubject(network, "seen", files, frame, format);
  const sources = new Map(subject.sources);
  if (change !== undefined) {
    const text = sources.get(change.file) ?? "";
    if (!text.includes(change.from)) throw new Error(`${change.file} has no ${change.from}`);
    sources.set(change.file, text.replace(change.from, change.to));
  }
  return verifyConfiguration(
    { ...subject, sources },
    framedVectors(frames, vectors, subject),
    chosen,
    { layers: true, countedVectors: 0 },
  );
}

const FORMATS = Object.keys(PIXELS) as PixelFormat[];

describeWith(["cc"], "frames on this computer", () => {
  it.each(FORMATS)("prepares %s for one channel and for three", async (pixels) => {
    for (const model of [GRAY, COLOR]) {
      const report = await verify(model, { pixels, width: 54, height: 37 }, "native:sanitize");
      expect(report.firstDifference).toBeNull();
    }
  });
});
