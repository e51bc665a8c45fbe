import { describe, expect, it } from "vitest";
import { lower } from "../../../src/network/lower/index.js";
import { outputOf } from "../../graph/evaluate.js";
import { GraphBuilder, uniform, type WindowOptions } from "../../support/graph-builder.js";
import { kinds, lowersExactly, run } from "./lowering.js";

const FINE = uniform(0.25, { min: -128, max: 127 });
const WIDE = uniform(0.5, { min: -32768, max: 32767 });
const TRITS = [1, 0, -1, 1, 1, 0, -1, 0, 1, 0, 1, 1, -1, 1, 0, 0];
const WINDOW = { kernel: [2, 2], strides: [2, 2] } as const;

/** int8 [1, 2, 4, 4] through a convolution to four channels of accumulators. */
function sums(): [g: GraphBuilder, sums: string] {
  const g = new GraphBuilder([1, 2, 4, 4], "int8");
  const weights = [...TRITS, ...TRITS.map((w) => -w)];
  return [g, g.conv(g.dequantize("x", 0.25), [4, 2, 2, 2], weights, { bias: [0.5, -1, 0, 2] })];
}

describe("BatchNorm", () => {
  it("with a negative gamma turns weights, with a gamma of zero leaves a constant", () => {
    const [g, name] = sums();
    const norm = { gamma: [-0.5, 0, 1, -2], beta: [0.5, -1.75, 0, 9], variance: [4, 1, 0.25, 1] };
    g.quantize(g.batchNorm(name, norm), FINE);
    const network = lowersExactly(g.build(), -128, 127);
    expect(kinds(network)).toEqual(["conv"]);
  });

  it("before a sign that is turned", () => {
    const [g, name] = sums();
    const norm = { gamma: [-1, 0, 1, -2], beta: [0, 0, 0.5, 3] };
    g.quantize(g.batchNorm(name, norm), { kind: "bipolar" });
    const network = lowersExactly(g.build(), -128, 127);
    expect(network.layers[0]).toMatchObject({ requantization: { kind: "thresholds" } });
  });
});

describe("MaxPool of unquantised values", () => {
  it("lets the quantiser go first, behind negative gammas too", () => {
    const [g, name] = sums();
    const normal = g.batchNorm(name, { gamma: [-0.5, 0.25, 0, -2], beta: [1, 1, 1, 1] });
    g.quantize(g.maxPool(normal, WINDOW), FINE);
    const network = lowersExactly(g.build(), -128, 127);
    expect(kinds(network)).toEqual(["conv", "max-pool"]);
    expect(network.tensors[network.layers[0]?.output ?? 0]?.type).toBe("int8");
  });

  it("stays before negative gammas that follow it", () => {
    const [g, name] = sums();
    const pooled = g.maxPool(name, WINDOW);
    g.quantize(g.batchNorm(pooled, { gamma: [-0.5, 0.25, 0, -2] }), FINE);
    expect(kinds(lowersExactly(g.build(), -128, 127))).toEqual(["conv", "max-pool", "elementwise"]);
  });

  it("never lets padding win", () => {
    const [g, name] = sums();
    const low = g.batchNorm(name, { gamma: [1, 1, 1, 1], beta: [-90, -90, -90, -90] });
    g.quantize(g.maxPool(low, { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }), FINE);
    lowersExactly(g.build(), -128, 127);
  });

  it("of codes with an unsigned zero point", () => {
    const g = new GraphBuilder([1, 2, 4, 4], "uint8");
    const pooled = g.maxPool(g.relu(g.dequantize("x", 0.5, 100)), {
      ...WINDOW,
      pads: [1, 0, 1, 0],
    });
    g.quantize(g.conv(pooled, [2, 2, 2, 2], TRITS), WIDE);
    lowersExactly(g.build());
  });
});

describe("AveragePool", () => {
  const padded: WindowOptions = { kernel: [2, 2], strides: [2, 2], pads: [1, 1, 1, 1] };

  it.each([
    ["without padding", WINDOW, false, 0],
    ["with padding that counts", padded, true, 37],
    ["with padding that does not", padded, false, 37],
    ["over everything", { kernel: [4, 4] } as const, false, 3],
  ])("of codes, %s", (_, window, countPadding, zero) => {
    const g = new GraphBuilder([1, 2, 4, 4], "uint8");
    const pooled = g.averagePool(g.dequantize("x", 0.5, zero), window, countPadding);
    const [, , height = 1, width = 1] = g.shape(pooled);
    const codes = g.requantize(pooled, uniform(0.5, { zero: 9, min: 0, max: 255 }));
    const weights = Array.from({ length: 2 * height * width }, (_, i) => (i % 3) - 1);
    g.quantize(g.conv(codes, [1, 2, height, width], weights), WIDE);
    lowersExactly(g.build());
  });

  it("of accumulators with a scale for each channel, padding counted", () => {
    const g = new GraphBuilder([1, 1, 4, 4], "uint8");
    const made = g.conv(g.dequantize("x", 0.5), [2, 1, 1, 1], [0.5, -2]);
    g.quantize(g.averagePool(made, padded, true), WIDE);
    lowersExactly(g.build());
  });

  it("of accumulators with a bias cannot count padding", () => {
    const [g, name] = sums();
    g.quantize(g.averagePool(name, padded, true), WIDE);
    expect(() => lower(g.build())).toThrow(/lower\/zero-point/);
  });
});

describe("clipped sums that are averaged without a quantiser", () => {
  it("leave room for the weights of windows that padding makes smaller", () => {
    const [g, name] = sums();
    const window = { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] } as const;
    g.quantize(g.averagePool(g.relu(name), window), WIDE);
    const { network } = lower(g.build());
    expect(kinds(network)).toEqual(["conv", "sum-pool"]);
    expect(network.layers.at(-1)).toMatchObject({ multiple: 36 });
  });

  it("keep their size behind a MaxPool, however large they are", () => {
    const g = new GraphBuilder([1, 400, 4, 4], "uint8");
    const wide = Array.from({ length: 400 }, (_, i) => 127 - (i % 2));
    const big = g.conv(g.dequantize("x", 1), [1, 400, 1, 1], wide);
    const pooled = g.relu(g.maxPool(big, WINDOW));
    const mean = g.averagePool(pooled, { kernel: [2, 2] });
    const codes = g.requantize(mean, uniform(2 ** 17, { min: 0, max: 255 }));
    g.quantize(g.dense(g.reshape(codes, [1, 1]), [2, 1], [1, -1]), uniform(2 ** 17));
    const graph = g.build();
    const { network } = lower(graph);
    const bright = new Array<number>(6400).fill(255);
    expect(run(network, bright)).toEqual([...outputOf(graph, bright)]);
  });
});

describe("residual sums", () => {
  it.each([
    ["two scales", (g: GraphBuilder, a: string, b: string) => g.sum(a, b)],
    ["a Relu on one side", (g: GraphBuilder, a: string, b: string) => g.sum(g.relu(a), b)],
    ["a Relu behind", (g: GraphBuilder, a: string, b: string) => g.relu(g.sum(a, b))],
    [
      "BatchNorm behind",
      (g: GraphBuilder, a: string, b: string) =>
        g.batchNorm(g.sum(a, b), { gamma: [-0.5, 2, 0, 1], beta: [1, 0, -3, 0.25] }),
    ],
  ])("%s", (_, combine) => {
    const [g, name] = sums();
    const a = g.requantize(name, uniform(0.5, { zero: 3 }));
    const b = g.requantize(name, uniform(0.125, { min: 0, max: 255, zero: 100 }));
    const codes = g.requantize(combine(g, a, b), uniform(0.5, { min: -64, max: 63 }));
    g.quantize(g.conv(codes, [1, 4, 2, 2], TRITS), WIDE);
    lowersExactly(g.build(), -128, 127);
  });

  it("of a tensor with itself is one operand", () => {
    const [g, name] = sums();
    const a = g.requantize(name, uniform(0.5));
    g.quantize(g.sum(a, a), FINE);
    const network = lowersExactly(g.build(), -128, 127);
    expect(network.layers.at(-1)).toMatchObject({ kind: "elementwise", inputs: [1] });
  });

  it("of an accumulator and codes", () => {
    const [g, name] = sums();
    const codes = g.requantize(name, uniform(0.5));
    const branch = g.conv(codes, [4, 4, 1, 1], TRITS);
    g.quantize(g.sum(branch, codes), FINE);
    lowersExactly(g.build(), -128, 127);
  });
});

describe("quantising again", () => {
  it("with the same scale and zero point is nothing", () => {
    const [g, name] = sums();
    const once = g.requantize(name, uniform(0.5, { zero: 3 }));
    g.quantize(g.requantize(once, uniform(0.5, { zero: 3 })), uniform(0.5, { zero: 3 }));
    expect(kinds(lowersExactly(g.build(), -128, 127))).toEqual(["conv"]);
  });

  it.each([
    ["another scale", uniform(1, { zero: 3 })],
    ["another zero point", uniform(0.5, { zero: 4 })],
    ["fewer levels", uniform(0.5, { zero: 3, min: -8, max: 7 })],
  ])("with %s is a layer", (_, quantizer) => {
    const [g, name] = sums();
    g.quantize(g.requantize(name, uniform(0.5, { zero: 3 })), quantizer);
    expect(kinds(lowersExactly(g.build(), -128, 127))).toEqual(["conv", "elementwise"]);
  });
});
