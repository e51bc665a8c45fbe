import { expect, test } from "vitest";
import { withCounter } from "../../src/bench/counter.js";
import { KERNELS } from "../../src/kernels/index.js";
import { configurationList } from "../../src/verify/index.js";
import { describeWith } from "../verify/toolchains.js";
import { type CostError, costErrorsOf, costsText, errorOf } from "./costs.js";

/** How far from what is counted a layer may have been planned, and all of them together. */
const MOST = 0.25;
const MOST_IN_ALL = 0.12;

const CORES = "cortex-m0plus:O3,cortex-m4:O3,cortex-m7:O3,cortex-m55:O3,rv32imc:O3";

/** Cycles where they are modelled. */
function workOf({ cycles, instructions }: CostError) {
  return cycles ?? instructions;
}

describeWith(["arm-gcc", "qemu-arm", "riscv-gcc", "qemu-riscv32", "cc"], "planned costs", () => {
  test.each(configurationList(CORES))("are near what is counted on $id", async (configuration) => {
    const errors = await withCounter(process.env, undefined, (counter) =>
      costErrorsOf([KERNELS], configuration, counter, [{ zeros: 0.5, relu: true }]),
    );
    expect(errors.length).toBeGreaterThan(10);
    // Layers that take next to nothing decide nothing.
    const whole = errors.reduce((sum, each) => sum + workOf(each).counted, 0);
    const wrong = errors.filter(
      (each) => workOf(each).counted > whole / 100 && Math.abs(errorOf(workOf(each))) > MOST,
    );
    expect(wrong.length, costsText(errors)).toBe(0);
    const planned = errors.reduce((sum, each) => sum + workOf(each).planned, 0);
    expect(Math.abs(planned / whole - 1), costsText(errors)).toBeLessThan(MOST_IN_ALL);
  });
});
