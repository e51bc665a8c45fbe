import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compile } from "../src/compile.js";
import { readArray } from "../src/io/arrays.js";
import { readModelFile } from "../src/io/files.js";
import { readInputs } from "../src/io/inputs.js";
import { simulateAll } from "../src/simulate/batch.js";
import { decodeOutput } from "../src/simulate/codec.js";
import { findTarget } from "../src/targets/index.js";
import { verifyTarget } from "../src/verify/index.js";
import { subjectOf, vectorsOf } from "../src/verify/subject.js";
import { describeWith } from "./verify/toolchains.js";

/** See test/models/README.md for the trap that each of them stands for. */
const FOLDER = "test/models";

const modelsIn = (folder: string): string[] =>
  readdirSync(join(FOLDER, folder))
    .filter((file) => file.endsWith(".onnx"))
    .map((file) => join(folder, file.replace(/\.onnx$/, "")));

/** Made by hand, node by node. */
const MADE = modelsIn(".");
/** Written by the exporters and quantisers of frameworks: see test/models/exporters. */
const EXPORTED = modelsIn("exported");
const MODELS = [...MADE, ...EXPORTED];

/**
 * Outputs of an independent float runtime. Its own float32 rounding is all that may differ: the
 * vectors were chosen so that it decides no quantiser.
 */
const FLOAT32_NOISE = 2e-6;

async function prepared(model: string) {
  const file = readModelFile(join(FOLDER, `${model}.onnx`));
  const compiled = compile(file, { name: "m", target: findTarget("cortex-m4") });
  const inputs = readInputs(compiled.network, join(FOLDER, `${model}.inputs.npy`));
  const outputs = await simulateAll(compiled.network, inputs);
  return { ...compiled, inputs, outputs };
}

/** A decision (ArgMax, TopK) is left to the caller: there the values it chooses from are compared. */
function reference(model: string, head: string): ArrayLike<number> {
  const decided = head === "argMax" || head === "topK";
  const file = join(FOLDER, `${model}.${decided ? "logits" : "outputs"}.npy`);
  return readArray(file).data;
}

describe.each(MODELS)("%s", (model) => {
  it("is simulated as the float runtime computes it", async () => {
    const { network, inputs, outputs } = await prepared(model);
    const expected = reference(model, network.output.head);
    const size = outputs.values.length / inputs.count;
    const actual = Array.from({ length: inputs.count }, (_, i) =>
      Array.from(decodeOutput(network, outputs.values.subarray(i * size, (i + 1) * size))),
    ).flat();
    expect(actual.length).toBe(expected.length);
    const largest = Math.max(...Array.from(expected, Math.abs));
    const differences = actual.map((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(FLOAT32_NOISE * largest);
  });
});

describe("channels-last models of other frameworks", () => {
  const last = ["keras3", "qonnx_channels_last", "tf2onnx_keras", "tf2onnx_larq"];
  it.each(last)("%s: no element is moved for its transpositions", async (model) => {
    const { network } = await prepared(`exported/${model}`);
    expect(network.layers.map(({ kind }) => kind)).not.toContain("gather");
  });
});

describeWith(["cc"], "the C of every model, natively", () => {
  it.each(MODELS)("%s", async (model) => {
    const { network, files, inputs, outputs } = await prepared(model);
    const subject = subjectOf(network, "m", files);
    const vectors = vectorsOf(network, inputs, outputs);
    const report = await verifyTarget(subject, vectors, findTarget("native"));
    expect(report.firstDifference).toBeNull();
    expect(report).toMatchObject({ equal: true, vectors: inputs.count });
  });
});

describeWith(["arm-gcc", "qemu-arm"], "the C of every model, on an emulated Cortex-M4", () => {
  it.each(MADE)("%s", async (model) => {
    const { network, files, facts, inputs, outputs } = await prepared(model);
    const subject = subjectOf(network, "m", files);
    const vectors = vectorsOf(network, inputs, outputs);
    const target = findTarget("cortex-m4");
    const report = await verifyTarget(subject, vectors, target, { countedVectors: 0 });
    expect(report.firstDifference).toBeNull();
    expect(report.equal).toBe(true);
    // What the compiler said of flash and RAM is what the linker finds.
    expect(report.ram?.data).toBe(Math.max(4, facts.total.arenaBytes));
    // The linker shares equal constants and pads between tables, but the weights must all be there
    // that are not instructions.
    const tabled = facts.layers.filter(({ codeBytes }) => codeBytes === 0);
    const weights = tabled.reduce(
      (sum, l) => sum + ((l.weights?.count ?? 0) * (l.weights?.bitsPerWeight ?? 0)) / 8,
      0,
    );
    expect(report.flash?.weights).toBeGreaterThanOrEqual(weights);
    expect(report.flash?.weights).toBeLessThan(facts.total.tableBytes + 8 * facts.layers.length);
  });
});

/** Float32 at run time has the same bits with an FPU and without one. */
describeWith(["arm-gcc", "qemu-arm"], "the C of a BitLinear layer, emulated", () => {
  it.each(["cortex-m4", "cortex-m0plus"])("on %s", async (core) => {
    const model = "exported/bitlinear_one_dynamo";
    const { network, inputs, outputs } = await prepared(model);
    const target = findTarget(core);
    const file = readModelFile(join(FOLDER, `${model}.onnx`));
    const { files } = compile(file, { name: "m", target });
    const vectors = vectorsOf(network, inputs, outputs);
    const subject = subjectOf(network, "m", files);
    const report = await verifyTarget(subject, vectors, target, { countedVectors: 0 });
    expect(report).toMatchObject({ equal: true, vectors: inputs.count, firstDifference: null });
  });
});

const STRICT = (
  "-Wall -Wextra -Wconversion -Wsign-conversion -Wcast-qual -Wshadow -Wmissing-prototypes " +
  "-pedantic -Werror -O2 -c -o /dev/null"
).split(" ");

/** C++ has no -Wmissing-prototypes. */
const DIALECTS = {
  C99: ["-std=c99", ...STRICT],
  C11: ["-std=c11", ...STRICT],
  "C++": ["-x", "c++", "-std=c++11", ...STRICT.filter((flag) => flag !== "-Wmissing-prototypes")],
};

/** Between them, every kernel and every kind of layer. */
const VARIED = [
  "mixed_precision",
  "qonnx_cnv_1w1a",
  "residual_signed",
  "transpose_bytes",
  "exported/bitlinear_ffn_dynamo",
];

/** A compiler may be there without its C++ half or without headers. */
const COMPILERS = ["gcc", "clang", "arm-none-eabi-gcc"].flatMap((command) =>
  Object.entries(DIALECTS).map(([dialect, flags]) => {
    const language = dialect === "C++" ? "c++" : "c";
    const probe = ["-fsyntax-only", "-include", "string.h", "-x", language, devNull];
    const there = spawnSync(command, probe).status === 0 || process.env.CI === "true";
    if (!there) console.warn(`SKIPPED: warnings of ${command} in ${dialect}, it compiles none`);
    return { command, dialect, flags, there };
  }),
);

describe.each(COMPILERS)("$command as $dialect", ({ command, flags, there }) => {
  describe.skipIf(!there)("compiles the C without a warning", () => {
    it.each(VARIED)("%s", async (model) => {
      const { files } = await prepared(model);
      const folder = mkdtempSync(join(tmpdir(), "tritc-warnings-"));
      try {
        for (const [name, text] of files) writeFileSync(join(folder, name), text);
        for (const trace of [[], ["-DM_TRACE"]]) {
          execFileSync(command, [...flags, ...trace, "m.c"], { cwd: folder, stdio: "pipe" });
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
});

/** Trained networks and their float outputs on the MNIST test images; not part of a clone. */
const SHARED = "../shared/data";
const MNIST = [
  ["mlp_ternary_qdq", "mlp_ternary_qdq_logits"],
  ["mlp_ternary_bn", "mlp_ternary_qdq_logits"],
  ["cnn28_ternary_qdq", "cnn28_ternary_qdq_logits"],
  ["cnn28_ternary_bn", "cnn28_ternary_qdq_logits"],
] as const;

if (!existsSync(SHARED)) console.warn(`SKIPPED: trained MNIST networks, ${SHARED} is not there`);

describe.skipIf(!existsSync(SHARED))("trained networks on MNIST test images", () => {
  it.each(MNIST)("%s decides as its float model does", async (model, logitsFile) => {
    const file = readModelFile(join(SHARED, "models", `${model}.onnx`));
    const { network } = compile(file, { name: "m", target: findTarget("cortex-m4") });
    const count = 500;
    const inputs = readInputs(network, `${join(SHARED, "images/mnist.npz")}:x_test`, count);
    const outputs = await simulateAll(network, inputs);
    const npz = join(SHARED, "models", `${logitsFile}.npz`);
    const logits = readArray(`${npz}:logits`).data;
    for (let i = 0; i < count; i++) {
      const row = Array.from(decodeOutput(network, outputs.values.subarray(i * 10, i * 10 + 10)));
      const float = Array.from({ length: 10 }, (_, k) => Number(logits[i * 10 + k]));
      expect(row.indexOf(Math.max(...row))).toBe(float.indexOf(Math.max(...float)));
    }
  });
});

describe.skipIf(!existsSync(SHARED))("a network that FINN lowered to thresholds", () => {
  it("reads four digits as FINN does", async () => {
    const path = join(SHARED, "models", "build_dataflow_model.onnx");
    const { network } = compile(readModelFile(path), {
      name: "m",
      target: findTarget("cortex-m4"),
    });
    const inputs = readInputs(network, join(SHARED, "models", "build_dataflow_input.npy"));
    const { values } = await simulateAll(network, inputs);
    const digits = [0, 1, 2, 3].map((i) => {
      const row = Array.from(decodeOutput(network, values.subarray(i * 10, i * 10 + 10)));
      return row.indexOf(Math.max(...row));
    });
    expect(digits).toEqual([7, 2, 1, 0]);
  });
});
