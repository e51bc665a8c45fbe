import { describe, expect, it } from "vitest";
import { DUAL_KERNELS } from "../../src/kernels/dual.js";
import { dualChunks } from "../../src/kernels/dual-chunks.js";
import { DUAL_DIRECT } from "../../src/kernels/dual-direct.js";
import { dualPacking } from "../../src/kernels/dual-packing.js";
import type { Layer, Range, Tensor, Weights } from "../../src/network/types.js";
import { type ConvShape, ModelBuilder } from "../bench/draw.js";
import { networkOf } from "../fuzz/fit.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import { type Case, caseOf, expectEqual } from "./dsp.js";

const BYTES: Range = { low: -128, high: 127 };

function trits(outputs: number, perOutput: number, value: (i: number) => number): Weights {
  const values = Int8Array.from({ length: outputs * perOutput }, (_, i) => value(i));
  return { kind: "ternary", outputs, perOutput, values };
}

describe.each([2, 4] as const)("dual packing, %d pairs of rows at a time", (together) => {
  it.each([
    [1, 1],
    [2, 8],
    [3, 9],
    [7, 27],
    [8, 16],
    [17, 33],
  ])("unpacks what it packed, %d rows of %d", (outputs, perOutput) => {
    const random = seeded(outputs * perOutput);
    const weights = trits(outputs, perOutput, () => random.integer(-1, 1));
    const bytes = dualPacking(together).pack(weights);
    expect(dualPacking(together).unpack(bytes, outputs, perOutput)).toEqual(weights.values);
    expect(bytes.length).toBe(4 * Math.ceil(outputs / 2) * Math.ceil(perOutput / 8));
  });
});

describe("chunks of dual rows", () => {
  // Sums of the first row must stay in -8192 .. 8191.
  it.each([
    ["+1, all of int8", BYTES, 1, 64],
    ["-1, all of int8", BYTES, -1, 56],
    ["+1, after a ReLU", { low: 0, high: 127 }, 1, 64],
    ["+1, all of uint8", { low: 0, high: 255 }, 1, 32],
  ])("hold as many columns as are safe: %s", (_, range, value, columns) => {
    const chunks = dualChunks(
      trits(2, 8 * 1024, () => value),
      range,
    );
    expect(8 * Math.max(...chunks)).toBe(columns);
    expect(8 * chunks.reduce((sum, blocks) => sum + blocks)).toBe(8 * 1024);
  });

  // Those of the second row in -131072 .. 131071.
  it("hold as many columns as are safe for the second row", () => {
    const chunks = (n: number) =>
      dualChunks(
        trits(2, n, (i) => (i < n ? 0 : -1)),
        BYTES,
      ).length;
    expect([1016, 1024].map(chunks)).toEqual([1, 2]);
  });

  it("are counted in bytes", () => {
    const zeros = trits(2, 8 * 1024, () => 0);
    expect(Math.max(...dualChunks(zeros, BYTES))).toBeLessThan(256);
  });

  it("are none where eight columns are too many", () => {
    expect(
      dualChunks(
        trits(1, 8, () => 1),
        { low: 0, high: 1024 },
      ),
    ).toEqual([]);
  });
});

/** A dense layer of rows that reach the bounds of both fields in every chunk, and its worst inputs. */
function worst(type: "int8" | "uint8", perOutput: number): Case {
  const [low, high] = type === "int8" ? [-128, 127] : [0, 255];
  const values = [1, 1, -1, 1, 1, -1, -1, -1, 1].flatMap((value) =>
    new Array(perOutput).fill(value),
  );
  const bound = 255 * perOutput;
  const input = { height: 1, width: 1, channels: perOutput, type, range: { low, high } } as const;
  const range = { low: -bound, high: bound };
  const output: Tensor = { height: 1, width: 1, channels: 9, type: "int32", range };
  const layer = {
    ...{ kind: "dense", name: "fc", origins: [], input: 0, output: 1, zero: 0, positions: 1 },
    weights: { kind: "ternary", outputs: 9, perOutput, values: Int8Array.from(values) },
    accumulators: new Array(9).fill({ low: -bound, high: bound }),
    requantization: { kind: "none" },
  } as const satisfies Layer;
  const network = networkOf([input, output], [layer]);
  return caseOf(network, perOutput);
}

/** Convolutions and products that leave a rest wherever there can be one. */
function odd(relu: boolean): Case[] {
  const shapes: readonly [channels: number, size: number, ConvShape][] = [
    [1, 9, { outputs: 3, kernel: [3, 3], pads: [1, 1, 1, 1] }],
    [3, 7, { outputs: 10, kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] }],
    [8, 5, { outputs: 5, kernel: [3, 3], pads: [1, 1, 1, 1] }],
    [4, 6, { outputs: 6, kernel: [2, 3], pads: [0, 2, 1, 0] }],
    [12, 5, { outputs: 9, kernel: [3, 1], strides: [1, 2] }],
    [5, 4, { outputs: 7 }],
    [16, 3, { outputs: 2 }],
    [20, 4, { outputs: 4, strides: [2, 2] }],
    [6, 9, { outputs: 4, kernel: [3, 3], dilations: [2, 3], pads: [2, 3, 2, 3] }],
    [40, 6, { outputs: 4, kernel: [3, 3], dilations: [2, 1] }],
  ];
  const networks = shapes.map(([channels, size, shape]) => {
    const model = new ModelBuilder([channels, size, size + 1], { zeros: 0.3, relu });
    model.conv("conv", model.input(relu), shape);
    return model.build();
  });
  for (const [inputs, outputs] of [
    [1, 1],
    [13, 2],
    [40, 7],
    [150, 8],
    [300, 19],
  ] as const) {
    const model = new ModelBuilder([inputs], { zeros: 0.3, relu });
    model.dense("dense", model.input(relu), outputs);
    networks.push(model.build());
  }
  return networks.map((network, i) => caseOf(network, i + 1));
}

/** Those of one vector, and a row for each way to divide rows into groups. */
function vectors(relu: boolean): Case[] {
  const bounds = [7, 8, 64, 65, 333].flatMap((n) => [worst("int8", n), worst("uint8", n)]);
  const rows = [6, 7, 9, 15, 16].map((outputs) => {
    const model = new ModelBuilder([outputs + 1], { zeros: 0.3, relu });
    model.dense("dense", model.input(relu), outputs);
    return caseOf(model.build(), outputs);
  });
  const dense = odd(relu).filter(({ network }) => network.layers[0]?.kind === "dense");
  return [...bounds, ...rows, ...dense];
}

const LIMITS = { timeout: 120_000 };

describeWith(["gcc"], "dual rows under sanitizers", () => {
  it("stay exact at their bounds", LIMITS, async () => {
    const trials = [7, 8, 64, 65, 333].flatMap((n) => [worst("int8", n), worst("uint8", n)]);
    await expectEqual(trials, DUAL_KERNELS, "native:gcc:O1:sanitize");
  });

  it.each([false, true])("leave no rest out, ReLU %s", LIMITS, async (relu) => {
    await expectEqual(odd(relu), DUAL_KERNELS, "native:gcc:O1:sanitize");
  });
});

describeWith(["gcc"], "dual rows of inputs that stay where they are, under sanitizers", () => {
  it("stay exact at their bounds, and leave no rest out", LIMITS, async () => {
    await expectEqual(vectors(true), [DUAL_DIRECT], "native:gcc:O1:sanitize");
  });
});

describeWith(["arm-gcc", "qemu-arm"], "dual rows on emulated cores", () => {
  it.each(["cortex-m4", "cortex-m7:O3", "cortex-m33:O0"])(
    "equal the simulator: %s",
    LIMITS,
    async (id) => {
      await expectEqual([worst("int8", 333), worst("uint8", 333), ...odd(false)], DUAL_KERNELS, id);
    },
  );

  it.each(["cortex-m4", "cortex-m7:O3", "cortex-m33:O0"])(
    "equal it with inputs that stay where they are: %s",
    LIMITS,
    async (id) => {
      await expectEqual(vectors(false), [DUAL_DIRECT], id);
    },
  );
});
