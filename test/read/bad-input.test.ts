import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { DiagnosticError } from "../../src/diagnostics.js";
import { readModel } from "../../src/read/index.js";
import {
  external,
  floats,
  ints,
  type ModelParts,
  model,
  node,
  scalar,
  tensor,
  value,
} from "../support/onnx-builder.js";
import { seeded } from "../support/random.js";
import { problem, problems } from "./reading.js";

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** x [1, 2] -> Gemm -> y [1, 3], with parts replaced. */
function gemm(change: Partial<ModelParts> = {}): ModelParts {
  return {
    inputs: [value("x", [1, 2])],
    nodes: [node("Gemm", ["x", "w", "b"], "y", { transB: 1 }, "fc")],
    outputs: ["y"],
    ...change,
    initializers: {
      w: floats([3, 2], [1, 0, -1, 1, 0, 1]),
      b: floats([3], [1, 2, 3]),
      ...change.initializers,
    },
  };
}

describe("bytes that are no model", () => {
  test("an empty file", () => {
    expect(problem(new Uint8Array())).toMatchObject({
      code: "read/empty-file",
      where: { file: "test.onnx" },
    });
  });

  test.each([
    ["zip archive", latin1(zipSync({ "model.onnx": Uint8Array.of(8) }))],
    ["PyTorch checkpoint", "PK\x03\x04\0\0\x08\x08\0\0archive/data.pkl"],
    ["NumPy array", "\x93NUMPY\x01\0v\0{'descr'"],
    ["TensorFlow Lite", "\x1c\0\0\0TFL3\x14\0\x20\0"],
    ["GGUF", "GGUF\x03\0\0\0"],
    ["Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\n"],
    ["pickle", "\x80\x02}q\0(X\x06\0\0\0weight"],
    ["text", "<!DOCTYPE html><html>404: not found</html>"],
  ])("%s is recognised by its content", (name, content) => {
    const bytes = Uint8Array.from(content, (character) => character.charCodeAt(0));
    const { code, message, hint } = problem(bytes);
    expect(code).toBe("read/other-format");
    expect(message).toContain(name);
    expect(hint).toBeTruthy();
  });

  test("random bytes give one diagnostic, whatever they are", () => {
    const random = seeded(7);
    for (let round = 0; round < 300; round++) {
      const bytes = Uint8Array.from({ length: 1 + (round % 200) }, () => random.integer(0, 255));
      // Half of them begin as ONNX models do.
      if (round % 2 === 0) bytes[0] = 0x08;
      expect(problems(bytes)).toHaveLength(1);
    }
  });

  test("every truncation of a model gives one diagnostic", () => {
    const whole = model(gemm());
    for (let length = 1; length < whole.length; length++) {
      expect(problems(whole.subarray(0, length)), `${length} bytes`).toHaveLength(1);
    }
  });

  test("a model with bytes changed is read or diagnosed, never crashed on", () => {
    const random = seeded(11);
    const whole = model(gemm());
    for (let round = 0; round < 1000; round++) {
      const bytes = whole.slice();
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
      try {
        readModel(bytes, "test.onnx", () => undefined);
      } catch (error) {
        expect(error).toBeInstanceOf(DiagnosticError);
      }
    }
  });
});

describe("inputs and outputs", () => {
  test("no input", () => {
    const constant = node("Constant", [], "x", { value: { tensor: floats([1, 2], [1, 2]) } });
    const nodes = [constant, node("Relu", ["x"], "y")];
    expect(problem({ inputs: [], nodes, outputs: ["y"] }).code).toBe("read/no-input");
    // The output depends only on the input's shape.
    const shape = {
      inputs: [value("x", [1, 2])],
      nodes: [node("Shape", ["x"], "y")],
      outputs: ["y"],
    };
    expect(problem(shape).code).toBe("read/no-input");
  });

  test("several inputs, named", () => {
    const parts = gemm({
      inputs: [value("left", [1, 2]), value("right", [1, 2])],
      nodes: [node("Add", ["left", "right"], "y")],
    });
    expect(problem(parts)).toMatchObject({
      code: "read/several-inputs",
      message: expect.stringContaining("left, right"),
    });
  });

  test("several outputs, none", () => {
    const two = gemm({
      nodes: [node("Relu", ["x"], "y"), node("Sign", ["x"], "z")],
      outputs: ["y", "z"],
    });
    expect(problem(two).code).toBe("read/several-outputs");
    expect(problem(gemm({ outputs: [] })).code).toBe("read/no-output");
  });

  test.each([
    ["an open second axis", ["batch", "features"], 1, "[batch, features]"],
    ["an axis without size or name", [1, null], 1, "[1, ?]"],
    ["a height of zero, as some exporters write for any", [1, 3, 0, 32], 2, "[1, 3, ?, 32]"],
  ])("%s is named", (_, shape, axis, text) => {
    const { code, message, where } = problem(gemm({ inputs: [value("x", shape)] }));
    expect(code).toBe("read/dynamic-dimension");
    expect(message).toContain(`axis ${axis} of the input ${text}`);
    expect(where.tensor).toBe("x");
  });

  test("an input without a shape, and one of a type that cannot be fed", () => {
    const shapeless = { name: "x", type: { tensorType: { elemType: 1 } } };
    expect(problem(gemm({ inputs: [shapeless] })).code).toBe("read/unknown-shape");
    const { code, message } = problem(gemm({ inputs: [value("x", [1, 2], "bool")] }));
    expect(code).toBe("read/input-type");
    expect(message).toContain("bool");
  });
});

describe("names and order", () => {
  test("a tensor that nothing makes", () => {
    const parts = gemm({ nodes: [node("Gemm", ["x", "lost"], "y", {}, "fc")] });
    expect(problem(parts)).toMatchObject({
      code: "read/undefined-tensor",
      where: { tensor: "lost" },
      message: expect.stringContaining('Gemm "fc"'),
    });
    expect(problem(gemm({ outputs: ["lost"] })).code).toBe("read/undefined-tensor");
  });

  test("a tensor that is made twice", () => {
    const nodes = [node("Relu", ["x"], "y", {}, "one"), node("Sign", ["x"], "y", {}, "two")];
    const { code, message } = problem(gemm({ nodes }));
    expect(code).toBe("read/duplicate-tensor");
    expect(message).toContain('Relu "one" and Sign "two"');
  });

  test("a circle", () => {
    const nodes = [
      node("Add", ["x", "b"], "a", {}, "first"),
      node("Relu", ["a"], "b", {}, "second"),
      node("Relu", ["b"], "y", {}, "third"),
    ];
    const { code, message } = problem({ ...gemm({ nodes }), initializers: {} });
    expect(code).toBe("read/cycle");
    expect(message).toContain('Relu "second" -> Add "first" -> Relu "second"');
  });
});

describe("operators", () => {
  test("all nodes that are not supported are listed at once", () => {
    const nodes = [
      node("LSTM", ["x"], "a", {}, "memory"),
      node("Relu", ["a"], "r", {}, "fine"),
      node("acme.ops:Wave", ["r"], "c", {}, "wave"),
      node("Gather", ["c", "i"], "d", {}, "picks"),
      node("MaxPool", ["x"], "e", { kernel_shape: [2] }, "pool"),
      node("Add", ["d", "e"], "f", {}, "sum"),
      node("Shape", ["f"], "s"),
      node("Gather", ["s", "i"], "t", {}, "fine too"),
      node("Reshape", ["f", "t"], "y"),
    ];
    const { code, message } = problem(gemm({ nodes, initializers: { i: ints(0) } }));
    expect(code).toBe("read/unsupported-operator");
    expect(message.split("\n")).toEqual([
      "3 nodes are not supported:",
      '  LSTM "memory": is not an operator that tritc reads',
      '  acme.ops.Wave "wave": is not an operator that tritc reads from acme.ops',
      '  MaxPool "pool": works on [1, 2]; only [batch, channels, height, width] and [batch, channels, length] are supported',
    ]);
  });

  test("names that are not operators but properties of objects", () => {
    const { code, message } = problem(gemm({ nodes: [node("constructor", ["x"], "y")] }));
    expect(code).toBe("read/unsupported-operator");
    expect(message).toContain('constructor "constructor_0"');
  });

  test("hints say what to do about operators that people bring", () => {
    const dynamic = node("DynamicQuantizeLinear", ["x"], "y");
    expect(problem(gemm({ nodes: [dynamic] })).hint).toContain("static scales");
    const local = gemm({
      nodes: [node("my.own:Block", ["x"], "y")],
      functions: [{ domain: "my.own", name: "Block" }],
    });
    expect(problem(local).hint).toContain("inline_local_functions");
  });

  test("an output that is not made, such as Dropout's mask", () => {
    const nodes = [node("Dropout", ["x"], ["a", "mask"]), node("Cast", ["mask"], "y", { to: 1 })];
    expect(problem(gemm({ nodes })).message).toContain("its output 1, mask, is used");
  });

  test("opsets too old, too new and missing", () => {
    expect(problem(gemm({ opset: 6 })).code).toBe("read/old-opset");
    expect(problem(gemm({ opset: null })).code).toBe("read/no-opset");
    const { remarks } = readModel(model(gemm({ opset: 99 })), "test.onnx", () => undefined);
    expect(remarks).toMatchObject([{ code: "read/new-opset", severity: "warning" }]);
  });
});

describe("shapes that do not fit", () => {
  const image = value("x", [1, 4, 8, 8]);
  test.each([
    [
      "Conv channels",
      gemm({
        inputs: [image],
        nodes: [node("Conv", ["x", "k"], "y", {}, "conv")],
        initializers: { k: floats([2, 3, 3, 3], new Array(54).fill(1)) },
      }),
      "weight k [2, 3, 3, 3] with group 1 does not fit x [1, 4, 8, 8]",
    ],
    [
      "a kernel larger than the image",
      gemm({
        inputs: [image],
        nodes: [node("Conv", ["x", "k"], "y", {}, "conv")],
        initializers: { k: floats([1, 4, 9, 9], new Array(324).fill(1)) },
      }),
      "a kernel [9, 9] does not fit into x [1, 4, 8, 8]",
    ],
    [
      "Gemm",
      gemm({ inputs: [value("x", [1, 5])] }),
      "x [1, 5] times w with 2 inputs and 3 outputs",
    ],
    [
      "a Gemm bias",
      gemm({ initializers: { b: floats([4], [1, 2, 3, 4]) } }),
      "b [4] for 3 outputs",
    ],
    [
      "Add",
      gemm({ nodes: [node("Add", ["x", "b"], "y")] }),
      "b [3] does not broadcast to x [1, 2]",
    ],
    [
      "Reshape",
      gemm({ nodes: [node("Reshape", ["x", "to"], "y")], initializers: { to: ints(3, -1) } }),
      "x [1, 2] cannot become [3, -1]",
    ],
    [
      "BatchNormalization",
      gemm({ nodes: [node("BatchNormalization", ["x", "b", "b", "b", "b"], "y")] }),
      "b [3] for the channels of x [1, 2]",
    ],
  ])("%s", (_, parts, message) => {
    const found = problem(parts);
    expect(found.code).toBe("read/shape-mismatch");
    expect(found.message).toContain(message);
    expect(found.where).toMatchObject({ tensor: "y", node: expect.stringContaining('"') });
  });
});

describe("numbers", () => {
  test("NaN and infinity in weights, with their count and place", () => {
    const w = floats([3, 2], [1, 0, Number.NaN, 1, 0, Number.POSITIVE_INFINITY]);
    expect(problem(gemm({ initializers: { w } }))).toMatchObject({
      code: "read/not-finite",
      where: { node: 'Gemm "fc"', tensor: "w", shape: [3, 2] },
      message: expect.stringContaining("2 elements are NaN or infinite, the first at index 2"),
    });
  });

  test.each([0, -0.5, Number.NaN, Number.POSITIVE_INFINITY])("a scale of %d", (scale) => {
    const nodes = [node("QuantizeLinear", ["x", "s"], "y", {}, "q")];
    expect(problem(gemm({ nodes, initializers: { s: scalar(scale) } }))).toMatchObject({
      code: "read/bad-scale",
      where: { node: 'QuantizeLinear "q"', tensor: "s" },
      hint: expect.stringContaining(scale === 0 ? "channel without weights" : "Export the model"),
    });
    const quant = [node("onnx.brevitas:Quant", ["x", "s", "zero", "bits"], "y")];
    const initializers = { s: scalar(scale), zero: scalar(0), bits: scalar(2) };
    expect(problem(gemm({ nodes: quant, initializers })).code).toBe("read/bad-scale");
  });

  test("a variance below zero, by channel; a tiny one is fine", () => {
    const nodes = [node("BatchNormalization", ["x", "g", "g", "g", "v"], "y", {}, "bn")];
    const g = floats([2], [1, 1]);
    const parts = (variance: readonly number[]) =>
      gemm({ nodes, initializers: { g, v: floats([2], variance) } });
    expect(problem(parts([1, -0.25]))).toMatchObject({
      code: "read/bad-variance",
      where: { node: 'BatchNormalization "bn"', tensor: "v" },
      message: expect.stringContaining("channel 1"),
    });
    expect(() => readModel(model(parts([5.6e-45, 0])), "", () => undefined)).not.toThrow();
  });

  test("a division by zero", () => {
    const nodes = [node("Div", ["x", "d"], "y")];
    const parts = gemm({ nodes, initializers: { d: floats([2], [1, 0]) } });
    expect(problem(parts).code).toBe("read/zero-divisor");
  });

  test("several bad tensors are all reported", () => {
    const bad = { w: floats([3, 2], new Array(6).fill(Number.NaN)), s: scalar(-1) };
    const nodes = [
      node("Gemm", ["x", "w"], "a", { transB: 1 }),
      node("QuantizeLinear", ["x", "s"], "q"),
      node("Add", ["a", "q"], "y"),
    ];
    const codes = problems(gemm({ nodes, initializers: bad })).map(({ code }) => code);
    expect(codes).toEqual(["read/not-finite", "read/bad-scale"]);
  });
});

describe("tensors in the file", () => {
  test("float8 weights", () => {
    const w = tensor("float8e4m3fn", [3, 2], [0, 0, 0, 0, 0, 0]);
    expect(problem(gemm({ initializers: { w } }))).toMatchObject({
      code: "read/element-type",
      where: { tensor: "w" },
      message: expect.stringContaining("float8e4m3fn"),
    });
  });

  test("data that does not fill the shape, and a negative dimension", () => {
    const short = { ...floats([3, 2], [1, 2, 3, 4]) };
    expect(problem(gemm({ initializers: { w: short } }))).toMatchObject({
      code: "read/tensor-size",
      message: expect.stringContaining("needs 24 bytes of float32, the data has 16"),
    });
    const typed = { dataType: 1, dims: [3, 2], floatData: [1, 2, 3] };
    expect(problem(gemm({ initializers: { w: typed } })).code).toBe("read/tensor-size");
    const negative = floats([-3, -2], [1, 2, 3, 4, 5, 6]);
    expect(problem(gemm({ initializers: { w: negative } })).code).toBe("read/tensor-size");
  });

  test("shapes that would fill the memory", () => {
    const nodes = [
      node("ConstantOfShape", ["huge"], "w2"),
      node("Gemm", ["x", "w2"], "y", { transB: 1 }),
    ];
    const parts = gemm({ nodes, initializers: { huge: ints(1 << 30, 1 << 30) } });
    expect(problem(parts).code).toBe("read/too-large");
  });

  test("external data that is missing, short, or outside the model's folder", () => {
    const missing = external([3, 2], { location: "weights/w.bin" });
    expect(problem(gemm({ initializers: { w: missing } }))).toMatchObject({
      code: "read/missing-external-data",
      message: expect.stringContaining("weights/w.bin"),
    });
    const late = external([3, 2], { location: "w.bin", offset: "8", length: "24" });
    const files = { "w.bin": new Uint8Array(24) };
    expect(problem(gemm({ initializers: { w: late } }), files).code).toBe("read/tensor-size");
    for (const location of ["../w.bin", "a/../../w.bin", "/etc/passwd", "C:\\w.bin", "", "a\\b"]) {
      const outside = external([3, 2], { location });
      expect(problem(gemm({ initializers: { w: outside } })).code).toBe("read/external-location");
    }
  });

  test("external data of which one tensor begins inside another", () => {
    const files = { "w.bin": new Uint8Array(64) };
    const weight = external([3, 2], { location: "w.bin", offset: "0", length: "24" });
    const codes = (other: Readonly<Record<string, string>>): readonly string[] => {
      const beside = external([2], { location: "w.bin", ...other });
      const parts = gemm({ initializers: { w: weight, other: beside } });
      return problems(parts, files).map(({ code }) => code);
    };
    for (const other of [{ offset: "20", length: "8" }, { offset: "0", length: "8" }, {}]) {
      expect(codes(other)).toEqual(["read/external-overlap"]);
    }
    // Beside it, or the same bytes, as tied weights are: what is read are zeros, which are no fault.
    for (const offset of [24, 0]) {
      const other = external([offset === 0 ? 6 : 2], {
        ...{ location: "w.bin", offset: `${offset}`, length: offset === 0 ? "24" : "8" },
      });
      const bytes = model(gemm({ initializers: { w: weight, other } }));
      expect(() => readModel(bytes, "test.onnx", () => files["w.bin"])).not.toThrow();
    }
  });

  test("attributes of the wrong type, and inputs that are left out", () => {
    const nodes = [node("Transpose", ["x"], "y", { perm: "01" })];
    expect(problem(gemm({ nodes })).code).toBe("read/bad-attribute");
    expect(problem(gemm({ nodes: [node("Gemm", ["x"], "y")] })).code).toBe("read/missing-input");
  });
});

describe("models that ask for much", () => {
  test("a tensor, an input, constants that are computed one by one", () => {
    const shape = ints(1, 2 ** 20, 2 ** 20);
    const nodes = [node("ConstantOfShape", ["s"], "c"), node("Add", ["x", "c"], "y")];
    expect(problem(gemm({ nodes, initializers: { s: shape } })).code).toBe("read/too-large");
    const huge = [value("x", [1, 2 ** 20, 2 ** 20])];
    expect(problem(gemm({ inputs: huge, nodes: [node("Relu", ["x"], "y")] })).code).toBe(
      "read/too-large",
    );
    const many = Array.from({ length: 40 }, (_, i) => [
      node("ConstantOfShape", ["s"], `c${i}`),
      node("Add", [i === 0 ? "x" : `y${i - 1}`, `c${i}`], `y${i}`),
    ]).flat();
    const inputs = [value("x", [1, 5000, 5000])];
    const parts = gemm({
      inputs,
      nodes: many,
      outputs: ["y39"],
      initializers: { s: ints(1, 5000, 5000) },
    });
    expect(problems(parts).map(({ code }) => code)).toEqual(["read/too-large"]);
  });
});
