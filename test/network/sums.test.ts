import { describe, expect, it } from "vitest";
import type { Quantizer } from "../../src/graph/types.js";
import type { SumRule } from "../../src/network/lines.js";
import { add, fromInteger, fromNumber, multiply, toNumber } from "../../src/network/rational.js";
import { encodeScores } from "../../src/network/scores.js";
import { levelOf, levelsOf } from "../../src/network/steps.js";
import { encodeSum } from "../../src/network/sums.js";
import type { Range } from "../../src/network/types.js";
import { requantizer } from "../../src/simulate/requantizer.js";
import { seeded } from "../support/random.js";

function rule(a: number, b: number, bias: number, low?: number): SumRule {
  return {
    scales: [fromNumber(a), fromNumber(b)],
    bias: fromNumber(bias),
    low: low === undefined ? null : fromNumber(low),
    high: null,
  };
}

function uniform(scale: number, zero: number, min: number, max: number): Quantizer {
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

/** The level of a pair by the definition: one operand at a time becomes part of the bias. */
function expectedOutput(sum: SumRule, quantizer: Quantizer, x: number, y: number): number {
  const [a, b] = sum.scales;
  if (a === undefined || b === undefined) throw new Error("two operands");
  const levels = levelsOf(quantizer, 0);
  const bias = add(sum.bias, multiply(b, fromInteger(y)));
  return levels.base + levels.step * levelOf({ ...sum, scale: a, bias }, levels, x);
}

function check(sums: readonly SumRule[], quantizer: Quantizer, operands: readonly [Range, Range]) {
  const fixed = encodeSum(sums, [operands], [levelsOf(quantizer, 0)]);
  const run = requantizer(fixed);
  sums.forEach((sum, c) => {
    for (let x = operands[0].low; x <= operands[0].high; x++) {
      for (let y = operands[1].low; y <= operands[1].high; y++) {
        const expected = expectedOutput(sum, quantizer, x, y);
        const actual = run(x, c, y);
        if (actual !== expected) throw new Error(`(${x}, ${y}): ${actual}, not ${expected}`);
      }
    }
  });
  return fixed;
}

const BYTE: Range = { low: -60, high: 67 };

describe("quantised sums of two tensors", () => {
  it("are exact for unrelated scales", () => {
    const random = seeded(3);
    for (let trial = 0; trial < 5; trial++) {
      const sum = rule(0.01 + random.next() * 0.02, 0.01 + random.next() * 0.02, random.next());
      const fixed = check([sum], uniform(0.05, random.integer(-9, 9), -128, 127), [BYTE, BYTE]);
      expect(fixed.exactness).toEqual({ kind: "exact" });
    }
  });

  it("send ties to even where scales are powers of two", () => {
    const fixed = check([rule(0.25, 0.5, 0)], uniform(1, 0, -128, 127), [BYTE, BYTE]);
    expect(fixed.exactness).toEqual({ kind: "exact" });
    expect(fixed.tieBand).toBeGreaterThan(0);
    check([rule(0.5, -0.75, 0.25)], uniform(1, 3, 0, 255), [BYTE, BYTE]);
  });

  it("send ties to even where a scale is a third of the other", () => {
    const third: SumRule = {
      ...rule(1, 1, 0),
      scales: [
        { num: 1n, den: 6n },
        { num: 1n, den: 2n },
      ],
    };
    const fixed = check([third], uniform(1, 0, -128, 127), [BYTE, BYTE]);
    expect(fixed.exactness).toEqual({ kind: "exact" });
  });

  it("hold for several channels and a clamp", () => {
    const sums = [rule(0.013, 0.02, 0.1, 0), rule(0.007, 0.02, -0.2, 0)];
    check(sums, uniform(0.03, 0, 0, 255), [
      { low: -200, high: 200 },
      { low: 0, high: 63 },
    ]);
  });

  it("can be binarised", () => {
    check([rule(0.5, -0.25, 0)], { kind: "bipolar" }, [BYTE, BYTE]);
  });
});

describe("scores", () => {
  it("are real outputs on one scale, finer than float32", () => {
    const random = seeded(5);
    const sums = Array.from(
      { length: 6 },
      (): SumRule => ({
        scales: [fromNumber(0.001 + random.next() * 0.01)],
        bias: fromNumber(random.next() * 2 - 1),
        low: null,
        high: null,
      }),
    );
    const range = { low: -3000, high: 3000 };
    const { requantization, fractionBits } = encodeScores(sums, [[range]]);
    const run = requantizer(requantization);
    if (requantization.exactness.kind !== "rounded") throw new Error("scores are rounded");
    const { bound } = requantization.exactness;
    sums.forEach((sum, c) => {
      const [scale] = sum.scales;
      for (let x = range.low; x <= range.high; x += 7) {
        const exact = toNumber(scale ?? fromNumber(0)) * x + toNumber(sum.bias);
        const score = run(x, c);
        expect(Math.abs(score)).toBeLessThan(2 ** 31);
        expect(Math.abs(score - exact * 2 ** fractionBits)).toBeLessThanOrEqual(bound + 1e-3);
      }
    });
    expect(2 ** -fractionBits).toBeLessThan(1e-7);
  });

  it("have multipliers of 32 bits where the operand takes few values", () => {
    const sum: SumRule = { scales: [fromNumber(1)], bias: fromNumber(0), low: null, high: null };
    const { requantization, fractionBits } = encodeScores([sum], [[{ low: -1, high: 0 }]]);
    expect(Math.abs(requantization.multipliers[0]?.[0] ?? 0)).toBeLessThan(2 ** 31);
    expect(Math.abs(requantizer(requantization)(-1, 0) + 2 ** fractionBits)).toBeLessThanOrEqual(1);
  });

  it("hold where a clamp leaves little of a large sum", () => {
    const sum: SumRule = {
      scales: [fromNumber(1000)],
      bias: fromNumber(0),
      low: fromNumber(0),
      high: fromNumber(0.75),
    };
    const { requantization, fractionBits } = encodeScores(
      [sum],
      [[{ low: -(2 ** 29), high: 2 ** 29 }]],
    );
    const run = requantizer(requantization);
    const unit = 2 ** fractionBits;
    for (const [x, expected] of [
      [-(2 ** 29), 0],
      [0, 0],
      [1, 0.75],
      [2 ** 29, 0.75],
    ] as const) {
      expect(Math.abs(run(x, 0) - expected * unit)).toBeLessThanOrEqual(1);
    }
    expect(requantization.bits).toBeLessThanOrEqual(54);
  });

  it("have proven bounds also where a clamp leaves one value", () => {
    const sum: SumRule = {
      scales: [fromNumber(1)],
      bias: fromNumber(-9),
      low: fromNumber(0),
      high: null,
    };
    const { requantization, range } = encodeScores([sum], [[{ low: 0, high: 5 }]]);
    const score = requantizer(requantization)(5, 0);
    expect(score).toBe(0);
    expect(range.low).toBeLessThanOrEqual(score);
    expect(range.high).toBeGreaterThanOrEqual(score);
  });
});
