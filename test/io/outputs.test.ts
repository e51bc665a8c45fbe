import { describe, expect, it } from "vitest";
import { load } from "../../src/compile.js";
import { readModelFile } from "../../src/io/files.js";
import { integerOutputs, modelOutputs } from "../../src/io/outputs.js";
import { simulateAll } from "../../src/simulate/batch.js";
import { seededInputs } from "../../src/verify/subject.js";

async function outputsOf(model: string) {
  const { network } = load(readModelFile(`test/models/${model}.onnx`));
  return { network, outputs: await simulateAll(network, seededInputs(network, 1, 3)) };
}

describe("outputs", () => {
  it("of a picture are channels-first for a model and channels-last for C", async () => {
    const { network, outputs } = await outputsOf("output_map");
    const model = modelOutputs(network, outputs);
    const raw = integerOutputs(network, outputs);
    expect(model).toMatchObject({ type: "float32", shape: [3, 2, 8, 8] });
    expect(raw.shape).toEqual([3, 8, 8, 2]);
    const { real } = network.output;
    if (real === null) throw new Error("the model has changed");
    for (const [y, x, c] of [
      [0, 1, 0],
      [7, 3, 1],
    ] as const) {
      const q = raw.data[128 + (y * 8 + x) * 2 + c] ?? Number.NaN;
      const at = 128 + (c * 8 + y) * 8 + x;
      expect(model.data[at]).toBe(Math.fround(q * real.scale + real.offset));
    }
  });

  it("of a model that gives integers are those integers", async () => {
    const { network, outputs } = await outputsOf("output_uint8");
    const model = modelOutputs(network, outputs);
    expect(model).toMatchObject({ type: "uint8", shape: [3, 10] });
    expect(model.data).toEqual(outputs.values);
  });
});
