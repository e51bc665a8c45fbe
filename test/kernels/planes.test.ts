import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/kernels/index.js";
import { PLANES } from "../../src/kernels/planes.js";
import type { ConvLayer, IntegerTensor, Network, Tensor } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { type ConvShape, ModelBuilder } from "../bench/draw.js";
import { networkOf } from "../fuzz/fit.js";
import { describeWith } from "../verify/toolchains.js";
import { type Case, caseOf, expectEqual } from "./dsp.js";

/** Two channels of one kind of weight each, +1 and -1, a kernel of one row. */
function worst(type: "int8" | "uint8", taps: number): Network {
  const range = type === "int8" ? { low: -128, high: 127 } : { low: 0, high: 255 };
  const input: IntegerTensor = { height: 1, width: taps + 2, channels: 2, type, range };
  const bound = { low: -255 * taps, high: 255 * taps };
  const output: Tensor = { height: 1, width: 3, channels: 2, type: "int32", range: bound };
  const layer: ConvLayer = {
    ...{ kind: "conv", name: "dw", origins: [], input: 0, output: 1, zero: 0, groups: 2 },
    window: {
      ...{ kernel: [1, taps], strides: [1, 1], dilations: [1, 1] },
      pads: { top: 0, left: 0, bottom: 0, right: 0 },
    },
    weights: {
      ...{ kind: "ternary", outputs: 2, perOutput: taps },
      values: Int8Array.from({ length: 2 * taps }, (_, i) => (i < taps ? 1 : -1)),
    },
    accumulators: [bound, bound],
    requantization: { kind: "none" },
  };
  return networkOf([input, output], [layer]);
}

function reasonOf(network: Network): string | null {
  const [layer] = network.layers;
  if (layer === undefined) throw new Error("no layer");
  return PLANES.refuses(shapeOf(layer, network), findTarget("cortex-m4"));
}

describe("planes", () => {
  // -1 times -128 is the largest product; sums must stay in -8192 .. 8191.
  it.each([
    ["int8", 63],
    ["uint8", 32],
  ] as const)("take as many taps of %s as are safe: %d", (type, taps) => {
    expect(reasonOf(worst(type, taps))).toBeNull();
    expect(reasonOf(worst(type, taps + 1))).toContain("14 bits");
  });
});

/** Kernels, strides, borders and channels that leave a rest wherever there can be one. */
function odd(relu: boolean): Case[] {
  const shapes: readonly [channels: number, size: number, shape: Omit<ConvShape, "outputs">][] = [
    [4, 6, { kernel: [3, 3], pads: [1, 1, 1, 1] }],
    [5, 7, { kernel: [3, 3], pads: [1, 1, 1, 1] }],
    [9, 8, { kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] }],
    [3, 9, { kernel: [5, 3], strides: [1, 2], pads: [2, 1, 2, 1] }],
    [6, 7, { kernel: [2, 4], pads: [1, 0, 0, 3] }],
    [2, 9, { kernel: [1, 1], strides: [3, 3] }],
    [7, 5, { kernel: [4, 5], strides: [2, 1], pads: [3, 2, 3, 2] }],
    [4, 3, { kernel: [3, 3], strides: [4, 2], pads: [2, 2, 2, 2] }],
  ];
  return shapes.map(([channels, size, shape], i) => {
    const model = new ModelBuilder([channels, size, size + 1], { zeros: 0.3, relu });
    model.conv("dw", model.input(relu), { ...shape, outputs: channels, depthwise: true });
    return caseOf(model.build(), i + 1);
  });
}

const BOUNDS = [caseOf(worst("int8", 63), 1), caseOf(worst("uint8", 32), 2)];

const LIMITS = { timeout: 120_000 };

describeWith(["gcc"], "planes under sanitizers", () => {
  it.each([false, true])("equal the simulator, ReLU %s", LIMITS, async (relu) => {
    await expectEqual([...BOUNDS, ...odd(relu)], [PLANES], "native:gcc:O1:sanitize");
  });
});

describeWith(["arm-gcc", "qemu-arm"], "planes on emulated cores", () => {
  it.each(["cortex-m4:O3", "cortex-m33"])("equal the simulator: %s", LIMITS, async (id) => {
    await expectEqual([...BOUNDS, ...odd(false)], [PLANES], id);
  });
});
