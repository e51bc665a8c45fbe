import { describe, expect, it } from "vitest";
import type { Window } from "../../src/graph/types.js";
import { shapeOf } from "../../src/kernels/index.js";
import { TRIPLES } from "../../src/kernels/triples.js";
import type { Network, Range, Weights } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { type ConvShape, ModelBuilder } from "../bench/draw.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import { type Case, caseOf, expectEqual } from "./dsp.js";
import { drawnWeights, oneLayer } from "./forced.js";

const INT8: Range = { low: -128, high: 127 };
const UINT8: Range = { low: 0, high: 255 };

/** Two channels whose weights all have one sign, +1 and -1. */
function worst(range: Range, kernel: Window["kernel"]): Network {
  const perOutput = kernel[0] * kernel[1];
  return depthwise(range, kernel, {
    ...{ kind: "ternary", outputs: 2, perOutput },
    values: Int8Array.from({ length: 2 * perOutput }, (_, i) => (i < perOutput ? 1 : -1)),
  });
}

function depthwise(
  range: Range,
  kernel: Window["kernel"],
  weights: Weights,
  {
    pads = { top: 0, left: 0, bottom: 0, right: 0 },
    strides = [1, 1],
    zero = 0,
  }: Partial<Window> & {
    zero?: number;
  } = {},
): Network {
  return oneLayer({
    ...{ type: range.low < 0 ? "int8" : "uint8", range, zero, weights, groups: weights.outputs },
    ...{ height: kernel[0] + 2, width: kernel[1] + 4, channels: weights.outputs },
    window: { kernel, strides, dilations: [1, 1], pads },
  });
}

function reasonOf(network: Network): string | null {
  const [layer] = network.layers;
  if (layer === undefined) throw new Error("no layer");
  return TRIPLES.refuses(shapeOf(layer, network), findTarget("cortex-m4"));
}

describe("triples", () => {
  // -1 times -128 is the largest product; sums must stay in -2048 .. 2047.
  it.each([
    [INT8, 15],
    [{ low: -127, high: 127 }, 16],
    [UINT8, 15],
    [{ low: 0, high: 127 }, 16],
  ] as const)("take as many taps of %o as are safe: %d", (range, taps) => {
    expect(reasonOf(worst(range, [taps, 1]))).toBeNull();
    expect(reasonOf(worst(range, [taps + 1, 1]))).toContain("12 bits");
  });

  it("have three taps in a word", () => {
    expect(reasonOf(worst(INT8, [1, 3]))).toBeNull();
    expect(reasonOf(worst(INT8, [1, 4]))).toContain("more than three taps");
  });
});

/** Sums that reach the ends of all digits at once, and zero points outside the tensor. */
const BOUNDS: readonly Case[] = [
  ...[INT8, UINT8].map((range, i) => caseOf(worst(range, [5, 3]), i)),
  ...[-128, -5, 127].map((zero, i) =>
    caseOf(
      depthwise(INT8, [3, 3], drawnWeights(seeded(i), 3, 9), {
        ...{ zero, pads: { top: 1, left: 1, bottom: 1, right: 1 } },
      }),
      i,
    ),
  ),
  ...[0, 255].map((zero, i) =>
    caseOf(
      depthwise(UINT8, [3, 5], drawnWeights(seeded(i), 3, 15), {
        ...{ zero, strides: [2, 2], pads: { top: 2, left: 3, bottom: 0, right: 4 } },
      }),
      i,
    ),
  ),
];

/** Kernels, strides, borders and widths that leave a rest wherever there can be one. */
function odd(relu: boolean): Case[] {
  const shapes: readonly [channels: number, size: number, shape: Omit<ConvShape, "outputs">][] = [
    [4, 6, { kernel: [3, 3], pads: [1, 1, 1, 1] }],
    [5, 7, { kernel: [3, 3], pads: [1, 1, 1, 1] }],
    [9, 8, { kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] }],
    [3, 9, { kernel: [5, 3], strides: [1, 2], pads: [2, 1, 2, 1] }],
    [6, 7, { kernel: [2, 2], pads: [1, 0, 0, 3] }],
    [2, 9, { kernel: [1, 1], strides: [3, 3] }],
    [7, 5, { kernel: [4, 3], strides: [2, 1], pads: [3, 2, 3, 2] }],
    [4, 3, { kernel: [3, 3], strides: [4, 2], pads: [2, 2, 2, 2] }],
    [3, 4, { kernel: [3, 6], strides: [1, 2], pads: [1, 5, 1, 0] }],
    [2, 2, { kernel: [3, 1], pads: [1, 4, 1, 4] }],
  ];
  return shapes.map(([channels, size, shape], i) => {
    const model = new ModelBuilder([channels, size, size + 1], { zeros: 0.3, relu });
    model.conv("dw", model.input(relu), { ...shape, outputs: channels, depthwise: true });
    return caseOf(model.build(), i + 1);
  });
}

const LIMITS = { timeout: 120_000 };

describeWith(["gcc"], "triples under sanitizers", () => {
  it.each([false, true])("equal the simulator, ReLU %s", LIMITS, async (relu) => {
    await expectEqual([...BOUNDS, ...odd(relu)], [TRIPLES], "native:gcc:O1:sanitize");
  });
});

describeWith(["arm-gcc", "qemu-arm"], "triples on emulated cores", () => {
  it.each(["cortex-m4:O3", "cortex-m33"])("equal the simulator: %s", LIMITS, async (id) => {
    await expectEqual([...BOUNDS, ...odd(true)], [TRIPLES], id);
  });
});
