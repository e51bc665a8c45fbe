import { describe, expect, it } from "vitest";
import { chunkBlocks, LANE_KERNELS } from "../../src/kernels/lanes.js";
import { type LaneKind, lanesPacking } from "../../src/kernels/lanes-packing.js";
import type { Layer, Range, Tensor, Weights } from "../../src/network/types.js";
import { type ConvShape, ModelBuilder } from "../bench/draw.js";
import { networkOf } from "../fuzz/fit.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import { type Case, caseOf, expectEqual } from "./dsp.js";

const BYTES: Range = { low: -128, high: 127 };
const KINDS: readonly LaneKind[] = ["int4", "int8"];
const LOWEST: Readonly<Record<LaneKind, number>> = { int4: -8, int8: -128 };

function rows(
  kind: LaneKind,
  outputs: number,
  perOutput: number,
  value: (i: number) => number,
): Weights {
  const values = Int8Array.from({ length: outputs * perOutput }, (_, i) => value(i));
  return { kind, outputs, perOutput, values };
}

describe.each(KINDS)("lanes of weights, %s", (kind) => {
  it.each([
    [1, 1],
    [2, 4],
    [3, 5],
    [4, 9],
    [7, 12],
    [10, 27],
  ])("unpack as they were packed, %d rows of %d", (outputs, perOutput) => {
    const random = seeded(outputs * perOutput);
    const low = LOWEST[kind];
    const weights = rows(kind, outputs, perOutput, () => random.integer(low, -low - 1));
    const bytes = lanesPacking(kind).pack(weights);
    expect(lanesPacking(kind).unpack(bytes, outputs, perOutput)).toEqual(weights.values);
  });
});

describe("chunks of second rows", () => {
  // Products reach 128 * 128, and 24 bits hold 511 of them; blocks are four columns.
  it("are whole where no sum can leave 24 bits, and halves beyond", () => {
    const second = (n: number) => rows("int8", 2, n, (i) => (i < n ? 0 : -128));
    expect(chunkBlocks(second(511), BYTES)).toBe(128);
    expect(chunkBlocks(second(512), BYTES)).toBe(64);
    expect(
      chunkBlocks(
        rows("int8", 2, 4096, (i) => (i < 4096 ? -128 : 0)),
        BYTES,
      ),
    ).toBe(1024);
  });
});

/** A dense layer, or two positions of one, whose rows reach the bounds of a chunk. */
function worst(kind: LaneKind, type: "int8" | "uint8", perOutput: number, positions: number): Case {
  const [low, high] = type === "int8" ? [-128, 127] : [0, 255];
  const lowest = LOWEST[kind];
  const ends = [lowest, lowest, -lowest - 1, -lowest - 1, 0, lowest, -lowest - 1];
  const values = ends.flatMap((value) => new Array<number>(perOutput).fill(value));
  const outputs = ends.length;
  const bound = 255 * -lowest * perOutput;
  const input = { height: 1, width: positions, channels: perOutput, type } as const;
  const range = { low: -bound, high: bound };
  const output: Tensor = { height: 1, width: positions, channels: outputs, type: "int32", range };
  const layer = {
    ...{ kind: "dense", name: "fc", origins: [], input: 0, output: 1, zero: 0, positions },
    weights: { kind, outputs, perOutput, values: Int8Array.from(values) },
    accumulators: new Array(outputs).fill(range),
    requantization: { kind: "none" },
  } as const satisfies Layer;
  return caseOf(networkOf([{ ...input, range: { low, high } }, output], [layer]), perOutput);
}

/** Convolutions and products that leave a rest wherever there can be one. */
function odd(kind: LaneKind, relu: boolean): Case[] {
  const draw = { zeros: 0, relu, weights: kind };
  const shapes: readonly [channels: number, size: number, ConvShape][] = [
    [1, 9, { outputs: 3, kernel: [3, 3], pads: [1, 1, 1, 1] }],
    [3, 7, { outputs: 10, kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] }],
    [8, 5, { outputs: 5, kernel: [3, 3], pads: [1, 1, 1, 1] }],
    [12, 5, { outputs: 9, kernel: [3, 1], strides: [1, 2] }],
    [5, 4, { outputs: 7 }],
    [16, 3, { outputs: 2 }],
    [20, 4, { outputs: 4, strides: [2, 2] }],
    [6, 9, { outputs: 4, kernel: [3, 3], dilations: [2, 3], pads: [2, 3, 2, 3] }],
  ];
  const networks = shapes.map(([channels, size, shape]) => {
    const model = new ModelBuilder([channels, size, size + 1], draw);
    model.conv("conv", model.input(relu), shape);
    return model.build();
  });
  for (const [inputs, outputs] of [
    [3, 1],
    [13, 2],
    [40, 7],
    [300, 20],
  ] as const) {
    const model = new ModelBuilder([inputs], draw);
    model.dense("dense", model.input(relu), outputs);
    networks.push(model.build());
  }
  return networks.map((network, i) => caseOf(network, i + 1));
}

function bounds(kind: LaneKind): Case[] {
  return [4, 511, 512, 1030].flatMap((n) => [
    worst(kind, "int8", n, 1),
    worst(kind, "uint8", n, 1),
    worst(kind, "int8", n, 3),
  ]);
}

const LIMITS = { timeout: 120_000 };

describeWith(["gcc"], "lanes of weights under sanitizers", () => {
  it.each(KINDS)("stay exact at their bounds, %s", LIMITS, async (kind) => {
    await expectEqual(bounds(kind), LANE_KERNELS, "native:gcc:O1:sanitize");
  });

  it.each(KINDS)("leave no rest out, %s", LIMITS, async (kind) => {
    const cases = [...odd(kind, false), ...odd(kind, true)];
    await expectEqual(cases, LANE_KERNELS, "native:gcc:O1:sanitize");
  });
});

describeWith(["arm-gcc", "qemu-arm"], "lanes of weights on emulated cores", () => {
  it.each(["cortex-m4:O3", "cortex-m33:Os"])("equal the simulator: %s", LIMITS, async (id) => {
    const cases = KINDS.flatMap((kind) => [worst(kind, "int8", 512, 2), ...odd(kind, false)]);
    await expectEqual(cases, LANE_KERNELS, id);
  });
});
