import { describe, expect, it } from "vitest";
import type { Window } from "../../src/graph/types.js";
import { shapeOf } from "../../src/kernels/index.js";
import { lutPacking } from "../../src/kernels/lut-packing.js";
import type { IntegerStorage, Range } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import {
  type Case,
  differenceOn,
  differingNatively,
  drawnWeights,
  extremeInputs,
  kernelNamed,
  oneLayer,
  worstInputs,
} from "./forced.js";

const INT8 = { low: -128, high: 127 };
const UINT8 = { low: 0, high: 255 };

function dense(outputs: number, inputs: number, range: Range, type: IntegerStorage, zero = 0) {
  const weights = drawnWeights(seeded(outputs * 1000 + inputs), outputs, inputs);
  return oneLayer({ type, range, height: 1, width: 1, channels: inputs, weights, zero });
}

describe.each([[[4, 1]], [[8, 4, 1]]])("weights as offsets in tables, blocks of %j", (blocks) => {
  it.each([1, 3, 4, 5, 16, 31, 47, 96])("unpack as they were packed, rows of %d", (perOutput) => {
    const packing = lutPacking("lut", blocks);
    const weights = drawnWeights(seeded(perOutput), 5, perOutput);
    const bytes = packing.pack(weights);
    expect(packing.unpack(bytes, 5, perOutput)).toEqual(weights.values);
    expect(bytes.length).toBe(5 * Math.ceil(perOutput / 4));
  });
});

describe("tables of sums", () => {
  const [m0, rv32] = [findTarget("cortex-m0plus"), findTarget("rv32imc")];
  const reason = (range: Range) => {
    const network = dense(8, 16, range, "int16");
    const [layer] = network.layers;
    if (layer === undefined) throw new Error("no layer");
    return kernelNamed("lut4").refuses(shapeOf(layer, network), m0);
  };

  // Entries reach from 0 to twice the bias of four times the largest input: 8 * 8191 = 65528.
  it("are refused where an entry would leave 16 bits, and only there", () => {
    expect(reason({ low: -8191, high: 8191 })).toBeNull();
    expect(reason({ low: -8192, high: 8191 })).toContain("16 bits");
  });

  it("are wide only where loads take an offset beside a base", () => {
    const network = dense(8, 64, INT8, "int8");
    const [layer] = network.layers;
    if (layer === undefined) throw new Error("no layer");
    const wide = kernelNamed("lut4-wide");
    expect(wide.refuses(shapeOf(layer, network), m0)).toContain("registers");
    expect(wide.refuses(shapeOf(layer, network), rv32)).toBeNull();
  });
});

function dense1(name: string, ...of: Parameters<typeof dense>): Case {
  const network = dense(...of);
  return { network, kernel: kernelNamed(name), inputs: extremeInputs(network, seeded(of[1])) };
}

function worst(each: Case): Case {
  return { ...each, inputs: worstInputs(each.network, 0) };
}

describeWith(["cc"], "products by tables, natively", () => {
  it("equal the simulator's, at their bounds and with any rest", async () => {
    const window: Window = {
      kernel: [3, 3],
      strides: [2, 1],
      dilations: [1, 1],
      pads: { top: 1, left: 1, bottom: 1, right: 2 },
    };
    const weights = drawnWeights(seeded(3), 9, 27);
    const network = oneLayer({
      ...{ type: "int8", range: INT8, height: 5, width: 4, channels: 3, zero: -128 },
      ...{ weights, window },
    });
    const widest = { low: -8191, high: 8191 };
    const cases = {
      "13 of 97": dense1("lut4", 13, 97, INT8, "int8"),
      "8 of 16, uint8": dense1("lut4", 8, 16, UINT8, "uint8", 128),
      "1 of 3": dense1("lut4", 1, 3, INT8, "int8", -128),
      widest: dense1("lut4", 5, 40, widest, "int16", 5),
      "wide, 13 of 97": dense1("lut4-wide", 13, 97, INT8, "int8"),
      "wide, 7 of 72, uint8": dense1("lut4-wide", 7, 72, UINT8, "uint8", 255),
      windows: {
        ...{ network, kernel: kernelNamed("lut4") },
        inputs: extremeInputs(network, seeded(4)),
      },
      "worst of 13 of 97": worst(dense1("lut4", 13, 97, INT8, "int8")),
      "worst of the widest": worst(dense1("lut4", 5, 40, widest, "int16", 5)),
      "worst, wide": worst(dense1("lut4-wide", 7, 72, UINT8, "uint8", 255)),
    };
    expect(await differingNatively(new Map(Object.entries(cases)))).toEqual([]);
  });
});

// Both have registers and instructions of their own to be wrong with.
describeWith(["arm-gcc", "qemu-arm"], "products by tables, on Cortex-M", () => {
  it("equal the simulator's", async () => {
    const targets = "cortex-m0plus,cortex-m0plus:O0,cortex-m3:O3,cortex-m3:Os";
    const each = worst(dense1("lut4", 11, 84, UINT8, "uint8"));
    expect(await differenceOn(targets, each)).toBeNull();
  });
});

describeWith(["riscv-gcc", "qemu-riscv32"], "products by tables, on RISC-V", () => {
  it("equal the simulator's", async () => {
    const each = dense1("lut4-wide", 11, 84, INT8, "int8");
    expect(await differenceOn("rv32imc,rv32ec", each)).toBeNull();
  });
});
