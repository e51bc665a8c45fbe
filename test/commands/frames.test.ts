import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { expect, it } from "vitest";
import { formatNpy } from "../../src/io/npy.js";
import { describeWith } from "../verify/toolchains.js";
import { DIGITS, errorCodes, temporaryFolder, tritc, tritcJson } from "./run.js";

function png(file: string, width: number, height: number): void {
  const image = new PNG({ width, height });
  image.data.fill(200);
  writeFileSync(file, PNG.sync.write(image));
}

describeWith(["cc"], "verify --frames", () => {
  it("compares frames of a seed, from the camera to the output", async () => {
    const args = ["verify", DIGITS, "--frames", "rgb565be:20x16", "--count", "5"];
    const { code, stdout, stderr } = await tritc(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("5 frames from seed 1, rgb565be of 20 x 16 pixels");
    expect(stdout).toMatch(/^native +equal/m);
  });

  it("takes frames of .npy, raw and image files", async () => {
    const folder = temporaryFolder();
    const bytes = Uint8Array.from({ length: 2 * 12 * 10 }, (_, i) => i);
    writeFileSync(join(folder, "frames.npy"), formatNpy(bytes, [2, 12, 10]));
    writeFileSync(join(folder, "frames.raw"), bytes);
    png(join(folder, "frame.png"), 10, 12);
    for (const [file, count] of [
      ["frames.npy", 2],
      ["frames.raw", 2],
      ["frame.png", 1],
      ["", 1],
    ] as const) {
      const inputs = join(folder, file);
      const args = ["verify", DIGITS, "--frames", "gray8:10x12", "--inputs", inputs];
      const { code, object } = await tritcJson(args);
      expect({ file, code }).toEqual({ file, code: 0 });
      expect(object).toMatchObject({ equal: true, vectors: { count, seed: null } });
    }
  });

  it("verifies the frame files of a folder as they lie there", async () => {
    const folder = join(temporaryFolder(), "net");
    const frames = ["--frames", "gray8:40x30", "--count", "4"];
    await tritc(["compile", DIGITS, "-o", folder, "--name", "digits", "--frame"]);
    expect((await tritc(["verify", folder, ...frames])).code).toBe(0);
    const file = join(folder, "tritc_frame.c");
    writeFileSync(file, readFileSync(file, "utf8").replace("frame->total / 2u", "0u"));
    const { code, stderr } = await tritc(["verify", folder, ...frames]);
    expect(code).toBe(1);
    expect(stderr).toContain("the frame's picture");
  });
});

it.each([
  [["--frames", "gray8"], "usage/frame-format"],
  [["--frames", "gray9:10x10"], "usage/frame-format"],
  [["--frames", "yuyv:11x10"], "usage/frame-size"],
  [["--frames", "gray8:0x10"], "usage/frame-size"],
  [["--frames", "gray8:7x7", "--inputs", "package.json"], "usage/frame-file"],
  [
    ["--frames", "gray8:8x8", "--inputs", "test/models/depthwise_separable.outputs.npy"],
    "usage/frame-array",
  ],
  [["--frames", "gray8:8x8", "--inputs", "src"], "usage/no-frames"],
  [["--frames", "gray8:8x8", "--pixel-mean", "1,2,3"], "usage/pixel-channels"],
])("says what is wrong with %j", async (args, expected) => {
  const { code, object } = await tritcJson(["verify", DIGITS, ...args]);
  expect(code).toBe(2);
  expect(errorCodes(object)).toEqual([expected]);
});

it("says that a model of other inputs sees no picture", async () => {
  const args = ["verify", "test/models/embedded_rows.onnx", "--frames", "gray8:8x8"];
  expect(errorCodes((await tritcJson(args)).object)).toEqual(["usage/no-picture"]);
});
