import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { load } from "../../../src/compile.js";
import { DiagnosticError } from "../../../src/diagnostics.js";
import { formatNpy, type NumberData } from "../../../src/io/npy.js";
import { decodeOutput, encodeInput } from "../../../src/simulate/codec.js";
import { createSimulator } from "../../../src/simulate/index.js";
import { seeded } from "../../support/random.js";

type Arrays = Readonly<Record<string, readonly [shape: readonly number[], data: NumberData]>>;

function npz(arrays: Arrays): Uint8Array {
  const entries = Object.entries(arrays).map(([name, [shape, data]]) => [
    `${name}.npy`,
    formatNpy(data, shape),
  ]);
  return zipSync(Object.fromEntries(entries));
}

const read = (bytes: Uint8Array) => load({ name: "n.npz", bytes, external: () => undefined });

function problem(arrays: Arrays) {
  try {
    read(npz(arrays));
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0];
    throw error;
  }
  throw new Error("it was read");
}

function run(arrays: Arrays, input: readonly number[]): number[] {
  const { network } = read(npz(arrays));
  const simulate = createSimulator(network);
  return Array.from(
    decodeOutput(network, simulate.run(encodeInput(network, Float32Array.from(input)))),
  );
}

const trits = (...values: number[]) => Int8Array.from(values);
const reals = (...values: number[]) => Float32Array.from(values);

const FIRST = [[2, 2], trits(1, 0, 1, -1)] as const;
const SECOND = [[2, 1], trits(1, -1)] as const;

test("a sign has no zero: only what is above it is 1", () => {
  const one: Arrays = { w: [[2, 2], trits(1, 0, 1, 1)] };
  expect(run(one, [1, -1])).toEqual([-1, -1]); // the first sum is 0
  expect(run(one, [0, 1])).toEqual([-1, 1]); // the first input is 0, so -1
  expect(run({ ...one, b: [[2], reals(1e-30, -1)] }, [1, -1])).toEqual([1, -1]);
});

test("a random chain, by its formula", () => {
  const random = seeded(5);
  const sizes = [7, 9, 6, 3];
  const layers = sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i] ?? 0;
    const w = Array.from({ length: inputs * outputs }, () => random.integer(-1, 1));
    const b = Array.from({ length: outputs }, () => random.integer(-4, 4) / 2);
    return { inputs, outputs, w, b };
  });
  const arrays = Object.fromEntries(
    layers.flatMap(({ inputs, outputs, w, b }, i) => [
      [`w${i}`, [[inputs, outputs], reals(...w)]],
      [`b${i}`, [[1, outputs], Float64Array.from(b)]],
    ]),
  );
  const sign = (x: number): number => (x > 0 ? 1 : -1);
  for (let round = 0; round < 50; round++) {
    const input = Array.from({ length: 7 }, () => random.integer(-2, 2) / 4);
    const expected = layers.reduce(
      (x, { outputs, w, b }) =>
        b.map((bias, o) =>
          sign(x.reduce((sum, v, i) => sum + v * (w[i * outputs + o] ?? 0), bias)),
        ),
      input.map(sign),
    );
    expect(run(arrays, input)).toEqual(expected);
  }
});

describe("names", () => {
  const bias = [[1], reals(0.5)] as const;
  const expected = run({ w0: FIRST, w1: SECOND, b1: bias }, [1, -1]);
  test.each<[string, Arrays]>([
    ["W1, b2", { W2: SECOND, b2: bias, W1: FIRST }],
    ["layer.role", { "layer0.weight": FIRST, "layer1.weight": SECOND, "layer1.bias": bias }],
    ["role before", { weights_9: FIRST, weights_10: SECOND, bias_10: bias }],
    ["paths", { "fc1/kernel": FIRST, "out2/kernel": SECOND, "out2/bias": bias }],
    ["none", { arr_0: FIRST, arr_1: SECOND, arr_2: bias }],
    [
      "the first without a number",
      { "dense/kernel": FIRST, "dense_1/kernel": SECOND, "dense_1/bias": bias },
    ],
  ])("%s", (_, arrays) => {
    expect(run(arrays, [1, -1])).toEqual(expected);
  });

  test.each<[string, Arrays, string]>([
    ["no order", { w: FIRST, out_w: SECOND }, "nothing says which layer comes first"],
    ["the same number", { conv1_w: FIRST, fc1_w: SECOND }, "nothing says which"],
    ["two weights of a layer", { w0: FIRST, weight0: FIRST }, "two weights for one layer"],
    ["a bias without weights", { w0: FIRST, b1: bias }, "no weights have that name"],
    ["something else", { w0: FIRST, threshold0: bias }, "neither weight nor bias"],
    ["no weights", { b0: bias }, "no weights"],
    ["a nameless bias first", { arr_0: bias, arr_1: FIRST }, "no matrix, nor a bias"],
  ])("%s is refused", (_, arrays, message) => {
    expect(problem(arrays)).toMatchObject({
      code: "read/npz-names",
      message: expect.stringContaining(message),
      where: { file: "n.npz" },
    });
  });
});

describe("arrays that do not fit", () => {
  test.each<[string, Arrays, string, string]>([
    ["a weight of 2", { w: [[1, 2], trits(1, 2)] }, "read/not-trits", "weight [0, 1] is 2"],
    ["not a number", { w: [[1, 1], reals(Number.NaN)] }, "read/not-trits", "is NaN"],
    [
      "sizes",
      { w0: FIRST, w1: [[1, 4], trits(1, 0, 1, -1)] },
      "read/shape-mismatch",
      "take 1 inputs, but w0 gives 2",
    ],
    ["three axes", { w: [[1, 1, 2], trits(1, 1)] }, "read/shape-mismatch", "have 3 axes"],
    ["a bias", { w: FIRST, b: [[3], reals(1, 2, 3)] }, "read/shape-mismatch", "for 2 outputs"],
    [
      "an infinite bias",
      { w: FIRST, b: [[2], reals(1, Number.POSITIVE_INFINITY)] },
      "read/not-finite",
      "at index 1",
    ],
    ["nothing", { w: [[0, 2], trits()] }, "read/npz-array", "empty"],
  ])("%s", (_, arrays, code, message) => {
    expect(problem(arrays)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test("transposed weights are recognised", () => {
    const turned: Arrays = { w0: FIRST, w1: [[1, 2], trits(1, -1)] };
    expect(problem(turned)?.hint).toContain("save w.T");
  });
});
