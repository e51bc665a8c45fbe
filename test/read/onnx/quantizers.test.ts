import { describe, expect, test } from "vitest";
import { outputOf } from "../../graph/evaluate.js";
import {
  floats,
  type ModelParts,
  node,
  scalar,
  tensor,
  value,
} from "../../support/onnx-builder.js";
import { constantOf, kinds, only, problem, read } from "../reading.js";

const x = value("x", [1, 2, 1, 3]);

function parts(
  nodes: ModelParts["nodes"],
  initializers: NonNullable<ModelParts["initializers"]>,
): ModelParts {
  return { inputs: [x], nodes, outputs: ["y"], initializers };
}

describe("QuantizeLinear and DequantizeLinear at run time", () => {
  const pair = [
    node("QuantizeLinear", ["x", "s", "z"], "q", { axis: 1 }),
    node("DequantizeLinear", ["q", "s", "z"], "y", { axis: 1 }),
  ];

  test.each([
    ["uint8", 0, 255],
    ["int8", -128, 127],
    ["int16", -32768, 32767],
  ] as const)("to %s", (type, min, max) => {
    const graph = read(parts(pair, { s: scalar(0.5), z: scalar(3, type) }));
    expect(only(graph, "quantize").quantizer).toEqual({
      kind: "uniform",
      scale: Float32Array.of(0.5),
      zero: Float32Array.of(3),
      axis: null,
      zeroAdded: "after-rounding",
      min,
      max,
      rounding: "half-even",
    });
    expect(graph.tensors.get("q")).toEqual({ shape: [1, 2, 1, 3], type });
    expect(graph.tensors.get("y")?.type).toBe("real");
  });

  test("to four bits: int8 with fewer levels", () => {
    const z = tensor("int4", [], [0x0f]);
    const graph = read({ ...parts(pair, { s: scalar(1), z }), opset: 21 });
    expect(only(graph, "quantize").quantizer).toMatchObject({ min: -8, max: 7 });
    expect(only(graph, "dequantize").zero).toEqual(Float32Array.of(-1));
    expect(graph.tensors.get("q")?.type).toBe("int8");
  });

  test("with scales along an axis", () => {
    const graph = read(parts(pair, { s: floats([2], [1, 10]), z: tensor("int8", [2], [0, 1]) }));
    expect(only(graph, "quantize").quantizer).toMatchObject({ axis: 1 });
    expect(Array.from(outputOf(graph, [1.4, 2.6, 3, 14, 26, 30]))).toEqual([1, 3, 3, 10, 30, 30]);
  });

  test("a Clip between them takes levels away (QCDQ)", () => {
    const nodes = [
      node("QuantizeLinear", ["x", "s", "z"], "q"),
      node("Clip", ["q", "lo", "hi"], "c"),
      node("DequantizeLinear", ["c", "s", "z"], "y"),
    ];
    const graph = read(
      parts(nodes, {
        s: scalar(0.5),
        z: scalar(0, "int8"),
        lo: scalar(-1, "int8"),
        hi: scalar(1, "int8"),
      }),
    );
    expect(kinds(graph)).toEqual(["quantize", "dequantize"]);
    expect(only(graph, "quantize").quantizer).toMatchObject({ min: -1, max: 1 });
    expect(Array.from(outputOf(graph, [-9, -0.2, 0, 0.2, 0.3, 9]), (v) => v + 0)).toEqual([
      -0.5, 0, 0, 0, 0.5, 0.5,
    ]);
  });

  test("ONNX Runtime's own domain, and its QDQ weights and biases", () => {
    const nodes = [
      node("com.microsoft:DequantizeLinear", ["w", "ws", "wz"], "wf", { axis: 0 }),
      node("DequantizeLinear", ["b", "bs"], "bf", { axis: 0 }),
      node("Flatten", ["x"], "flat"),
      node("Gemm", ["flat", "wf", "bf"], "y", { transB: 1 }),
    ];
    const graph = read(
      parts(nodes, {
        w: tensor("int8", [2, 6], [1, 0, -1, 0, 1, 0, -1, 1, 0, 0, 0, 1]),
        ws: floats([2], [0.5, 0.25]),
        wz: tensor("int8", [2], [0, 0]),
        b: tensor("int32", [2], [100, -7]),
        bs: floats([2], [0.5, 0.25]),
      }),
    );
    const dense = only(graph, "dense");
    expect(constantOf(graph, dense.weight).grid).toMatchObject({ axis: 0 });
    const bias = constantOf(graph, dense.bias);
    expect(Array.from(bias.data)).toEqual([50, -1.75]);
    expect(bias.grid?.integers).toEqual(Int32Array.of(100, -7));
  });

  test("integers feed nothing but DequantizeLinear, Cast and moves", () => {
    const nodes = [
      node("QuantizeLinear", ["x", "s"], "q"),
      node("Mul", ["q", "two"], "y", {}, "mul"),
    ];
    const found = problem(parts(nodes, { s: scalar(1), two: scalar(2, "uint8") }));
    expect(found.message).toContain('Mul "mul": works on uint8 directly');
    expect(found.hint).toContain("QDQ");
    const late = [node("Sigmoid", ["x"], "r"), node("DequantizeLinear", ["x", "s"], "y")];
    expect(problem(parts(late.slice(1), { s: scalar(1) })).message).toContain("which holds reals");
  });
});

describe("integer inputs", () => {
  const bytes = (nodes: ModelParts["nodes"], type: "uint8" | "int8" = "uint8"): ModelParts => ({
    inputs: [value("x", [1, 1, 2, 2], type)],
    nodes,
    outputs: ["y"],
    initializers: { s: scalar(0.25), z: scalar(-128, "int8") },
  });

  test("Cast is a dequantisation by 1", () => {
    const graph = read(bytes([node("Cast", ["x"], "y", { to: 1 })]));
    expect(graph.tensors.get("x")?.type).toBe("uint8");
    expect(only(graph, "dequantize")).toMatchObject({
      scale: Float32Array.of(1),
      zero: Float32Array.of(0),
    });
  });

  test("DequantizeLinear on the input, and moves before it", () => {
    const nodes = [
      node("Transpose", ["x"], "t", { perm: [0, 2, 3, 1] }),
      node("MaxPool", ["x"], "unused", { kernel_shape: [1, 1] }),
      node("DequantizeLinear", ["t", "s", "z"], "y"),
    ];
    const graph = read(bytes(nodes, "int8"));
    expect(kinds(graph)).toEqual(["transpose", "dequantize"]);
    expect(graph.tensors.get("t")).toEqual({ shape: [1, 2, 2, 1], type: "int8" });
    expect(outputOf(graph, [-128, 0, 0, 0])[1]).toBe(32);
  });

  test("a Cast that would cut fractions off at run time", () => {
    const nodes = [node("Cast", ["x"], "r", { to: 1 }), node("Cast", ["r"], "y", { to: 3 })];
    expect(problem(bytes(nodes)).message).toContain("casts real to int8 at run time");
  });
});

describe("QONNX at run time", () => {
  const quant = (
    attributes: Parameters<typeof node>[3],
    bits: number,
    change: NonNullable<ModelParts["initializers"]> = {},
    domain = "onnx.brevitas",
  ) =>
    parts([node(`${domain}:Quant`, ["x", "s", "z", "b"], "y", attributes, "quant")], {
      s: scalar(0.5),
      z: scalar(0),
      b: scalar(bits),
      ...change,
    });

  test("is a quantiser and its inverse", () => {
    const graph = read(quant({ signed: 1, narrow: 1, rounding_mode: "FLOOR" }, 2));
    expect(kinds(graph)).toEqual(["quantize", "dequantize"]);
    expect(only(graph, "quantize")).toMatchObject({
      origin: { op: "onnx.brevitas.Quant", name: "quant" },
      quantizer: { zeroAdded: "before-rounding", min: -1, max: 1, rounding: "floor" },
    });
    expect(Array.from(outputOf(graph, [-9, -0.1, 0, 0.4, 0.5, 9]), (v) => v + 0)).toEqual([
      -0.5, -0.5, 0, 0, 0.5, 0.5,
    ]);
  });

  test.each([
    [1, { signed: 0 }, "uint8", 0, 1],
    [8, { signed: 0 }, "uint8", 0, 255],
    [8, { signed: 1 }, "int8", -128, 127],
    [9, { signed: 1, narrow: 1 }, "int16", -255, 255],
    [16, { signed: 0 }, "uint16", 0, 65535],
  ] as const)("%d bits %j take %s", (bits, attributes, type, min, max) => {
    const graph = read(quant(attributes, bits));
    const node = only(graph, "quantize");
    expect(graph.tensors.get(node.output)?.type).toBe(type);
    expect(node.quantizer).toMatchObject({ min, max });
  });

  test("in every domain it has had, with integer parameters", () => {
    const integers = { z: scalar(0, "int64"), b: scalar(4, "int64") };
    for (const domain of ["qonnx.custom_op.general", "finn.custom_op.general", "onnx.brevitas"]) {
      expect(kinds(read(quant({}, 4, integers, domain)))).toEqual(["quantize", "dequantize"]);
    }
  });

  test("by channel, and with a zero point that is no integer", () => {
    const s = floats([1, 2, 1, 1], [0.5, 1]);
    const graph = read(quant({ signed: 0 }, 4, { s, z: scalar(0.5) }));
    const { quantizer } = only(graph, "quantize");
    expect(quantizer).toMatchObject({ axis: 1, zero: Float32Array.of(0.5) });
    // 0.25 / 0.5 + 0.5 = 1, and (1 - 0.5) * 0.5 = 0.25.
    expect(outputOf(graph, [0.25, 0, 0, 0, 0, 0])[0]).toBe(0.25);
  });

  test("one signed bit, BipolarQuant and Sign", () => {
    const bipolar = parts([node("onnx.brevitas:BipolarQuant", ["x", "s"], "y")], {
      s: scalar(0.5),
    });
    for (const graph of [read(quant({ signed: 1 }, 1)), read(bipolar)]) {
      expect(only(graph, "quantize").quantizer).toEqual({ kind: "bipolar" });
      expect(Array.from(outputOf(graph, [-1, -0, 0, 1, 2, -2]))).toEqual([
        -0.5, 0.5, 0.5, 0.5, 0.5, -0.5,
      ]);
    }
    const sign = read(parts([node("Sign", ["x"], "y")], {}));
    expect(only(sign, "quantize").quantizer).toEqual({ kind: "sign" });
  });

  test("forms that are not supported say so", () => {
    const message = (...args: Parameters<typeof quant>) => problem(quant(...args)).message;
    expect(message({ rounding_mode: "HALF_UP" }, 4)).toContain("rounds by HALF_UP at run time");
    expect(message({ rounding_mode: "DPU" }, 4)).toContain("rounds by DPU");
    expect(message({}, 32)).toContain("has levels");
    expect(message({}, 1, { z: scalar(1) })).toContain("one signed bit and a zero point");
    expect(message({}, 4, { b: floats([2], [4, 5]) })).toContain("differ by channel");
    const runtime = parts([node("onnx.brevitas:BipolarQuant", ["x", "x"], "y", {}, "dynamic")], {});
    expect(problem(runtime).message).toContain("x is computed at run time");
  });
});

describe("MultiThreshold at run time", () => {
  const thresholds = (
    { scale = 1, bias = 0, ...layout }: { scale?: number; bias?: number; data_layout?: string },
    t = floats([1, 3], [0, 1, 2]),
    domain = "qonnx.custom_op.general",
  ) =>
    parts(
      [
        node(`${domain}:MultiThreshold`, ["x", "t"], "y", {
          ...layout,
          out_scale: { float: scale },
          out_bias: { float: bias },
        }),
      ],
      { t },
    );
  const values = (...args: Parameters<typeof thresholds>): number[] =>
    Array.from(outputOf(read(thresholds(...args)), [-1, 0, 0.5, 1, 2, 9]), (v) => v + 0);

  test("counts the thresholds that are reached, equality included", () => {
    expect(values({})).toEqual([0, 1, 1, 2, 3, 3]);
    expect(kinds(read(thresholds({}, undefined, "finn.custom_op.general")))).toEqual([
      "quantize",
      "dequantize",
    ]);
  });

  test("in any order, some of them equal, infinite or never met", () => {
    const infinity = Number.POSITIVE_INFINITY;
    expect(values({}, floats([1, 5], [2, infinity, 0, 2, -infinity]))).toEqual([1, 2, 2, 2, 4, 4]);
  });

  test("with a list for each channel, wherever the layout has them", () => {
    const each = floats([2, 1], [0, 2]);
    const graph = read(thresholds({ data_layout: "NCHW" }, each));
    expect(only(graph, "quantize").quantizer).toMatchObject({ axis: 1, count: 1 });
    expect(values({}, each)).toEqual([0, 1, 1, 0, 1, 1]);
    const last = floats([3, 1], [-1, 1, 9]);
    expect(values({ data_layout: "NHWC" }, last)).toEqual([1, 0, 0, 1, 1, 1]);
  });

  test.each([
    ["bipolar", { scale: 2, bias: -1 }, [0.5], { base: -1, step: 2 }, 1],
    ["signed", { scale: 0.5, bias: -1 }, [0, 1, 2], { base: -2, step: 1 }, 0.5],
    ["symmetric", { scale: 2, bias: -3 }, [0, 1, 2], { base: -3, step: 2 }, 1],
    ["off the grid", { scale: 1, bias: 0.125 }, [0, 1, 2], { base: 0, step: 1 }, 1],
  ])("out_scale and out_bias, %s", (_, attributes, list, code, unit) => {
    const graph = read(thresholds(attributes, floats([1, list.length], list)));
    expect(only(graph, "quantize").quantizer).toMatchObject(code);
    expect(only(graph, "dequantize").scale).toEqual(Float32Array.of(unit));
    const counts = [-1, 0, 0.5, 1, 2, 9].map((x) => list.filter((t) => x >= t).length);
    const expected = counts.map((n) => attributes.scale * n + attributes.bias);
    expect(Array.from(outputOf(graph, [-1, 0, 0.5, 1, 2, 9]), (v) => v + 0)).toEqual(expected);
  });

  test("forms that are not supported say so", () => {
    const message = (...args: Parameters<typeof thresholds>) =>
      problem(thresholds(...args)).message;
    expect(message({ scale: -1 })).toContain("has out_scale -1");
    expect(message({}, floats([1, 1], [Number.NaN]))).toContain("not a number");
    expect(message({}, floats([3], [0, 1, 2]))).toContain("must be thresholds");
    expect(message({}, floats([3, 1], [0, 1, 2]))).toContain("along axis 1");
    expect(message({ data_layout: "NHWCX" }, floats([2, 1], [0, 1]))).toContain("along axis 3");
    expect(message({ bias: 70000 })).toContain("has levels 70000 to 70003");
  });
});
