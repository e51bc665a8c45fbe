import { describe, expect, it } from "vitest";
import type { Window } from "../../src/graph/types.js";
import { BASE3, BASE3_PACKING } from "../../src/kernels/base3.js";
import { plan } from "../../src/plan/index.js";
import { findTarget } from "../../src/targets/index.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import {
  type Case,
  differingNatively,
  drawnWeights,
  extremeInputs,
  oneLayer,
  worstInputs,
} from "./forced.js";

const INT8 = { low: -128, high: 127 };

function dense(outputs: number, inputs: number) {
  const weights = drawnWeights(seeded(inputs), outputs, inputs);
  return oneLayer({
    ...{ type: "int8", range: INT8, height: 1, width: 1, channels: inputs, weights, zero: 3 },
  });
}

describe("five trits a byte", () => {
  it("unpack as they were packed: all of them, and rows of any length", () => {
    const values = Int8Array.from({ length: 243 * 5 }, (_, i) => {
      const number = Math.floor(i / 5);
      return (Math.floor(number / 3 ** (i % 5)) % 3) - 1;
    });
    const all = { kind: "ternary", outputs: 243, perOutput: 5, values } as const;
    expect(BASE3_PACKING.unpack(BASE3_PACKING.pack(all), 243, 5)).toEqual(values);
    for (const perOutput of [1, 4, 6, 11, 50]) {
      const weights = drawnWeights(seeded(perOutput), 3, perOutput);
      const bytes = BASE3_PACKING.pack(weights);
      expect(bytes.length).toBe(3 * Math.ceil(perOutput / 5));
      expect(BASE3_PACKING.unpack(bytes, 3, perOutput)).toEqual(weights.values);
    }
  });

  it("are for the least flash alone", () => {
    const kernels = (optimize: "size" | "smallest") =>
      plan(dense(20, 100), findTarget("cortex-m0plus"), { optimize }).layers.map((l) => l.kernel);
    expect(kernels("smallest")).toEqual([BASE3]);
    expect(kernels("size")).not.toEqual([BASE3]);
  });
});

describeWith(["cc"], "five trits a byte, natively", () => {
  it("give the simulator's products", async () => {
    const window: Window = {
      kernel: [3, 3],
      strides: [2, 1],
      dilations: [1, 1],
      pads: { top: 1, left: 1, bottom: 1, right: 2 },
    };
    const conv = oneLayer({
      ...{ type: "uint8", range: { low: 0, high: 255 }, height: 5, width: 4, channels: 4 },
      ...{ zero: 7, groups: 2, weights: drawnWeights(seeded(3), 6, 18), window },
    });
    const networks = [dense(7, 1), dense(3, 64), dense(2, 1000), conv];
    const cases = networks.map((network, i): [string, Case] => [
      `case ${i}`,
      { network, kernel: BASE3, inputs: extremeInputs(network, seeded(i)) },
    ]);
    const worst = dense(1, 333);
    cases.push(["worst", { network: worst, kernel: BASE3, inputs: worstInputs(worst, 0) }]);
    expect(await differingNatively(new Map(cases))).toEqual([]);
  }, 60_000);
});
