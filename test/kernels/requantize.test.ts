import { describe, expect, it } from "vitest";
import { requantizeCode } from "../../src/kernels/requantize.js";
import type { FixedPoint } from "../../src/network/types.js";

function fixed(changes: Partial<FixedPoint>): FixedPoint {
  return {
    kind: "fixed-point",
    multipliers: [Float64Array.of(3)],
    offsets: Float64Array.of(1),
    shift: 4,
    tieBand: 0,
    low: Float64Array.of(-128),
    high: Float64Array.of(127),
    base: 0,
    step: 1,
    bits: 31,
    exactness: { kind: "exact" },
    ...changes,
  };
}

const kernelOf = (rule: FixedPoint) => requantizeCode(rule, "int32", 4).uses[0]?.file;

describe("the arithmetic of a requantisation", () => {
  it("is 32-bit while every number fits, bounds that it is compared with included", () => {
    expect(kernelOf(fixed({}))).toBe("fixed32");
    expect(kernelOf(fixed({ bits: 32 }))).toBe("fixed64");
    expect(kernelOf(fixed({ low: Float64Array.of(-(2 ** 31)) }))).toBe("fixed64");
    expect(kernelOf(fixed({ high: Float64Array.of(0, 2 ** 30) }))).toBe("fixed64");
    expect(kernelOf(fixed({ high: Float64Array.of(2 ** 30 - 1) }))).toBe("fixed32");
  });

  it("is 64-bit for sums of two operands", () => {
    const multipliers = [Float64Array.of(3), Float64Array.of(5)];
    expect(kernelOf(fixed({ multipliers }))).toBe("sum_fixed64");
  });

  it("lists both bounds for every channel where one of them differs", () => {
    const { tables, structs } = requantizeCode(fixed({ low: Float64Array.of(-1, 0) }), "int8", 2);
    const values = (suffix: string) =>
      Array.from(tables.find((t) => t.suffix === suffix)?.values ?? []);
    expect(values("low")).toEqual([-1, 0]);
    expect(values("high")).toEqual([127, 127]);
    expect(structs[0]?.fields).toMatchObject({ bound_stride: 1 });
  });

  it("has no empty table where nothing is left to count", () => {
    const { tables } = requantizeCode(
      {
        kind: "thresholds",
        count: 0,
        thresholds: new Int32Array(),
        base: 3,
        step: 1,
        exactness: { kind: "exact" },
      },
      "int8",
      2,
    );
    expect(tables.map((t) => t.values.length)).toEqual([1]);
  });
});
