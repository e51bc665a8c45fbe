import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { describe, expect, it, onTestFinished } from "vitest";
import { formatArray } from "../../src/io/arrays.js";
import { readCalibration } from "../../src/io/calibration.js";

const GREY = { shape: [1, 1, 2, 3], type: "real" } as const;
const SCALING = { mean: [0.5], std: [0.25] };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "tritc-calibration-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function save(path: string, values: readonly number[], shape: readonly number[]): string {
  writeFileSync(path, formatArray(path, "x", Float32Array.from(values), shape));
  return path;
}

function png(path: string, width: number, height: number, grey: number): void {
  const image = new PNG({ width, height });
  image.data.fill(255);
  for (let i = 0; i < width * height; i++) image.data.fill(grey, 4 * i, 4 * i + 3);
  writeFileSync(path, PNG.sync.write(image));
}

const read = (path: string, most = 512) => readCalibration(path, most, SCALING, GREY);
const six = [1, 2, 3, 4, 5, 6];

describe("calibration inputs", () => {
  it("come from a file, evenly spaced where there are more than wanted", () => {
    const values = Array.from({ length: 60 }, (_, i) => i);
    const path = save(join(folder(), "x.npy"), values, [10, 1, 2, 3]);
    expect(read(path)).toMatchObject({ name: "x.npy", inputs: { count: 10 } });
    const { inputs } = read(path, 2);
    expect([inputs.count, inputs.data[0], inputs.data[6]]).toEqual([2, 0, 30]);
  });

  it("come from a folder of arrays, with or without a batch axis", () => {
    const path = folder();
    save(join(path, "b.npy"), [...six, ...six], [2, 6]);
    save(join(path, "a.npy"), six, [1, 2, 3]);
    const { inputs, hash } = read(path);
    expect(inputs.count).toBe(3);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("come from images, scaled as asked", () => {
    const path = folder();
    png(join(path, "a.png"), 3, 2, 255);
    const data = new Uint8Array(4 * 6).fill(0);
    writeFileSync(join(path, "b.jpg"), jpeg.encode({ width: 3, height: 2, data }, 90).data);
    const { inputs } = read(path);
    expect(inputs.count).toBe(2);
    expect(inputs.data[0]).toBeCloseTo(2, 6);
    expect(inputs.data[6]).toBeCloseTo(-2, 1);
  });

  it.each([
    [
      "usage/calibration-value",
      (at: string) => save(join(at, "x.npy"), [1, 2, 3, 4, Number.NaN, 6], [1, 6]),
    ],
    ["usage/input-shape", (at: string) => save(join(at, "x.npy"), [1, 2, 3, 4], [2, 2])],
    ["usage/no-calibration-inputs", () => undefined],
    ["usage/image-size", (at: string) => png(join(at, "x.png"), 4, 4, 9)],
    ["usage/damaged-image", (at: string) => writeFileSync(join(at, "x.png"), "no image")],
    [
      "usage/images-and-arrays",
      (at: string) => {
        png(join(at, "x.png"), 3, 2, 9);
        save(join(at, "x.npy"), six, [1, 6]);
      },
    ],
  ])("are refused: %s", (code, fill) => {
    const path = folder();
    fill(path);
    expect(() => read(path)).toThrow(code);
  });
});
