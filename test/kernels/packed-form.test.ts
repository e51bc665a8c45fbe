import { describe, expect, it } from "vitest";
import type { LayerShape } from "../../src/kernels/index.js";
import { packedConstants } from "../../src/kernels/packed-form.js";
import type { FixedPoint, Range } from "../../src/network/types.js";
import { requantizer } from "../../src/simulate/requantizer.js";
import { seeded } from "../support/random.js";
import { describeWith } from "../verify/toolchains.js";
import {
  type Case,
  differenceOn,
  differingNatively,
  drawnWeights,
  extremeInputs,
  kernelNamed,
  oneLayer,
} from "./forced.js";

/** Constants as lowering makes them, with so many bits for parts of an accumulator's step. */
function drawnRule(seed: number, channels: number, reach: number, bits: number): FixedPoint {
  const random = seeded(seed);
  const shift = Math.ceil(Math.log2(reach)) + bits;
  const unit = 2 ** shift;
  const drawn = (low: number, high: number) =>
    Float64Array.from({ length: channels }, () =>
      Math.round(unit * (low + (high - low) * random.next())),
    );
  return {
    kind: "fixed-point",
    multipliers: [drawn(40 / reach, 300 / reach)],
    offsets: drawn(-30, 30),
    ...{ shift, tieBand: 0, base: 0, step: 1, bits: 32 },
    low: Float64Array.of(-128),
    high: Float64Array.of(127),
    exactness: { kind: "exact" },
  };
}

const within = (reach: number): readonly Range[] => [{ low: -reach, high: reach }];

/** The rule with the constants that the tables hold, and the bytes of these. */
function unpacked(rule: FixedPoint, ranges: readonly Range[]) {
  const packed = packedConstants(rule, ranges);
  if (packed === null) return null;
  const tables = [...packed.multiplier.tables, ...packed.offset.tables];
  const bytes = tables.reduce((sum, t) => sum + t.length * (t.type === "uint16_t" ? 2 : 4), 0);
  return { rule: packed.rule, forms: tables.map((t) => t.suffix).join(), bytes };
}

function differences(a: FixedPoint, b: FixedPoint, ranges: readonly Range[]): number {
  const [before, after] = [requantizer(a), requantizer(b)];
  let count = 0;
  for (let c = 0; c < a.offsets.length; c++) {
    const { low, high } = ranges[c] ?? ranges[0] ?? { low: 0, high: 0 };
    for (let acc = low; acc <= high; acc++) if (before(acc, c) !== after(acc, c)) count++;
  }
  return count;
}

describe("constants of channels in less flash", () => {
  it.each([
    ["a word for both", 600, 3, 8, "constants", 32],
    ["six bytes", 5000, 9, 64, "multiplier,offset", 384],
  ])(
    "give the same outputs for every accumulator: %s",
    (_, reach, more, channels, forms, bytes) => {
      for (let seed = 1; seed <= 5; seed++) {
        const rule = drawnRule(seed, channels, reach, more);
        const found = unpacked(rule, within(reach));
        if (found === null) throw new Error(`nothing found for seed ${seed}`);
        expect([found.forms, found.bytes]).toEqual([forms, bytes]);
        expect(differences(rule, found.rule, within(reach))).toBe(0);
      }
    },
  );

  it("hold where ties go down, where ranges differ, and where channels are constant", () => {
    const rule = { ...drawnRule(3, 4, 500, 3), tieBand: 4 };
    rule.multipliers[0]?.fill(0, 2, 3);
    const ranges = [
      { low: -500, high: 500 },
      { low: 0, high: 20 },
      { low: -500, high: 500 },
      { low: 7, high: 7 },
    ];
    const found = unpacked(rule, ranges);
    if (found === null) throw new Error("nothing found");
    expect(found.rule.tieBand).toBe(0);
    expect(differences(rule, found.rule, ranges)).toBe(0);
  });

  it("are not looked for where outputs are scores of many levels", () => {
    const rule = drawnRule(1, 8, 600, 3);
    const wide = { ...rule, low: Float64Array.of(-(2 ** 31)), high: Float64Array.of(2 ** 31 - 1) };
    expect(packedConstants(wide, [{ low: -(2 ** 30), high: 2 ** 30 }])).toBeNull();
  });

  it("are not looked for where channels agree, nor where outputs fall", () => {
    const rule = drawnRule(1, 8, 600, 3);
    const same = { ...rule, multipliers: [Float64Array.of(100)] };
    expect(packedConstants(same, within(600))).toBeNull();
    const falling = { ...rule, multipliers: [rule.multipliers[0]?.map((m) => -m) ?? rule.low] };
    expect(packedConstants(falling, within(600))).toBeNull();
  });
});

const INT8 = { low: -128, high: 127 };

/** A dense layer whose constants are packed; inputs reach the ends of every accumulator's range. */
function packedLayer(name: string, outputs: number, inputs: number): Case {
  const weights = drawnWeights(seeded(inputs), outputs, inputs);
  const requantization = drawnRule(inputs, outputs, 128 * inputs, inputs > 100 ? 8 : 3);
  const network = oneLayer({
    ...{ type: "int8", range: INT8, height: 1, width: 1, channels: inputs, weights, zero: 3 },
    ...{ requantization, output: "int8" },
  });
  const kernel = kernelNamed(name);
  const packed = (shape: LayerShape): LayerShape => ({ ...shape, constants: "packed" });
  return {
    network,
    inputs: extremeInputs(network, seeded(inputs), 20),
    kernel: {
      ...kernel,
      cost: (shape, target) => kernel.cost(packed(shape), target),
      code: (shape, target) => kernel.code(packed(shape), target),
    },
  };
}

describeWith(["cc"], "packed constants in C, natively", () => {
  it("give the simulator's outputs", async () => {
    const cases = {
      "a word for both": packedLayer("rows-ternary", 6, 5),
      "six bytes": packedLayer("rows-ternary", 40, 150),
    };
    expect(await differingNatively(new Map(Object.entries(cases)))).toEqual([]);
  }, 60_000);
});

describeWith(["arm-gcc", "qemu-arm"], "packed constants in Helium's vectors", () => {
  it.each([5, 150])(
    "give the simulator's outputs, %d inputs",
    async (inputs) => {
      const each = packedLayer("telescoped", 40, inputs);
      expect(await differenceOn("cortex-m55:O2", each)).toBeNull();
    },
    60_000,
  );
});
