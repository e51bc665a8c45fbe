import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { formatArray, readArray } from "../../src/io/arrays.js";
import { describeWith } from "../verify/toolchains.js";
import { DIGITS, errorCodes, IMAGES, temporaryFolder, tritc, tritcJson } from "./run.js";

describe("--calibrate", () => {
  it("changes nothing for a model with quantisers of its own, and says so", async () => {
    const [plain, calibrated] = [temporaryFolder(), temporaryFolder()];
    await tritc(["compile", DIGITS, "-o", plain, "--name", "digits"]);
    const { code, stderr } = await tritc([
      ...["compile", DIGITS, "-o", calibrated, "--name", "digits", "--calibrate", IMAGES],
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain("calibration-not-needed");
    const file = (folder: string) => readFileSync(join(folder, "digits.h"), "utf8");
    expect(file(calibrated)).toBe(file(plain));
  });

  it("refuses methods and percentiles that there are not, and folders of C", async () => {
    const method = await tritc(["inspect", DIGITS, "--calibration-method", "best"]);
    expect(method.code).toBe(2);
    const share = await tritc(["inspect", DIGITS, "--calibration-percentile", "12"]);
    expect(share.code).toBe(2);
    const folder = temporaryFolder();
    await tritc(["compile", DIGITS, "-o", folder]);
    const { object } = await tritcJson(["verify", folder, "--calibrate", IMAGES]);
    expect(errorCodes(object)).toEqual(["usage/calibrated-already"]);
  });
});

/** Trained by test/calibrate/make_digits.py: SiLU and BatchNorm, no quantisers of activations. */
const ARRAYS = "test/calibrate/digits.npz";
const modelOf = (exporter: string) => `test/calibrate/digits_${exporter}.onnx`;
const CALIBRATE = ["--calibrate", `${ARRAYS}:calibration`];

function generated(folder: string): string[] {
  return ["h", "c", "tritc.json"].map((end) => readFileSync(join(folder, `net.${end}`), "utf8"));
}

describe("the command in the generated header", () => {
  it("names every choice that is not default, and makes the same bytes again", async () => {
    const [first, again] = [temporaryFolder(), temporaryFolder()];
    const choices = [
      ...["--calibration-method", "percentile", "--calibration-percentile", "99.5"],
      ...["--calibration-count", "100", "--image-mean", "-0.1,0,0.25", "--image-std", "0.5"],
    ];
    const model = modelOf("legacy");
    await tritc(["compile", model, "-o", first, "--name", "net", ...CALIBRATE, ...choices]);
    const [header = ""] = generated(first);
    const command = /tritc (compile .*)/.exec(header)?.[1] ?? "";
    expect(command).toContain(` --calibrate 'digits.npz:calibration' ${choices.join(" ")}`);
    const manifest: { command: string } = JSON.parse(generated(first)[2] ?? "");
    expect(manifest.command).toBe(`tritc ${command}`);

    const words = command.split(" ").map((word) => {
      const plain = word.replaceAll("'", "");
      return /^digits[._]/.test(plain) ? `test/calibrate/${plain}` : plain;
    });
    const { code } = await tritc([...words, "-o", again]);
    expect(code).toBe(0);
    expect(generated(again)).toEqual(generated(first));
  });

  it("names no choice that is default", async () => {
    const folder = temporaryFolder();
    const model = modelOf("legacy");
    await tritc(["compile", model, "-o", folder, "--name", "net", ...CALIBRATE]);
    const [header] = generated(folder);
    expect(header).toMatch(/--calibrate 'digits.npz:calibration'$/m);
  });
});

describe.each(["legacy", "dynamo"])("digits of the %s exporter, calibrated", (exporter) => {
  const model = modelOf(exporter);

  it("are told apart as by the float model, but for one image", async () => {
    const file = join(temporaryFolder(), "outputs.npy");
    await tritc(["simulate", model, "-i", `${ARRAYS}:images`, "-o", file, ...CALIBRATE]);
    const labels = readArray(`${ARRAYS}:labels`).data;
    const right = (path: string): number => {
      const { data } = readArray(path);
      const best = Array.from(labels, (_, i) => classOf(data.subarray(10 * i, 10 * i + 10)));
      return best.filter((found, i) => found === labels[i]).length;
    };
    const float = right(`${ARRAYS}:logits`);
    expect(float).toBeGreaterThan(350);
    expect(right(file)).toBeGreaterThanOrEqual(float - 1);
  });

  it("give the same bytes each time", async () => {
    const [first, again] = [temporaryFolder(), temporaryFolder()];
    for (const folder of [first, again]) {
      await tritc(["compile", model, "-o", folder, "--name", "net", ...CALIBRATE]);
    }
    expect(generated(again)).toEqual(generated(first));
  });
});

/** Twenty images of the calibration inputs, as bytes. */
function digitImages(): Uint8Array[] {
  const { data } = readArray(`${ARRAYS}:calibration`);
  return Array.from({ length: 20 }, (_, i) =>
    Uint8Array.from(data.subarray(64 * i, 64 * i + 64), (x) => Math.round(255 * Number(x))),
  );
}

function savePng(path: string, pixels: Uint8Array, side: number): void {
  const image = new PNG({ width: side, height: side });
  for (const [i, grey] of pixels.entries()) image.data.set([grey, grey, grey, 255], 4 * i);
  writeFileSync(path, PNG.sync.write(image));
}

function saveArray(path: string, values: ArrayLike<number>, shape: readonly number[]): void {
  writeFileSync(path, formatArray(path, "x", Float32Array.from(values), shape));
}

const two = (i: number): string => String(i).padStart(2, "0");

describe("a folder to calibrate by", () => {
  it("of images gives the C that their normalised numbers give", async () => {
    const [pictures, arrays] = [temporaryFolder(), temporaryFolder()];
    for (const [i, pixels] of digitImages().entries()) {
      savePng(join(pictures, `${two(i)}.png`), pixels, 8);
      const normalised = Array.from(pixels, (pixel) => (pixel / 255 - 0.5) / 0.25);
      saveArray(join(arrays, `${two(i)}.npy`), normalised, [1, 8, 8]);
    }
    const sourceBy = async (folder: string, ...scaling: string[]): Promise<string | undefined> => {
      const output = temporaryFolder();
      const args = ["compile", modelOf("legacy"), "-o", output, "--name", "net"];
      const { code } = await tritc([...args, "--calibrate", folder, ...scaling]);
      expect(code).toBe(0);
      return generated(output)[1];
    };
    const byArrays = await sourceBy(arrays);
    expect(await sourceBy(pictures, "--image-mean", "0.5", "--image-std", "0.25")).toBe(byArrays);
    expect(await sourceBy(pictures)).not.toBe(byArrays);
  });

  it.each<[string, string, (folder: string) => void]>([
    ["nothing in it", "usage/no-calibration-inputs", () => undefined],
    [
      "arrays of another shape",
      "usage/input-shape",
      (folder) => saveArray(join(folder, "x.npy"), new Float32Array(49), [1, 7, 7]),
    ],
    [
      "images of another size",
      "usage/image-size",
      (folder) => savePng(join(folder, "x.png"), new Uint8Array(49), 7),
    ],
    ["a path that is not there", "usage/missing-file", (folder) => rmdirSync(folder)],
  ])("is refused with what to do: %s", async (_, code, fill) => {
    const folder = join(temporaryFolder(), "inputs");
    mkdirSync(folder);
    fill(folder);
    const output = join(temporaryFolder(), "made");
    const ran = await tritc(["compile", modelOf("legacy"), "-o", output, "--calibrate", folder]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(`error ${code}`);
    expect(ran.stderr.trim().split("\n").length).toBeGreaterThanOrEqual(3);
    expect(existsSync(output)).toBe(false);
  });

  it("is asked for where a model needs one", async () => {
    const { code, stderr } = await tritc(["compile", modelOf("legacy"), "-o", temporaryFolder()]);
    expect(code).toBe(3);
    expect(stderr).toContain("choose scales by inputs: --calibrate INPUTS");
  });
});

function classOf(scores: ArrayLike<number>): number {
  const list = Array.from(scores);
  return list.indexOf(Math.max(...list));
}

describeWith(["cc"], "verify --calibrate", () => {
  it.each(["legacy", "dynamo"])(
    "finds the C of %s equal, and shows what calibration costs",
    async (exporter) => {
      const data = ["--inputs", `${ARRAYS}:images`, "--labels", `${ARRAYS}:labels`];
      const { code, stdout } = await tritc([
        ...["verify", modelOf(exporter), "--float", "-v", ...data, ...CALIBRATE],
      ]);
      expect(stdout).toMatch(/^native +equal /m);
      expect(stdout).toMatch(/^ +right labels +9\d\.\d+ % float, 9\d\.\d+ % integer$/m);
      expect(stdout).toContain("calibrated on 100 inputs of digits.npz:calibration (minmax)");
      expect(stdout).toMatch(/^tensor +scale +zero +clipped +alone +in all$/m);
      expect(code).toBe(0);
    },
  );

  it("finds a folder of calibrated C equal", async () => {
    const folder = temporaryFolder();
    await tritc(["compile", modelOf("dynamo"), "-o", folder, ...CALIBRATE]);
    const { object } = await tritcJson(["verify", folder, "--inputs", `${ARRAYS}:images`]);
    expect(object).toMatchObject({ equal: true, calibration: null });
  });
});
