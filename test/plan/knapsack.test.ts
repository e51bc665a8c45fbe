import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cheapest, type Item } from "../../src/plan/knapsack.js";

/** Every choice there is. */
function tried(groups: readonly (readonly Item[])[], limit: number): number | null {
  let best: number | null = null;
  const go = (g: number, cost: number, weight: number): void => {
    const group = groups[g];
    if (group === undefined) {
      if (weight <= limit && (best === null || cost < best)) best = cost;
      return;
    }
    for (const item of group) go(g + 1, cost + item.cost, weight + item.weight);
  };
  go(0, 0, 0);
  return best;
}

const ITEM = fc.record({
  cost: fc.integer({ min: 0, max: 60 }),
  weight: fc.integer({ min: 0, max: 40 }),
});

const GROUPS = fc.array(fc.array(ITEM, { minLength: 1, maxLength: 5 }), {
  minLength: 1,
  maxLength: 6,
});

describe("the cheapest choice", () => {
  it("is that of trying them all", () => {
    fc.assert(
      fc.property(GROUPS, fc.integer({ min: 0, max: 250 }), (groups, limit) => {
        const items = cheapest(groups, limit);
        const best = tried(groups, limit);
        const chosen = items?.map((i, g) => groups[g]?.[i] ?? { cost: Number.NaN, weight: 0 });
        expect(chosen?.reduce((sum, { cost }) => sum + cost, 0) ?? null).toBe(best);
        const weight = chosen?.reduce((sum, item) => sum + item.weight, 0) ?? 0;
        expect(weight).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 500 },
    );
  });

  it("without a limit is each group's own", () => {
    const groups = [
      [
        { cost: 5, weight: 1 },
        { cost: 3, weight: 9 },
      ],
      [
        { cost: 2, weight: 7 },
        { cost: 2, weight: 4 },
      ],
    ];
    expect(cheapest(groups, Number.POSITIVE_INFINITY)).toEqual([1, 1]);
    expect(cheapest(groups, 4)).toBeNull();
  });

  it("is found quickly among many layers", () => {
    // Costs that lie on no line, so that little is dominated.
    const groups = Array.from({ length: 80 }, (_, g) =>
      Array.from({ length: 6 }, (__, i) => ({
        cost: 1000 * (6 - i) ** 2 + ((g * 7919 + i * 104729) % 977),
        weight: 500 * (i + 1) + ((g * 6151 + i * 3571) % 499),
      })),
    );
    const limit = 80 * 1700;
    const items = cheapest(groups, limit);
    expect(items).toHaveLength(80);
  });
});
