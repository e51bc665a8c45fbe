import { describe, expect, it } from "vitest";
import { LUT_PAIRS } from "../../src/kernels/lut-pairs.js";
import { packLutPairs, unpackLutPairs } from "../../src/kernels/lut-pairs-packing.js";
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
  drawnWeights,
  extremeInputs,
  filled,
  INT8,
  shapeIn,
} from "./forced.js";

const SAME = [1, 1, 1, 1] as const;

/** Blocks that are not whole, odd extents and outputs, strides, dilations, zero points, several parts. */
const CASES: Readonly<Record<string, Conv>> = {
  "3x3, four channels": {
    height: 4,
    width: 8,
    channels: 4,
    outputs: 5,
    kernel: [3, 3],
    pads: SAME,
  },
  "odd width, a rest of channels": {
    ...{ height: 3, width: 7, channels: 20, outputs: 4, kernel: [3, 3], pads: SAME },
  },
  "one output, one column": {
    ...{ height: 5, width: 1, channels: 28, outputs: 1, kernel: [3, 1], pads: [1, 0, 1, 0] },
  },
  "stride 2, uneven padding": {
    ...{ height: 9, width: 10, channels: 16, outputs: 6, kernel: [3, 3], strides: [2, 2] },
    ...{ pads: [0, 0, 1, 1], type: "uint8", zero: 128 },
  },
  "stride 3 of 2": {
    ...{ height: 8, width: 11, channels: 8, outputs: 3, kernel: [2, 2], strides: [3, 3] },
  },
  "dilated, zero point at the end": {
    ...{ height: 8, width: 9, channels: 4, outputs: 3, kernel: [3, 2], dilations: [2, 3] },
    ...{ pads: [2, 1, 2, 2], zero: -128 },
  },
  pointwise: { height: 6, width: 6, channels: 32, outputs: 7, kernel: [1, 1] },
  "sums beyond 16 bits": {
    ...{ height: 4, width: 6, channels: 64, outputs: 3, kernel: [3, 3], pads: SAME },
    weights: filled(3, 576, (k) => (k % 5 === 0 ? -1 : 1)),
  },
  "sums that reach 16 bits": {
    ...{ height: 2, width: 4, channels: 256, outputs: 2, kernel: [1, 1] },
    weights: filled(2, 256, () => 1),
  },
};

const partsOf = (range: Range, nonzeros: number) => {
  const weights = filled(1, 512, (k) => (k < nonzeros ? 1 : 0));
  const layer = conv({
    ...{ height: 2, width: 4, channels: 512, outputs: 1, kernel: [1, 1], type: "int16" },
    ...{ weights, range },
  });
  const refused = LUT_PAIRS.refuses(shapeIn(layer), findTarget("native"));
  if (refused !== null) return refused;
  const { structs } = LUT_PAIRS.code(shapeIn(layer), findTarget("native"));
  return 512 / Number(structs.find(({ suffix }) => suffix === "lut")?.fields.part);
};

describe("tables for pairs of columns", () => {
  it("unpack as they were packed", () => {
    const weights = drawnWeights(seeded(3), 5, 9 * 20);
    const packed = packLutPairs(weights, 20);
    expect(packed.length).toBe(225);
    expect(unpackLutPairs(packed, weights, 20)).toEqual(weights.values);
  });

  // 256 * -128 = -32768.
  it("cut sums just where one could leave 16 bits", () => {
    expect(partsOf(INT8, 256)).toBe(1);
    expect(partsOf(INT8, 257)).toBe(2);
    expect(partsOf({ low: -256, high: 255 }, 256)).toBe(4);
    expect(partsOf({ low: -2048, high: 0 }, 256)).toContain("more than 4 parts");
  });

  it("refuse channels that are not in fours, and groups", () => {
    const shape = { height: 2, width: 4, outputs: 4, kernel: [1, 1] } as const;
    const reason = (network: ReturnType<typeof conv>) =>
      LUT_PAIRS.refuses(shapeIn(network), findTarget("native"));
    expect(reason(conv({ ...shape, channels: 6 }))).toContain("fours");
    expect(reason(conv({ ...shape, channels: 8, groups: 2 }))).toContain("group");
  });
});

function caseOf(name: string): Case {
  const options = CASES[name];
  if (options === undefined) throw new Error("no such case");
  const network = conv(options);
  return { network, inputs: extremeInputs(network, seeded(name.length)), kernel: LUT_PAIRS };
}

describeWith(["cc"], "tables for pairs, natively", () => {
  it("equals the simulator", async () => {
    const cases = Object.keys(CASES).map((name) => [name, caseOf(name)] as const);
    expect(await differingNatively(new Map(cases))).toEqual([]);
  });
});

describeWith(["arm-gcc", "qemu-arm"], "tables for pairs, on Cortex-M", () => {
  it.each(["stride 2, uneven padding", "sums beyond 16 bits"])("%s", async (name) => {
    expect(await differenceOn("cortex-m0plus,cortex-m3:O3,cortex-m3:O0", caseOf(name))).toBeNull();
  });

  it("one output", async () => {
    const name = "one output, one column";
    expect(await differenceOn("cortex-m0plus:O3,cortex-m4:O2", caseOf(name))).toBeNull();
  });
});
