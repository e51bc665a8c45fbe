import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { formatArray } from "../../src/io/arrays.js";
import { describeWith } from "../verify/toolchains.js";
import { DIGITS, errorCodes, IMAGES, temporaryFolder, tritc, tritcJson } from "./run.js";

function labelsFile(labels: readonly number[]): string {
  const file = join(temporaryFolder(), "labels.npy");
  writeFileSync(file, formatArray(file, "labels", Int32Array.from(labels), [labels.length]));
  return file;
}

const TEN = ["verify", DIGITS, "--float", "--inputs", IMAGES, "--count", "10"];

describeWith(["cc"], "verify --float", () => {
  it("compares with onnxruntime-web, and scores labels", async () => {
    const labels = labelsFile([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const { code, object } = await tritcJson([...TEN, "--labels", labels]);
    expect(code).toBe(0);
    expect(object.float).toMatchObject({ inputs: 10, different: 0, sameClass: 10 });
    expect(object.float).toHaveProperty("correct.float");
  });

  it("makes up inputs that the model takes", async () => {
    const { code, stdout } = await tritc(["verify", DIGITS, "--float"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/float model \(onnxruntime-web [\d.]+\) against the simulator/);
  });

  it("refuses labels that do not fit, labels alone, and folders", async () => {
    const few = await tritcJson([...TEN, "--labels", labelsFile([1, 2])]);
    expect(errorCodes(few.object)).toEqual(["usage/labels-shape"]);
    const alone = await tritcJson(["verify", DIGITS, "--labels", labelsFile([1])]);
    expect(errorCodes(alone.object)).toEqual(["usage/labels-without-float"]);
    const folder = temporaryFolder();
    await tritc(["compile", DIGITS, "-o", folder]);
    const compiled = await tritcJson(["verify", folder, "--float"]);
    expect(errorCodes(compiled.object)).toEqual(["usage/float-needs-model"]);
  });
});
