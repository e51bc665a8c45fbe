import { describe, expect, it } from "vitest";
import { lower } from "../../src/network/lower/index.js";
import type { Head, Network } from "../../src/network/types.js";
import { decodeOutput, encodeInput, InputError, inputSize } from "../../src/simulate/codec.js";
import { GraphBuilder, uniform } from "../support/graph-builder.js";

const ROWS = [1, 0, -1, 1, 0, 1, 1, -1];

function bytes(): Network {
  const g = new GraphBuilder([1, 4], "uint8");
  g.dense(g.dequantize("x", 0.5), [2, 4], ROWS);
  return lower(g.build()).network;
}

function floats(factor: number): Network {
  const g = new GraphBuilder([1, 4], "real");
  const scaled = g.arithmetic("mul", "x", factor);
  g.dense(g.requantize(scaled, uniform(0.5, { min: -2, max: 1 })), [2, 4], ROWS);
  return lower(g.build()).network;
}

describe("encodeInput", () => {
  it("takes integers of the model's type as they are", () => {
    expect(encodeInput(bytes(), [0, 1, 254, 255])).toEqual(Int32Array.of(0, 1, 254, 255));
    expect(inputSize(bytes())).toBe(4);
  });

  it.each([
    [[0, 1, 2, 256], /element 3 is 256, not an integer in \[0, 255\]/],
    [[0, -1, 2, 3], /element 1 is -1/],
    [[0, 1, 2.5, 3], /element 2 is 2.5/],
    [[Number.NaN, 1, 2, 3], /element 0 is NaN/],
    [[0, 1, 2], /3 elements, not 4/],
  ])("refuses %j", (values, reason) => {
    expect(() => encodeInput(bytes(), values)).toThrow(InputError);
    expect(() => encodeInput(bytes(), values)).toThrow(reason);
  });

  it("quantises floats, ties to even, saturating", () => {
    const encode = (...x: number[]) => [...encodeInput(floats(1), x)];
    expect(encode(-0.75, -0.7499, -0.25, 0.25)).toEqual([-2, -1, 0, 0]);
    expect(encode(0.2501, 9, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)).toEqual([
      1, 1, 1, -2,
    ]);
    expect(() => encode(0, 0, 0, Number.NaN)).toThrow(/element 3 is not a number/);
  });

  it("quantises floats that a negative factor turns", () => {
    const encode = (...x: number[]) => [...encodeInput(floats(-1), x)];
    expect(encode(0.75, 0.7499, 0.25, -0.25)).toEqual([-2, -1, 0, 0]);
    expect(encode(-0.2501, -9, 9, 0)).toEqual([1, 1, -2, 0]);
  });

  it("rounds doubles to float32 first", () => {
    const justAbove = 0.25 + 2 ** -40;
    expect(encodeInput(floats(1), [justAbove, 0, 0, 0])[0]).toBe(0);
  });
});

describe("decodeOutput", () => {
  const withHead = (head: Head): Network => {
    const network = bytes();
    return { ...network, output: { ...network.output, head } };
  };

  it("gives real numbers where the model does", () => {
    expect([...decodeOutput(bytes(), [3, -2])]).toEqual([1.5, -1]);
  });

  it("applies softmax, also to large scores", () => {
    const [a = 0, b = 0] = decodeOutput(withHead("softmax"), [4, 2]);
    expect(a + b).toBeCloseTo(1, 12);
    expect(a / b).toBeCloseTo(Math.E, 12);
    expect([...decodeOutput(withHead("softmax"), [30000, 0])]).toEqual([1, 0]);
  });

  it("applies logSoftmax and sigmoid", () => {
    const [a = 0, b = 0] = decodeOutput(withHead("logSoftmax"), [4, 2]);
    expect(a - b).toBeCloseTo(1, 12);
    expect(decodeOutput(withHead("sigmoid"), [0, 2])[0]).toBe(0.5);
  });

  it("leaves decisions to the caller", () => {
    expect([...decodeOutput(withHead("argMax"), [3, -2])]).toEqual([1.5, -1]);
  });

  it("puts elements in the model's order", () => {
    const network = bytes();
    const output = { ...network.output, source: Int32Array.of(1, 0) };
    expect([...decodeOutput({ ...network, output }, [3, -2])]).toEqual([-1, 1.5]);
  });
});
