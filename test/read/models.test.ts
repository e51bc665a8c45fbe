import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { sizeOf } from "../../src/graph/nodes.js";
import { readArray } from "../../src/io/arrays.js";
import { type ReadResult, readModel } from "../../src/read/index.js";
import { outputOf } from "../graph/evaluate.js";
import { constantOf, kinds } from "./reading.js";

/** Reads a model file, with the files beside it. */
function readFile(file: string): ReadResult {
  return readModel(readFileSync(file), file, (location) => {
    const path = join(dirname(file), location);
    return existsSync(path) ? readFileSync(path) : undefined;
  });
}

/** Largest difference between the graph in double precision and the given outputs. */
function worstError(
  file: string,
  inputs: ArrayLike<number>,
  outputs: ArrayLike<number>,
  vectors: number,
) {
  const { graph } = readFile(file);
  const size = sizeOf(graph.tensors.get(graph.input)?.shape ?? []);
  let worst = 0;
  for (let v = 0; v < vectors; v++) {
    const actual = outputOf(
      graph,
      Array.from({ length: size }, (_, i) => inputs[v * size + i] ?? 0),
    );
    for (const [i, y] of actual.entries()) {
      worst = Math.max(worst, Math.abs(y - (outputs[v * actual.length + i] ?? Number.NaN)));
    }
  }
  return worst;
}

const here = fileURLToPath(new URL("../models/", import.meta.url));
const fixtures = readdirSync(here).filter((name) => name.endsWith(".onnx"));

test("there are models to read", () => {
  expect(fixtures.length).toBeGreaterThan(20);
});

test.each(fixtures)("%s means what an independent runtime computes", (name) => {
  const base = join(here, name.replace(/\.onnx$/, ""));
  const inputs = readArray(`${base}.inputs.npy`).data;
  const outputs = readArray(`${base}.outputs.npy`).data;
  expect(worstError(`${base}.onnx`, numbers(inputs), numbers(outputs), 3)).toBeLessThan(1e-5);
});

const shared = fileURLToPath(new URL("../../../shared/data/models/", import.meta.url));
const sharedImages = join(shared, "../images/mnist.npz");

if (!existsSync(shared)) console.warn("skipped: the models in ../shared/data/models are not there");

describe.skipIf(!existsSync(shared))(
  "models in ../shared (skipped where that folder is not)",
  () => {
    const images = existsSync(sharedImages)
      ? numbers(readArray(`${sharedImages}:x_test`).data)
      : [];
    const pixels = Array.from({ length: 3 * 784 }, (_, i) => images[i] ?? 0);
    const unit = pixels.map((pixel) => Math.fround(pixel / 255));

    test.each([
      ["TFC_1W1A", "TFC_1W1A_mnist_test_logits", unit],
      ["TFC_1W2A", "TFC_1W2A_mnist_test_logits", unit],
      ["mlp_ternary_qdq", "mlp_ternary_qdq_logits", pixels],
      ["mlp_ternary_bn", "mlp_ternary_qdq_logits", pixels],
      ["cnn28_ternary_qdq", "cnn28_ternary_qdq_logits", pixels],
      ["cnn28_ternary_bn", "cnn28_ternary_qdq_logits", pixels],
    ])("%s gives the logits of the float model", (name, logits, inputs) => {
      const expected = numbers(readArray(`${join(shared, logits)}.npz:logits`).data);
      expect(worstError(`${join(shared, name)}.onnx`, inputs, expected, 3)).toBeLessThan(1e-4);
    });

    test("networks that are not ternary are read as they are", () => {
      const words = readFile(join(shared, "kwsmlp_w3a3.onnx")).graph;
      expect(kinds(words).filter((kind) => kind === "dense")).toHaveLength(4);
      const first = words.nodes.find((node) => node.kind === "dense");
      const grid = constantOf(words, first?.kind === "dense" ? first.weight : "").grid;
      expect(grid).toMatchObject({ axis: 0 });
      expect(grid?.scales).toHaveLength(256);
      const jets = readFile(join(shared, "qkeras_jettagging.onnx")).graph;
      expect(kinds(jets).at(-1)).toBe("softmax");
    });

    test("a FINN-lowered file has its thresholds as quantisers, and -1 and +1 between layers", () => {
      const { graph } = readFile(join(shared, "build_dataflow_model.onnx"));
      const quantizers = graph.nodes.flatMap((n) => (n.kind === "quantize" ? [n.quantizer] : []));
      expect(quantizers).toHaveLength(4);
      for (const quantizer of quantizers) {
        expect(quantizer).toMatchObject({ kind: "thresholds", count: 1, base: -1, step: 2 });
      }
    });

    test("a network of 236,000 weights is read in a third of a second", () => {
      const start = performance.now();
      readFile(join(shared, "mlp_ternary_qdq.onnx"));
      expect(performance.now() - start).toBeLessThan(300);
    });
  },
);

function numbers(data: ArrayLike<number | bigint>): number[] {
  return Array.from(data, Number);
}
