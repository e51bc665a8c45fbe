import { expect, it } from "vitest";
import { compile } from "../../src/compile.js";
import { readModelFile } from "../../src/io/files.js";
import { compileText } from "../../src/report/compile.js";
import { findTarget } from "../../src/targets/index.js";
import { DIGITS } from "../commands/run.js";

it("says only when asked which kernels a layer could have had, and why not", () => {
  const model = readModelFile(DIGITS);
  const { facts } = compile(model, { name: "digits", target: findTarget("cortex-m4") });
  const rejected = [{ kernel: "rows-wide", reason: "12 bytes more flash" }];
  const layers = facts.layers.map((layer) => ({ ...layer, rejected }));
  const report = {
    model: { file: model.name, hash: "0" },
    name: "digits",
    folder: "out",
    files: [],
    calibration: null,
    facts: { ...facts, layers },
  };
  const reason = "\n  not rows-wide: 12 bytes more flash\n";
  expect(compileText(report, true)).toContain(reason);
  expect(compileText(report, false)).not.toContain("rows-wide");
});
