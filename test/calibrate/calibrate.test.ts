import { describe, expect, it } from "vitest";
import { calibrate } from "../../src/calibrate/index.js";
import { placesOf } from "../../src/calibrate/places.js";
import { createEvaluator } from "../../src/float/evaluate.js";
import type { Graph } from "../../src/graph/types.js";
import { lower } from "../../src/network/lower/index.js";
import { decodeOutput, encodeInput } from "../../src/simulate/codec.js";
import { createSimulator } from "../../src/simulate/index.js";
import { GraphBuilder } from "../support/graph-builder.js";

const TRITS = [1, 0, -1, 1, -1, 0, 0, 1, -1, 1, 1, -1];
const trits = (count: number, scale = 0.3): number[] =>
  Array.from({ length: count }, (_, i) => scale * (TRITS[(i * 7) % 12] ?? 0));

/** conv, BatchNorm, SiLU, a residual addition, a mean, and a dense layer with float weights. */
function network(): Graph {
  const g = new GraphBuilder([1, 2, 6, 6], "real");
  const options = { kernel: [3, 3], pads: [1, 1, 1, 1] } as const;
  const first = g.conv("x", [4, 2, 3, 3], trits(72), options);
  const norm = g.batchNorm(first, { gamma: [1, -2, 0.5, 1], beta: [0.1, 0, -0.3, 0.2] });
  const a = g.unary(norm, { name: "silu" });
  const second = g.conv(a, [4, 4, 1, 1], trits(16));
  const sum = g.relu(g.sum(a, second));
  const mean = g.averagePool(sum, { kernel: [6, 6] });
  const flat = g.reshape(mean, [1, 4]);
  const weights = Array.from({ length: 12 }, (_, i) => Math.sin(1 + i));
  return g.build(g.dense(flat, [3, 4], weights));
}

function inputs(count: number, size: number) {
  const data = Float32Array.from(
    { length: count * size },
    (_, i) => Math.sin(0.37 * i + i * i) / 2,
  );
  return { count, data };
}

function meanOutput(graph: Graph, { count, data }: { count: number; data: Float32Array }) {
  const { run, values } = createEvaluator(graph, "float32");
  const size = data.length / count;
  const sums: number[] = [];
  for (let i = 0; i < count; i++) {
    run(data.subarray(i * size, (i + 1) * size));
    for (const [c, y] of (values.get(graph.output) ?? []).entries()) {
      sums[c] = (sums[c] ?? 0) + y / count;
    }
  }
  return sums;
}

describe("calibration", () => {
  it("puts quantisers where integers are needed, and nowhere else", () => {
    const graph = network();
    const made = (kind: string) => graph.nodes.filter((n) => n.kind === kind).map((n) => n.output);
    const places = placesOf(graph).flat();
    const expected = [
      "x",
      ...made("batchNorm"),
      ...made("unary"),
      ...made("conv").slice(1),
      ...made("clip"),
      ...made("averagePool"),
    ];
    expect(places.toSorted()).toEqual(expected.toSorted());
  });

  it.each(["minmax", "percentile", "mse"] as const)(
    "by %s stays near the float model",
    (method) => {
      const graph = network();
      const { calibration } = calibrate(graph, inputs(80, 72), { method, percentile: 99.9 });
      expect(calibration.inputs).toBe(40);
      expect(calibration.output).toMatchObject({ inputs: 40 });
      expect(calibration.output.signalToNoise).toBeGreaterThan(25);
      expect(calibration.output.sameClass).toBeGreaterThanOrEqual(38);
      expect(calibration.weights).toHaveLength(1);
      expect(calibration.weights[0]?.signalToNoise).toBeGreaterThan(40);
    },
  );

  it("takes back the mean shift of what it clips", () => {
    const given = inputs(40, 72);
    const choice = { method: "percentile", percentile: 80 } as const;
    const { graph, calibration } = calibrate(network(), given, choice);
    expect(calibration.corrected).toBeGreaterThan(0);
    const [float, clipped] = [network(), graph].map((each) => meanOutput(each, given));
    for (const [c, mean] of (float ?? []).entries()) expect(clipped?.[c]).toBeCloseTo(mean, 3);
  });

  it("leaves biases alone where nothing is shifted", () => {
    const g = new GraphBuilder([1, 2, 6, 6], "real");
    const signs = g.requantize(g.conv("x", [2, 2, 1, 1], trits(4)), { kind: "bipolar" });
    const graph = g.build(g.conv(signs, [2, 2, 1, 1], trits(4)));
    const levels = inputs(20, 72).data.map((x) => Math.round(100 * x) / 128);
    levels.fill(127 / 128, 0, 1).fill(-1, 1, 2);
    const choice = { method: "minmax", percentile: 100 } as const;
    const { calibration } = calibrate(graph, { count: 20, data: levels }, choice);
    expect(calibration.corrected).toBe(0);
  });

  it("gives a graph that lowers to integers which compute what it says", () => {
    const { graph } = calibrate(network(), inputs(20, 72), { method: "mse", percentile: 100 });
    const { network: integers } = lower(graph);
    const simulator = createSimulator(integers);
    const { run, values } = createEvaluator(graph, "exact");
    const { data } = inputs(20, 72);
    for (let i = 0; i < 20; i++) {
      const input = data.subarray(i * 72, (i + 1) * 72);
      run(input);
      const found = decodeOutput(integers, simulator.run(encodeInput(integers, input)));
      for (const [k, value] of (values.get(graph.output) ?? []).entries()) {
        expect(found[k]).toBeCloseTo(value, 5);
      }
    }
  });

  it("sees that x * sigmoid(x) is a function of one tensor", () => {
    const g = new GraphBuilder([1, 2, 4, 4], "real");
    const conv = g.conv("x", [2, 2, 1, 1], trits(4));
    const silu = g.binary("mul", conv, g.unary(conv, { name: "sigmoid" }));
    const graph = g.build(g.conv(silu, [2, 2, 1, 1], trits(4)));
    expect(placesOf(graph).flat()).toEqual(["x", conv, silu]);
  });

  it.each([
    { rises: true, gamma: [1, 0.5] },
    { rises: false, gamma: [1, -0.5] },
  ])("lets maxima wait for the model's own quantiser: $rises", ({ rises, gamma }) => {
    const g = new GraphBuilder([1, 2, 4, 4], "real");
    const conv = g.conv("x", [2, 2, 1, 1], trits(4));
    const pooled = g.maxPool(conv, { kernel: [2, 2], strides: [2, 2] });
    const signs = g.requantize(g.batchNorm(pooled, { gamma, beta: [0.1, 0.2] }), {
      kind: "bipolar",
    });
    const graph = g.build(g.conv(signs, [2, 2, 1, 1], trits(4)));
    expect(placesOf(graph).flat()).toEqual(rises ? ["x"] : ["x", conv]);
  });

  it("gives the parts of a concatenation one scale", () => {
    const g = new GraphBuilder([1, 2, 4, 4], "real");
    const a = g.relu(g.conv("x", [2, 2, 1, 1], trits(4)));
    const b = g.relu(g.conv("x", [2, 2, 1, 1], trits(4, 3)));
    const graph = g.build(g.conv(g.concat([a, b], 1), [2, 4, 1, 1], trits(8)));
    const { calibration } = calibrate(graph, inputs(20, 32), { method: "minmax", percentile: 100 });
    const scales = calibration.tensors.filter(({ tensor }) => [a, b].includes(tensor));
    expect(new Set(scales.map(({ scale }) => scale)).size).toBe(1);
    expect(() => lower(calibrate(graph, inputs(20, 32), calibration).graph)).not.toThrow();
  });

  it("warns of constant activations, and refuses those that are no numbers", () => {
    const zeros = { count: 20, data: new Float32Array(20 * 72) };
    const choice = { method: "mse", percentile: 100 } as const;
    const { remarks } = calibrate(network(), zeros, choice);
    expect(remarks.map(({ code }) => code)).toContain("lower/constant-activation");
    zeros.data.fill(3e38);
    expect(() => calibrate(network(), zeros, choice)).toThrow("lower/calibration-not-finite");
  });
});
