import { describe, expect, test } from "vitest";
import { outputOf } from "../../graph/evaluate.js";
import {
  floats,
  ints,
  type ModelParts,
  node,
  scalar,
  tensor,
  value,
} from "../../support/onnx-builder.js";
import { constantOf, kinds, only, outputShape, problem, read } from "../reading.js";

const image = value("x", [1, 2, 5, 5]);
const ramp = (length: number): number[] => Array.from({ length }, (_, i) => (i % 7) - 3);
const kernel = floats([4, 2, 3, 3], ramp(72));
const PADDED = Int32Array.of(-1, 0, 1, 2, 3, 4, -1);

function one(
  op: string,
  inputs: readonly string[],
  attributes: Parameters<typeof node>[3] = {},
  change: Partial<ModelParts> = {},
): ModelParts {
  return {
    inputs: [image],
    nodes: [node(op, ["x", ...inputs], "y", attributes, "tested")],
    outputs: ["y"],
    ...change,
  };
}

describe("Conv", () => {
  const initializers = { k: kernel, b: floats([4], [1, 2, 3, 4]) };
  const conv = (attributes: Parameters<typeof node>[3], inputs = ["k"]) =>
    read(one("Conv", inputs, attributes, { initializers }));

  test("pads and strides of each axis and side", () => {
    const graph = conv({ pads: [1, 0, 2, 1], strides: [2, 1], kernel_shape: [3, 3] }, ["k", "b"]);
    expect(only(graph, "conv")).toMatchObject({
      weight: "k",
      bias: "b",
      groups: 1,
      window: {
        kernel: [3, 3],
        strides: [2, 1],
        dilations: [1, 1],
        pads: { top: 1, left: 0, bottom: 2, right: 1 },
      },
      origin: { op: "Conv", name: "tested" },
    });
    expect(outputShape(graph)).toEqual([1, 4, 3, 4]);
  });

  test.each([
    ["SAME_UPPER", { top: 0, left: 1, bottom: 1, right: 1 }, [1, 4, 3, 5]],
    ["SAME_LOWER", { top: 1, left: 1, bottom: 0, right: 1 }, [1, 4, 3, 5]],
    ["VALID", { top: 0, left: 0, bottom: 0, right: 0 }, [1, 4, 2, 3]],
  ])("auto_pad %s", (auto_pad, pads, shape) => {
    const parts = one(
      "Conv",
      ["k"],
      { auto_pad, strides: [2, 1] },
      {
        inputs: [value("x", [1, 2, 6, 5])],
        initializers,
      },
    );
    const graph = read(parts);
    expect(only(graph, "conv").window.pads).toEqual(pads);
    expect(outputShape(graph)).toEqual(shape.with(2, auto_pad === "VALID" ? 2 : 3));
  });

  test("dilations, which auto_pad counts in", () => {
    const apart = conv({ dilations: [2, 1], pads: [1, 0, 1, 1] });
    expect(only(apart, "conv").window.dilations).toEqual([2, 1]);
    expect(outputShape(apart)).toEqual([1, 4, 3, 4]);
    const same = conv({ dilations: [2, 3], auto_pad: "SAME_UPPER" });
    expect(only(same, "conv").window.pads).toEqual({ top: 2, left: 3, bottom: 2, right: 3 });
    const single = one(
      "Conv",
      ["k"],
      { dilations: [9, 1] },
      {
        initializers: { k: floats([4, 2, 1, 3], ramp(24)) },
      },
    );
    expect(only(read(single), "conv").window.dilations).toEqual([1, 1]);
  });

  test("zeros of a Pad before it become its own padding", () => {
    const nodes = [
      node("Pad", ["x", "p"], "padded"),
      node("Conv", ["padded", "k"], "y", { pads: [1, 1, 1, 1] }),
    ];
    const pads = ints(0, 0, 0, 1, 0, 0, 2, 0);
    const graph = read({
      inputs: [image],
      nodes,
      outputs: ["y"],
      initializers: { k: kernel, p: pads },
    });
    expect(only(graph, "conv")).toMatchObject({
      input: "x",
      window: { pads: { top: 1, left: 2, bottom: 3, right: 1 } },
    });
    expect(outputShape(graph)).toEqual([1, 4, 7, 6]);
  });

  test("a Pad by attributes (opset 9), and by axes (opset 18)", () => {
    const conv = node("Conv", ["padded", "k"], "y");
    const old = [node("Pad", ["x"], "padded", { pads: [0, 0, 1, 1, 0, 0, 1, 1] }), conv];
    const recent = [node("Pad", ["x", "p", "", "a"], "padded"), conv];
    const initializers = { k: kernel, p: ints(1, 1, 1, 1), a: ints(-1, 2) };
    const parts = { inputs: [image], outputs: ["y"], initializers };
    for (const graph of [
      read({ ...parts, nodes: old, opset: 9 }),
      read({ ...parts, nodes: recent, opset: 18 }),
    ]) {
      expect(only(graph, "conv").window.pads).toEqual({ top: 1, left: 1, bottom: 1, right: 1 });
    }
  });

  test("a Pad that a Conv does not take over takes elements itself", () => {
    const initializers = {
      p: ints(0, 0, 1, 1, 0, 0, 1, 1),
      one: scalar(1),
      c: ints(0, 1, 0, 0, 0, 0, 0, 0),
      k: kernel,
    };
    const parts = { inputs: [image], outputs: ["y"], initializers };
    const padded = (nodes: ModelParts["nodes"]) => read({ ...parts, nodes });
    const pool = padded([
      node("Pad", ["x", "p"], "padded"),
      node("MaxPool", ["padded"], "y", { kernel_shape: [2, 2] }, "pool"),
    ]);
    expect(kinds(pool)).toEqual(["gather", "maxPool"]);
    expect(outputOf(pool, ramp(50)).slice(0, 3)).toEqual(Float64Array.of(0, 0, 0));
    const ones = only(padded([node("Pad", ["x", "p", "one"], "y")]), "gather");
    expect(ones).toMatchObject({ fill: 1, indices: [null, null, PADDED, PADDED] });
    const channels = padded([node("Pad", ["x", "c"], "y")]);
    expect(outputShape(channels)).toEqual([1, 3, 5, 5]);
    const mirror = padded([node("Pad", ["x", "p"], "y", { mode: "reflect" })]);
    expect(only(mirror, "gather").indices[2]).toEqual(Int32Array.of(1, 0, 1, 2, 3, 4, 3));
    const edge = padded([node("Pad", ["x", "p"], "y", { mode: "edge" })]);
    expect(only(edge, "gather").indices[2]).toEqual(Int32Array.of(0, 0, 1, 2, 3, 4, 4));
    const both = padded([
      node("Pad", ["x", "p"], "a"),
      node("Pad", ["a", "p"], "b"),
      node("Relu", ["b"], "y"),
    ]);
    expect(outputShape(both)).toEqual([1, 2, 9, 9]);
    const far = { ...parts, initializers: { ...initializers, p: ints(0, 0, 6, 0, 0, 0, 0, 0) } };
    const reflects = [node("Pad", ["x", "p"], "y", { mode: "reflect" })];
    expect(problem({ ...far, nodes: reflects }).message).toContain("reflects 6 of 5");
  });

  test("forms that are not supported say so", () => {
    const message = (attributes: Parameters<typeof node>[3], k = kernel) =>
      problem(one("Conv", ["k"], attributes, { initializers: { k } })).message;
    expect(message({ dilations: [0, 1] })).toContain("has dilations [0, 1]");
    expect(message({ dilations: [2, 3] })).toContain("does not fit");
    expect(message({ auto_pad: "SAME" })).toContain("has auto_pad SAME");
    expect(message({ pads: [-1, 0, 0, 0] })).toContain("negative padding");
    expect(message({ kernel_shape: [5, 5] })).toContain("kernel_shape [5, 5]");
    expect(message({}, floats([4, 2, 3], ramp(24)))).toContain("must have 4 axes");
    const runtime = one(
      "Conv",
      ["w"],
      {},
      { nodes: [node("Relu", ["x"], "w"), node("Conv", ["x", "w"], "y")] },
    );
    expect(problem(runtime).message).toContain("w is computed at run time");
  });
});

describe("Gemm and MatMul", () => {
  const row = [value("x", [1, 3])];
  const w = floats([3, 2], [1, 2, 3, 4, 5, 6]);
  const multiply = (
    op: string,
    attributes: Parameters<typeof node>[3],
    initializers: ModelParts["initializers"] = {},
  ) =>
    read({
      inputs: row,
      nodes: [node(op, ["x", ...Object.keys({ w, ...initializers })], "y", attributes)],
      outputs: ["y"],
      initializers: { w, ...initializers },
    });

  test("a MatMul's [in, out] becomes [out, in]", () => {
    const graph = multiply("MatMul", {});
    const dense = only(graph, "dense");
    expect(constantOf(graph, dense.weight)).toMatchObject({
      shape: [2, 3],
      data: Float32Array.of(1, 3, 5, 2, 4, 6),
    });
    expect(Array.from(outputOf(graph, [1, 10, 100]))).toEqual([531, 642]);
  });

  test("alpha, beta, and a bias that is broadcast", () => {
    const graph = multiply("Gemm", { alpha: { float: 0.5 }, beta: { float: 2 } }, { c: scalar(3) });
    expect(Array.from(outputOf(graph, [1, 10, 100]))).toEqual([271.5, 327]);
    const both = multiply("Gemm", {}, { c: floats([1, 2], [1, 2]) });
    expect(Array.from(outputOf(both, [1, 10, 100]))).toEqual([532, 644]);
  });

  test("transA and transB", () => {
    const graph = read({
      inputs: [value("x", [1, 1])],
      nodes: [node("Gemm", ["x", "w"], "y", { transA: 1, transB: 1 })],
      outputs: ["y"],
      initializers: { w: floats([2, 1], [3, 4]) },
    });
    expect(Array.from(outputOf(graph, [2]))).toEqual([6, 8]);
  });

  test("quantised weights keep their grid when they are transposed", () => {
    const graph = read({
      inputs: row,
      nodes: [
        node("DequantizeLinear", ["q", "s"], "wide", { axis: 1 }),
        node("MatMul", ["x", "wide"], "y"),
      ],
      outputs: ["y"],
      initializers: {
        q: tensor("int8", [3, 2], [-1, 0, 1, 1, 0, -1]),
        s: floats([2], [0.5, 0.25]),
      },
    });
    const { grid, data } = constantOf(graph, only(graph, "dense").weight);
    expect(grid).toEqual({
      integers: Int32Array.of(-1, 1, 0, 0, 1, -1),
      scales: Float32Array.of(0.5, 0.25),
      axis: 0,
    });
    expect(Array.from(data, (v) => v + 0)).toEqual([-0.5, 0.5, 0, 0, 0.25, -0.25]);
  });

  test("over more than two axes", () => {
    const graph = read({
      inputs: [value("x", [1, 4, 3])],
      nodes: [node("MatMul", ["x", "w"], "y")],
      outputs: ["y"],
      initializers: { w },
    });
    expect(outputShape(graph)).toEqual([1, 4, 2]);
  });

  test("one initialiser in two places is one constant", () => {
    const graph = read({
      inputs: [value("x", [1, 2])],
      nodes: [
        node("Gemm", ["x", "s"], "a", { transB: 1 }),
        node("Gemm", ["a", "s"], "b", { transB: 1 }),
        node("MatMul", ["b", "s"], "y"),
      ],
      outputs: ["y"],
      initializers: { s: floats([2, 2], [1, 2, 3, 4]) },
    });
    // Twice as it is, once transposed.
    expect([...graph.constants.keys()]).toEqual(["s", "s_2"]);
    expect(constantOf(graph, "s_2").data).toEqual(Float32Array.of(1, 3, 2, 4));
  });

  test("products of other kinds", () => {
    const both = { inputs: row, outputs: ["y"], initializers: { w } };
    const square = [node("MatMul", ["x", "x"], "y")];
    expect(problem({ ...both, nodes: square }).message).toContain("two run-time tensors");
  });

  test("a constant on the left", () => {
    const column = [value("x", [1, 2, 4])];
    const graph = read({
      inputs: column,
      outputs: ["y"],
      initializers: { w },
      nodes: [node("MatMul", ["w", "x"], "y")],
    });
    expect(outputShape(graph)).toEqual([1, 3, 4]);
    expect(Array.from(outputOf(graph, [1, 2, 3, 4, 5, 6, 7, 8]))).toEqual([
      11, 14, 17, 20, 23, 30, 37, 44, 35, 46, 57, 68,
    ]);
  });
});

describe("signals [batch, channels, length]", () => {
  const signal = value("x", [1, 2, 6]);
  const weight = floats([4, 2, 3], ramp(24));
  const counted = Array.from({ length: 12 }, (_, i) => i + 1);
  const parts = (op: string, inputs: readonly string[], attributes: Parameters<typeof node>[3]) =>
    one(op, inputs, attributes, { inputs: [signal], initializers: { w: weight } });

  test("are images of height 1 under a window, and signals again behind it", () => {
    const graph = read(
      parts("Conv", ["w"], { pads: [1, 4], strides: [2], dilations: [2], kernel_shape: [3] }),
    );
    expect(kinds(graph)).toEqual(["reshape", "conv", "reshape"]);
    expect(only(graph, "conv").window).toEqual({
      kernel: [1, 3],
      strides: [1, 2],
      dilations: [1, 2],
      pads: { top: 0, left: 1, bottom: 0, right: 4 },
    });
    expect(constantOf(graph, only(graph, "conv").weight).shape).toEqual([4, 2, 1, 3]);
    expect(outputShape(graph)).toEqual([1, 4, 4]);
    // From -1 on, two apart: 2 and 4 of the first channel, 8 and 10 of the second.
    expect(outputOf(graph, counted)[0]).toBe(2 * -2 + 4 * -1 + 8 * 1 + 10 * 2);
  });

  test("auto_pad, a Pad node, pools and means", () => {
    const same = read(parts("Conv", ["w"], { auto_pad: "SAME_LOWER", strides: [4] }));
    expect(only(same, "conv").window.pads).toEqual({ top: 0, left: 1, bottom: 0, right: 0 });
    const padded = read({
      ...parts("Conv", ["w"], {}),
      nodes: [node("Pad", ["x", "p"], "wide"), node("Conv", ["wide", "w"], "y")],
      initializers: { w: weight, p: ints(0, 0, 3, 0, 0, 1) },
      opset: 13,
    });
    expect(only(padded, "conv").window.pads).toEqual({ top: 0, left: 3, bottom: 0, right: 1 });
    const max = read(parts("MaxPool", [], { kernel_shape: [3], strides: [2], ceil_mode: 1 }));
    expect(outputShape(max)).toEqual([1, 2, 3]);
    for (const [op, attributes] of [
      ["GlobalAveragePool", {}],
      ["ReduceMean", { axes: [-1] }],
    ] as const) {
      const graph = read(parts(op, [], attributes));
      expect(only(graph, "averagePool").window.kernel).toEqual([1, 6]);
      expect(outputShape(graph)).toEqual([1, 2, 1]);
      expect(Array.from(outputOf(graph, counted))).toEqual([3.5, 9.5]);
    }
    const flat = read(parts("ReduceMean", [], { axes: [2], keepdims: 0 }));
    expect(outputShape(flat)).toEqual([1, 2]);
  });

  test("forms that do not fit say so", () => {
    const message = (...args: Parameters<typeof parts>) => problem(parts(...args)).message;
    expect(message("Conv", ["w"], { strides: [1, 1] })).toContain("strides for 2 spatial axes");
    expect(message("Conv", ["w"], { dilations: [3] })).toContain("does not fit");
    const images = one(
      "Conv",
      ["w"],
      {},
      {
        inputs: [signal],
        initializers: { w: floats([4, 2, 1, 3], ramp(24)) },
      },
    );
    expect(problem(images).message).toContain("must have 3 axes");
  });
});

describe("pools", () => {
  const pooled = (op: string, attributes: Parameters<typeof node>[3], size = 6) =>
    read(one(op, [], attributes, { inputs: [value("x", [1, 1, size, size])] }));

  test("ceil_mode reaches over the end, but never starts there", () => {
    const graph = pooled("MaxPool", { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 });
    expect(only(graph, "maxPool").window.pads).toEqual({ top: 0, left: 0, bottom: 1, right: 1 });
    expect(outputShape(graph)).toEqual([1, 1, 3, 3]);
    const last = pooled(
      "MaxPool",
      { kernel_shape: [1, 1], strides: [2, 2], pads: [0, 0, 0, 0], ceil_mode: 1 },
      4,
    );
    expect(outputShape(last)).toEqual([1, 1, 2, 2]);
  });

  test("taps that lie apart", () => {
    const apart = { kernel_shape: [2, 3], dilations: [3, 2], pads: [1, 0, 0, 2], ceil_mode: 1 };
    const graph = pooled("MaxPool", { ...apart, strides: [3, 2] });
    expect(only(graph, "maxPool").window).toMatchObject({
      dilations: [3, 2],
      pads: { top: 1, left: 0, bottom: 0, right: 3 },
    });
    expect(outputShape(graph)).toEqual([1, 1, 2, 3]);
  });

  test("whether padding counts", () => {
    const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
    expect(only(pooled("AveragePool", attributes), "averagePool").countPadding).toBe(false);
    const counted = pooled("AveragePool", { ...attributes, count_include_pad: 1 });
    expect(only(counted, "averagePool").countPadding).toBe(true);
  });

  test("global pools and means over height and width", () => {
    for (const graph of [
      pooled("GlobalAveragePool", {}),
      pooled("ReduceMean", { axes: [-1, 2] }),
    ]) {
      expect(only(graph, "averagePool").window.kernel).toEqual([6, 6]);
      expect(outputShape(graph)).toEqual([1, 1, 1, 1]);
    }
    expect(kinds(pooled("GlobalMaxPool", {}))).toEqual(["maxPool"]);
    const flat = pooled("ReduceMean", { axes: [2, 3], keepdims: 0 });
    expect(kinds(flat)).toEqual(["averagePool", "reshape"]);
    expect(outputShape(flat)).toEqual([1, 1]);
  });

  test("forms that are not supported say so", () => {
    const message = (op: string, attributes: Parameters<typeof node>[3]) =>
      problem(one(op, [], attributes)).message;
    expect(message("ReduceMean", { axes: [1, -3] })).toContain("axes [1, 1]");
    expect(message("MaxPool", { kernel_shape: [2, 2], pads: [2, 0, 0, 0] })).toContain(
      "padding as large as its kernel",
    );
    const beyond = { kernel_shape: [2, 2], dilations: [9, 1], pads: [5, 0, 5, 0] };
    expect(message("MaxPool", beyond)).toContain("further than its input reaches");
    expect(message("ReduceMin", { axes: [2] })).toContain("only supported on constants");
  });

  test.each(["Mean", "Sum", "Max"])(
    "Reduce%s over other axes keeps them, then drops them",
    (name) => {
      const kept = read(one(`Reduce${name}`, [], { axes: [1] }));
      expect(only(kept, "reduce")).toMatchObject({ axes: [1], reduction: name.toLowerCase() });
      expect(outputShape(kept)).toEqual([1, 1, 5, 5]);
      const dropped = read(one(`Reduce${name}`, [], { axes: [-1], keepdims: 0 }));
      expect(kinds(dropped)).toEqual(["reduce", "reshape"]);
      expect(outputShape(dropped)).toEqual([1, 2, 5]);
    },
  );
});

describe("bounds", () => {
  const clip = (
    op: string,
    initializers: ModelParts["initializers"] = {},
    attributes = {},
    opset = 13,
  ) => only(read(one(op, Object.keys(initializers), attributes, { initializers, opset })), "clip");

  test.each([
    ["Relu", clip("Relu"), 0, Number.POSITIVE_INFINITY],
    ["Clip by inputs", clip("Clip", { lo: scalar(-1), hi: scalar(6) }), -1, 6],
    ["Clip by attributes", clip("Clip", {}, { min: { float: -1 }, max: { float: 6 } }, 9), -1, 6],
    ["Clip from below", clip("Clip", { lo: scalar(-1) }), -1, Number.POSITIVE_INFINITY],
    ["Min", clip("Min", { hi: floats([1], [2]) }), Number.NEGATIVE_INFINITY, 2],
    ["Max of three", clip("Max", { a: scalar(-3), b: scalar(-2) }), -2, Number.POSITIVE_INFINITY],
  ])("%s", (_, { low, high }, expectedLow, expectedHigh) => {
    expect([low, high]).toEqual([expectedLow, expectedHigh]);
  });

  test("a vector of bounds, NaN, and two run-time tensors", () => {
    const message = (op: string, initializers: ModelParts["initializers"]) =>
      problem(one(op, Object.keys(initializers ?? {}), {}, { initializers: initializers ?? {} }))
        .message;
    expect(message("Max", { b: floats([5], [1, 2, 3, 4, 5]) })).toContain(
      "must be a single number",
    );
    expect(message("Clip", { b: scalar(Number.NaN) })).toContain("NaN");
    expect(problem(one("Max", ["x"])).message).toContain("compares run-time tensors");
  });
});

describe("arithmetic", () => {
  test("the constant may come first", () => {
    const nodes = [node("Sub", ["c", "x"], "y")];
    const graph = read(
      one("Sub", [], {}, { nodes, initializers: { c: floats([2, 1, 1], [1, 2]) } }),
    );
    expect(only(graph, "arithmetic")).toMatchObject({ operation: "sub", constantFirst: true });
    expect(outputOf(graph, new Array(50).fill(5))[49]).toBe(-3);
  });

  test("Neg is a product with -1", () => {
    const graph = read(one("Neg", []));
    expect(Array.from(outputOf(graph, ramp(50)).slice(0, 2))).toEqual([3, 2]);
  });

  test.each(["Add", "Sub", "Mul", "Div"])("%s of two run-time tensors, which broadcast", (op) => {
    const graph = read(one(op, ["x"]));
    expect(graph.nodes.at(-1)).toMatchObject({ kind: op.toLowerCase(), inputs: ["x", "x"] });
    const pool = node("GlobalAveragePool", ["x"], "p");
    const broadcast = read(one(op, [], {}, { nodes: [pool, node(op, ["p", "x"], "y")] }));
    expect(outputShape(broadcast)).toEqual([1, 2, 5, 5]);
    const small = node("MaxPool", ["x"], "p", { kernel_shape: [2, 2] });
    const misfit = one(op, [], {}, { nodes: [small, node(op, ["x", "p"], "y")] });
    expect(problem(misfit).message).toContain("do not broadcast");
  });

  test("a constant that would enlarge the tensor", () => {
    const parts = one("Mul", ["c"], {}, { initializers: { c: floats([3, 2, 5, 5], ramp(150)) } });
    expect(problem(parts).message).toContain("would make x [1, 2, 5, 5] larger");
  });

  test("BatchNormalization, and its training forms", () => {
    const c = floats([2], [1, 2]);
    const parts = (attributes: Parameters<typeof node>[3]) =>
      one("BatchNormalization", ["c", "c", "c", "c"], attributes, { initializers: { c } });
    expect(only(read(parts({})), "batchNorm")).toMatchObject({
      epsilon: Math.fround(1e-5),
      gamma: "c",
    });
    expect(problem(parts({ training_mode: 1 })).hint).toContain("evaluation mode");
  });
});

describe("blocks of pixels and channels that change places", () => {
  // Values tell where an element came from: 100 c + 10 y + x.
  const values = (c: number, h: number, w: number): number[] =>
    Array.from({ length: c * h * w }, (_, i) => {
      const [channel, y, x] = [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w];
      return 100 * channel + 10 * y + x;
    });
  const moved = (op: string, shape: readonly number[], attributes: Parameters<typeof node>[3]) =>
    read(one(op, [], attributes, { inputs: [value("x", shape)] }));

  // The examples of ONNX's description of DepthToSpace, by which channels stand side by side.
  test.each([
    ["DCR", [0, 200, 400, 600]],
    ["CRD", [0, 100, 200, 300]],
  ])("DepthToSpace %s", (mode, corner) => {
    const graph = moved("DepthToSpace", [1, 8, 2, 3], { blocksize: 2, mode });
    expect(outputShape(graph)).toEqual([1, 2, 4, 6]);
    const out = outputOf(graph, values(8, 2, 3));
    expect([0, 1, 6, 7].map((i) => out[i])).toEqual(corner);
  });

  test("SpaceToDepth undoes DepthToSpace DCR", () => {
    const back = node("SpaceToDepth", ["d"], "y", { blocksize: 2 });
    const there = node("DepthToSpace", ["x"], "d", { blocksize: 2 });
    const inputs = [value("x", [1, 8, 2, 3])];
    const graph = read(one("", [], {}, { inputs, nodes: [there, back] }));
    expect(outputShape(graph)).toEqual([1, 8, 2, 3]);
    expect(Array.from(outputOf(graph, values(8, 2, 3)))).toEqual(values(8, 2, 3));
  });

  test("blocks that do not fit", () => {
    const wrong = (op: string) =>
      one(op, [], { blocksize: 2 }, { inputs: [value("x", [1, 6, 3, 4])] });
    expect(problem(wrong("DepthToSpace")).message).toContain("6 channels for blocks of 2");
    expect(problem(wrong("SpaceToDepth")).message).toContain("[3, 4] pixels for blocks of 2");
  });
});

test("ConvTranspose of a signal, with output padding", () => {
  const weight = floats([1, 1, 3], [1, 2, 4]);
  const attributes = { strides: [2], pads: [1, 0], output_padding: [1] };
  const inputs = [value("x", [1, 1, 3])];
  const graph = read(
    one("ConvTranspose", ["w"], attributes, { inputs, initializers: { w: weight } }),
  );
  expect(outputShape(graph)).toEqual([1, 1, 7]);
  expect(Array.from(outputOf(graph, [1, 1, 10]))).toEqual([2, 5, 2, 14, 20, 40, 0]);
});
