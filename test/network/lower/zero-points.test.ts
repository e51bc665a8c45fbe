import { describe, expect, it } from "vitest";
import { lower } from "../../../src/network/lower/index.js";
import { outputOf } from "../../graph/evaluate.js";
import { GraphBuilder, uniform } from "../../support/graph-builder.js";
import { seeded } from "../../support/random.js";
import { kinds, lowersExactly, run } from "./lowering.js";

const WIDE = uniform(0.5, { min: -32768, max: 32767 });
const KERNEL = [1, -1, 0, 1, 1, 0, -1, 0, 1];
const PADDED = { pads: [1, 1, 1, 1] } as const;

describe("the integer that means 0", () => {
  it.each([0, 7, 255])("%i is subtracted, and pads", (zero) => {
    const g = new GraphBuilder([1, 1, 3, 4], "uint8");
    g.quantize(g.conv(g.dequantize("x", 0.5, zero), [1, 1, 3, 3], KERNEL, PADDED), WIDE);
    const network = lowersExactly(g.build());
    expect(network.layers[0]).toMatchObject({ kind: "conv", zero });
  });

  it("between two integers joins the bias", () => {
    const g = new GraphBuilder([1, 6], "uint8");
    const halves = g.dequantize("x", 1, 3.5);
    const options = uniform(1, { zero: 3.5, min: 0, max: 15, zeroAdded: "before-rounding" });
    const codes = g.requantize(g.arithmetic("mul", halves, 0.125), options);
    g.quantize(g.dense(codes, [2, 6], [1, 1, 0, -1, 1, 1, -1, 0, 1, 1, 0, 0]), WIDE);
    const network = lowersExactly(g.build());
    expect(network.layers.at(-1)).toMatchObject({ kind: "dense", zero: 0 });
  });

  it("between two integers pads only after a 16-bit step that says that it rounds", () => {
    const g = new GraphBuilder([1, 1, 3, 4], "uint8");
    g.conv(g.dequantize("x", 0.5, 3.5), [1, 1, 3, 3], KERNEL, PADDED);
    const { network } = lower(g.build());
    expect(kinds(network)).toEqual(["elementwise", "conv"]);
    const [grid] = network.layers;
    expect(grid).toMatchObject({ requantization: { exactness: { kind: "rounded" } } });
    nearly(g, network, 5 * 126 * 2 ** -15);
  });

  it("outside the type pads after such a step", () => {
    const g = new GraphBuilder([1, 1, 3, 4], "uint8");
    g.conv(g.dequantize("x", 0.5, -9), [1, 1, 3, 3], KERNEL, PADDED);
    const { network } = lower(g.build());
    expect(kinds(network)).toEqual(["elementwise", "conv"]);
    nearly(g, network, 5 * 132 * 2 ** -15);
  });

  it("of a tensor of one constant is no division by zero", () => {
    const g = new GraphBuilder([1, 2, 2, 2], "uint8");
    const norm = { gamma: [0, 0], beta: [3, 3] };
    g.quantize(g.conv(g.batchNorm(g.dequantize("x", 1), norm), [1, 2, 2, 2], repeat(1, 8)), WIDE);
    lowersExactly(g.build());
  });
});

describe("a scale for each input channel", () => {
  it("stays exact in a depthwise convolution", () => {
    const g = new GraphBuilder([1, 2, 3, 3], "int8");
    const scaled = g.dequantize("x", [0.5, 2], 0, 1);
    const kernel = [...KERNEL, ...KERNEL.map((w) => -w)];
    g.quantize(g.conv(scaled, [2, 1, 3, 3], kernel, { groups: 2, ...PADDED }), WIDE);
    expect(kinds(lowersExactly(g.build(), -128, 127))).toEqual(["conv"]);
  });

  it("goes through one 16-bit grid in others", () => {
    const g = new GraphBuilder([1, 2, 3, 3], "uint8");
    const normalised = g.arithmetic(
      "mul",
      g.arithmetic("sub", g.dequantize("x", 1), [120, 130], [2, 1, 1]),
      [0.5, 0.75],
      [2, 1, 1],
    );
    g.conv(normalised, [1, 2, 3, 3], [...KERNEL, ...KERNEL], PADDED);
    const { network } = lower(g.build());
    expect(kinds(network)).toEqual(["elementwise", "conv"]);
    nearly(g, network, 10 * 100 * 2 ** -15);
  });
});

function repeat(value: number, count: number): number[] {
  return new Array<number>(count).fill(value);
}

/** Real outputs within a bound of the model's. */
function nearly(
  g: GraphBuilder,
  network: ReturnType<typeof lower>["network"],
  bound: number,
): void {
  const graph = g.build();
  const random = seeded(4);
  const size = g.shape("x").reduce((a, b) => a * b, 1);
  for (let i = 0; i < 40; i++) {
    const input = Array.from({ length: size }, () => random.integer(0, 255));
    const actual = run(network, input);
    outputOf(graph, input).forEach((e, k) => {
      expect(Math.abs((actual[k] ?? Number.NaN) - e)).toBeLessThanOrEqual(bound);
    });
  }
}
