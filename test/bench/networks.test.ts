import { describe, expect, test } from "vitest";
import { networkFacts } from "../../src/report/facts.js";
import { floorOf, networkFloor } from "./floors.js";
import { NETWORKS } from "./networks.js";
import { peerLayer, peerNetwork } from "./peers.js";
import { SHAPES } from "./shapes.js";

describe.each(NETWORKS)("$id", ({ id, build }) => {
  test("is the peer's network, layer by layer", () => {
    const { layers } = networkFacts(build({ zeros: 0.5, relu: true }));
    const peer = peerNetwork(id);
    expect(layers.map(({ name }) => name)).toEqual(peer?.layers.map(({ name }) => name));
    expect(layers.map(({ macs }) => macs)).toEqual(peer?.layers.map(({ macs }) => macs));
    // As a trained network's: requantisation with a scale and an offset of each channel.
    const kinds = layers.filter(({ weights }) => weights !== null).map((l) => l.requantization);
    expect(new Set(kinds)).toEqual(new Set(["fixed-point"]));
  });

  test("has zeros as asked for", () => {
    const { layers } = networkFacts(build({ zeros: 0.7, relu: true }));
    const weights = layers.flatMap((layer) => (layer.weights === null ? [] : [layer.weights]));
    const all = weights.reduce((sum, { count }) => sum + count, 0);
    const zeros = weights.reduce((sum, { count, sparsity }) => sum + count * sparsity, 0);
    expect(zeros / all).toBeCloseTo(0.7, 1);
  });
});

test("every shape has a peer's figure and a floor on every core of the table", () => {
  for (const { peer, kind } of SHAPES) {
    for (const target of ["cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m55"]) {
      expect(peerLayer(peer, target)?.cycles).toBeGreaterThan(0);
      expect(floorOf(target, kind, "size", false)).toBeGreaterThan(1);
    }
  }
});

test("the floor of a network is the peer's layers, each by its own factor", () => {
  // fc1, fc2 and fc3 of the multilayer perceptron on the Cortex-M7.
  expect(networkFloor("mlp", "cortex-m7", "size")).toBeCloseTo((334325 + 57397 + 2512) / 3.2, 0);
  // Set for the Cortex-M4.
  expect(networkFloor("resnet8_ic", "cortex-m4", "speed")).toBe(6e6);
  expect(networkFloor("mlp", "lx106", "size")).toBeNull();
});
