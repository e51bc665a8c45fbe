import { describe, expect, it } from "vitest";
import { lower } from "../../src/network/lower/index.js";
import { spacingOf } from "../../src/network/spacing.js";
import type { Network } from "../../src/network/types.js";
import { GraphBuilder, uniform } from "../support/graph-builder.js";

/** Quantised, multiplied with trits, quantised again, pooled; with a last product. */
function network(signs: boolean): Network {
  const quantizer = signs ? ({ kind: "bipolar" } as const) : uniform(1, { min: -2, max: 1 });
  const graph = new GraphBuilder([1, 2, 4, 4], "real");
  const weights = Array.from({ length: 16 }, (_, i) => (i % 3) - 1);
  const input = graph.requantize("x", quantizer);
  const sums = graph.conv(input, [2, 2, 2, 2], weights, {});
  const pooled = graph.maxPool(graph.requantize(sums, quantizer), { kernel: [2, 2] });
  graph.conv(pooled, [2, 2, 2, 2], weights, {});
  return lower(graph.build()).network;
}

describe("how far apart codes lie", () => {
  const spacings = (signs: boolean) => {
    const found = network(signs);
    return [found.input.tensor, ...found.layers.map(({ output }) => output)].map((id) =>
      spacingOf(found, id),
    );
  };

  it("is two for signs, through pooling, and one for accumulators", () => {
    expect(spacings(true)).toEqual([2, 2, 2, 1]);
  });

  it("is one for neighbouring codes", () => {
    expect(spacings(false)).toEqual([1, 1, 1, 1]);
  });

  it("is nothing that an input of integers promises", () => {
    const found = network(true);
    const encoding = { kind: "integer", scale: null, zero: 0 } as const;
    const integers = { ...found, input: { ...found.input, encoding } };
    expect(spacingOf(integers, found.input.tensor)).toBe(1);
  });
});
