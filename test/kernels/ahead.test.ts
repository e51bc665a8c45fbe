import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Window } from "../../src/graph/types.js";
import {
  aheadByChannels,
  aheadOfElements,
  aheadOfPositions,
  aheadOfWindow,
} from "../../src/kernels/ahead.js";
import type { IntegerTensor } from "../../src/network/types.js";

const range = { low: 0, high: 1 };

function tensor(height: number, width: number, type: IntegerTensor["type"]): IntegerTensor {
  return { height, width, channels: 1, type, range };
}

/**
 * Whether an output that begins `ahead` bytes after its input leaves each input row alone until it is
 * read for the last time: byte by byte, as memory would see it.
 */
function works(
  ahead: number,
  input: IntegerTensor,
  output: IntegerTensor,
  w: Window,
  ring: boolean,
) {
  const lost = new Set<number>();
  const reach = (w.kernel[0] - 1) * w.dilations[0] + 1;
  let copied = 0;
  const readable = (row: number): boolean =>
    Array.from({ length: input.width }, (_, i) => row * input.width + i).every((b) => !lost.has(b));
  for (let row = 0; row < output.height; row++) {
    const top = row * w.strides[0] - w.pads.top;
    const rows = Array.from({ length: reach }, (_, i) => top + i).filter(
      (r) => r >= 0 && r < input.height,
    );
    if (ring) {
      for (; copied < Math.min(input.height, top + reach); copied++) {
        if (!readable(copied)) return false;
      }
    }
    for (let i = 0; i < output.width; i++) lost.add(ahead + row * output.width + i);
    // Without a ring the last position of the row is still to be read when the others are written.
    if (!ring && !rows.every(readable)) return false;
  }
  return true;
}

const WINDOWS = fc.record({
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  top: fc.integer({ min: 0, max: 2 }),
  height: fc.integer({ min: 1, max: 8 }),
  width: fc.integer({ min: 1, max: 5 }),
  outHeight: fc.integer({ min: 1, max: 8 }),
  outWidth: fc.integer({ min: 1, max: 5 }),
});

describe("an output written over its input", () => {
  it.each([
    ["while rows are read where they stand", 0],
    ["after rows were copied to a ring", "window"],
  ] as const)("by a window is not too far ahead, %s", (_, copied) => {
    fc.assert(
      fc.property(WINDOWS, (c) => {
        const window: Window = {
          kernel: [c.kernel, 1],
          strides: [c.stride, 1],
          dilations: [c.dilation, 1],
          pads: { top: c.top, left: 0, bottom: 0, right: 0 },
        };
        const [input, output] = [
          tensor(c.height, c.width, "int8"),
          tensor(c.outHeight, c.outWidth, "int8"),
        ];
        const ahead = aheadOfWindow(window, input, output, copied);
        expect(ahead).not.toBeNull();
        expect(works(ahead ?? 0, input, output, window, copied === "window")).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("by rows is as far ahead as it may be", () => {
    const window: Window = {
      kernel: [3, 1],
      strides: [1, 1],
      dilations: [1, 1],
      pads: { top: 1, left: 0, bottom: 1, right: 0 },
    };
    const plane = tensor(8, 10, "int8");
    // Two rows are read for the first output row; without a ring, the row above is still needed.
    expect(aheadOfWindow(window, plane, plane, "window")).toBe(10);
    expect(aheadOfWindow(window, plane, plane, 0)).toBe(-20);
  });

  it.each([
    ["while rows are read where they stand", 0],
    ["after rows were copied to a ring", "window"],
  ] as const)("channel by channel falls on its own only, %s", (_, copied) => {
    fc.assert(
      fc.property(WINDOWS, fc.integer({ min: 2, max: 5 }), (c, channels) => {
        const window: Window = {
          kernel: [c.kernel, 1],
          strides: [c.stride, 1],
          dilations: [c.dilation, 1],
          pads: { top: c.top, left: 0, bottom: 0, right: 0 },
        };
        const wide = { ...tensor(c.height, c.width, "int8"), channels };
        const made = { ...tensor(c.outHeight, c.outWidth, "int8"), channels };
        const ahead = aheadByChannels(window, wide, made, copied);
        if (ahead === null || typeof ahead === "number") throw new Error("not one place");
        expect(ahead.exactly % 4 === 0).toBe(true);
        expect(ahead.exactly % channels === 0).toBe(true);
        // As each channel sees it.
        const [input, output] = [
          tensor(c.height, c.width, "int8"),
          tensor(c.outHeight, c.outWidth, "int8"),
        ];
        const own = ahead.exactly / channels;
        expect(works(own, input, output, window, copied === "window")).toBe(true);
      }),
      { numRuns: 200 },
    );
    const [bytes, words] = [tensor(4, 4, "int8"), { ...tensor(4, 4, "int8"), channels: 2 }];
    const point: Window = {
      ...{ kernel: [1, 1], strides: [1, 1], dilations: [1, 1] },
      pads: { top: 0, left: 0, bottom: 0, right: 0 },
    };
    expect(aheadByChannels(point, bytes, words, copied)).toBeNull();
  });

  it("by positions and elements follows their sizes", () => {
    const [bytes, words] = [tensor(1, 12, "int8"), tensor(1, 12, "int32")];
    expect(aheadOfElements(words, bytes)).toBe(3);
    expect(aheadOfElements(bytes, words)).toBe(-36);
    expect(aheadOfPositions(tensor(1, 12, "int8"), tensor(1, 8, "int8"), 4)).toBe(1);
    expect(aheadOfPositions(tensor(1, 8, "int8"), tensor(1, 12, "int8"), 4)).toBe(-4);
  });

  it("is not where C may take it for another object", () => {
    expect(aheadOfElements(tensor(1, 4, "int32"), tensor(1, 4, "int16"))).toBeNull();
    expect(aheadOfElements(tensor(1, 4, "int32"), tensor(1, 4, "int32"))).toBe(0);
  });
});
