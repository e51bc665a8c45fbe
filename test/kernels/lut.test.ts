import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/kernels/index.js";
import { lutPacking } from "../../src/kernels/lut-packing.js";
import type { IntegerStorage, Range } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import {
  difference,
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

describeWith(["cc"], "products by tables, natively", () => {
  it.each([
    ["lut4", 13, 97, INT8, "int8", 0],
    ["lut4", 8, 16, UINT8, "uint8", 128],
    ["lut4", 1, 3, INT8, "int8", -128],
    ["lut4", 5, 40, { low: -8191, high: 8191 }, "int16", 5],
    ["lut4-wide", 13, 97, INT8, "int8", 0],
    ["lut4-wide", 7, 72, UINT8, "uint8", 255],
  ] as const)("%s, %d outputs of %d inputs", async (name, outputs, inputs, range, type, zero) => {
    const network = dense(outputs, inputs, range, type, zero);
    const kernel = kernelNamed(name);
    const random = seeded(inputs);
    expect(await difference(network, kernel, extremeInputs(network, random))).toBeNull();
    expect(await difference(network, kernel, worstInputs(network, 0))).toBeNull();
  });

  it("of the windows of a convolution", async () => {
    const network = oneLayer({
      ...{ type: "int8", range: INT8, height: 5, width: 4, channels: 3, zero: -128 },
      weights: drawnWeights(seeded(3), 9, 27),
      window: {
        ...{ kernel: [3, 3], strides: [2, 1], dilations: [1, 1] },
        pads: { top: 1, left: 1, bottom: 1, right: 2 },
      },
    });
    const inputs = extremeInputs(network, seeded(4));
    expect(await difference(network, kernelNamed("lut4"), inputs)).toBeNull();
  });
});

// Both have registers and instructions of their own to be wrong with.
describeWith(["arm-gcc", "qemu-arm"], "products by tables, on Cortex-M", () => {
  it.each(["int8", "uint8"] as const)("of %s", async (type) => {
    const network = dense(11, 84, type === "int8" ? INT8 : UINT8, type);
    const inputs = extremeInputs(network, seeded(5), 1);
    const targets = "cortex-m0plus,cortex-m0plus:O3,cortex-m3,cortex-m3:O3";
    expect(await difference(network, kernelNamed("lut4"), inputs, targets)).toBeNull();
    const unoptimized = "cortex-m0plus:O0,cortex-m3:Os";
    expect(await difference(network, kernelNamed("lut4"), inputs, unoptimized)).toBeNull();
  });
});

describeWith(["riscv-gcc", "qemu-riscv32"], "products by tables, on RISC-V", () => {
  it("of int8", async () => {
    const network = dense(11, 84, INT8, "int8");
    const inputs = extremeInputs(network, seeded(6), 1);
    expect(
      await difference(network, kernelNamed("lut4-wide"), inputs, "rv32imc,rv32ec"),
    ).toBeNull();
  });
});
