import { describe, expect, it } from "vitest";
import { load, type ModelFile } from "../../src/compile.js";
import { emitC, type FileMap } from "../../src/emit/index.js";
import { readModelFile } from "../../src/io/files.js";

import type { Layer, Network } from "../../src/network/types.js";
import { type Plan, plan } from "../../src/plan/index.js";
import { simulateAll } from "../../src/simulate/batch.js";
import { findTarget } from "../../src/targets/index.js";
import { chooseInputs } from "../../src/verify/choose.js";
import {
  configurationList,
  type TargetReport,
  verifyConfiguration,
} from "../../src/verify/index.js";
import { subjectOf, vectorsOf } from "../../src/verify/subject.js";
import { PLAIN_KERNELS } from "../support/plain-kernels.js";
import { describeWith } from "./toolchains.js";

/**
 * Who verifies the verifier: bugs are planted one at a time, into the C, the packing, the constants of
 * the simulator and the vectors, and each must be caught and blamed on the layer it is in.
 */

const MODELS = {
  digits: readModelFile("examples/digits/model.onnx"),
  signs: readModelFile("test/models/qonnx_1w2a.onnx"),
  residual: readModelFile("test/golden/residual-sum/model.onnx"),
  separable: readModelFile("test/models/depthwise_separable.onnx"),
} as const satisfies Record<string, ModelFile>;

type ModelName = keyof typeof MODELS;

const NATIVE = findTarget("native");

interface Planted {
  /** C that is compiled in place of the right one. */
  readonly files?: FileMap;
  /** Network that is simulated in place of the right one. */
  readonly network?: Network;
  readonly configuration?: string;
}

async function verify(model: ModelName, planted: Planted): Promise<TargetReport> {
  const right = compiled(model);
  const network = planted.network ?? right.network;
  const { inputs } = chooseInputs(right.network, 1, null);
  const vectors = vectorsOf(network, inputs, await simulateAll(network, inputs));
  const subject = subjectOf(network, "net", planted.files ?? right.files);
  const [configuration] = configurationList(planted.configuration ?? "native:gcc:O2");
  if (configuration === undefined) throw new Error("no configuration");
  return verifyConfiguration(subject, vectors, configuration, { layers: true });
}

/** The plain kernels: bugs are planted in their C, and into their packing. */
const PLAIN = PLAIN_KERNELS.filter(
  ({ name, packing }) => packing === null || name.startsWith("rows-"),
);

const PROVENANCE = { source: "", hash: "", command: "", version: "" };

function compiled(model: ModelName) {
  const { network } = load(MODELS[model]);
  const planned = plan(network, NATIVE, { kernels: PLAIN });
  return { network, plan: planned, files: emitC(planned, "net", PROVENANCE) };
}

/** The generated C with a change, which must be one. */
function edited(model: ModelName, from: RegExp, to: string | ((match: string) => string)): FileMap {
  const { files } = compiled(model);
  const source = files.get("net.c") ?? "";
  const changed = typeof to === "string" ? source.replace(from, to) : source.replace(from, to);
  if (changed === source) throw new Error(`nothing of ${model} matches ${from}`);
  return new Map([...files, ["net.c", changed]]);
}

/** Changes one number of a table, the n-th. */
function inTable(
  model: ModelName,
  table: string,
  n: number,
  by: (value: number) => number,
): FileMap {
  return edited(model, new RegExp(`(?<=${table}\\[\\d+\\] = \\{)[^}]*`), (body) => {
    let index = -1;
    return body.replace(/\/\*.*?\*\/|0x[0-9a-f]+|-?\d+/g, (token) => {
      if (token.startsWith("/*") || ++index !== n) return token;
      return String(by(Number(token)));
    });
  });
}

function expectCaught(report: TargetReport, layer: string | null): void {
  expect(report.equal).toBe(false);
  expect(report.firstDifference?.layer?.name ?? null).toBe(layer);
  expect(report.firstDifference?.expected).not.toBe(report.firstDifference?.actual);
}

const flipTrit = (byte: number) => byte ^ ((byte & 3) === 0 ? 1 : byte & 3);

/** What to plant in the C, and the layer that must be blamed. */
const IN_THE_C: readonly [bug: string, model: ModelName, layer: string, files: () => FileMap][] = [
  ["a flipped trit", "digits", "conv2d", () => inTable("digits", "conv2d_weights", 4, flipTrit)],
  [
    "a flipped trit",
    "digits",
    "conv2d_1",
    () => inTable("digits", "conv2d_1_weights", 777, flipTrit),
  ],
  [
    "a flipped trit",
    "digits",
    "conv2d_2",
    () => inTable("digits", "conv2d_2_weights", 2303, flipTrit),
  ],
  ["a flipped trit", "digits", "linear", () => inTable("digits", "linear_weights", 160, flipTrit)],
  ["a flipped sign", "signs", "conv_8", () => inTable("signs", "conv_8_weights", 3, (b) => b ^ 8)],
  [
    "a wrong multiplier",
    "digits",
    "conv2d_1",
    () => inTable("digits", "conv2d_1_multiplier", 5, (m) => m + 64),
  ],
  [
    "a wrong offset",
    "digits",
    "conv2d_2",
    () => inTable("digits", "conv2d_2_offset", 31, (c) => c + 5000000),
  ],
  [
    "a lower bound",
    "digits",
    "conv2d",
    () =>
      edited(
        "digits",
        /(conv2d_out[\s\S]*?)TRITC_UNSIGNED\((p >> \d+), 8\)/,
        "$1((($2) > 1) ? TRITC_UNSIGNED($2, 8) : 1)",
      ),
  ],
  [
    "a shift",
    "digits",
    "conv2d_1",
    () => edited("digits", /(?<=conv2d_1_out\([^}]*p >> )\d+/, (s) => `${Number(s) + 1}`),
  ],
  [
    "a threshold",
    "residual",
    "branch",
    () => inTable("residual", "branch_offset", 2, (c) => c + 900),
  ],
  [
    "a lost row of the window",
    "digits",
    "conv2d_2",
    () => edited("digits", /(?<=conv2d_2_window = \{[^}]*)1(?=, \/\* pad_top)/, "0"),
  ],
  [
    "a window one column off",
    "digits",
    "conv2d",
    () => edited("digits", /(?<=conv2d_window = \{[^}]*)1(?=, \/\* pad_left)/, "0"),
  ],
  [
    "a stride",
    "digits",
    "max_pool2d",
    () => edited("digits", /(?<=max_pool2d_window = \{[^}]*)2(?=, \/\* stride_width)/, "1"),
  ],
  [
    "an off-by-one row of outputs",
    "digits",
    "conv2d_1",
    () => edited("digits", /(net_conv2d_1\(uint8_t[\s\S]*?)row < 8/, "$1row < 7"),
  ],
  [
    "a buffer that is used twice",
    "digits",
    "conv2d_2",
    () => edited("digits", /(net_conv2d_2\(arena, )&arena\[(\d+)\]/, "$1&arena[$2 + 4]"),
  ],
  [
    "a lane that overflows only at its bound",
    "separable",
    "conv_1",
    () =>
      edited(
        "separable",
        /return plus - minus;/,
        "return (plus - minus == 2805) ? -2805 : (plus - minus);",
      ),
  ],
  [
    "a sum of the wrong operand",
    "residual",
    "join",
    () => edited("residual", /x_b\[c\], c\)/, "x_b[c] * 0 + (int32_t)x[c], c)"),
  ],
];

/** The same plan with a layer's tables changed where they are packed. */
function repacked(plan: Plan, name: string, change: (bytes: Uint8Array) => Uint8Array): Plan {
  const layers = plan.layers.map((planned) => {
    if (planned.shape.layer.name !== name) return planned;
    const tables = planned.code.tables.map((table) =>
      table.suffix === "weights"
        ? { ...table, values: () => change(Uint8Array.from(table.values())) }
        : table,
    );
    return { ...planned, code: { ...planned.code, tables } };
  });
  return { ...plan, layers };
}

const IN_THE_PACKING: readonly [bug: string, change: (bytes: Uint8Array) => Uint8Array][] = [
  [
    "the order of the trits in a byte",
    (bytes) => bytes.map((b) => ((b & 3) << 6) | ((b & 12) << 2) | ((b >> 2) & 12) | (b >> 6)),
  ],
  ["plus for minus", (bytes) => bytes.map((b) => ((b & 0x55) << 1) | ((b & 0xaa) >> 1))],
  ["the last bytes lost", (bytes) => bytes.map((b, i) => (i < bytes.length - 4 ? b : 0))],
  ["rows that begin a byte late", (bytes) => Uint8Array.from([0, ...bytes.subarray(0, -1)])],
];

/** The same network with one layer changed. */
function withLayer(network: Network, name: string, change: (layer: Layer) => Layer): Network {
  const layers = network.layers.map((layer) => (layer.name === name ? change(layer) : layer));
  return { ...network, layers };
}

function wrongWeight(at: number) {
  return (layer: Layer): Layer => {
    if (layer.kind !== "conv" && layer.kind !== "dense") throw new Error("no weights");
    const values = Int8Array.from(layer.weights.values);
    values[at] = values[at] === 1 ? 0 : (values[at] ?? 0) + 1;
    return { ...layer, weights: { ...layer.weights, values } };
  };
}

function wrongShift(layer: Layer): Layer {
  if (!("requantization" in layer) || layer.requantization.kind !== "fixed-point") {
    throw new Error("no shift");
  }
  const { requantization } = layer;
  return {
    ...layer,
    requantization: { ...requantization, shift: requantization.shift + 1 },
  } as Layer;
}

describeWith(["gcc"], "a planted bug", () => {
  it.each(IN_THE_C)("in the C is caught: %s, %s, %s", async (_bug, model, layer, files) => {
    expectCaught(await verify(model, { files: files() }), layer);
  });

  it.each(IN_THE_PACKING)("in the packing is caught: %s", async (_bug, change) => {
    const { plan: right } = compiled("digits");
    const files = emitC(repacked(right, "conv2d_1", change), "net", PROVENANCE);
    expectCaught(await verify("digits", { files }), "conv2d_1");
  });

  it.each([
    ["a weight", "conv2d_1", wrongWeight(1000)],
    ["the last weight", "linear", wrongWeight(1279)],
    ["a shift", "conv2d_2", wrongShift],
  ])("in the simulator is caught: %s of %s", async (_bug, name, change) => {
    const network = withLayer(compiled("digits").network, name, change);
    expectCaught(await verify("digits", { network }), name);
  });

  it("in memory is caught by the sanitizers: one element beyond a table", async () => {
    const files = edited("digits", /(net_linear_offset)\[\d+\] = \{[\s\S]*?\};/, "$1[1] = { 0 };");
    const attempt = verify("digits", { files, configuration: "native:gcc:sanitize" });
    await expect(attempt).rejects.toThrow(
      /verify\/sanitizer.*(insufficient space|global-buffer-overflow|out of bounds)/s,
    );
  });

  it("in arithmetic is caught by the sanitizers: a signed overflow", async () => {
    const files = edited("digits", /int32_t plus = 0;/, "int32_t plus = 2147483000;");
    const attempt = verify("digits", { files, configuration: "native:gcc:sanitize" });
    await expect(attempt).rejects.toThrow(/verify\/sanitizer.*signed integer overflow/s);
  });
});

describeWith(["arm-gcc", "qemu-arm"], "a bug planted for one core only", () => {
  it("is caught on that core, and nowhere else", async () => {
    const change = "#ifdef __thumb__\n    y[0] ^= 1;\n#endif\n    return;\n}";
    const files = edited("digits", /(static void net_max_pool2d_1\([^}]*)\}/, `$1${change}`);
    expect((await verify("digits", { files })).equal).toBe(true);
    expectCaught(await verify("digits", { files, configuration: "cortex-m3" }), "max_pool2d_1");
  });
});

describe("expected outputs of another day", () => {
  it("do not pass for those of this network", async () => {
    const { network, files } = compiled("digits");
    const { inputs } = chooseInputs(network, 1, null);
    const expected = await simulateAll(network, inputs);
    expected.values[17] = (expected.values[17] ?? 0) + 1;
    const vectors = vectorsOf(network, inputs, expected);
    const [native] = configurationList("native");
    if (native === undefined) throw new Error("no configuration");
    const report = await verifyConfiguration(subjectOf(network, "net", files), vectors, native);
    expect(report.firstDifference).toMatchObject({ vector: 1, element: 7, layer: null });
  });
});
