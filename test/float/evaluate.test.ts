import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createEvaluator } from "../../src/float/evaluate.js";
import { readArray } from "../../src/io/arrays.js";
import { readModelFile } from "../../src/io/files.js";
import { readModel } from "../../src/read/index.js";
import { evaluate } from "../graph/evaluate.js";

const models = new URL("../models/", import.meta.url).pathname;
const names = readdirSync(models)
  .filter((name) => name.endsWith(".onnx"))
  .map((name) => name.slice(0, -".onnx".length));

describe.each(names)("float evaluation of %s", (name) => {
  const { bytes, external } = readModelFile(`${models}${name}.onnx`);
  const { graph } = readModel(bytes, name, external);
  const { data, shape } = readArray(`${models}${name}.inputs.npy`);
  const size = data.length / (shape[0] ?? 1);
  const input = data.subarray(0, size);

  it("is that of the reference written for clarity, tensor by tensor", () => {
    const { run, values } = createEvaluator(graph, "exact");
    run(input);
    for (const [tensor, expected] of evaluate(graph, input)) {
      const found = values.get(tensor) ?? new Float64Array();
      expect(found.length).toBe(expected.length);
      const scale = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-30);
      const off = expected.reduce((most, v, i) => Math.max(most, Math.abs(v - (found[i] ?? 0))), 0);
      expect(off / scale, tensor).toBeLessThan(1e-6);
    }
  });
});
