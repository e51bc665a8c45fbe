import { describe, expect, it } from "vitest";
import type { Window } from "../../src/graph/types.js";
import { shapeOf } from "../../src/kernels/index.js";
import { TRIPLES_CONV } from "../../src/kernels/triples-conv.js";
import { packTriples, unpackTriples } from "../../src/kernels/triples-packing.js";
import type { Network, Range, Weights } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { type ConvShape, ModelBuilder } from "../bench/draw.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import { type Case, caseOf, expectEqual } from "./dsp.js";
import { drawnWeights, oneLayer } from "./forced.js";

const INT8: Range = { low: -128, high: 127 };
const UINT8: Range = { low: 0, high: 255 };
const RELU: Range = { low: 0, high: 127 };

describe("weights in threes", () => {
  it.each([1, 3, 4, 13, 16, 17, 40])("are what was packed: %d channels", (channels) => {
    const weights = drawnWeights(seeded(channels), 3, 9 * channels);
    const words = packTriples(weights, channels);
    expect(unpackTriples(words, 3, 9 * channels, channels)).toEqual(weights.values);
  });
});

function conv(
  range: Range,
  [channels, outputs]: readonly [number, number],
  { zero = 0, ...window }: Partial<Window> & { zero?: number; weights?: Weights },
): Network {
  const kernel = window.kernel ?? [3, 3];
  const weights =
    window.weights ?? drawnWeights(seeded(channels), outputs, kernel[0] * 3 * channels);
  const pads = window.pads ?? { top: 1, left: 1, bottom: 1, right: 1 };
  return oneLayer({
    ...{ type: range.high > 127 ? "uint8" : "int8", range, zero, weights, channels },
    ...{ height: kernel[0] + 2, width: 8 },
    window: { kernel, strides: window.strides ?? [1, 1], dilations: [1, 1], pads },
  });
}

/** Outputs whose weights all have one sign, +1 and -1 in turn. */
function signs(channels: number, rows: number): Weights {
  const perOutput = 3 * rows * channels;
  const values = Int8Array.from({ length: 3 * perOutput }, (_, i) =>
    Math.floor(i / perOutput) % 2 === 0 ? 1 : -1,
  );
  return { kind: "ternary", outputs: 3, perOutput, values };
}

/** All channels of one row: the sum of `channels` times three numbers of one sign is an output. */
function worst(range: Range, channels: number): Network {
  return conv(range, [channels, 3], { kernel: [1, 3], weights: signs(channels, 1) });
}

function reasonOf(network: Network): string | null {
  const [layer] = network.layers;
  if (layer === undefined) throw new Error("no layer");
  return TRIPLES_CONV.refuses(shapeOf(layer, network), findTarget("cortex-m4"));
}

describe("triples of a convolution", () => {
  // -1 times -128 is the largest product; sums must stay in -32768 .. 32767.
  it.each([
    [INT8, 85],
    [UINT8, 85],
    [RELU, 86],
  ] as const)("take as many channels of %o as are safe: %d", (range, channels) => {
    expect(reasonOf(worst(range, channels))).toBeNull();
    expect(reasonOf(worst(range, channels + 1))).toContain("16 bits");
  });
});

/** Sums that reach the ends of digits and lanes, and zero points outside the tensor. */
const BOUNDS: readonly Case[] = [
  caseOf(worst(INT8, 85), 1),
  caseOf(worst(UINT8, 85), 2),
  caseOf(worst(RELU, 86), 3),
  ...[-128, -5, 127].map((zero) => caseOf(conv(INT8, [5, 3], { zero }), 4)),
  caseOf(
    conv(UINT8, [3, 5], {
      ...{ zero: 255, strides: [2, 2], pads: { top: 2, left: 3, bottom: 0, right: 4 } },
    }),
    5,
  ),
];

/** Kernels, strides, borders, channels and widths that leave a rest wherever there can be one. */
function odd(relu: boolean): Case[] {
  const shapes: readonly [channels: number, size: number, shape: ConvShape][] = [
    [4, 6, { kernel: [3, 3], pads: [1, 1, 1, 1], outputs: 6 }],
    [5, 7, { kernel: [3, 3], pads: [1, 1, 1, 1], outputs: 5 }],
    [9, 8, { kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1], outputs: 4 }],
    [3, 9, { kernel: [5, 3], strides: [1, 2], pads: [2, 1, 2, 1], outputs: 3 }],
    [17, 5, { kernel: [2, 3], strides: [3, 1], pads: [1, 0, 0, 3], outputs: 2 }],
    [1, 12, { kernel: [3, 3], strides: [2, 1], pads: [1, 2, 1, 2], outputs: 7 }],
  ];
  return shapes.map(([channels, size, shape], i) => {
    const model = new ModelBuilder([channels, size, size + 1], { zeros: 0.3, relu });
    model.conv("conv", model.input(relu), shape);
    return caseOf(model.build(), i + 1);
  });
}

const LIMITS = { timeout: 120_000 };

describeWith(["gcc"], "triples of a convolution under sanitizers", () => {
  it.each([false, true])("equal the simulator, ReLU %s", LIMITS, async (relu) => {
    await expectEqual([...BOUNDS, ...odd(relu)], [TRIPLES_CONV], "native:gcc:O1:sanitize");
  });
});

describeWith(["arm-gcc", "qemu-arm"], "triples of a convolution on emulated cores", () => {
  it.each(["cortex-m4:O3", "cortex-m33:Os"])("equal the simulator: %s", LIMITS, async (id) => {
    await expectEqual([...BOUNDS, ...odd(true)], [TRIPLES_CONV], id);
  });
});
