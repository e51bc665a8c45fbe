import { readFileSync } from "node:fs";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { DiagnosticError } from "../../../src/diagnostics.js";
import { readModel } from "../../../src/read/index.js";
import type { Json } from "../../../src/read/json.js";
import { kerasNetwork } from "../../../src/read/keras/index.js";

const NO_WEIGHTS = { groups: new Map(), datasets: new Map() };

function problems(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  throw new Error("it was read");
}

const layer = (class_name: string, config: Record<string, Json> = {}): Json => ({
  class_name,
  config,
});
const input = layer("InputLayer", { batch_input_shape: [null, 4, 4, 2], name: "in" });

function sequential(...layers: readonly Json[]) {
  const named = layers.map((item, i) => {
    const { class_name, config } = item as { class_name: string; config: Record<string, Json> };
    return layer(class_name, { name: `l${i}`, ...config });
  });
  return problems(() =>
    kerasNetwork({ class_name: "Sequential", config: { layers: named } }, NO_WEIGHTS),
  );
}

test("all layers that are not read are listed at once, with what to use instead", () => {
  const [found, ...more] = sequential(input, layer("LSTM"), layer("Flatten"), layer("Wavelet"));
  expect(more).toEqual([]);
  expect(found).toMatchObject({ code: "read/unsupported-operator" });
  expect(found?.message.split("\n")).toEqual([
    "2 nodes are not supported:",
    '  LSTM "l1": is not a layer that tritc reads',
    '  Wavelet "l3": is not a layer that tritc reads',
  ]);
  expect(found?.hint).toContain("Conv1D");
});

test("models ever deeper inside models", () => {
  let model: Json = layer("Dense", { name: "d" });
  for (let depth = 0; depth < 4000; depth++) model = layer("Sequential", { layers: [model] });
  const [found] = problems(() => kerasNetwork(model, NO_WEIGHTS));
  expect(found?.message).toContain("32 deep inside models");
});

describe("a layer that says something else than is read", () => {
  test.each<[string, Json, string]>([
    [
      "an unknown activation",
      layer("Activation", { activation: "wobble" }),
      "wobble, which is not read",
    ],
    [
      "a random quantiser",
      layer("QActivation", { activation: "bernoulli()" }),
      "random at inference",
    ],
    [
      "a quantiser of the input's own statistics",
      layer("Activation", { activation: "magnitude_aware_sign" }),
      "not known when compiling",
    ],
    [
      "code for an argument",
      layer("QActivation", { activation: "quantized_bits(n)" }),
      "is no literal",
    ],
    [
      "channels first",
      layer("MaxPooling2D", { data_format: "channels_first", pool_size: 2 }),
      "channels first",
    ],
    ["a window that does not fit", layer("MaxPooling2D", { pool_size: [9, 9] }), "does not fit"],
    ["a text as a number", layer("Conv2D", { filters: "8", kernel_size: 3 }), '"8" as filters'],
    ["a size that differs", layer("Reshape", { target_shape: [5, 5] }), "another size"],
    ["a norm over rows", layer("BatchNormalization", { axis: 1 }), "normalises axis 1"],
    [
      "an unknown rule for weights",
      layer("QDense", { units: 2, kernel_quantizer: "quantized_po2(4)" }),
      "kernel_quantizer quantized_po2",
    ],
  ])("%s", (_, item, message) => {
    const [found] = sequential(input, item);
    expect(found).toMatchObject({ code: "read/unsupported-operator" });
    expect(found?.message).toContain(message);
  });
});

test("weights that are missing, or of another shape", () => {
  const [found] = sequential(input, layer("Flatten"), layer("Dense", { units: 3 }));
  expect(found).toMatchObject({ code: "read/missing-weight", where: { node: 'Dense "l2"' } });
  const weights = new Map([
    ["l1/l1/kernel:0", { kind: "numbers", shape: [2, 3], data: new Float32Array(6) }],
  ] as const);
  const config = { layers: [input, layer("Dense", { units: 5, name: "l1" })] };
  const [other] = problems(() =>
    kerasNetwork({ class_name: "Sequential", config }, { groups: new Map(), datasets: weights }),
  );
  expect(other).toMatchObject({ code: "read/shape-mismatch", where: { shape: [2, 3] } });
});

describe("models that are none", () => {
  const functional = (layers: Json, input_layers: Json, output_layers: Json) =>
    problems(() =>
      kerasNetwork(
        { class_name: "Functional", config: { layers, input_layers, output_layers } },
        NO_WEIGHTS,
      ),
    )[0]?.code;
  const node = (name: string, from: string): Json => ({
    class_name: "ReLU",
    name,
    config: { name },
    inbound_nodes: [[[from, 0, 0, {}]]],
  });

  test("circles, several ends, layers that are not there", () => {
    expect(functional([node("a", "b"), node("b", "a")], [["a", 0, 0]], [["b", 0, 0]])).toBe(
      "read/cycle",
    );
    expect(
      functional(
        [],
        [
          ["a", 0, 0],
          ["b", 0, 0],
        ],
        [["c", 0, 0]],
      ),
    ).toBe("read/several-inputs");
    expect(
      functional(
        [],
        [["a", 0, 0]],
        [
          ["b", 0, 0],
          ["c", 0, 0],
        ],
      ),
    ).toBe("read/several-outputs");
    expect(functional([node("a", "x")], [["x", 0, 0]], [["a", 0, 0]])).toBe("read/keras-config");
    expect(functional([node("a", "a"), node("a", "a")], [["a", 0, 0]], [["a", 0, 0]])).toBe(
      "read/keras-config",
    );
  });

  test("a subclass of Model", () => {
    const [found] = problems(() => kerasNetwork({ class_name: "MyModel", config: {} }, NO_WEIGHTS));
    expect(found?.code).toBe("read/keras-model");
  });

  test("inputs without a shape, or too large", () => {
    expect(sequential(layer("Flatten"))[0]?.code).toBe("read/unknown-shape");
    const open = layer("InputLayer", { batch_input_shape: [null, null, 3] });
    expect(sequential(open)[0]?.code).toBe("read/dynamic-dimension");
    const huge = layer("InputLayer", { batch_input_shape: [null, 1e6, 1e6] });
    expect(sequential(huge)[0]?.code).toBe("read/too-large");
  });

  test("weights alone, an architecture alone, an archive without weights", () => {
    const bytes = new Uint8Array(readFileSync("test/models/keras/larq_signal_weights.h5"));
    const json = new Uint8Array(readFileSync("test/models/keras/larq_signal.json"));
    const none = () => undefined;
    const code = (work: () => unknown) => problems(work)[0];
    expect(code(() => readModel(bytes, "net_weights.h5", none))).toMatchObject({
      code: "read/no-architecture",
      hint: expect.stringContaining("net_weights.json or net.json"),
    });
    expect(code(() => readModel(json, "net.json", none))?.code).toBe("read/no-weights");
    const archive = zipSync({ "config.json": json });
    expect(code(() => readModel(archive, "net.keras", none))?.code).toBe("read/damaged-file");
  });
});
