import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { compile, load } from "../../../src/compile.js";
import { readArray } from "../../../src/io/arrays.js";
import { readModelFile } from "../../../src/io/files.js";
import { readInputs } from "../../../src/io/inputs.js";
import { simulateAll } from "../../../src/simulate/batch.js";
import { decodeOutput } from "../../../src/simulate/codec.js";
import { findTarget } from "../../../src/targets/index.js";
import { verifyTarget } from "../../../src/verify/index.js";
import { subjectOf, vectorsOf } from "../../../src/verify/subject.js";
import { describeWith } from "../../verify/toolchains.js";

/** Made by make_tf2.py and make_keras3.py there, with the frameworks themselves. */
const FOLDER = "test/models/keras";
/** Architectures in JSON have their weights beside them; they are read from either. */
const FILES = readdirSync(FOLDER).filter((file) => /\.(h5|keras|json)$/.test(file));
/** What float32 sums of the frameworks are off by. */
const FLOAT32_NOISE = 1e-5;

const nameOf = (file: string): string => file.replace(/([._]weights)?\.\w+$/, "");

describe.each(FILES)("%s", (file) => {
  it("computes what the framework does", async () => {
    const { network } = load(readModelFile(join(FOLDER, file)));
    const inputs = readInputs(network, join(FOLDER, `${nameOf(file)}.inputs.npy`));
    const { values } = await simulateAll(network, inputs);
    const expected = Array.from(readArray(join(FOLDER, `${nameOf(file)}.outputs.npy`)).data);
    const size = values.length / inputs.count;
    const actual = Array.from({ length: inputs.count }, (_, i) =>
      Array.from(decodeOutput(network, values.subarray(i * size, (i + 1) * size))),
    ).flat();
    const largest = Math.max(...expected.map(Math.abs));
    const differences = actual.map((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)));
    expect(actual.length).toBe(expected.length);
    expect(Math.max(...differences)).toBeLessThanOrEqual(FLOAT32_NOISE * Math.max(1, largest));
  });
});

describeWith(["cc"], "the C of Keras models, natively", () => {
  it.each(FILES.filter((file) => !file.includes("weights.h5")))("%s", async (file) => {
    const model = readModelFile(join(FOLDER, file));
    const { network, files } = compile(model, { name: "m", target: findTarget("cortex-m4") });
    const inputs = readInputs(network, join(FOLDER, `${nameOf(file)}.inputs.npy`));
    const vectors = vectorsOf(network, inputs, await simulateAll(network, inputs));
    const report = await verifyTarget(
      subjectOf(network, "m", files),
      vectors,
      findTarget("native"),
    );
    expect(report).toMatchObject({ equal: true, vectors: inputs.count, firstDifference: null });
  });
});

const SHARED = "../shared/data/models/KERAS_3layer_ternary_small";
const there = existsSync(`${SHARED}.json`);
if (!there) console.warn(`SKIPPED: a trained Keras network, ${SHARED} is not there`);

test.skipIf(!there)("a trained Keras network of TernaryDense layers has trits", () => {
  // It quantises no input, so that it takes calibration to compile.
  expect(() => load(readModelFile(`${SHARED}_weights.h5`))).toThrow("lower/input-not-quantised");
});
