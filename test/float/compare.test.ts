import { describe, expect, it } from "vitest";
import { load } from "../../src/compile.js";
import { compareWithFloat } from "../../src/float/compare.js";
import { openReference } from "../../src/float/reference.js";
import { readModelFile } from "../../src/io/files.js";
import { encodeInputs, readModelInputs } from "../../src/io/inputs.js";
import type { Network } from "../../src/network/types.js";
import { simulateAll } from "../../src/simulate/batch.js";

const models = new URL("../models/", import.meta.url).pathname;

async function compared(name: string, change: (network: Network) => Network = (n) => n) {
  const model = readModelFile(`${models}${name}.onnx`);
  const { graph, network } = load(model);
  const file = `${models}${name}.inputs.npy`;
  const inputs = readModelInputs(network, file);
  const changed = change(network);
  const outputs = await simulateAll(changed, encodeInputs(network, inputs, file));
  const reference = await openReference(model, graph);
  const claim = { network: changed, meaning: graph };
  const found = await compareWithFloat(claim, reference, { inputs, outputs, labels: null });
  return { ...found, reference };
}

/** The first weight of the first layer that has some, turned round. */
function flipped(network: Network): Network {
  let done = false;
  const layers = network.layers.map((layer) => {
    if (done || !("weights" in layer)) return layer;
    done = true;
    const values = layer.weights.values.slice();
    const at = values.findIndex((w) => w !== 0);
    values[at] = -(values[at] ?? 0);
    return { ...layer, weights: { ...layer.weights, values } };
  });
  return { ...network, layers };
}

describe("the simulator against onnxruntime-web", () => {
  it.each([
    "head_argmax",
    "head_softmax",
    "external_weights",
    "finn_thresholds",
    "qonnx_rounding_modes",
    "qonnx_1w2a",
    "quantized_weights",
    "output_uint8",
  ])("agrees on %s", async (name) => {
    const { reference, different, sameClass, inputs } = await compared(name);
    expect(reference.name).toMatch(/^onnxruntime-web \d/);
    expect(different).toBe(0);
    expect(sameClass).toBe(inputs);
  });

  it("counts ties that float32 decides otherwise, and explains them", async () => {
    const { different, rounding, firstDifferent } = await compared("average_pool_ties_any_scale");
    expect(different).toBeGreaterThan(0);
    expect(rounding).toBe(different);
    expect(firstDifferent).toBe(0);
  });

  it("does not explain a wrong weight away", async () => {
    const { different, rounding, firstUnexplained } = await compared("head_argmax", flipped);
    expect(different).toBeGreaterThan(0);
    expect(rounding).toBe(0);
    expect(firstUnexplained).not.toBeNull();
  });

  it("falls back on the evaluator where the runtime refuses, and says why", async () => {
    const { reference, different } = await compared("qonnx_2w2a");
    expect(reference.why).toContain("onnxruntime-web does not run this model");
    expect(different).toBe(0);
  });
});
