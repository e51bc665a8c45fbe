import { expect, test } from "vitest";
import { describeWith } from "../verify/toolchains.js";
import { DIGITS, errorCodes, IMAGES, tritc, tritcJson } from "./run.js";

describeWith(["arm-gcc", "qemu-arm", "riscv-gcc", "qemu-riscv32", "cc"], "bench", () => {
  test("counts layer by layer, the same every time", async () => {
    const argv = ["bench", DIGITS, "--target", "cortex-m0plus,rv32imc:O2"];
    const [first, second] = [await tritcJson(argv), await tritcJson(argv)];
    expect(first).toEqual(second);
    expect(first.code).toBe(0);
    expect(first.object).toMatchObject({
      command: "bench",
      inputs: { file: null, count: 1 },
      targets: [{ target: "cortex-m0plus:O3" }, { target: "rv32imc:O2", cycles: null }],
    });
    const { targets } = first.object as {
      targets: {
        instructions: { min: number; max: number };
        layers: { name: string; macs: number; work: { instructions: number } }[];
      }[];
    };
    for (const { instructions, layers } of targets) {
      expect(layers.map(({ name }) => name)).toContain("conv2d_1");
      const sum = layers.reduce((total, { work }) => total + work.instructions, 0);
      // What is left is the return from the last layer.
      expect(instructions.max - sum).toBeGreaterThan(0);
      expect(instructions.max - sum).toBeLessThan(16);
    }
  });

  test("prints a table a target, over the inputs of a file", async () => {
    const argv = ["bench", DIGITS, "-t", "cortex-m4", "-i", IMAGES, "--count", "3"];
    const { code, stdout, stderr } = await tritc(argv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^model.onnx on cortex-m4:O3, arm-none-eabi-gcc/);
    expect(stdout).toMatch(/^layer +kernel +MACs +instructions +cycles +cycles\/MAC/m);
    expect(stdout).toMatch(/^total +[\d,]+ +[\d,]+ +[\d,]+ +\d+\.\d{3}/m);
    expect(stdout).toContain("counted on 3 inputs");
  });
});

test("refuses what is not emulated before anything is built", async () => {
  const { code, object } = await tritcJson(["bench", DIGITS, "-t", "cortex-m4,native"]);
  expect(code).toBe(2);
  expect(errorCodes(object)).toEqual(["usage/cannot-bench"]);
});

test("names a missing tool", async () => {
  const env = { ...process.env, TRITC_ARM_GCC: "/nowhere/gcc" };
  const { code, object } = await tritcJson(["bench", DIGITS], { env });
  expect({ code, codes: errorCodes(object) }).toEqual({ code: 6, codes: ["tool/missing"] });
});
