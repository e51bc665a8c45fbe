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

// What exporters spell out, and what other operators stand for in one.

function parts(
  nodes: ModelParts["nodes"],
  initializers: NonNullable<ModelParts["initializers"]> = {},
  shape: readonly number[] = [1, 4],
): ModelParts {
  return { inputs: [value("x", shape)], nodes, outputs: ["y"], initializers };
}

describe("quantisers spelled out", () => {
  const bounds = { low: scalar(-1), high: scalar(2) };
  const graphs = {
    "Round, Clip": parts(
      [node("Round", ["x"], "r"), node("Clip", ["r", "low", "high"], "y")],
      bounds,
    ),
    "Clip, Round": parts(
      [node("Clip", ["x", "low", "high"], "c"), node("Round", ["c"], "y")],
      bounds,
    ),
    "Round, Max, Min": parts(
      [node("Round", ["x"], "r"), node("Max", ["r", "low"], "m"), node("Min", ["m", "high"], "y")],
      bounds,
    ),
    "Round, Identity, Clip": parts(
      [
        node("Round", ["x"], "r"),
        node("Identity", ["r"], "i"),
        node("Clip", ["i", "low", "high"], "y"),
      ],
      bounds,
    ),
  };

  test.each(Object.entries(graphs))("%s", (_, model) => {
    const graph = read(model);
    expect(only(graph, "quantize").quantizer).toMatchObject({ min: -1, max: 2, kind: "uniform" });
    expect(Array.from(outputOf(graph, [-3, 0.5, 1.5, 7]))).toEqual([-1, 0, 2, 2]);
  });

  test("QKeras: rounded straight through, scaled, clipped, shifted", () => {
    const nodes = [
      node("Mul", ["x", "four"], "m"),
      node("Round", ["m"], "r"),
      node("Neg", ["m"], "n"),
      node("Add", ["n", "r"], "d"),
      node("Add", ["m", "d"], "s"),
      node("Mul", ["s", "quarter"], "t"),
      node("Add", ["t", "one"], "u"),
      node("Min", ["u", "high"], "v"),
      node("Max", ["v", "zero"], "y"),
    ];
    const scalars = { four: 4, quarter: 0.25, one: 1, high: 1.75, zero: 0 };
    const constants = Object.fromEntries(
      Object.entries(scalars).map(([name, value]) => [name, scalar(value)]),
    );
    const graph = read(parts(nodes, constants));
    expect(kinds(graph)).toEqual(["arithmetic", "quantize", "dequantize", "arithmetic"]);
    const outputs = Array.from(outputOf(graph, [0.3, -3, 0.125, 2]));
    expect(outputs).toEqual([1.25, 0, 1, 1.75]);
    const off = problem(parts(nodes, { ...constants, high: scalar(1.625) }));
    expect(off.message).toContain("clips rounded numbers at 1.625");
  });

  test("DoReFa: clipped, turned, scaled, rounded, scaled back; no clip behind", () => {
    const nodes = [
      node("Clip", ["x", "zero", "one"], "c"),
      node("Transpose", ["c"], "t", { perm: [1, 0] }),
      node("Mul", ["t", "three"], "m"),
      node("Round", ["m"], "r"),
      node("Div", ["r", "three"], "y"),
    ];
    const graph = read(parts(nodes, { zero: scalar(0), one: scalar(1), three: scalar(3) }));
    const thirds = Array.from(outputOf(graph, [0.3, -3, 0.6, 2]), (y) => Math.round(y * 3));
    expect(thirds).toEqual([1, 0, 2, 3]);
  });

  test("Floor rounds down", () => {
    const graph = read(
      parts([node("Floor", ["x"], "r"), node("Clip", ["r", "low", "high"], "y")], bounds),
    );
    expect(Array.from(outputOf(graph, [-0.5, 0.9, 1.5, 7]))).toEqual([-1, 0, 1, 2]);
  });

  test("without bounds, or with bounds that are no integers", () => {
    const open = parts([node("Round", ["x"], "r"), node("Relu", ["r"], "y")]);
    expect(problem(open).code).toBe("read/unsupported-operator");
    const odd = parts([node("Round", ["x"], "r"), node("Clip", ["r", "low", "high"], "y")], {
      low: scalar(-1),
      high: scalar(1.5),
    });
    expect(problem(odd).message).toContain("clips rounded numbers at 1.5");
  });
});

describe("comparisons with one number at run time", () => {
  test.each([
    ["Greater", ["x", "c"], [0, 0, 1, 1]],
    ["GreaterOrEqual", ["x", "c"], [0, 1, 1, 1]],
    ["Less", ["x", "c"], [1, 0, 0, 0]],
    ["LessOrEqual", ["x", "c"], [1, 1, 0, 0]],
    ["Greater", ["c", "x"], [1, 0, 0, 0]],
    ["GreaterOrEqual", ["c", "x"], [1, 1, 0, 0]],
    ["Less", ["c", "x"], [0, 0, 1, 1]],
    ["LessOrEqual", ["c", "x"], [0, 1, 1, 1]],
  ] as const)("%s %j", (op, inputs, expected) => {
    const compared = [node(op, [...inputs], "b"), node("Cast", ["b"], "y", { to: 1 })];
    const graph = read(parts(compared, { c: scalar(0.5) }));
    expect(Array.from(outputOf(graph, [0.25, 0.5, 0.75, 4]))).toEqual(expected);
    const chosen = [
      node(op, [...inputs], "b"),
      node("Not", ["b"], "n"),
      node("Where", ["n", "no", "yes"], "y"),
    ];
    const chooser = read(parts(chosen, { c: scalar(0.5), yes: scalar(3), no: scalar(-1) }));
    const values = expected.map((bit) => (bit ? 3 : -1));
    expect(Array.from(outputOf(chooser, [0.25, 0.5, 0.75, 4]))).toEqual(values);
  });
});

describe("straight-through sums", () => {
  const q = node("Sign", ["x"], "q");
  const forms = {
    "x + (q - x)": [q, node("Sub", ["q", "x"], "d"), node("Add", ["x", "d"], "y")],
    "(q - x) + x": [q, node("Sub", ["q", "x"], "d"), node("Add", ["d", "x"], "y")],
    "x - (x - q)": [q, node("Sub", ["x", "q"], "d"), node("Sub", ["x", "d"], "y")],
    "x + detach(q - x)": [
      q,
      node("Sub", ["q", "x"], "d"),
      node("Identity", ["d"], "i"),
      node("Add", ["x", "i"], "y"),
    ],
    "x + (-x + q)": [
      q,
      node("Neg", ["x"], "n"),
      node("Add", ["n", "q"], "d"),
      node("Add", ["x", "d"], "y"),
    ],
    "x + turned back(turned(q) - turned(x))": [
      q,
      node("Transpose", ["q"], "qt", { perm: [1, 0] }),
      node("Transpose", ["x"], "xt", { perm: [1, 0] }),
      node("Sub", ["qt", "xt"], "dt"),
      node("Transpose", ["dt"], "d", { perm: [1, 0] }),
      node("Add", ["x", "d"], "y"),
    ],
  };

  test.each(Object.entries(forms))("%s is q", (_, nodes) => {
    const graph = read(parts(nodes));
    expect(kinds(graph)).toEqual(["quantize", "dequantize"]);
  });

  test("what is left may be a sum, and the sum of others is no such thing", () => {
    const left = [
      node("Relu", ["x"], "r"),
      q,
      node("Add", ["r", "q"], "rq"),
      node("Neg", ["x"], "n"),
      node("Add", ["n", "rq"], "d"),
      node("Add", ["d", "x"], "y"),
    ];
    const graph = read(parts(left));
    expect(kinds(graph).toSorted()).toEqual(["add", "clip", "dequantize", "quantize"]);
    expect(Array.from(outputOf(graph, [0.5, -3, 0, 2]))).toEqual([1.5, -1, 0, 3]);
    const doubled = read(parts([q, node("Add", ["q", "x"], "s"), node("Add", ["s", "x"], "y")]));
    expect(Array.from(outputOf(doubled, [0.5, -3, 0, 2]))).toEqual([2, -7, 0, 5]);
  });

  test("a difference that something else reads is computed", () => {
    const graph = read(
      parts([
        q,
        node("Sub", ["q", "x"], "d"),
        node("Add", ["x", "d"], "s"),
        node("Mul", ["s", "d"], "y"),
      ]),
    );
    expect(kinds(graph)).toContain("sub");
    expect(Array.from(outputOf(graph, [0.5, -3, 0, 2]))).toEqual([0.5, -2, 0, -1]);
  });
});

describe("binary products as FINN has them", () => {
  test("XnorPopcountMatMul counts equal bits", () => {
    const w = tensor("float32", [4, 3], [1, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0]);
    const graph = read(
      parts([node("qonnx.custom_op.general:XnorPopcountMatMul", ["x", "w"], "y")], { w }),
    );
    expect(Array.from(outputOf(graph, [1, 0, 0, 1]))).toEqual([2, 1, 1]);
  });

  test("MaxPoolNHWC pools height and width", () => {
    const pool = node("qonnx.custom_op.general:MaxPoolNHWC", ["x"], "y", {
      kernel_shape: [2, 1],
      strides: [2, 1],
      pads: [0, 0, 0, 0],
    });
    const graph = read(parts([pool], {}, [1, 2, 1, 2]));
    expect(Array.from(outputOf(graph, [1, 8, 3, 4]))).toEqual([3, 8]);
    expect(graph.tensors.get("y")?.shape).toEqual([1, 1, 1, 2]);
  });

  test("patches that no MatMul reads", () => {
    const patches = node("qonnx.custom_op.general:Im2Col", ["x"], "p", {
      kernel_size: [1, 1],
      stride: [1, 1],
    });
    const wrong = parts([patches, node("Relu", ["p"], "y")], {}, [1, 2, 2, 1]);
    expect(problem(wrong).message).toContain("only a MatMul takes over");
  });
});

describe("weights in blocks", () => {
  const dense = [
    node("DequantizeLinear", ["q", "s"], "w", { axis: 0, block_size: 2 }),
    node("MatMul", ["x", "w"], "y"),
  ];
  const q = tensor("int8", [4, 2], [1, 0, -1, 1, 1, 1, 0, 0]);

  test("of equal scales have a grid by channel", () => {
    const s = floats([2, 2], [0.5, 3, 0.5, 3]);
    const graph = read({ ...parts(dense, { q, s }), opset: 21 });
    const weight = constantOf(graph, only(graph, "dense").weight);
    expect(weight.grid).toMatchObject({ axis: 0, scales: Float32Array.of(0.5, 3) });
    expect(Array.from(weight.data)).toEqual([0.5, -0.5, 0.5, 0, 0, 3, 3, 0]);
  });

  test("of different scales have their values", () => {
    const s = floats([2, 2], [0.5, 3, 1.5, 1]);
    const graph = read({ ...parts(dense, { q, s }), opset: 21 });
    const weight = constantOf(graph, only(graph, "dense").weight);
    expect(weight.grid).toBeUndefined();
    expect(Array.from(weight.data)).toEqual([0.5, -0.5, 1.5, 0, 0, 3, 1, 0]);
  });
});

test("quantised operators in a form that is for one runtime's inside only", () => {
  const pool = node("com.microsoft:QLinearGlobalAveragePool", ["x", "s", "z", "s", "z"], "y", {
    channels_last: 1,
  });
  const wrong = {
    ...parts([pool], { s: scalar(1), z: scalar(0, "uint8") }),
    inputs: [value("x", [1, 2, 2, 2], "uint8")],
  };
  expect(problem(wrong).message).toContain("channels first");
});

test("long chains of identities behind a head and in a straight-through sum", () => {
  const count = 5000;
  const chain = (from: string): ModelParts["nodes"] =>
    Array.from({ length: count }, (_, i) =>
      node("Identity", [i === 0 ? from : `t${i}`], `t${i + 1}`),
    );
  const last = `t${count}`;
  const head = parts([node("Softmax", ["x"], "s"), ...chain("s")]);
  expect(kinds(read({ ...head, outputs: [last] }))).toEqual(["softmax"]);
  const difference = [node("Sign", ["x"], "q"), node("Sub", ["q", "x"], "d"), ...chain("d")];
  const sum = parts([...difference, node("Add", ["x", last], "y")]);
  expect(kinds(read(sum))).toEqual(["quantize", "dequantize"]);
});
