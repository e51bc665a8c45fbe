import { describe, expect, it } from "vitest";
import { type RequantizeOptions, requantizeFunction } from "../../src/kernels/requantize.js";
import type { FixedPoint, Range } from "../../src/network/types.js";

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

const EIGHT_BITS: Range = { low: -128, high: 127 };

function made(rule: RequantizeOptions["rule"], changes: Partial<RequantizeOptions> = {}) {
  const operands = [[{ low: -100000, high: 100000 }]];
  const options = { rule, output: "int8" as const, operands, bias: null, longMultiply: true };
  return requantizeFunction({ ...options, ...changes });
}

const bodyOf = (...args: Parameters<typeof made>): string => made(...args).body.join("\n");

/** The largest accumulator whose product with 3 leaves room for the offset 1. */
const MOST = Math.floor((2 ** 31 - 3) / 3);

describe("the arithmetic of a requantisation", () => {
  it("is 32-bit while every number fits", () => {
    const upTo = (high: number) => bodyOf(fixed({}), { operands: [[{ low: 0, high }]] });
    expect(upTo(MOST)).toContain("int32_t p = (acc * 3) + 1;");
    expect(upTo(MOST + 1)).toContain("int64_t p = ((int64_t)acc * 3) + 1;");
    expect(bodyOf(fixed({ shift: 31 }))).toContain("int64_t p");
    expect(bodyOf(fixed({ low: Float64Array.of(-(2 ** 31)) }))).toContain("int64_t p");
  });

  it("compares levels in 32 bits where they fit, whatever the sum needs", () => {
    const rule = fixed({ multipliers: [Float64Array.of(2 ** 20)], shift: 24 });
    expect(bodyOf(rule)).toContain("TRITC_SIGNED((int32_t)(p >> 24), 8)");
    const large = { ...rule, shift: 1 };
    expect(bodyOf(large)).toContain("clamp64(p >> 1, (-128), 127)");
  });

  it("saturates where the bounds are those of some bits", () => {
    const between = (low: number, high: number) =>
      bodyOf(fixed({ low: Float64Array.of(low), high: Float64Array.of(high) }));
    expect(between(-8, 7)).toContain("TRITC_SIGNED(p >> 4, 4)");
    expect(between(0, 255)).toContain("TRITC_UNSIGNED(p >> 4, 8)");
    expect(between(-127, 127)).toContain("clamp32(p >> 4, (-127), 127)");
    expect(between(0, 254)).toContain("clamp32(p >> 4, 0, 254)");
  });

  it("cuts the accumulator first where the core multiplies 32 bits at a time", () => {
    const rule = fixed({ multipliers: [Float64Array.of(2 ** 20)], shift: 23 });
    const body = bodyOf(rule, { longMultiply: false });
    // p = acc * 2^20 + 1 reaches -127 * 2^23 at -1016, and 127 * 2^23 at 1016.
    expect(body).toContain("cut = clamp32(acc, (-1017), 1016);");
    expect(body).toContain("int32_t p = (cut * 1048576) + 1;");
    expect(body).not.toContain("int64_t");
  });

  it("clamps nothing that is inside its bounds", () => {
    const operands = [[{ low: -600, high: 600 }]];
    expect(bodyOf(fixed({}), { operands })).toContain("(int8_t)(p >> 4)");
    expect(bodyOf(fixed({}), { operands: [[{ low: -700, high: 700 }]] })).toContain("SIGNED");
  });

  it("takes the zero point's share into its constants", () => {
    const { body, tables } = made(fixed({}), { bias: Int32Array.of(5, -7) });
    expect(tables.map((t) => [t.suffix, ...Array.from(t.values())])).toEqual([["offset", 16, -20]]);
    expect(body.join("\n")).toContain("(acc * 3) + {layer}_offset[channel]");
  });

  it("adds both operands of a sum", () => {
    const multipliers = [Float64Array.of(3), Float64Array.of(5)];
    const rule = fixed({ multipliers });
    const narrow = made(rule, { operands: [[EIGHT_BITS], [EIGHT_BITS]] });
    expect(narrow.parameters).toBe("int32_t acc, int32_t acc_b, int32_t channel");
    expect(narrow.body.join("\n")).toContain("int32_t p = (acc * 3) + (acc_b * 5) + 1;");
    const wide = [[{ low: 0, high: 2 ** 29 }], [{ low: 0, high: 2 ** 29 }]];
    expect(bodyOf(rule, { operands: wide })).toContain(
      "int64_t p = ((int64_t)acc * 3) + ((int64_t)acc_b * 5) + 1;",
    );
  });

  it("has a table only of what differs between channels, in the narrowest type", () => {
    const { tables, body } = made(fixed({ low: Float64Array.of(-1, 0) }));
    expect(tables.map((t) => [t.suffix, t.type, ...Array.from(t.values())])).toEqual([
      ["low", "int8_t", -1, 0],
    ]);
    expect(body.join("\n")).toContain("clamp32(p >> 4, {layer}_low[channel], 127)");
  });
});

describe("thresholds", () => {
  const rule = {
    kind: "thresholds",
    count: 1,
    thresholds: Int32Array.of(10, 20),
    base: 3,
    step: 1,
    exactness: { kind: "exact" },
  } as const;

  it("take the zero point's share", () => {
    const { tables } = made(rule, { bias: Int32Array.of(4, -4) });
    expect(Array.from(tables[0]?.values() ?? [])).toEqual([6, 24]);
  });

  it("that nothing is left to count of need no table", () => {
    const none = made({ ...rule, count: 0, thresholds: new Int32Array() });
    expect(none.tables).toEqual([]);
    expect(none.body.join("\n")).toContain("return (int8_t)(3);");
  });
});
