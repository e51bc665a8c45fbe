import { expect, it } from "vitest";
import { compile } from "../../src/compile.js";
import type { FrameFormat } from "../../src/frame/formats.js";
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

/** One channel of real numbers, 8 x 8; three channels of bytes; channels apart from one another. */
const GRAY = "examples/digits/model.onnx";
const COLOR = "test/models/byte_pixels_normalised.onnx";

const FORMAT: FrameFormat = { pixels: "yuyv", width: 54, height: 37 };

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

async function verify(
  model: string,
  configuration: string,
  change: Change | null = null,
  normalisation: Normalisation | null = null,
): Promise<TargetReport> {
  const [chosen] = configurationList(configuration);
  if (chosen === undefined) throw new Error(configuration);
  const { network, files } = compile(readModelFile(model), { name: "seen", target: chosen.target });
  const frame = frameInputOf(network, normalisation);
  const frames = seededFrames(FORMAT, frame.picture, 1, 6);
  const inputs = inputsOfFrames(network, frame, frames);
  const vectors = framedVectors(
    frames,
    vectorsOf(network, inputs, await simulateAll(network, inputs)),
  );
  const subject = framedSubject(network, "seen", files, frame, FORMAT);
  const sources = new Map(subject.sources);
  if (change !== null) {
    const text = sources.get(change.file) ?? "";
    if (!text.includes(change.from)) throw new Error(`${change.file} has no ${change.from}`);
    sources.set(change.file, text.replace(change.from, change.to));
  }
  const options = { layers: true, countedVectors: 0 };
  return verifyConfiguration({ ...subject, sources }, vectors, chosen, options);
}

describeWith(["cc"], "frames on this computer", () => {
  it.each([GRAY, COLOR])("become the reference's input and output of %s", async (model) => {
    const report = await verify(model, "native:sanitize");
    expect(report.firstDifference).toBeNull();
    expect(report).toMatchObject({ equal: true, vectors: 6, layersCompared: 6 });
  });

  it("are compared where they become the network's input", async () => {
    const rounding = { from: " + frame->total / 2u", to: "" };
    const report = await verify(GRAY, "native", { file: "tritc_frame.c", ...rounding });
    expect(report.firstDifference?.layer).toMatchObject({ index: 0, name: "input" });
  });

  it("show an entry of the table that is wrong", async () => {
    const sign = { from: "frame->row[x", to: "(uint8_t)~frame->row[x" };
    const report = await verify(COLOR, "native", { file: "seen_frame.c", ...sign });
    expect(report.firstDifference?.layer).toMatchObject({ index: 0 });
  });

  it("are normalised as training did", async () => {
    const normalisation = { scale: { numerator: 1, denominator: 128 }, mean: [0.5], std: [0.25] };
    const report = await verify(GRAY, "native", null, normalisation);
    expect(report.equal).toBe(true);
  });
});

describeWith(
  ["arm-gcc", "qemu-arm", "riscv-gcc", "qemu-riscv32"],
  "frames on emulated cores",
  () => {
    it.each(["cortex-m4", "cortex-m7", "rv32imc"])(
      "become the reference's output on %s",
      async (target) => {
        expect(await verify(COLOR, target)).toMatchObject({ equal: true, layersCompared: 6 });
      },
    );
  },
);
