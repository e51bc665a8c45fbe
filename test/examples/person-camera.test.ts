import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compile } from "../../src/compile.js";
import { readArray } from "../../src/io/arrays.js";
import { readModelFile } from "../../src/io/files.js";
import { readInputs } from "../../src/io/inputs.js";
import { simulateAll } from "../../src/simulate/batch.js";
import { decodeOutput } from "../../src/simulate/codec.js";
import { findTarget } from "../../src/targets/index.js";
import { verifyTarget } from "../../src/verify/index.js";
import { subjectOf, vectorsOf } from "../../src/verify/subject.js";
import { describeWith } from "../verify/toolchains.js";

const FOLDER = "examples/person-camera";
const SAMPLES = `${FOLDER}/sample_images.npy`;
const PHOTOGRAPHS = fileURLToPath(
  new URL("../../../shared/data/images/person32_cifar100.npz", import.meta.url),
);
const there = existsSync(PHOTOGRAPHS);
if (!there) console.warn(`SKIPPED: accuracy of ${FOLDER} on photographs, there are none here`);

/** Of every fifth photograph, 200 in all. */
const RIGHT = 184;

const model = readModelFile(`${FOLDER}/model.onnx`);
const { network, files, facts } = compile(model, { name: "p", target: findTarget("cortex-m4") });
const samples = readInputs(network, SAMPLES);

/** Logits of the integer network, two an input. */
async function simulated(inputs: typeof samples): Promise<number[][]> {
  const { values } = await simulateAll(network, inputs);
  return Array.from({ length: inputs.count }, (_, i) =>
    Array.from(decodeOutput(network, values.subarray(2 * i, 2 * i + 2))),
  );
}

/** The photographs are in the order of their classes: some of each. */
function everyFifth({ count, values }: typeof samples): typeof samples {
  const size = values.length / count;
  const taken = values.filter((_, at) => Math.floor(at / size) % 5 === 0);
  return { count: Math.ceil(count / 5), values: taken };
}

describe(FOLDER, () => {
  it("takes a frame's bytes in their own order, with ternary weights in every layer", () => {
    expect(facts.input).toMatchObject({ type: "uint8", shape: [32, 32, 3] });
    expect(network.layers.map(({ kind }) => kind)).not.toContain("gather");
    const kinds = facts.layers.flatMap(({ weights }) => weights?.kind ?? []);
    expect(kinds).toEqual(Array(7).fill("ternary"));
  });

  it("fits the memory that the model card says", () => {
    expect(facts.total.macs).toBeLessThan(5e6);
    expect(facts.total.tableBytes + facts.total.codeBytes).toBeLessThan(64 * 1024);
    expect(facts.total.arenaBytes).toBeLessThan(24 * 1024);
  });

  it("is simulated as onnxruntime computes it", async () => {
    const expected = Array.from(readArray(`${FOLDER}/sample_logits.npy`).data, Number);
    const actual = (await simulated(samples)).flat();
    expect(actual.length).toBe(expected.length);
    const differences = actual.map((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  it.skipIf(!there)("sees who is there, on photographs that it was not trained on", async () => {
    const classes = Array.from(readArray(`${PHOTOGRAPHS}:y_test`).data, Number);
    const right = (
      await simulated(everyFifth(readInputs(network, `${PHOTOGRAPHS}:x_test`)))
    ).filter(([nobody = 0, person = 0], i) => Number(person > nobody) === classes[5 * i]);
    // What onnxruntime gets right; of all 1,000 photographs, the model card says.
    expect(right).toHaveLength(RIGHT);
  });
});

describeWith(["cc", "arm-gcc", "qemu-arm"], `the C of ${FOLDER}`, () => {
  it.each(["native", "cortex-m4"])("equals the simulator on %s", async (target) => {
    const vectors = vectorsOf(network, samples, await simulateAll(network, samples));
    const report = await verifyTarget(subjectOf(network, "p", files), vectors, findTarget(target), {
      countedVectors: 0,
    });
    expect(report).toMatchObject({ equal: true, vectors: 8, firstDifference: null });
  });
});
