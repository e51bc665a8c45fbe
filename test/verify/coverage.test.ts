import { describe, expect, it } from "vitest";
import { load } from "../../src/compile.js";
import { readModelFile } from "../../src/io/files.js";
import { lower } from "../../src/network/lower/index.js";
import type { Network, WeightKind } from "../../src/network/types.js";
import { createSimulator } from "../../src/simulate/index.js";
import { chooseInputs } from "../../src/verify/choose.js";
import { coverageOf } from "../../src/verify/coverage.js";
import { seededInputs } from "../../src/verify/subject.js";
import { GraphBuilder, uniform } from "../support/graph-builder.js";
import { seeded } from "../support/random.js";

const networkOf = (path: string) => load(readModelFile(path)).network;

/** A product of noise that saturates all of its neurons: the sums are far from the few steps. */
function saturated(): Network {
  const builder = new GraphBuilder([1, 40], "uint8");
  const random = seeded(4);
  const weights = Array.from({ length: 40 * 12 }, () => random.integer(-1, 1));
  const bias = Array.from({ length: 12 }, () => -900);
  const input = builder.dequantize("x", 1);
  const sums = builder.dense(input, [12, 40], weights, bias);
  return lower(builder.build(builder.quantize(sums, uniform(16, { min: 0, max: 15 })))).network;
}

const digits = networkOf("examples/digits/model.onnx");

const NEIGHBOURS: Readonly<Record<WeightKind, (weight: number) => readonly number[]>> = {
  binary: (weight) => [-weight],
  ternary: (weight) => [weight - 1, weight + 1].filter((w) => Math.abs(w) <= 1),
  int4: (weight) => [weight - 1, weight + 1].filter((w) => w >= -8 && w <= 7),
  int8: (weight) => [weight - 1, weight + 1].filter((w) => w >= -128 && w <= 127),
};

/** Plants every fault of a layer, one after the other, and counts those that its output shows. */
function shownByPlanting(network: Network, index: number, inputs: Int32Array[]): number {
  const right = createSimulator(network);
  const outputs = inputs.map((input) => {
    right.run(input);
    return Array.from(right.trace()[index] ?? []);
  });
  const layer = network.layers[index];
  if (layer?.kind !== "conv" && layer?.kind !== "dense") throw new Error("not a weighted layer");
  const { values, kind } = layer.weights;
  let shown = 0;
  for (const [i, weight] of values.entries()) {
    for (const wrong of NEIGHBOURS[kind](weight)) {
      const planted = Int8Array.from(values);
      planted[i] = wrong;
      const weights = { ...layer.weights, values: planted };
      const layers = network.layers.map((other, j) =>
        j === index ? { ...layer, weights } : other,
      );
      const faulty = createSimulator({ ...network, layers });
      const differs = inputs.some((input, v) => {
        faulty.run(input);
        return String(faulty.trace()[index]) !== String(outputs[v]);
      });
      if (differs) shown++;
    }
  }
  return shown;
}

function inputsOf(network: Network, count: number): Int32Array[] {
  const { values } = seededInputs(network, 5, count);
  const size = values.length / count;
  return Array.from({ length: count }, (_, i) =>
    Int32Array.from(values.subarray(i * size, (i + 1) * size)),
  );
}

describe("coverage", () => {
  // Convolutions with padding, ReLU and 8-bit steps; a product without requantisation; signs.
  it.each([
    ["digits", 0, 3, digits],
    ["digits", 5, 3, digits],
    ["signs", 0, 1, networkOf("test/models/qonnx_1w2a.onnx")],
    ["saturated", 0, 6, saturated()],
  ])("counts what planting every fault shows: %s, layer %i", (_, index, count, network) => {
    const inputs = inputsOf(network, count);
    const coverage = coverageOf(network);
    for (const input of inputs) coverage.add(input);
    const found = coverage.layers().find(({ layer }) => layer === index);
    const shown = shownByPlanting(network, index, inputs);
    expect(found?.noticed).toBe(shown);
    expect(shown).toBeGreaterThan(0);
    expect(shown).toBeLessThan(found?.faults ?? 0);
  });
});

describe("chooseInputs", () => {
  it("finds inputs that show every fault of the digits network", () => {
    const { inputs, coverage } = chooseInputs(digits, 1, null);
    for (const { faults, noticed } of coverage.layers()) expect(noticed).toBe(faults);
    expect(inputs.count).toBeLessThan(64);
    expect(inputs.values).toHaveLength(64 * inputs.count);
  });

  it("aims at neurons that noise leaves saturated", () => {
    const network = saturated();
    const noticed = (layers: ReturnType<typeof coverageOf>) => layers.layers()[0]?.noticed ?? 0;
    const noise = coverageOf(network);
    const { inputs, coverage } = chooseInputs(network, 1, 32);
    for (const input of inputsOf(network, inputs.count)) noise.add(input);
    expect(noticed(coverage)).toBeGreaterThan(noticed(noise));
  });

  it("gives as many as are asked for, the same every time", () => {
    const five = chooseInputs(digits, 1, 5).inputs;
    expect(five.count).toBe(5);
    expect(chooseInputs(digits, 1, 5).inputs).toEqual(five);
    expect(chooseInputs(digits, 1, 300).inputs.count).toBe(300);
    expect(chooseInputs(digits, 2, 5).inputs).not.toEqual(five);
  });
});
