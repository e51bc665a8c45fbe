import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
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
