import { describe, expect, it } from "vitest";
import {
  add,
  compare,
  divide,
  floor,
  fromNumber,
  multiply,
  ratio,
  sqrt,
  toNumber,
} from "../../src/network/rational.js";

describe("rationals", () => {
  it.each([0, 1, -1, 0.1, -3.75, 5e-324, 2 ** -149, 1.7976931348623157e308, 2 ** 60])(
    "%d goes in and out unchanged",
    (value) => {
      expect(toNumber(fromNumber(value))).toBe(value);
    },
  );

  it("refuses what has no value", () => {
    expect(() => fromNumber(Number.NaN)).toThrow(RangeError);
    expect(() => divide(ratio(1n, 2n), ratio(0n, 1n))).toThrow(RangeError);
  });

  it("adds tenths as the binary fractions they are, not as decimals", () => {
    const sum = add(fromNumber(0.1), fromNumber(0.2));
    expect(compare(sum, fromNumber(0.3))).not.toBe(0);
    expect(compare(add(fromNumber(0.5), fromNumber(0.25)), fromNumber(0.75))).toBe(0);
  });

  it("rounds down on both sides of zero", () => {
    expect(floor(ratio(7n, 2n))).toBe(3n);
    expect(floor(ratio(-7n, 2n))).toBe(-4n);
    expect(floor(ratio(-8n, 2n))).toBe(-4n);
  });

  it("takes exact roots exactly and others to far more than double precision", () => {
    expect(compare(sqrt(ratio(9n, 16n)), ratio(3n, 4n))).toBe(0);
    const root = sqrt(ratio(2n, 1n));
    const error = add(multiply(root, root), ratio(-2n, 1n));
    expect(Math.abs(toNumber(error))).toBeLessThan(2 ** -150);
  });
});
