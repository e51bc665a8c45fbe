import { describe, expect, it } from "vitest";
import { lower } from "../../../src/network/lower/index.js";
import { GraphBuilder, uniform } from "../../support/graph-builder.js";
import { kinds, lowersExactly, run } from "./lowering.js";

/** Trits 1, 0, -1, ... so that every position counts differently. */
function trits(...shape: number[]): [shape: number[], values: number[]] {
  const length = shape.reduce((a, b) => a * b, 1);
  return [shape, Array.from({ length }, (_, i) => ((i * 7 + (i >> 2)) % 3) - 1)];
}

const WIDE = uniform(1, { min: -32768, max: 32767 });

describe("the model's order of elements", () => {
  it("NCHW input is read channels last, its order kept for the user", () => {
    const g = new GraphBuilder([1, 3, 2, 4], "uint8");
    g.quantize(g.conv(g.dequantize("x", 1), ...trits(2, 3, 2, 2)), WIDE);
    const network = lowersExactly(g.build());
    expect(network.tensors[network.input.tensor]).toMatchObject({
      height: 2,
      width: 4,
      channels: 3,
    });
    // Memory begins with the three channels of the first pixel.
    expect(network.input.source?.slice(0, 4)).toEqual(Int32Array.of(0, 8, 16, 1));
    expect(network.input.shape).toEqual([1, 3, 2, 4]);
  });

  it("NHWC input that the model transposes itself is taken as it comes", () => {
    const g = new GraphBuilder([1, 2, 4, 3], "uint8");
    const first = g.transpose(g.dequantize("x", 1), [0, 3, 1, 2]);
    g.quantize(g.conv(first, ...trits(2, 3, 2, 2)), WIDE);
    const network = lowersExactly(g.build());
    expect(kinds(network)).toEqual(["conv"]);
    expect(network.input.source).toBeNull();
    expect(network.tensors[network.input.tensor]).toMatchObject({ height: 2, width: 4 });
  });

  it.each([
    ["row by row within a channel", false],
    ["channel by channel within a pixel", true],
  ])("flattening %s costs no copy", (_, channelsLast) => {
    const g = new GraphBuilder([1, 3, 4, 4], "uint8");
    const features = g.requantize(
      g.conv(g.dequantize("x", 1), ...trits(3, 3, 2, 2)),
      uniform(64, { min: 0, max: 255 }),
    );
    const laid = channelsLast ? g.transpose(features, [0, 2, 3, 1]) : features;
    g.quantize(g.dense(g.reshape(laid, [1, 27]), ...trits(5, 27)), WIDE);
    expect(kinds(lowersExactly(g.build()))).toEqual(["conv", "dense"]);
  });

  it("a transposition that a convolution needs is a gather", () => {
    const g = new GraphBuilder([1, 2, 3, 4], "uint8");
    const turned = g.transpose(g.dequantize("x", 1), [0, 1, 3, 2]);
    g.quantize(g.conv(turned, ...trits(3, 2, 2, 2)), WIDE);
    const network = lowersExactly(g.build());
    expect(kinds(network)).toEqual(["gather", "conv"]);
  });

  it.each([[[0, 2, 1, 3]], [[0, 3, 2, 1]], [[0, 2, 3, 1]]])(
    "a transposition by %j mixes channels",
    (permutation) => {
      const g = new GraphBuilder([1, 2, 3, 4], "uint8");
      const turned = g.transpose(g.dequantize("x", 1), permutation);
      const [, channels = 1] = g.shape(turned);
      g.quantize(g.conv(turned, ...trits(3, channels, 2, 2)), WIDE);
      lowersExactly(g.build());
    },
  );

  it("the output is given in the model's order", () => {
    const g = new GraphBuilder([1, 2, 3, 4], "uint8");
    g.transpose(g.quantize(g.conv(g.dequantize("x", 1), ...trits(3, 2, 1, 1)), WIDE), [0, 1, 3, 2]);
    const network = lowersExactly(g.build());
    expect(network.output.shape).toEqual([1, 3, 4, 3]);
    expect(kinds(network)).toEqual(["conv"]);
  });
});

describe("a vector read as an image", () => {
  it("of one channel needs no copy", () => {
    const g = new GraphBuilder([1, 12], "uint8");
    const image = g.reshape(g.dequantize("x", 1), [1, 1, 3, 4]);
    g.quantize(g.conv(image, ...trits(2, 1, 2, 2)), WIDE);
    const network = lowersExactly(g.build());
    expect(kinds(network)).toEqual(["conv"]);
    expect(network.tensors[network.input.tensor]).toMatchObject({ height: 3, width: 4 });
  });

  it("of several is put channels last", () => {
    const g = new GraphBuilder([1, 24], "uint8");
    const image = g.reshape(g.dequantize("x", 1), [1, 2, 3, 4]);
    g.quantize(g.conv(image, ...trits(2, 2, 2, 2)), WIDE);
    expect(kinds(lowersExactly(g.build()))).toEqual(["gather", "conv"]);
  });

  it("after normalising each element keeps each element's own quantiser", () => {
    const g = new GraphBuilder([1, 4], "real");
    const normalised = g.arithmetic("sub", "x", [1, -1, 2, -2]);
    const image = g.reshape(g.requantize(normalised, uniform(1)), [1, 1, 2, 2]);
    g.quantize(g.conv(image, [1, 1, 2, 2], [1, -1, -1, 1]), WIDE);
    lowersExactly(g.build(), -40, 40, 0.5);
  });

  it("by one reader, while another one scales each element", () => {
    const g = new GraphBuilder([1, 4], "uint8");
    const real = g.dequantize("x", 1);
    g.quantize(g.conv(g.reshape(real, [1, 1, 2, 2]), [1, 1, 2, 2], [1, -1, -1, 1]), WIDE);
    const scaled = g.requantize(
      g.arithmetic("mul", real, [1, 0.5, 0.25, 0.125]),
      uniform(1, { min: 0, max: 255 }),
    );
    g.quantize(g.dense(scaled, ...trits(3, 4)), WIDE);
    lowersExactly(g.build());
  });

  it("pools rows and columns of the image, not of the vector, or says why not", () => {
    const g = new GraphBuilder([1, 6], "uint8");
    const sums = g.reshape(g.dense(g.dequantize("x", 1), ...trits(9, 6)), [1, 1, 3, 3]);
    const pooled = g.maxPool(sums, { kernel: [2, 2] });
    g.quantize(pooled, WIDE);
    expect(() => lower(g.build())).toThrow(/reshaped or transposed before any quantiser/);
  });
});

describe("sums of operands that lie differently in memory", () => {
  const scales = [1, 0.5, 0.25, 2];

  function graph(reshapedFirst: boolean) {
    const g = new GraphBuilder([1, 16], "uint8");
    const vector = g.dequantize("x", 1);
    const image = g.reshape(vector, [1, 4, 2, 2]);
    const [, weights] = trits(4, 4, 1, 1);
    const scaled = weights.map((w, i) => w * (scales[i >> 2] ?? 1));
    const sums = g.conv(image, [4, 4, 1, 1], scaled, { bias: [1, 2, 3, 4] });
    g.quantize(reshapedFirst ? g.sum(image, sums) : g.sum(sums, image), WIDE);
    return g.build();
  }

  it.each([true, false])("leave scales with their channels (reshaped first: %s)", (first) => {
    lowersExactly(graph(first));
  });

  it("are refused where both have a scale for each channel", () => {
    const g = new GraphBuilder([1, 2, 3, 3], "uint8");
    const weights = [1, -1, 0.5, 0.5];
    const sums = g.conv(g.dequantize("x", 1), [2, 2, 1, 1], weights);
    const turned = g.transpose(g.reshape(sums, [1, 3, 3, 2]), [0, 3, 1, 2]);
    g.quantize(g.sum(sums, turned), WIDE);
    expect(() => lower(g.build())).toThrow(/lower\/apart-in-memory/);
  });
});

describe("a layer along the last axis", () => {
  it("multiplies every row", () => {
    const g = new GraphBuilder([1, 3, 4], "int8");
    g.quantize(g.dense(g.dequantize("x", 1), ...trits(2, 4)), WIDE);
    const network = lowersExactly(g.build(), -128, 127);
    expect(network.layers[0]).toMatchObject({ kind: "dense", positions: 3 });
    expect(run(network, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])).toHaveLength(6);
  });
});
