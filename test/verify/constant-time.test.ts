import { expect, it } from "vitest";
import { compile } from "../../src/compile.js";
import { readModelFile } from "../../src/io/files.js";
import { findTarget } from "../../src/targets/index.js";
import { measure } from "../../src/verify/measure.js";
import { describeWith } from "./toolchains.js";

/** Between them: every kernel, thresholds, 32-bit and 64-bit fixed point, sums, tables, pools. */
const MODELS = [
  "examples/digits/model.onnx",
  "test/models/depthwise_separable.onnx",
  "test/models/qonnx_1w2a.onnx",
  "test/golden/residual-sum/model.onnx",
];

async function timeOn(target: string, path: string) {
  const compiled = compile(readModelFile(path), { name: "model", target: findTarget(target) });
  return (await measure(compiled, findTarget(target))).instructions;
}

// These cores multiply 32 bits by 32 to 64 in one instruction. On the others the compiler makes
// branches of 64-bit sums, or calls a support function that loops as the operands say.
describeWith(["arm-gcc", "qemu-arm"], "the number of instructions", () => {
  it.each(MODELS)("does not depend on the input of %s on Cortex-M cores", async (path) => {
    for (const target of ["cortex-m4", "cortex-m55"]) {
      const { min, max, inputs } = await timeOn(target, path);
      expect(inputs).toBeGreaterThanOrEqual(8);
      expect(max).toBe(min);
    }
  });
});

describeWith(["riscv-gcc", "qemu-riscv32"], "the number of instructions", () => {
  it.each(MODELS)("does not depend on the input of %s on rv32imc", async (path) => {
    const { min, max } = await timeOn("rv32imc", path);
    expect(max).toBe(min);
  });
});
