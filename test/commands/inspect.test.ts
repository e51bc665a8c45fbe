import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onnx } from "onnx-proto";
import { describe, expect, it } from "vitest";
import { DIGITS, errorCodes, temporaryFolder, tritc, tritcJson } from "./run.js";

describe("inspect", () => {
  it("shows each layer, what it was read from, and how exact it is", async () => {
    const { code, stdout, stderr } = await tritc(["inspect", DIGITS]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^model\.onnx: 6 layers, 15,248 weights \(ternary\), 452,864 /);
    expect(stdout).toContain(
      "input   image [1, 1, 8, 8] as uint8: the model's own integers, real = q * 0.0625",
    );
    expect(stdout).toContain("output  logits [1, 10] as int32: real = q * ");
    expect(stdout).toMatch(
      /conv2d_1 +conv +4,608 +ternary +33\.4 % +-18,105 \.\. 14,535 +uint8 \[8, 8, 32\]/,
    );
    expect(stdout).toContain('Conv "node_conv2d_1", Relu "node_relu_1"');
    expect(stdout).toContain("fixed-point, exact");
    expect(stdout).toContain("Every requantisation between layers equals exact arithmetic");
  });

  it("gives the same as an object", async () => {
    const { code, object } = await tritcJson(["inspect", DIGITS]);
    expect(code).toBe(0);
    expect(object).toMatchObject({
      command: "inspect",
      model: { file: "model.onnx" },
      remarks: [],
      network: {
        input: { name: "image", type: "uint8", modelShape: [1, 1, 8, 8], shape: [8, 8, 1] },
        output: { name: "logits", elements: 10, head: "none" },
        total: { weights: 15248, macs: 452864, exact: true },
      },
    });
    expect(object.network).toHaveProperty(["layers", "1", "weights"], {
      kind: "ternary",
      count: 4608,
      sparsity: expect.closeTo(0.334, 3),
      rule: null,
    });
  });

  it("shows remarks without failing", async () => {
    const { code, stderr } = await tritc(["inspect", "test/models/head_topk.onnx"]);
    expect(code).toBe(0);
    expect(stderr === "" || stderr.startsWith("note ") || stderr.startsWith("warning ")).toBe(true);
  });

  it("does not let a model's names speak to the terminal", async () => {
    const { stdout } = await tritc(["inspect", "test/models/unfriendly_names.onnx"]);
    expect(stdout).not.toMatch(/[^\P{Cc}\n\t]/u);
  });
});

describe("a model file that cannot be read", () => {
  const cases: readonly [
    what: string,
    code: number,
    diagnostic: string,
    make: (folder: string) => string,
  ][] = [
    ["that is not there", 2, "usage/missing-file", (folder) => join(folder, "no.onnx")],
    ["that is a folder", 2, "usage/is-a-folder", (folder) => folder],
    ["that is empty", 3, "read/empty-file", (folder) => written(folder, new Uint8Array())],
    ["of random bytes", 3, "read/", (folder) => written(folder, randomBytes())],
    [
      "that is cut off",
      3,
      "read/",
      (folder) => written(folder, readFileSync(DIGITS).subarray(0, 40_000)),
    ],
    [
      "that is an array",
      3,
      "read/other-format",
      (folder) => {
        copyFileSync("examples/digits/test_images.npy", join(folder, "model.onnx"));
        return join(folder, "model.onnx");
      },
    ],
  ];

  it.each(cases)("%s", async (_what, code, diagnostic, make) => {
    const path = make(temporaryFolder());
    const text = await tritc(["inspect", path]);
    expect({ code: text.code, stdout: text.stdout }).toEqual({ code, stdout: "" });
    expect(text.stderr).toContain(`error ${diagnostic}`);
    expect(text.stderr).not.toContain("    at ");
    const { object, ...json } = await tritcJson(["inspect", path]);
    expect(json.code).toBe(code);
    expect(errorCodes(object)[0]).toContain(diagnostic);
  });

  it("says in which file a node is that has no integer meaning", async () => {
    const path = written(temporaryFolder(), withFloatWeights(readFileSync(DIGITS)));
    const { code, object } = await tritcJson(["inspect", path]);
    expect(code).toBe(3);
    expect(errorCodes(object)).toEqual(["lower/float-weights"]);
    expect(object.error).toHaveProperty("diagnostics.0.where", {
      file: "model.onnx",
      node: 'Conv "node_conv2d"',
      tensor: "net.0.0.weight",
    });
  });
});

/** The first layer's weights become sines: no integers times a scale. */
function withFloatWeights(bytes: Uint8Array): Uint8Array {
  const model = onnx.ModelProto.decode(bytes);
  const weight = model.graph?.initializer?.find((tensor) => tensor.name === "net.0.0.weight");
  if (!weight?.rawData) throw new Error("the example has changed");
  weight.rawData = new Uint8Array(
    Float32Array.from({ length: weight.rawData.length / 4 }, (_, i) => Math.sin(i + 1)).buffer,
  );
  return onnx.ModelProto.encode(model).finish();
}

function written(folder: string, bytes: Uint8Array): string {
  const path = join(folder, "model.onnx");
  writeFileSync(path, bytes);
  return path;
}

function randomBytes(): Uint8Array {
  return Uint8Array.from({ length: 4096 }, (_, i) => (i * 2654435761) >>> 13);
}
