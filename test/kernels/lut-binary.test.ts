import { describe, expect, it } from "vitest";
import type { Window } from "../../src/graph/types.js";
import { shapeOf } from "../../src/kernels/index.js";
import { LUT_BINARY, LUT_BINARY_PACKING } from "../../src/kernels/lut-binary.js";
import type { IntegerStorage, Range, Weights } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import {
  type Case,
  differenceOn,
  differingNatively,
  extremeInputs,
  oneLayer,
  worstInputs,
} from "./forced.js";

const INT8 = { low: -128, high: 127 };
const UINT8 = { low: 0, high: 255 };
const WIDEST = { low: -8191, high: 8191 };

function signs(outputs: number, perOutput: number): Weights {
  const random = seeded(1000 * outputs + perOutput);
  const values = Int8Array.from({ length: outputs * perOutput }, () =>
    random.integer(0, 1) === 0 ? -1 : 1,
  );
  return { kind: "binary", outputs, perOutput, values };
}

function dense(outputs: number, inputs: number, range: Range, type: IntegerStorage, zero = 0) {
  const weights = signs(outputs, inputs);
  return oneLayer({ type, range, height: 1, width: 1, channels: inputs, weights, zero });
}

function denseCase(...of: Parameters<typeof dense>): Case {
  const network = dense(...of);
  return { network, kernel: LUT_BINARY, inputs: extremeInputs(network, seeded(of[1])) };
}

function worst(each: Case): Case {
  return { ...each, inputs: worstInputs(each.network, 0) };
}

describe("signs, 32 inputs of all rows", () => {
  it.each([1, 8, 9, 24, 31, 32, 33, 64, 100])("unpack as they were packed, %d", (perOutput) => {
    const weights = signs(5, perOutput);
    const bytes = LUT_BINARY_PACKING.pack(weights);
    expect(LUT_BINARY_PACKING.unpack(bytes, 5, perOutput)).toEqual(weights.values);
    expect(bytes.length).toBe(5 * Math.ceil(perOutput / 8));
  });
});

// Entries reach from 0 to twice the bias of four times the largest input: 8 * 8191 = 65528.
it("is refused where an entry would leave 16 bits, and only there", () => {
  const reason = (range: Range) => {
    const network = dense(8, 16, range, "int16");
    const [layer] = network.layers;
    if (layer === undefined) throw new Error("no layer");
    return LUT_BINARY.refuses(shapeOf(layer, network), findTarget("cortex-m0plus"));
  };
  expect(reason(WIDEST)).toBeNull();
  expect(reason({ low: -8192, high: 8191 })).toContain("16 bits");
});

const WINDOW: Window = {
  kernel: [3, 3],
  strides: [2, 1],
  dilations: [1, 1],
  pads: { top: 1, left: 1, bottom: 1, right: 2 },
};

describeWith(["cc"], "products with signs by tables, natively", () => {
  it("equal the simulator's, at their bounds and with any rest", async () => {
    const windows = oneLayer({
      ...{ type: "int8", range: INT8, height: 5, width: 4, channels: 3, zero: -128 },
      ...{ weights: signs(9, 27), window: WINDOW },
    });
    const cases: Record<string, Case> = {
      "13 of 97": denseCase(13, 97, INT8, "int8"),
      "8 of 16, uint8": denseCase(8, 16, UINT8, "uint8", 128),
      "3 of 32": denseCase(3, 32, INT8, "int8"),
      "3 of 28": denseCase(3, 28, INT8, "int8"),
      "1 of 3": denseCase(1, 3, INT8, "int8", -128),
      widest: denseCase(5, 44, WIDEST, "int16", 5),
      "worst of the widest": worst(denseCase(5, 40, WIDEST, "int16")),
      "worst, uint8": worst(denseCase(5, 72, UINT8, "uint8", 255)),
      windows: {
        ...{ network: windows, kernel: LUT_BINARY },
        inputs: extremeInputs(windows, seeded(4)),
      },
    };
    expect(await differingNatively(new Map(Object.entries(cases)))).toEqual([]);
  });
});

describeWith(["arm-gcc", "qemu-arm"], "products with signs by tables, on Cortex-M", () => {
  it("equal the simulator's", async () => {
    const each = worst(denseCase(11, 84, UINT8, "uint8"));
    expect(await differenceOn("cortex-m0plus,cortex-m3:Os", each)).toBeNull();
  });
});
