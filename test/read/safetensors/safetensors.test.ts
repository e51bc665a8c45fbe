import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { load } from "../../../src/compile.js";
import { DiagnosticError } from "../../../src/diagnostics.js";
import { readArray } from "../../../src/io/arrays.js";
import { readModelFile } from "../../../src/io/files.js";
import { readInputs } from "../../../src/io/inputs.js";
import { readModel } from "../../../src/read/index.js";
import { simulateAll } from "../../../src/simulate/batch.js";
import { decodeOutput } from "../../../src/simulate/codec.js";
import { safetensors } from "./builder.js";

/** Made by make.py there, with PyTorch. */
const FOLDER = "test/models/safetensors";

async function compared(file: string) {
  const { network, remarks } = load(readModelFile(join(FOLDER, file)));
  const name = file.replace(/\.\w+$/, "");
  const inputs = readInputs(network, join(FOLDER, `${name}.inputs.npy`));
  const { values } = await simulateAll(network, inputs);
  const expected = Array.from(readArray(join(FOLDER, `${name}.outputs.npy`)).data);
  const size = values.length / inputs.count;
  const actual = Array.from({ length: inputs.count }, (_, i) =>
    Array.from(decodeOutput(network, values.subarray(i * size, (i + 1) * size))),
  ).flat();
  expect(actual.length).toBe(expected.length);
  const differences = actual.map((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)));
  const rules = remarks.filter(({ code }) => code === "read/weight-rule");
  const largest = Math.max(...expected.map(Math.abs));
  return { difference: Math.max(...differences) / largest, rules: rules.map((r) => r.message) };
}

test.each(["bitlinear.safetensors", "bitlinear.json"])(
  "%s computes what PyTorch does",
  async (file) => {
    const { difference, rules } = await compared(file);
    expect(difference).toBeLessThan(1e-6);
    expect(rules).toEqual([
      expect.stringContaining("absmean (BitNet b1.58)"),
      expect.stringContaining("absmedian"),
      expect.stringMatching(/Ternary Weight Networks.*of each output channel; in linear "twn"/),
    ]);
  },
);

test("a block of BitNet b1.58 computes what PyTorch does", async () => {
  const { difference, rules } = await compared("stack.safetensors");
  expect(difference).toBeLessThan(1e-6);
  expect(rules).toHaveLength(1);
});

const QUANTIZE = { type: "quantize", scale: 0.5 };
const TENSORS = {
  w: [[1, 2], Float32Array.of(1, -1)],
  p: [[1, 2], Uint8Array.of(0b10_01_00_10, 0b01)],
} as const;

function read(layers: unknown, bytes = safetensors(TENSORS), rest = {}) {
  const json = JSON.stringify({
    format: "tritc-architecture",
    version: 1,
    input: [2],
    layers,
    ...rest,
  });
  const beside = (name: string) => (name === "m.json" ? new TextEncoder().encode(json) : undefined);
  return readModel(bytes, "m.safetensors", beside).graph;
}

function problem(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0];
    throw error;
  }
  throw new Error("it was read");
}

test("packed weights: rows at bits 0, 2, 4 and 6, a trit plus one", () => {
  const bytes = safetensors({ ...TENSORS, s: [[1], Float32Array.of(2)] });
  const packed = { type: "linear", weight: "p", weights: "packed", scale: "s", scaleIs: "divided" };
  const weights = [...read([QUANTIZE, packed], bytes).constants.values()].map(({ data }) => [
    ...data,
  ]);
  expect(weights).toEqual([[0.5, 0, -0.5, -0.5, 0, -0.5, 0.5, -0.5]]);
});

describe("architectures that say something wrong", () => {
  const linear = { type: "linear", weight: "w" };
  test.each<[string, unknown, string, string]>([
    [
      "no such tensor",
      [{ ...linear, weight: "v" }],
      "read/missing-weight",
      "no tensor of that name",
    ],
    [
      "unknown types, all of them",
      [{ type: "gru" }, linear, { type: "lstm" }],
      "read/unsupported-operator",
      "2 nodes",
    ],
    [
      "a packed scale without convention",
      [{ ...linear, weight: "p", weights: "packed", scale: "w" }],
      "read/unsupported-operator",
      "scaleIs",
    ],
    [
      "an unknown rule",
      [{ ...linear, weights: "best" }],
      "read/unsupported-operator",
      "stored as best",
    ],
    ["a width that does not fit", [linear, linear], "read/unsupported-operator", "for 2 inputs"],
    ["a scale of 0", [{ ...QUANTIZE, scale: 0 }], "read/unsupported-operator", "scale of 0"],
    ["no layers", [], "read/architecture", "no layers"],
    ["a text for layers", "linear", "read/architecture", "as layers"],
    [
      "a sum with what is not there",
      [{ type: "add", with: "x" }],
      "read/unsupported-operator",
      "no earlier layer",
    ],
  ])("%s", (_, layers, code, message) => {
    expect(problem(() => read(layers))).toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test("tensors outside the folder", () => {
    const json = {
      format: "tritc-architecture",
      version: 1,
      input: [2],
      layers: [],
      tensors: "../w",
    };
    const bytes = new TextEncoder().encode(JSON.stringify(json));
    const found = problem(() => readModel(bytes, "m.json", () => new Uint8Array()));
    expect(found?.code).toBe("read/external-location");
  });

  test("none at all", () => {
    const found = problem(() => readModel(safetensors(TENSORS), "m.safetensors", () => undefined));
    expect(found).toMatchObject({
      code: "read/no-architecture",
      hint: expect.stringContaining("m.json"),
    });
  });
});

describe("files that are damaged", () => {
  const damaged = (change: Parameters<typeof safetensors>[1]) =>
    problem(() => read([{ type: "linear", weight: "w" }], safetensors(TENSORS, change)));
  const entry = (header: Parameters<NonNullable<Parameters<typeof safetensors>[1]>>[0]) => {
    const { w } = header;
    if (w === undefined) throw new Error("no w");
    return w;
  };

  test.each<[string, Parameters<typeof safetensors>[1], string, string]>([
    [
      "an offset outside",
      (h) => {
        entry(h).data_offsets = [0, 800];
      },
      "read/damaged-file",
      "outside",
    ],
    [
      "a negative offset",
      (h) => {
        entry(h).data_offsets = [-8, 0];
      },
      "read/damaged-file",
      "data_offsets",
    ],
    [
      "overlapping tensors",
      (h) => {
        entry(h).data_offsets = [2, 10];
      },
      "read/damaged-file",
      "overlap",
    ],
    [
      "a shape of another size",
      (h) => {
        entry(h).shape = [3];
      },
      "read/damaged-file",
      "8 bytes",
    ],
    [
      "a huge shape",
      (h) => {
        entry(h).shape = [2 ** 40, 2 ** 10];
      },
      "read/too-large",
      "more elements",
    ],
    [
      "a negative extent",
      (h) => {
        entry(h).shape = [-1, 2];
      },
      "read/tensor-size",
      "whole number",
    ],
    [
      "an unknown type",
      (h) => {
        entry(h).dtype = "F8_E4M3";
      },
      "read/damaged-file",
      "F8_E4M3",
    ],
  ])("%s", (_, change, code, message) => {
    expect(damaged(change)).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
