import { describe, expect, it } from "vitest";
import { arrange, type Buffer } from "../../src/plan/arena.js";
import { seeded } from "../support/random.js";

function overlaps(a: Buffer, b: Buffer): boolean {
  return a.from <= b.to && b.from <= a.to;
}

describe("the arena", () => {
  it("reuses memory of buffers that are no longer alive", () => {
    const { bytes, lowerBound } = arrange([
      { bytes: 100, from: 0, to: 1 },
      { bytes: 50, from: 1, to: 2 },
      { bytes: 100, from: 2, to: 3 },
    ]);
    expect(lowerBound).toBe(150);
    expect(bytes).toBe(150);
  });

  it("never lets living buffers overlap, and never beats its lower bound", () => {
    const random = seeded(11);
    for (let trial = 0; trial < 200; trial++) {
      const buffers = Array.from({ length: 12 }, (): Buffer => {
        const from = random.integer(0, 9);
        return { bytes: 4 * random.integer(1, 40), from, to: from + random.integer(0, 4) };
      });
      const { offsets, bytes, lowerBound } = arrange(buffers);
      expect(bytes).toBeGreaterThanOrEqual(lowerBound);
      buffers.forEach((a, i) => {
        buffers.forEach((b, j) => {
          if (i >= j || !overlaps(a, b)) return;
          const [x = 0, y = 0] = [offsets[i], offsets[j]];
          expect(x + a.bytes <= y || y + b.bytes <= x).toBe(true);
        });
      });
    }
  });
});
