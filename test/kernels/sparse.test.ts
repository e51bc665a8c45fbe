import { describe, expect, it } from "vitest";
import { packCodes, packLists, unpackCodes, unpackLists } from "../../src/kernels/sparse.js";
import { sparseLists } from "../../src/kernels/sparse-lists.js";
import type { Range } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import {
  type Case,
  type Conv,
  conv,
  differenceOn,
  differingNatively,
  extremeInputs,
  filled,
  kernelNamed,
  shapeIn,
} from "./forced.js";

const SAME = [1, 1, 1, 1] as const;

/** Odd extents, strides, dilations, groups, zero points, long gaps, sums in several parts. */
const CASES: Readonly<Record<string, Conv>> = {
  "3x3": { height: 4, width: 16, channels: 5, outputs: 7, kernel: [3, 3], pads: SAME },
  "odd width": { height: 3, width: 7, channels: 3, outputs: 5, kernel: [3, 3], pads: SAME },
  "one column": {
    height: 5,
    width: 1,
    channels: 4,
    outputs: 3,
    kernel: [3, 1],
    pads: [1, 0, 1, 0],
  },
  "stride 2, uneven padding": {
    ...{ height: 9, width: 10, channels: 3, outputs: 4, kernel: [3, 3], strides: [2, 2] },
    ...{ pads: [0, 0, 1, 1], type: "uint8", zero: 128 },
  },
  "stride 3 of 2": {
    ...{ height: 8, width: 11, channels: 2, outputs: 3, kernel: [2, 2], strides: [3, 3] },
  },
  "dilated, zero point at the end": {
    ...{ height: 8, width: 9, channels: 2, outputs: 3, kernel: [3, 2], dilations: [2, 3] },
    ...{ pads: [2, 1, 2, 2], zero: -128 },
  },
  pointwise: { height: 6, width: 6, channels: 20, outputs: 70, kernel: [1, 1] },
  "pointwise, stride 2": {
    ...{ height: 5, width: 6, channels: 9, outputs: 8, kernel: [1, 1], strides: [2, 2] },
  },
  depthwise: {
    ...{ height: 5, width: 9, channels: 6, outputs: 6, kernel: [3, 3], pads: SAME, groups: 6 },
    ...{ zero: 3 },
  },
  "two groups of uneven bands": {
    ...{ height: 3, width: 4, channels: 8, outputs: 6, kernel: [3, 3], pads: SAME, groups: 2 },
  },
  "few weights far apart": {
    ...{ height: 3, width: 40, channels: 12, outputs: 3, kernel: [3, 3], pads: SAME },
    weights: filled(3, 108, (k) => (k === 0 ? 1 : k === 107 ? -1 : 0)),
  },
  "nothing but zeros": {
    ...{ height: 3, width: 8, channels: 3, outputs: 2, kernel: [3, 3] },
    weights: filled(2, 27, () => 0),
  },
  "sums that reach 16 bits": {
    ...{ height: 2, width: 5, channels: 260, outputs: 1, kernel: [1, 1], type: "int16" },
    ...{ range: { low: -151, high: 151 }, weights: filled(1, 260, (k) => (k < 217 ? 1 : 0)) },
  },
  "sums beyond 16 bits": {
    ...{ height: 4, width: 6, channels: 64, outputs: 5, kernel: [3, 3], pads: SAME },
    weights: filled(5, 576, (k) => (k % 5 === 0 ? -1 : 1)),
  },
};

describe.each(["listed", "packed"] as const)("sparse weights, %s", (form) => {
  const kernel = kernelNamed(`sparse-${form}`);

  it.each(Object.keys(CASES))("unpack as they were packed: %s", (name) => {
    const shape = shapeIn(conv(CASES[name] ?? fail()));
    const values = "weights" in shape.layer ? shape.layer.weights.values : null;
    const unpacked =
      form === "listed"
        ? unpackLists(packLists(shape), shape)
        : unpackCodes(packCodes(shape), shape);
    expect(unpacked).toEqual(values);
    const { tableBytes } = kernel.cost(shape, findTarget("native"));
    const { tables } = kernel.code(shape, findTarget("native"));
    expect(tables.every((table) => table.length === table.values().length)).toBe(true);
    expect(tableBytes).toBeGreaterThan(0);
  });

  describeWith(["cc"], `sparse-${form}, natively`, () => {
    it("equals the simulator", async () => {
      const cases = Object.keys(CASES).map((name) => [name, caseOf(name, form)] as const);
      expect(await differingNatively(new Map(cases))).toEqual([]);
    });
  });
});

describe("sums in lanes", () => {
  const parts = (nonzeros: number, range: Range) => {
    const weights = filled(1, 260, (k) => (k < nonzeros ? 1 : 0));
    const network = conv({
      ...{ height: 2, width: 8, channels: 260, outputs: 1, kernel: [1, 1], weights, range },
      type: "int16",
    });
    const lists = sparseLists(shapeIn(network));
    return typeof lists === "string" ? lists : lists.segments.length;
  };

  // 217 * 151 = 32767, and 128 * -256 = -32768.
  it("are cut just where one could leave 16 bits", () => {
    expect(parts(217, { low: -151, high: 151 })).toBe(1);
    expect(parts(217, { low: -151, high: 152 })).toBeGreaterThan(1);
    expect(parts(128, { low: -256, high: 255 })).toBe(1);
    expect(parts(128, { low: -257, high: 255 })).toBeGreaterThan(1);
  });

  it("are refused where inputs are too wide", () => {
    expect(parts(250, { low: -32768, high: 32767 })).toContain("16 bits");
  });
});

describeWith(["arm-gcc", "qemu-arm"], "sparse weights, on Cortex-M", () => {
  it.each(["stride 2, uneven padding", "sums beyond 16 bits"])("%s", async (name) => {
    const listed = "cortex-m0plus,cortex-m3:O3,cortex-m0plus:O0";
    expect(await differenceOn(listed, caseOf(name, "listed"))).toBeNull();
    expect(await differenceOn("cortex-m3", caseOf(name, "packed"))).toBeNull();
  });
});

describeWith(["riscv-gcc", "qemu-riscv32"], "sparse weights, on RISC-V", () => {
  it("depthwise", async () => {
    expect(await differenceOn("rv32imc,rv32ec", caseOf("depthwise", "packed"))).toBeNull();
  });
});

function caseOf(name: string, form: "listed" | "packed"): Case {
  const network = conv(CASES[name] ?? fail());
  const inputs = extremeInputs(network, seeded(name.length));
  return { network, inputs, kernel: kernelNamed(`sparse-${form}`) };
}

function fail(): never {
  throw new Error("no such case");
}
