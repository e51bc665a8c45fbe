import { expect, it } from "vitest";
import { tensorAt } from "../../src/network/types.js";
import { rowProduct } from "../../src/simulate/product.js";
import { seeded } from "../support/random.js";
import { drawNetwork } from "./draw.js";
import { DRAW_LAYER } from "./draw-layers.js";
import { fitNetwork } from "./fit.js";
import { drawInputs } from "./inputs.js";

const SEEDS = Array.from({ length: 400 }, (_, i) => i + 1);
const networks = SEEDS.map(drawNetwork);
const layers = networks.flatMap((network) => network.layers);

it("draws layers of every kind, requantised in every way", () => {
  expect(new Set(layers.map(({ kind }) => kind))).toEqual(new Set(Object.keys(DRAW_LAYER)));
  const rules = layers.flatMap((l) => ("requantization" in l ? l.requantization : []));
  const kinds = new Set(rules.map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(["none", "thresholds", "table", "fixed-point"]));
  const bits = new Set(rules.flatMap((rule) => (rule.kind === "fixed-point" ? rule.bits : [])));
  expect([31, 32, 33].filter((n) => !bits.has(n))).toEqual([]);
  expect(Math.max(...bits)).toBeGreaterThan(50);
  const weights = layers.flatMap((layer) => ("weights" in layer ? layer.weights.kind : []));
  expect(new Set(weights).size).toBe(4);
});

it("draws the same for the same seed, and nothing that fitting would change", () => {
  for (const [i, network] of networks.entries()) {
    expect(drawNetwork(SEEDS[i] ?? 0)).toEqual(network);
    expect(fitNetwork(network)).toEqual(network);
  }
});

it("drives accumulators to their proved bounds, and those to their limit", () => {
  let largest = 0;
  let reached = 0;
  for (const [i, network] of networks.entries()) {
    const [layer] = network.layers;
    if (layer?.kind !== "dense" || layer.positions > 1) continue;
    if (tensorAt(network, layer.input).type === "float32") continue;
    const product = rowProduct(layer.weights);
    const rows = drawInputs(network, seeded(SEEDS[i] ?? 0), 0).map((input) =>
      Int32Array.from(input, (x) => x - layer.zero),
    );
    const isReached = layer.accumulators.some(({ low, high }, output) => {
      const sums = rows.map((row) => product(output, row));
      largest = Math.max(largest, -low, high);
      return sums.includes(low) && sums.includes(high);
    });
    expect(isReached, `seed ${SEEDS[i]}`).toBe(true);
    reached++;
  }
  expect(reached).toBeGreaterThan(5);
  expect(largest).toBeGreaterThan(2 ** 29);
});
