import { describe, expect, it } from "vitest";
import type { Origin } from "../../../src/graph/types.js";
import { layerNames } from "../../../src/network/lower/names.js";

const namesOf = (layers: readonly (readonly Origin[])[]): string[] =>
  layerNames(layers.map((origins) => ({ kind: "conv", origins })));

const named = (...names: string[]): string[] =>
  namesOf(names.map((name): Origin[] => [{ op: "Conv", name }]));

describe("layer names", () => {
  it("are lower case, with single underscores, from a letter on", () => {
    expect(named("/features/0/Conv", "Conv__12_", "3x3 größe", "ß", "")).toEqual(
      expect.arrayContaining([expect.stringMatching(/^[a-z]/)]),
    );
    for (const name of named("/features/0/Conv", "Conv__12_", "3x3 größe", "ß", "", "a\n*/b")) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    }
  });

  it("are unique, also where the made-up name is taken", () => {
    const names = named("a", "a", "a_2", "A", "a!", "conv", "", "");
    expect(new Set(names).size).toBe(names.length);
  });

  it("are short, and still unique", () => {
    const long = "encoder/block/attention/projection/quantised/";
    const names = named(`${long}0`, `${long}1`, `other/${long}0`);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(36);
  });

  it("that are too long lose whole words, not letters", () => {
    expect(named("/Fake_quantize_per_tensor_affine_5")).toEqual(["quantize_per_tensor_affine_5"]);
    const word = "q".repeat(40);
    expect(named(word, `a_${"b".repeat(32)}`)).toEqual(["q".repeat(32), "b".repeat(32)]);
  });

  it("come from the node that does the work", () => {
    const origins: Origin[] = [
      { op: "DequantizeLinear", name: "dq" },
      { op: "Conv", name: "stem" },
      { op: "Relu", name: "relu" },
    ];
    expect(namesOf([origins])).toEqual(["stem"]);
  });
});
