import { describe, expect, it } from "vitest";
import { ROW_PACKINGS } from "../../src/kernels/packing.js";
import type { WeightKind } from "../../src/network/types.js";
import { seeded } from "../support/random.js";

const VALUES: Record<WeightKind, readonly number[]> = {
  ternary: [-1, 0, 1],
  binary: [-1, 1],
  int4: Array.from({ length: 16 }, (_, i) => i - 8),
  int8: Array.from({ length: 256 }, (_, i) => i - 128),
};

describe.each(Object.keys(VALUES) as WeightKind[])("%s packing", (kind) => {
  const packing = ROW_PACKINGS[kind];

  it.each([1, 2, 3, 4, 7, 8, 9, 16, 27])("unpacks what it packed, rows of %d", (perOutput) => {
    const random = seeded(perOutput);
    const values = Int8Array.from({ length: 5 * perOutput }, () => random.pick(VALUES[kind]));
    const bytes = packing.pack({ kind, outputs: 5, perOutput, values });
    expect(packing.unpack(bytes, 5, perOutput)).toEqual(values);
    expect(bytes.length).toBe(5 * Math.ceil((perOutput * packing.bitsPerWeight) / 8));
  });
});

it("packs by the books: four trits a byte, low bits first, 1 for +1 and 2 for -1", () => {
  const values = Int8Array.of(1, -1, 0, 1, -1);
  const bytes = ROW_PACKINGS.ternary.pack({ kind: "ternary", outputs: 1, perOutput: 5, values });
  expect([...bytes]).toEqual([0b01_00_10_01, 0b10]);
});
