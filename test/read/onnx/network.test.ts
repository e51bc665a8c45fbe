import { describe, expect, test } from "vitest";
import { OPERATORS } from "../../../src/read/onnx/operators.js";
import { floats, ints, type ModelParts, node, scalar, value } from "../../support/onnx-builder.js";
import { kinds, only, outputShape, problem, read, remarksOf } from "../reading.js";

const row = value("x", [1, 4]);
const parts = (nodes: ModelParts["nodes"], change: Partial<ModelParts> = {}): ModelParts => ({
  inputs: [row],
  nodes,
  outputs: ["y"],
  ...change,
});

describe("the batch", () => {
  const shapeOf = (shape: Parameters<typeof value>[1], nodes = [node("Relu", ["x"], "y")]) => {
    const model = parts(nodes, { inputs: [value("x", shape)] });
    return { graph: read(model), remarks: remarksOf(model) };
  };

  test.each([
    ["a name", "batch"],
    ["nothing", null],
    ["zero", 0],
    ["minus one", -1],
  ])("open by %s becomes 1, with a remark", (_, size) => {
    const { graph, remarks } = shapeOf([size, 4]);
    expect(outputShape(graph)).toEqual([1, 4]);
    expect(remarks).toMatchObject([
      { code: "read/batch", severity: "note", where: { tensor: "x" } },
    ]);
  });

  test("of 1 needs no remark", () => {
    expect(shapeOf([1, 4]).remarks).toEqual([]);
  });

  test("fixed at another size becomes 1, also in reshapes", () => {
    const reshape = [
      node("Reshape", ["x", "to"], "a"),
      node("Reshape", ["a", "back"], "b"),
      node("Reshape", ["b", "rest"], "y"),
    ];
    const model = parts(reshape, {
      inputs: [value("x", [8, 2, 2])],
      initializers: { to: ints(8, -1), back: ints(8, 2, 2), rest: ints(-1, 4) },
      outputs: [value("y", [8, 4])],
    });
    expect(outputShape(read(model))).toEqual([1, 4]);
    expect(remarksOf(model)).toMatchObject([
      { code: "read/batch", message: expect.stringContaining("batches of 8") },
    ]);
  });

  test("that is fixed elsewhere as well is the thing to complain about", () => {
    const model = parts(
      [node("Add", ["x", "c"], "y", {}, "sum"), node("Reshape", ["y", "r"], "z")],
      {
        inputs: [value("x", [8, 4])],
        initializers: { c: floats([1, 4], [1, 2, 3, 4]), r: ints(4, 8) },
        outputs: ["z"],
      },
    );
    const found = problem(model);
    expect(found).toMatchObject({ code: "read/fixed-batch", where: { tensor: "x" } });
    expect(found.message).toContain("batches of 8");
    expect(found.hint).toContain("batch size 1");
  });

  test("a vector has no batch, nor has an image that gets one", () => {
    expect(outputShape(shapeOf([4]).graph)).toEqual([4]);
    for (const [opset, nodes] of [
      [11, [node("Unsqueeze", ["x"], "y", { axes: [0] })]],
      [13, [node("Unsqueeze", ["x", "zero"], "y")]],
      [
        13,
        [
          node("Constant", [], "c", { value: { tensor: ints(0) } }),
          node("Unsqueeze", ["x", "c"], "y"),
        ],
      ],
    ] as const) {
      const graph = read(
        parts(nodes, { inputs: [value("x", [3, 8, 8])], initializers: { zero: ints(0) }, opset }),
      );
      expect(graph.tensors.get("x")?.shape).toEqual([3, 8, 8]);
      expect(outputShape(graph)).toEqual([1, 3, 8, 8]);
    }
  });

  test("an output whose declared shape is another is remarked on", () => {
    const model = parts([node("Relu", ["x"], "y")], { outputs: [value("y", [1, 5])] });
    expect(remarksOf(model)).toMatchObject([{ code: "read/output-shape", severity: "warning" }]);
  });
});

describe("structure", () => {
  test("initialisers listed as inputs are not inputs; unused inputs are remarked on", () => {
    const model = parts([node("Add", ["x", "w"], "y")], {
      inputs: [value("w", [4]), row, value("mask", [1, 4])],
      initializers: { w: floats([4], [1, 2, 3, 4]) },
    });
    expect(read(model).input).toBe("x");
    expect(remarksOf(model)).toMatchObject([
      { code: "read/unused-input", where: { tensor: "mask" } },
    ]);
  });

  test("nodes in any order", () => {
    const sorted = [
      node("Relu", ["x"], "a", {}, "first"),
      node("Neg", ["a"], "b", {}, "second"),
      node("Add", ["a", "b"], "y", {}, "third"),
    ];
    const names = (model: ModelParts) => read(model).nodes.map(({ origin }) => origin.name);
    expect(names(parts(sorted))).toEqual(["first", "second", "third"]);
    expect(names(parts(sorted.toReversed()))).toEqual(["first", "second", "third"]);
  });

  test("nodes without a name get one from their place; dead nodes are not looked at", () => {
    const nodes = [node("NoSuchThing", ["x"], "dead"), node("Relu", ["x"], "y")];
    expect(read(parts(nodes)).nodes.map(({ origin }) => origin)).toEqual([
      { op: "Relu", name: "Relu_1" },
    ]);
  });

  test("Identity, Dropout and Casts between floats leave nothing; names stay the file's", () => {
    const nodes = [
      node("Identity", ["x"], "a"),
      node("Relu", ["a"], "b"),
      node("Dropout", ["b", "ratio"], ["c", "mask"]),
      node("Cast", ["c"], "y", { to: 10 }),
    ];
    const graph = read(parts(nodes, { initializers: { ratio: scalar(0.5) } }));
    expect(graph.nodes).toMatchObject([{ kind: "clip", input: "x", output: "y" }]);
    const training = [node("Dropout", ["x", "ratio", "on"], "y")];
    const initializers = { ratio: scalar(0.5), on: scalar(1, "bool") };
    expect(problem(parts(training, { initializers })).message).toContain("training_mode");
  });

  test("flattening by Shape, Gather, Unsqueeze, Concat and Reshape", () => {
    const nodes = [
      node("Shape", ["x"], "s"),
      node("Gather", ["s", "i"], "n", { axis: 0 }),
      node("Unsqueeze", ["n"], "n1", { axes: [0] }),
      node("Concat", ["n1", "rest"], "to", { axis: 0 }),
      node("Reshape", ["x", "to"], "y"),
    ];
    const graph = read(
      parts(nodes, {
        inputs: [value("x", ["N", 2, 3, 4])],
        initializers: { i: scalar(0, "int64"), rest: ints(-1) },
        opset: 9,
      }),
    );
    expect(kinds(graph)).toEqual(["reshape"]);
    expect(outputShape(graph)).toEqual([1, 24]);
  });

  test("a ternariser spelled out over latent weights is folded", () => {
    const latent = [0.9, -0.02, -1.1, 0.05, 0.7, -0.63];
    const nodes = [
      node("Abs", ["w"], "a"),
      node("ReduceMean", ["a"], "mean", { keepdims: 0 }),
      node("Clip", ["mean", "eps"], "m"),
      node("Reciprocal", ["m"], "s"),
      node("Mul", ["w", "s"], "ws"),
      node("Round", ["ws"], "r"),
      node("Clip", ["r", "lo", "hi"], "t"),
      node("Div", ["t", "s"], "q"),
      node("Sub", ["q", "w"], "d"),
      node("Add", ["w", "d"], "wq"),
      node("Transpose", ["wq"], "wt"),
      node("MatMul", ["x", "wt"], "y"),
    ];
    const graph = read(
      parts(nodes, {
        inputs: [value("x", [1, 3])],
        initializers: {
          w: floats([2, 3], latent),
          eps: scalar(1e-5),
          lo: scalar(-1),
          hi: scalar(1),
        },
      }),
    );
    expect(kinds(graph)).toEqual(["dense"]);
    const scale = latent.reduce((sum, w) => sum + Math.abs(w), 0) / 6;
    const expected = [1, 0, -1, 0, 1, -1].map((trit) => trit * scale);
    const data = graph.constants.get(only(graph, "dense").weight)?.data ?? [];
    for (const [i, w] of expected.entries()) expect(data[i]).toBeCloseTo(w, 6);
  });
});

describe("heads", () => {
  const k = { k: ints(2), one: ints(1) };

  test.each([
    ["Softmax", { axis: 1 }, "softmax", 1, "real"],
    ["LogSoftmax", {}, "logSoftmax", 1, "real"],
    ["Sigmoid", {}, "sigmoid", 1, "real"],
    ["ArgMax", { axis: -1, keepdims: 0 }, "argMax", 1, "int32"],
  ] as const)("%s", (op, attributes, kind, axis, type) => {
    const graph = read(parts([node(op, ["x"], "y", attributes)]));
    expect(graph.nodes).toMatchObject([{ kind, axis, input: "x", output: "y" }]);
    expect(graph.tensors.get("y")?.type).toBe(type);
  });

  test("Softmax before opset 13 has another default axis, and takes the axes after it as one", () => {
    const image = { inputs: [value("x", [1, 4, 2, 2])], opset: 11 };
    expect(problem(parts([node("Softmax", ["x"], "y")], image)).message).toContain("several axes");
    const recent = read(parts([node("Softmax", ["x"], "y")], { ...image, opset: 13 }));
    expect(recent.nodes).toMatchObject([{ kind: "softmax", axis: 3 }]);
  });

  test("TopK gives whichever output the file gives", () => {
    const topK = [node("TopK", ["x", "k"], ["v", "i"])];
    const values = read(parts(topK, { outputs: ["v"], initializers: k }));
    expect(values.tensors.get("v")).toEqual({ shape: [1, 2], type: "real" });
    const indices = read(parts(topK, { outputs: ["i"], initializers: k }));
    expect(indices.tensors.get("i")).toEqual({ shape: [1, 2], type: "int32" });
    const both = parts(topK, { outputs: ["i", "v"], initializers: k });
    expect(read(both).output).toBe("i");
    expect(remarksOf(both)).toMatchObject([{ code: "read/top-k-outputs", where: { tensor: "v" } }]);
    const old = [node("TopK", ["x"], ["v", "i"], { k: 3 })];
    expect(outputShape(read(parts(old, { outputs: ["v"], opset: 9 })))).toEqual([1, 3]);
    const smallest = [node("TopK", ["x", "k"], ["v", "y"], { largest: 0 })];
    expect(problem(parts(smallest, { initializers: k })).message).toContain("smallest");
  });

  test("a choice after Softmax is a choice before it, and its type does not matter", () => {
    const nodes = [
      node("Softmax", ["x"], "p"),
      node("Identity", ["p"], "same"),
      node("ArgMax", ["same"], "c", { axis: 1 }),
      node("Cast", ["c"], "y", { to: 6 }),
    ];
    const graph = read(parts(nodes));
    expect(graph.nodes).toMatchObject([{ kind: "argMax", input: "x", output: "y" }]);
  });

  test("in the middle of a network they are not heads", () => {
    const swish = [
      node("Sigmoid", ["x"], "s", {}, "gate"),
      node("Mul", ["x", "s"], "y", {}, "product"),
    ];
    expect(kinds(read(parts(swish)))).toEqual(["unary", "mul"]);
    const early = [
      node("ArgMax", ["x"], "c", { axis: 1 }),
      node("Cast", ["c"], "r", { to: 1 }),
      node("Relu", ["r"], "y"),
    ];
    expect(problem(parts(early)).message).toContain("ArgMax");
  });
});

test("every operator says how far it is supported, and can be read one way or another", () => {
  for (const table of Object.values(OPERATORS)) {
    for (const [op, { limits, translate, evaluate, expand }] of Object.entries(table)) {
      expect(limits, op).not.toBe("");
      expect(translate ?? evaluate ?? expand, op).toBeDefined();
    }
  }
});

test("operators that QONNX does not have are not looked for in its domain", () => {
  const relu = [node("qonnx.custom_op.general:Relu", ["x"], "y")];
  expect(problem(parts(relu)).code).toBe("read/unsupported-operator");
  const quant = [node("Quant", ["x"], "y")];
  expect(problem(parts(quant)).code).toBe("read/unsupported-operator");
});
