import { describe, expect, it } from "vitest";
import { load } from "../../src/compile.js";
import { readModelFile } from "../../src/io/files.js";
import { simulateAll, storageArray } from "../../src/simulate/batch.js";
import { createSimulator } from "../../src/simulate/index.js";
import { seededInputs } from "../../src/verify/subject.js";

const { network } = load(readModelFile("examples/digits/model.onnx"));

describe("simulateAll", () => {
  it("gives each input the output that it has alone", async () => {
    const inputs = seededInputs(network, 3, 5);
    const outputs = await simulateAll(network, inputs);
    expect(outputs).toMatchObject({ count: 5, values: expect.any(Int32Array) });
    const simulator = createSimulator(network);
    for (let i = 0; i < 5; i++) {
      const alone = simulator.run(inputs.values.subarray(64 * i, 64 * (i + 1)));
      expect(outputs.values.slice(10 * i, 10 * (i + 1))).toEqual(alone);
    }
  });

  it("tells how far it is, and lets other work have its turn", async () => {
    const done: number[] = [];
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await simulateAll(network, seededInputs(network, 3, 200), (part, whole) => {
      expect(whole).toBe(200);
      done.push(part);
    });
    clearInterval(timer);
    expect(done.length).toBeGreaterThan(0);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(turns).toBeGreaterThan(0);
  });
});

describe("storageArray", () => {
  it.each([
    ["int8", Int8Array],
    ["uint8", Uint8Array],
    ["int16", Int16Array],
    ["int32", Int32Array],
  ] as const)("%s", (type, kind) => {
    expect(storageArray(type, 3)).toEqual(new kind(3));
  });
});
