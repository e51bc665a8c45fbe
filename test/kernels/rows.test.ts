import { describe, expect, it } from "vitest";
import type { LayerShape } from "../../src/kernels/index.js";
import { ROWS_KERNELS } from "../../src/kernels/rows.js";
import type { Tensor, WeightKind } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";

const tensor = (channels: number): Tensor => ({
  height: 1,
  width: 1,
  channels,
  type: "int8",
  range: { low: -128, high: 127 },
});

function dense(kind: WeightKind, perOutput: number): LayerShape {
  return {
    layer: {
      kind: "dense",
      name: "fc",
      origins: [],
      input: 0,
      output: 1,
      zero: 0,
      weights: { kind, outputs: 1, perOutput, values: new Int8Array(1) },
      positions: 1,
      accumulators: [{ low: 0, high: 0 }],
      requantization: { kind: "none" },
    },
    inputs: [tensor(perOutput)],
    output: tensor(1),
  };
}

const forLayer = (shape: LayerShape) => ROWS_KERNELS.filter((kernel) => kernel.isFor(shape));
const target = findTarget("cortex-m4");

describe("kernels for rows of weights", () => {
  it.each<WeightKind>(["ternary", "binary", "int4", "int8"])("are for one kind: %s", (kind) => {
    expect(forLayer(dense(kind, 8)).map(({ name }) => name)).toEqual([`rows-${kind}`]);
  });

  // Codes of a weight reach 2 (0, 1, 2 for -s, 0, s), those of the input 128: 2^31 / (2 * 2^7).
  it("refuse rows whose sums of codes could leave 32 bits, and none shorter", () => {
    const reasons = (perOutput: number) => {
      const shape = dense("ternary", perOutput);
      return forLayer(shape).map((kernel) => kernel.refuses(shape, target));
    };
    expect(reasons(2 ** 23 - 1)).toEqual([null]);
    expect(reasons(2 ** 23)).toEqual([expect.stringContaining("32 bits")]);
  });
});
