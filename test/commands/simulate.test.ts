import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatArray, readArray } from "../../src/io/arrays.js";
import { DIGITS, errorCodes, IMAGES, temporaryFolder, tritc, tritcJson } from "./run.js";

describe("simulate", () => {
  it("writes the model's own outputs", async () => {
    const outputs = join(temporaryFolder(), "deep", "logits.npy");
    const { code, stdout, stderr } = await tritc(["simulate", DIGITS, "-i", IMAGES, "-o", outputs]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`simulated 360 inputs: wrote float32 [360, 10] to ${outputs}`);
    const logits = readArray(outputs);
    expect(logits).toMatchObject({ type: "float32", shape: [360, 10] });
    const labels = readArray("examples/digits/test_labels.npy").data;
    const right = Array.from(labels).filter((label, i) => {
      const scores = Array.from(logits.data.slice(10 * i, 10 * i + 10));
      return scores.indexOf(Math.max(...scores)) === label;
    });
    expect(right.length / labels.length).toBeGreaterThan(0.99);
  });

  it("writes raw integers with --integer, of which the outputs are multiples", async () => {
    const folder = temporaryFolder();
    const raw = join(folder, "raw.npz");
    const real = join(folder, "real.npy");
    const { object } = await tritcJson([
      "simulate",
      DIGITS,
      "-i",
      IMAGES,
      "-o",
      raw,
      "--integer",
      "--count",
      "5",
    ]);
    await tritc(["simulate", DIGITS, "-i", IMAGES, "-o", real, "--count", "5"]);
    expect(object).toMatchObject({
      command: "simulate",
      inputs: { file: IMAGES, count: 5 },
      outputs: { file: raw, type: "int32", shape: [5, 10] },
    });
    const integers = readArray(raw);
    expect(integers).toMatchObject({ type: "int32", shape: [5, 10] });
    const reals = readArray(real).data;
    const scale = Number(reals[0]) / Number(integers.data[0]);
    integers.data.forEach((q, i) => {
      expect(q * scale).toBeCloseTo(reals[i] ?? Number.NaN, 3);
    });
  });

  it("stops before ArgMax", async () => {
    const outputs = join(temporaryFolder(), "scores.npy");
    const model = "test/models/head_argmax";
    const { code } = await tritc([
      "simulate",
      `${model}.onnx`,
      "-i",
      `${model}.inputs.npy`,
      "-o",
      outputs,
    ]);
    expect(code).toBe(0);
    const classes = readArray(`${model}.outputs.npy`).data;
    const scores = readArray(outputs);
    const [, width = 0] = scores.shape;
    classes.forEach((best, i) => {
      const own = Array.from(scores.data.slice(width * i, width * (i + 1)));
      expect(own.indexOf(Math.max(...own))).toBe(best);
    });
  });

  it("gives the same bytes every time", async () => {
    const folder = temporaryFolder();
    for (const name of ["a.npz", "b.npz"]) {
      await tritc(["simulate", DIGITS, "-i", IMAGES, "-o", join(folder, name), "--count", "3"]);
    }
    expect(readFileSync(join(folder, "a.npz"))).toEqual(readFileSync(join(folder, "b.npz")));
  });
});

describe("inputs that do not fit", () => {
  const cases: readonly [what: string, diagnostic: string, make: (folder: string) => string][] = [
    ["missing file", "usage/missing-file", (folder) => join(folder, "no.npy")],
    ["a model instead of an array", "usage/not-an-array", () => DIGITS],
    [
      "floats for a uint8 model",
      "usage/input-type",
      (folder) => saved(folder, new Float32Array(128), [2, 8, 8]),
    ],
    [
      "values out of range",
      "usage/input-value",
      (folder) => saved(folder, new Int16Array(64).fill(256), [1, 8, 8]),
    ],
    ["wrong shape", "usage/input-shape", (folder) => saved(folder, new Uint8Array(98), [2, 7, 7])],
    ["nothing", "usage/no-inputs", (folder) => saved(folder, new Uint8Array(0), [0, 8, 8])],
    [
      "cut off",
      "usage/damaged-array",
      (folder) => {
        const path = join(folder, "short.npy");
        writeFileSync(path, readFileSync(IMAGES).subarray(0, 1000));
        return path;
      },
    ],
  ];

  it.each(cases)("%s", async (_what, diagnostic, make) => {
    const folder = temporaryFolder();
    const outputs = join(folder, "out", "y.npy");
    const { code, object } = await tritcJson([
      "simulate",
      DIGITS,
      "-i",
      make(folder),
      "-o",
      outputs,
    ]);
    expect(code).toBe(2);
    expect(errorCodes(object)).toEqual([diagnostic]);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });
});

describe("outputs that cannot be written", () => {
  it("have a name that says no format", async () => {
    const { code, object } = await tritcJson(["simulate", DIGITS, "-i", IMAGES, "-o", "y.csv"]);
    expect(code).toBe(2);
    expect(errorCodes(object)).toEqual(["usage/array-file-name"]);
  });

  it("would lie below a file", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const outputs = join(folder, "file", "y.npy");
    const { code, object } = await tritcJson(["simulate", DIGITS, "-i", IMAGES, "-o", outputs]);
    expect(code).toBe(5);
    expect(errorCodes(object)).toEqual(["output/in-the-way"]);
    expect(readdirSync(folder)).toEqual(["file"]);
  });
});

function saved(folder: string, data: Parameters<typeof formatArray>[2], shape: number[]): string {
  const path = join(folder, "x.npy");
  writeFileSync(path, formatArray(path, "x", data, shape));
  return path;
}
