import { describe, expect, it } from "vitest";
import type { Quantizer, Rounding } from "../../src/graph/types.js";
import { fromNumber } from "../../src/network/rational.js";
import { encodeSteps } from "../../src/network/requantize.js";
import { type ClampedAffine, levelOf, levelsOf, stepFunction } from "../../src/network/steps.js";
import type { Range, Requantization } from "../../src/network/types.js";
import { requantizer } from "../../src/simulate/requantizer.js";
import { seeded } from "../support/random.js";

type Uniform = Quantizer & { kind: "uniform" };

function uniform(scale: number, zero: number, min: number, max: number): Uniform {
  return {
    kind: "uniform",
    scale: Float32Array.of(scale),
    zero: Float32Array.of(zero),
    zeroAdded: "after-rounding",
    axis: null,
    min,
    max,
    rounding: "half-even",
  };
}

function affine(scale: number, bias: number, low?: number, high?: number): ClampedAffine {
  return {
    scale: fromNumber(scale),
    bias: fromNumber(bias),
    low: low === undefined ? null : fromNumber(low),
    high: high === undefined ? null : fromNumber(high),
  };
}

/** Encodes the channels together and compares every reachable accumulator with the definition. */
function encodeAndCheck(
  channels: readonly ClampedAffine[],
  quantizer: Quantizer,
  range: Range,
): Requantization {
  const levels = levelsOf(quantizer, 0);
  const steps = channels.map((c) => stepFunction(c, levels, range));
  const rule = encodeSteps(steps, { ...levels, levels: levels.max - levels.min + 1 });
  if (rule === null) throw new Error("no requantisation");
  const run = requantizer(rule);
  channels.forEach((channel, c) => {
    for (let x = range.low; x <= range.high; x++) {
      const expected = levels.base + levels.step * levelOf(channel, levels, x);
      const actual = run(x, c);
      if (actual !== expected) {
        throw new Error(`channel ${c}, accumulator ${x}: ${actual} instead of ${expected}`);
      }
    }
  });
  return rule;
}

describe("levels follow the file's operators", () => {
  const level = (quantizer: Quantizer, value: number): number => {
    const levels = levelsOf(quantizer, 0);
    return levels.base + levels.step * levelOf(affine(1, value), levels, 0);
  };

  it("rounds ties to even before an ONNX zero point is added", () => {
    const quantizer = uniform(1, 3, 0, 255);
    expect([0.5, 1.5, 2.5, -0.5, -1.5].map((v) => level(quantizer, v))).toEqual([3, 5, 5, 3, 1]);
  });

  it("rounds ties to even after a QONNX zero point is added", () => {
    const quantizer = { ...uniform(1, 3, 0, 255), zeroAdded: "before-rounding" as const };
    expect([0.5, 1.5, 2.5, -0.5, -1.5].map((v) => level(quantizer, v))).toEqual([4, 4, 6, 2, 2]);
  });

  it.each([
    ["floor", [1, -2]],
    ["ceil", [2, -1]],
    ["toward-zero", [1, -1]],
    ["half-even", [2, -2]],
  ] as const)("knows rounding mode %s", (rounding: Rounding, expected) => {
    const quantizer = { ...uniform(1, 0, -128, 127), rounding };
    expect([1.5, -1.5].map((v) => level(quantizer, v))).toEqual(expected);
    expect(level(quantizer, 4)).toBe(4);
    expect(level(quantizer, -4)).toBe(-4);
  });

  it("gives BipolarQuant +1 at zero, Sign 0", () => {
    expect([-1, -0, 0, 1].map((v) => level({ kind: "bipolar" }, v))).toEqual([-1, 1, 1, 1]);
    expect([-1, 0, 1].map((v) => level({ kind: "sign" }, v))).toEqual([-1, 0, 1]);
  });

  it("saturates", () => {
    expect([1e9, -1e9].map((v) => level(uniform(0.1, 0, -128, 127), v))).toEqual([127, -128]);
  });
});

describe("requantisation constants equal exact arithmetic on the whole range", () => {
  it("random channels, 8-bit output", () => {
    const random = seeded(1);
    for (let trial = 0; trial < 20; trial++) {
      const reach = random.integer(50, 6000);
      const channels = Array.from({ length: 4 }, () =>
        affine((random.next() - 0.5) * 0.01, random.next() * 4 - 2),
      );
      const rule = encodeAndCheck(channels, uniform(0.02, random.integer(-9, 9), -128, 127), {
        low: -reach,
        high: reach,
      });
      expect(rule.kind).toBe("fixed-point");
    }
  });

  it("uses few bits where few are enough", () => {
    const rule = encodeAndCheck([affine(0.003, 0.1, 0)], uniform(0.02, 0, 0, 255), {
      low: -2000,
      high: 2000,
    });
    if (rule.kind !== "fixed-point") throw new Error("not fixed-point");
    expect(rule.bits).toBeLessThanOrEqual(31);
  });

  it("ties of power-of-two scales go to even", () => {
    for (const scale of [0.5, 0.25, 0.75, 1.5, 2]) {
      encodeAndCheck([affine(scale, 0)], uniform(1, 0, -128, 127), { low: -600, high: 600 });
      encodeAndCheck([affine(-scale, 0.5)], uniform(1, 5, 0, 255), { low: -600, high: 600 });
    }
  });

  it("ties of averages over 36 elements go to even, though 1/36 is no binary fraction", () => {
    const channel: ClampedAffine = { ...affine(1, 0), scale: { num: 1n, den: 36n } };
    const rule = encodeAndCheck([channel], uniform(1, 0, 0, 255), { low: 0, high: 36 * 255 });
    if (rule.kind !== "fixed-point") throw new Error("not fixed-point");
    expect(rule.tieBand).toBeGreaterThan(0);
  });

  it("channels with and without ties share one shift and one band", () => {
    const random = seeded(7);
    for (let trial = 0; trial < 10; trial++) {
      const channels = [
        affine(0.5, 0),
        affine(random.next() * 0.3, random.next()),
        affine(0.25, 0.125),
        affine(-random.next(), 1),
      ];
      encodeAndCheck(channels, uniform(1, 3, 0, 255), { low: -900, high: 900 });
    }
  });

  it("odd levels that a channel never leaves, or begins at, are no ties", () => {
    const tied = affine(0.25, 0);
    for (const still of [affine(0, -7), affine(0, 1), affine(2 ** -8, 7), affine(-(2 ** -8), -7)]) {
      const quantizer = uniform(1, 20, 0, 63);
      const rule = encodeAndCheck([tied, still], quantizer, { low: -90, high: 90 });
      if (rule.kind !== "fixed-point") throw new Error("not fixed-point");
      expect(rule.tieBand).toBeGreaterThan(0);
    }
  });

  it("random channels of binary fractions, slow and fast, rising and falling", () => {
    const random = seeded(11);
    for (let trial = 0; trial < 300; trial++) {
      const channels = Array.from({ length: 3 }, () =>
        affine(random.integer(-5, 5) * 2 ** -random.integer(0, 7), random.integer(-64, 64) / 16),
      );
      const reach = random.integer(1, 200);
      const quantizer = uniform(2 ** random.integer(-3, 1), random.integer(-9, 9), -64, 63);
      encodeAndCheck(channels, quantizer, { low: -random.integer(0, reach), high: reach });
    }
  });

  it("clamps that differ from channel to channel", () => {
    const channels = [affine(0.1, 0, -3, 9), affine(0.1, 2, 1.5), affine(-0.2, 0, -100, 4)];
    encodeAndCheck(channels, uniform(0.25, 0, -128, 127), { low: -500, high: 500 });
  });

  it("constant channels, and channels that never leave the lowest level", () => {
    const channels = [affine(0, 0.7), affine(0.001, -50), affine(0.001, 50), affine(0, -9)];
    encodeAndCheck(channels, uniform(0.1, 0, 0, 255), { low: -100, high: 100 });
  });

  it("steep channels that skip levels", () => {
    encodeAndCheck([affine(37.3, 0.2), affine(5, 0)], uniform(1, 0, -128, 127), {
      low: -40,
      high: 40,
    });
  });

  it.each(["floor", "ceil", "toward-zero"] as const)("rounding mode %s", (rounding) => {
    const quantizer = { ...uniform(0.5, 0, -128, 127), rounding };
    encodeAndCheck([affine(0.13, 0.2), affine(0.25, 0)], quantizer, { low: -400, high: 400 });
  });

  it("few levels become thresholds", () => {
    const quantizer = uniform(1, 0, -1, 1);
    const rule = encodeAndCheck([affine(0.5, 0.1), affine(0.25, 0)], quantizer, {
      low: -30,
      high: 30,
    });
    expect(rule.kind).toBe("thresholds");
    encodeAndCheck([affine(0.5, 0.1)], { kind: "bipolar" }, { low: -30, high: 30 });
    encodeAndCheck([affine(0.5, -2)], { kind: "sign" }, { low: -30, high: 30 });
  });

  it("falling steps that are on no line become a table, or nothing where that is too long", () => {
    const quantizer = { ...uniform(1, 0, -8, 7), rounding: "toward-zero" as const };
    const channels = [affine(-0.5, 0.2), affine(0.3, 1)];
    const rule = encodeAndCheck(channels, quantizer, { low: -90, high: 70 });
    expect(rule.kind).toBe("table");
    const long: Range = { low: -900, high: 900 };
    const levels = levelsOf(quantizer, 0);
    const steps = channels.map((c) => stepFunction(c, levels, long));
    expect(encodeSteps(steps, { ...levels, levels: 16 })).toBeNull();
  });

  it("few levels that fall get fixed-point constants", () => {
    for (const quantizer of [
      uniform(1, 0, -1, 1),
      { kind: "bipolar" },
      { kind: "sign" },
    ] as const) {
      const rule = encodeAndCheck([affine(-0.5, 2), affine(0.25, 0)], quantizer, {
        low: -30,
        high: 30,
      });
      expect(rule.kind).toBe("fixed-point");
    }
  });
});
