import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Box, countInStrip, type Pair, pairsInStrip } from "../../src/network/strip.js";
import type { Range } from "../../src/network/types.js";

const range = (reach: number): fc.Arbitrary<Range> =>
  fc
    .tuple(fc.integer({ min: -reach, max: reach }), fc.integer({ min: 0, max: 30 }))
    .map(([low, more]) => ({ low, high: low + more }));

const weight = fc.integer({ min: -40, max: 40 });

/** Every pair of the box, looked at. */
function counted(wx: number, wy: number, { low, high }: Range, { x, y }: Box): Pair[] {
  const found: Pair[] = [];
  for (let i = x.low; i <= x.high; i++) {
    for (let j = y.low; j <= y.high; j++) {
      const sum = wx * i + wy * j;
      if (sum >= low && sum <= high) found.push({ x: i, y: j });
    }
  }
  return found;
}

describe("pairs in a strip", () => {
  it("are those that looking at every pair finds", () => {
    fc.assert(
      fc.property(weight, weight, range(1000), range(40), range(40), (wx, wy, strip, x, y) => {
        const expected = counted(wx, wy, strip, { x, y });
        expect(countInStrip([wx, wy], strip, { x, y })).toBe(BigInt(expected.length));
        const found = pairsInStrip([wx, wy], strip, { x, y });
        expect(found).toHaveLength(expected.length);
        expect(found).toEqual(expect.arrayContaining(expected));
      }),
      { numRuns: 1000 },
    );
  });

  it("are found among billions", () => {
    const box = { x: { low: -50_000, high: 50_000 }, y: { low: -70_000, high: 70_000 } };
    const weighing = [4_300_000_017, 5_100_000_041] as const;
    // Coprime weights: the sum 0 is met where x is a multiple of the one, y of the other.
    expect(pairsInStrip(weighing, { low: 0, high: 0 }, box)).toEqual([{ x: 0, y: 0 }]);
    const sum = 4_300_000_017 * 49_999 - 5_100_000_041 * 69_999;
    expect(pairsInStrip(weighing, { low: sum, high: sum }, box)).toEqual([
      { x: 49_999, y: -69_999 },
    ]);
  });
});
