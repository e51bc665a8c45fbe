import { describe, expect, it } from "vitest";
import { HELIUM_KERNELS } from "../../src/kernels/helium/index.js";
import { TELESCOPED } from "../../src/kernels/helium/packing.js";
import { telescoped } from "../../src/kernels/helium/telescoped.js";
import { type LayerShape, shapeOf } from "../../src/kernels/index.js";
import type { Network, Weights } from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { seededInputs } from "../../src/verify/subject.js";
import { drawNetwork } from "../fuzz/draw.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import { extremeInputs, oneLayer } from "./forced.js";
import { expectEqual } from "./helium-runs.js";

const M55 = findTarget("cortex-m55");
/** Networks with layers for these kernels. */
const SEEDS = [24, 63, 92, 207, 250, 324, 363];

describe("telescoped packing", () => {
  it.each([
    [1, 1],
    [3, 16],
    [4, 17],
    [10, 27],
    [64, 64],
  ])("unpacks what it packed, %d rows of %d", (outputs, perOutput) => {
    const random = seeded(outputs * perOutput);
    const values = Int8Array.from({ length: outputs * perOutput }, () => random.integer(-1, 1));
    const bytes = TELESCOPED.pack({ kind: "ternary", outputs, perOutput, values });
    expect(TELESCOPED.unpack(bytes, outputs, perOutput)).toEqual(values);
    expect(bytes.length).toBe(Math.ceil(outputs / 4) * Math.ceil(perOutput / 16) * 16);
  });
});

describe("telescoped rows", () => {
  it("are for Helium", () => {
    expect(telescoped.refuses(shape(dense(4, 8)), findTarget("cortex-m4"))).toContain("Helium");
    expect(telescoped.refuses(shape(dense(4, 8)), M55)).toBeNull();
  });

  it("take bytes", () => {
    expect(telescoped.refuses(shape(dense(4, 8, { type: "int16" })), M55)).toContain("int16");
  });

  // A sum of bytes reaches 85 * 128 for each input, and twice that before its rows are told apart.
  it("refuse rows whose sums could leave 32 bits, and none shorter", () => {
    const longest = Math.ceil(2 ** 31 / (2 * 85 * 128)) - 1;
    expect(telescoped.refuses(shape(dense(1, longest)), M55)).toBeNull();
    expect(telescoped.refuses(shape(dense(1, longest + 1)), M55)).toContain("32 bits");
  });
});

/** A layer whose rows are all of one sign, so that its bytes are 85 or -85. */
function dense(
  outputs: number,
  perOutput: number,
  { type = "int8", sign = 1 }: { type?: "int8" | "uint8" | "int16"; sign?: number } = {},
): Network {
  const range = type === "uint8" ? { low: 0, high: 255 } : { low: -128, high: 127 };
  const values = new Int8Array(outputs * perOutput).fill(sign);
  const weights: Weights = { kind: "ternary", outputs, perOutput, values };
  return oneLayer({ type, range, height: 1, width: 1, channels: perOutput, weights });
}

function shape(network: Network): LayerShape {
  const [layer] = network.layers;
  if (layer === undefined) throw new Error("no layer");
  return shapeOf(layer, network);
}

const RUNS = [
  { name: "natively", tools: ["cc"], run: findTarget("native") },
  { name: "on an emulated core", tools: ["arm-gcc", "qemu-arm"], run: M55 },
] as const;

describe.each(RUNS)("$name", ({ tools, run }) => {
  describeWith([...tools], "telescoped rows", () => {
    it.each(["int8", "uint8"] as const)("add %s up at their ends", async (type) => {
      const network = dense(6, 1000, { type, sign: type === "int8" ? 1 : -1 });
      const inputs = extremeInputs(network, seeded(1), 1);
      await expectEqual(network, inputs, HELIUM_KERNELS, { planned: M55, run });
    });

    it.each(SEEDS)("compute the random network %d", async (seed) => {
      const network = drawNetwork(seed);
      const inputs = seededInputs(network, 1, 5);
      await expectEqual(network, inputs, HELIUM_KERNELS, { planned: M55, run });
    });
  });
});
