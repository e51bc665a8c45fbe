import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/kernels/index.js";
import { CLOSE_TRITS } from "../../src/kernels/packing.js";
import { SLIDING } from "../../src/kernels/sliding.js";
import { lanesFor } from "../../src/kernels/sliding-lanes.js";
import type { Network, Range, Weights } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { type ConvShape, ModelBuilder } from "../bench/draw.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import { type Case, caseOf, expectEqual } from "./dsp.js";
import { drawnWeights, oneLayer } from "./forced.js";

const INT8 = { low: -128, high: 127 };
const UINT8 = { low: 0, high: 255 };

/** Channels whose first weights are 1, and as many of -1, the rest 0. */
function filled(taps: number, nonzeros: number): Weights {
  const values = Int8Array.from({ length: 2 * taps }, (_, i) =>
    i % taps >= nonzeros ? 0 : i < taps ? 1 : -1,
  );
  return { kind: "ternary", outputs: 2, perOutput: taps, values };
}

function depthwise(weights: Weights, kernel: readonly [number, number], range: Range): Network {
  return oneLayer({
    ...{ type: range.low < 0 ? "int8" : "uint8", range, weights, groups: 2, zero: range.low },
    ...{ height: kernel[0] + 1, width: kernel[1] + 3, channels: 2 },
    window: {
      ...{ kernel, strides: [1, 1], dilations: [1, 1] },
      pads: { top: 1, left: 1, bottom: 0, right: 1 },
    },
  });
}

function reasonOf(network: Network): string | null {
  const [layer] = network.layers;
  if (layer === undefined) throw new Error("no layer");
  return SLIDING.refuses(shapeOf(layer, network), findTarget("cortex-m0plus"));
}

describe("lanes", () => {
  const threeByThree = (nonzeros: number, codes: Range) =>
    lanesFor(filled(9, nonzeros), { columns: 3, stride: 1, codes });

  it("hold a finished sum as long as that is below 1024 in magnitude, of three", () => {
    // 7 times 128 is 896; 8 times -(-128) is 1024, which 11 bits do not hold.
    expect(threeByThree(7, INT8)).toEqual({ bits: 11, number: 3, whole: true });
    expect(threeByThree(8, INT8)).toEqual({ bits: 11, number: 3, whole: false });
    expect(threeByThree(9, { low: 0, high: 113 })?.whole).toBe(true);
    expect(threeByThree(9, { low: 0, high: 114 })?.whole).toBe(false);
  });

  it("are not made where even its parts do not fit", () => {
    expect(threeByThree(9, INT8)).not.toBeNull();
    expect(threeByThree(9, UINT8)).toBeNull();
    expect(reasonOf(depthwise(filled(9, 9), [3, 3], UINT8))).toContain("fit a word");
  });

  it("count inputs as 0 before the first one, whatever the range", () => {
    const codes = { low: 100, high: 101 };
    expect(threeByThree(9, codes)).toEqual(threeByThree(9, { low: 0, high: 101 }));
  });
});

it("weights unpack as they were packed", () => {
  const weights = drawnWeights(seeded(5), 7, 9);
  expect(CLOSE_TRITS.unpack(CLOSE_TRITS.pack(weights), weights.outputs, weights.perOutput)).toEqual(
    weights.values,
  );
});

/** Sums at both ends of a lane, finished ones and those in parts; 31 bits beside each other. */
const BOUNDS: readonly Case[] = [
  depthwise(filled(9, 7), [3, 3], INT8),
  depthwise(filled(9, 8), [3, 3], INT8),
  depthwise(filled(9, 9), [3, 3], INT8),
  depthwise(filled(9, 9), [3, 3], { low: 0, high: 113 }),
  depthwise(filled(9, 9), [3, 3], { low: 0, high: 114 }),
  depthwise(filled(18, 18), [9, 2], UINT8),
].map((network, i) => caseOf(network, i + 1));

type Drawn = readonly [channels: number, size: number, shape: ConvShape];

/** Kernels, strides, borders and channels that leave a rest wherever there can be one. */
function drawn(relu: boolean): Case[] {
  const depthwise = true;
  const shapes: readonly Drawn[] = [
    [5, 7, { outputs: 5, kernel: [3, 3], pads: [1, 1, 1, 1], depthwise }],
    [9, 8, { outputs: 9, kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1], depthwise }],
    [3, 9, { outputs: 3, kernel: [5, 3], strides: [1, 2], pads: [2, 1, 2, 1], depthwise }],
    [2, 9, { outputs: 2, kernel: [1, 1], strides: [3, 3], depthwise }],
    [4, 3, { outputs: 4, kernel: [3, 3], strides: [4, 2], pads: [2, 2, 2, 2], depthwise }],
    [6, 1, { outputs: 6, kernel: [3, 3], pads: [1, 1, 1, 1], depthwise }],
    [1, 8, { outputs: 3, kernel: [10, 4], strides: [2, 2], pads: [4, 1, 5, 1] }],
    [1, 6, { outputs: 5, kernel: [3, 2], strides: [1, 3] }],
  ];
  return shapes.map(([channels, size, shape], i) => {
    const model = new ModelBuilder([channels, size, size + 1], { zeros: 0.3, relu });
    model.conv("dw", model.input(relu), shape);
    return caseOf(model.build(), i + 1);
  });
}

const LIMITS = { timeout: 120_000 };

describeWith(["gcc"], "sliding kernels under sanitizers", () => {
  it.each([false, true])("equal the simulator, ReLU %s", LIMITS, async (relu) => {
    await expectEqual([...BOUNDS, ...drawn(relu)], [SLIDING], "native:gcc:O1:sanitize");
  });
});

describeWith(["arm-gcc", "qemu-arm"], "sliding kernels on emulated cores", () => {
  it.each(["cortex-m0plus:O3", "cortex-m3:O2"])("equal the simulator: %s", LIMITS, async (id) => {
    await expectEqual([...BOUNDS, ...drawn(false)], [SLIDING], id);
  });
});
