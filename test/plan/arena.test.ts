import { describe, expect, it } from "vitest";
import type { Ahead } from "../../src/kernels/index.js";
import { arrange, type Buffer } from "../../src/plan/arena.js";
import { type Random, seeded } from "../support/random.js";

function together(a: Buffer, b: Buffer): boolean {
  return a.from <= b.to && b.from <= a.to;
}

/** Whether `a` at x and `b` at y may be where they are. */
function apart(a: Buffer, x: number, b: Buffer, y: number): boolean {
  return x + a.bytes <= y || y + b.bytes <= x;
}

function allows(ahead: Ahead | undefined, begin: number): boolean {
  if (ahead === undefined) return false;
  return typeof ahead === "number" ? begin <= ahead : begin === ahead.exactly;
}

function expectSound(buffers: readonly Buffer[]): void {
  const { offsets, bytes, lowerBound } = arrange(buffers);
  expect(bytes).toBeGreaterThanOrEqual(lowerBound);
  expect(bytes).toBe(Math.max(...buffers.map((b, i) => b.bytes + (offsets[i] ?? 0))));
  buffers.forEach((a, i) => {
    buffers.forEach((b, j) => {
      if (i === j || !together(a, b)) return;
      const [x = 0, y = 0] = [offsets[i], offsets[j]];
      const over = a.over?.find(({ buffer }) => buffer === j);
      const under = b.over?.find(({ buffer }) => buffer === i);
      const allowed = allows(over?.ahead, x - y) || allows(under?.ahead, y - x);
      expect(apart(a, x, b, y) || allowed).toBe(true);
    });
  });
}

function drawnAhead(random: Random): Ahead {
  const bytes = 4 * random.integer(-20, 10);
  return random.integer(0, 2) === 0 ? { exactly: bytes } : bytes;
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

  it("lets a buffer be written over one that is read for the last time", () => {
    const over = (ahead: number) =>
      arrange([
        { bytes: 100, from: 0, to: 1 },
        { bytes: 80, from: 1, to: 2, over: [{ buffer: 0, ahead }] },
      ]);
    expect(over(0)).toEqual({ offsets: [0, 0], bytes: 100, lowerBound: 100 });
    // It has to begin 12 bytes before what it is written over.
    expect(over(-12)).toEqual({ offsets: [12, 0], bytes: 112, lowerBound: 112 });
    // No use: apart they take no more.
    expect(over(-90)).toMatchObject({ bytes: 180, lowerBound: 180 });
  });

  it("lets a buffer be written over another from one place only", () => {
    const over = (exactly: number, bytes: number, other: number) =>
      arrange([
        { bytes: 100, from: 0, to: 1 },
        { bytes, from: 1, to: 2, over: [{ buffer: 0, ahead: { exactly } }] },
        { bytes: other, from: 1, to: 1 },
      ]);
    expect(over(0, 80, 8)).toMatchObject({ bytes: 108, lowerBound: 108 });
    expect(over(0, 120, 8)).toMatchObject({ bytes: 128, lowerBound: 128 });
    const { offsets, bytes, lowerBound } = over(-16, 100, 8);
    expect((offsets[1] ?? 0) - (offsets[0] ?? 0)).toBe(-16);
    expect([bytes, lowerBound]).toEqual([124, 124]);
  });

  it("finds the optimum where the largest first does not", () => {
    const buffers = [
      { bytes: 36, from: 0, to: 1 },
      { bytes: 20, from: 1, to: 3 },
      { bytes: 28, from: 2, to: 4 },
      { bytes: 40, from: 3, to: 5 },
      { bytes: 16, from: 0, to: 2 },
    ];
    expect(arrange(buffers)).toMatchObject({ bytes: 88, lowerBound: 88 });
  });

  it("never lets living buffers overlap, and never beats its lower bound", () => {
    const random = seeded(11);
    for (let trial = 0; trial < 100; trial++) {
      const buffers: Buffer[] = [];
      for (let i = 0; i < 12; i++) {
        const from = random.integer(0, 9);
        const over = buffers.flatMap((other, buffer) =>
          other.to === from && other.from < from && random.integer(0, 1) === 1
            ? [{ buffer, ahead: drawnAhead(random) }]
            : [],
        );
        const bytes = 4 * random.integer(1, 40);
        buffers.push({ bytes, from, to: from + random.integer(0, 4), over });
      }
      expectSound(buffers);
    }
  });
});
