import { describe, expect, it } from "vitest";
import { toNumber } from "../../src/network/rational.js";
import { type FoundWeights, findWeights } from "../../src/network/weights.js";

function found(rows: readonly (readonly number[])[]): FoundWeights {
  const shape = [rows.length, rows[0]?.length ?? 0];
  const result = findWeights({ shape, data: Float32Array.from(rows.flat()) });
  if (!("weights" in result)) throw new Error("not on a grid");
  return result;
}

describe("finding the trits", () => {
  it("reads one scale for each output channel", () => {
    const { weights, scales, deviation } = found([
      [0.5, -0.5, 0, 0.5],
      [-0.0371, 0, 0.0371, 0],
    ]);
    expect(weights.kind).toBe("ternary");
    expect([...weights.values]).toEqual([1, -1, 0, 1, -1, 0, 1, 0]);
    expect(scales.map(toNumber)).toEqual([0.5, Math.fround(0.0371)]);
    expect(deviation).toBe(0);
  });

  it("takes -0.0 for zero, and a channel of zeros for trits", () => {
    const { weights } = found([
      [-0, 0.25, -0.25],
      [0, -0, 0],
    ]);
    expect(weights.kind).toBe("ternary");
    expect([...weights.values].map((w) => w + 0)).toEqual([0, 1, -1, 0, 0, 0]);
  });

  it("calls a layer binary only if no channel holds a zero", () => {
    expect(
      found([
        [1, -1],
        [2, -2],
      ]).weights.kind,
    ).toBe("binary");
    expect(
      found([
        [1, -1],
        [0, -2],
      ]).weights.kind,
    ).toBe("ternary");
  });

  it("a two-valued channel {0, s} is ternary", () => {
    expect([...found([[0, 0.3, 0.3, 0]]).weights.values]).toEqual([0, 1, 1, 0]);
  });

  it("forgives the noise of folding BatchNorm, and says how much there was", () => {
    const s = 0.123;
    const { weights, deviation, scales } = found([[s, -s * (1 + 2e-7), s * (1 - 3e-7), 0]]);
    expect([...weights.values]).toEqual([1, -1, 1, 0]);
    expect(deviation).toBeGreaterThan(0);
    expect(deviation).toBeLessThan(1e-6);
    expect(toNumber(scales[0] ?? { num: 0n, den: 1n })).toBeCloseTo(s, 6);
  });

  it("reads 4-bit and 8-bit weights as what they are", () => {
    const four = found([[7, -8, 3, 1, 0].map((q) => q * 0.0173)]);
    expect(four.weights.kind).toBe("int4");
    expect([...four.weights.values]).toEqual([7, -8, 3, 1, 0]);
    const eight = found([[127, -128, 64, -3].map((q) => q * 0.011)]);
    expect(eight.weights.kind).toBe("int8");
    expect([...eight.weights.values]).toEqual([127, -128, 64, -3]);
  });

  it("prefers the file's own integers, and still sees trits stored as multiples", () => {
    const integers = Int32Array.of(5, 0, -5, 5);
    const scales = Float32Array.of(0.1);
    const data = Float32Array.from(integers, (q) => Math.fround(q * Math.fround(0.1)));
    const result = findWeights({ shape: [2, 2], data, grid: { integers, scales, axis: null } });
    if (!("weights" in result)) throw new Error("not on a grid");
    expect([...result.weights.values]).toEqual([1, 0, -1, 1]);
    expect(toNumber(result.scales[0] ?? { num: 0n, den: 1n })).toBe(5 * Math.fround(0.1));
  });

  it("keeps a scale along the output axis apart from one along the inputs", () => {
    const integers = Int32Array.of(1, -1, 1, 1);
    const grid = { integers, scales: Float32Array.of(0.5, 2) };
    const data = Float32Array.of(0.5, -0.5, 2, 2);
    const rows = findWeights({ shape: [2, 2], data, grid: { ...grid, axis: 0 } });
    if (!("weights" in rows)) throw new Error("not on a grid");
    expect(rows.scales.map(toNumber)).toEqual([0.5, 2]);
    const mixed = Float32Array.of(0.5, -2, 0.5, 2);
    const columns = findWeights({ shape: [2, 2], data: mixed, grid: { ...grid, axis: 1 } });
    if (!("weights" in columns)) throw new Error("not on a grid");
    // Scales 0.5 and 2 within a row: an integer grid again, but no longer a binary one.
    expect([...columns.weights.values]).toEqual([1, -4, 1, 4]);
  });

  it("says in numbers why float weights are none of these", () => {
    const row = Array.from({ length: 40 }, (_, i) => Math.sin(i + 1));
    const result = findWeights({ shape: [1, 40], data: Float32Array.from(row) });
    expect(result).toMatchObject({ channel: 0, magnitudes: 40 });
    if ("weights" in result) throw new Error("found a grid");
    expect(result.ternaryError).toBeGreaterThan(0.1);
  });
});
