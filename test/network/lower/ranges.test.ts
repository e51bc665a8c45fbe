import { describe, expect, it } from "vitest";
import { lower } from "../../../src/network/lower/index.js";
import { accumulatorRanges, poolRanges } from "../../../src/network/lower/ranges.js";
import { integerTensor, type Weights } from "../../../src/network/types.js";
import { GraphBuilder, uniform } from "../../support/graph-builder.js";
import { run } from "./lowering.js";

const WEIGHTS: Weights = {
  kind: "int4",
  outputs: 4,
  perOutput: 4,
  values: Int8Array.of(1, 0, -1, 1, 0, 0, 0, 0, -8, 7, 3, -2, -1, -1, -1, -1),
};

/** The extremes of every row's sum over all inputs (and, padded, over missing ones). */
function bruteForce(low: number, high: number, zero: number, padded: boolean) {
  const choices: number[] = padded ? [0] : [];
  for (let x = low; x <= high; x++) choices.push(x - zero);
  return Array.from({ length: WEIGHTS.outputs }, (_, o) => {
    let sums = [0];
    for (let k = 0; k < WEIGHTS.perOutput; k++) {
      const w = WEIGHTS.values[o * WEIGHTS.perOutput + k] ?? 0;
      sums = [...new Set(sums.flatMap((s) => choices.map((x) => s + w * x)))];
    }
    return { low: Math.min(...sums) + 0, high: Math.max(...sums) + 0 };
  });
}

describe("accumulator ranges", () => {
  it.each([
    [0, 3, 0, false],
    [-2, 1, 0, false],
    [0, 3, 5, false],
    [0, 3, 5, true],
    [2, 4, 0, true],
    [-3, -1, -2, true],
  ])("equal brute force over [%i, %i] with zero point %i, padded %s", (low, high, zero, padded) => {
    const ranges = accumulatorRanges(WEIGHTS, { low, high }, zero, padded);
    expect(ranges).toEqual(bruteForce(low, high, zero, padded));
  });

  it("of a sum pool hold every window, whole or clipped", () => {
    const window = {
      kernel: [2, 3],
      strides: [1, 1],
      dilations: [1, 1],
      pads: { top: 1, left: 1, bottom: 1, right: 1 },
    } as const;
    const range = poolRanges(window, 0, { low: -1, high: 4 }, 1);
    expect(range).toEqual({ low: -12, high: 18 });
    expect(poolRanges(window, 12, { low: -1, high: 4 }, 1)).toEqual({ low: -24, high: 36 });
  });

  it("are the layer's, one for each output", () => {
    const g = new GraphBuilder([1, 3], "uint8");
    g.dense(g.dequantize("x", 1, 10), [2, 3], [1, 1, 0, -1, 0, 1]);
    const { network } = lower(g.build());
    expect(network.layers[0]).toMatchObject({
      accumulators: [
        { low: -20, high: 490 },
        { low: -255, high: 255 },
      ],
    });
    expect(network.tensors[network.output.tensor]).toMatchObject({
      type: "int16",
      range: { low: -255, high: 490 },
    });
  });
});

it("hold what a tie at the end of a clipped sum becomes", () => {
  const builder = new GraphBuilder([1, 2], "int8");
  const x = builder.dequantize("x", 1);
  const weights = [1, -1, 0, 1];
  const sum = builder.sum(builder.dense(x, [2, 2], weights), x);
  const zero = builder.clip(sum, 0, 0);
  // 0 / 0.5 - 3.5 is a tie, which goes down to -4.
  const quantizer = uniform(0.5, { zero: -3.5, min: -8, max: 7, zeroAdded: "before-rounding" });
  const { network } = lower(builder.build(builder.quantize(zero, quantizer)));
  const outputs = run(network, [1, 2]);
  const { range } = integerTensor(network.tensors[network.output.tensor]);
  expect(outputs).toEqual([-4, -4]);
  expect(range.low).toBeLessThanOrEqual(-4);
});
