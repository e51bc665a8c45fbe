import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../../src/diagnostics.js";
import { lower } from "../../../src/network/lower/index.js";
import type { Network } from "../../../src/network/types.js";
import { readModel } from "../../../src/read/index.js";
import { outputOf } from "../../graph/evaluate.js";
import {
  floats,
  type ModelParts,
  model,
  node,
  scalar,
  tensor,
  value,
} from "../../support/onnx-builder.js";
import { seeded } from "../../support/random.js";
import { kinds, run } from "./lowering.js";

const FEATURES = 6;
const OUTPUTS = 4;
const SCALE = 0.25;

const TRITS = [1, 0, -1, 1, -1, 1, 0, -1, 1, 1, 1, 1, -1, -1, 0, 0, 1, -1, 1, 0, 0, -1, -1, 1];

const CONSTANTS: NonNullable<ModelParts["initializers"]> = {
  w: floats(
    [FEATURES, OUTPUTS],
    TRITS.map((t) => t * SCALE),
  ),
  gamma: floats([FEATURES], [1, 2, 0.5, -1, 3, 0.25]),
  tiny: scalar(1e-5),
  most: scalar(127),
  low: scalar(-128),
};

/** `clip(round(x * s), -128, 127)` with s from the largest |x| of the row, and that over s. */
const quantized = (x: string, q: string, clips = true) => [
  node("Abs", [x], "abs"),
  node("ReduceMax", ["abs"], "largest", { axes: [-1], keepdims: 1 }),
  node("Clip", ["largest", "tiny"], "bounded"),
  node("Div", ["most", "bounded"], "s"),
  node("Mul", [x, "s"], "scaled"),
  node("Round", ["scaled"], "rounded"),
  ...(clips ? [node("Clip", ["rounded", "low", "most"], "clipped")] : []),
  node("Div", [clips ? "clipped" : "rounded", "s"], q),
];

function graphOf(nodes: ModelParts["nodes"], more: Partial<ModelParts> = {}) {
  const inputs = [value("x", [1, 3, FEATURES])];
  const parts = { inputs, nodes, outputs: ["y"], opset: 17, ...more };
  const initializers = { ...CONSTANTS, ...more.initializers };
  return readModel(model({ ...parts, initializers }), "m.onnx", () => undefined).graph;
}

/** Codes of what lowering refuses. */
function refusals(nodes: ModelParts["nodes"], more?: Partial<ModelParts>): string[] {
  try {
    lower(graphOf(nodes, more));
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map((d) => d.code);
  }
  return [];
}

/** Doubles give nearly the same, but where they round to another integer. */
function expectNear(
  network: Network,
  graph: ReturnType<typeof graphOf>,
  size = 3 * FEATURES,
): void {
  const random = seeded(5);
  for (let i = 0; i < 20; i++) {
    const input = Array.from({ length: size }, () => Math.fround(random.next() * 4 - 2));
    const expected = Array.from(outputOf(graph, input));
    const largest = Math.max(...expected.map(Math.abs));
    for (const [k, y] of run(network, input).entries()) {
      expect(Math.abs(y - (expected[k] ?? Number.NaN))).toBeLessThan(2e-6 * largest);
    }
  }
}

describe("float32 segments", () => {
  it("are an integer product between a measured scale and its inverse", () => {
    const graph = graphOf([...quantized("x", "q"), node("MatMul", ["q", "w"], "y")]);
    const { network } = lower(graph);
    expect(kinds(network)).toEqual(["reduce", "pointwise", "dense", "pointwise"]);
    const [, q, sums, y] = network.layers.map((layer) => network.tensors[layer.output]);
    expect(q).toMatchObject({ type: "int8", range: { low: -128, high: 127 } });
    expect(sums?.type).toBe("int16");
    expect(y?.type).toBe("float32");
    expect(network.input.encoding.kind).toBe("float32");
    expectNear(network, graph);
  });

  it("take x + (q - x) for q, and say so once", () => {
    const through = [node("Sub", ["q", "x"], "d"), node("Add", ["x", "d"], "t")];
    const product = node("MatMul", ["t", "w"], "y");
    const { network, remarks } = lower(graphOf([...quantized("x", "q"), ...through, product]));
    const plain = lower(graphOf([...quantized("x", "q"), node("MatMul", ["q", "w"], "y")]));
    expect(remarks.map((r) => r.code)).toEqual(["lower/straight-through"]);
    const input = Array.from({ length: 3 * FEATURES }, (_, i) => Math.fround(Math.sin(i)));
    expect(run(network, input)).toEqual(run(plain.network, input));
  });

  it("reduce along rows, along tokens, and what a transposition has moved", () => {
    for (const [axes, transposed] of [
      [[1], false],
      [[2], false],
      [[1], true],
    ] as const) {
      const moves = transposed ? [node("Transpose", ["p"], "m", { perm: [0, 2, 1] })] : [];
      const graph = graphOf([
        ...quantized("x", "q"),
        node("MatMul", ["q", "w"], "p"),
        ...moves,
        node("ReduceMean", [transposed ? "m" : "p"], "y", { axes: [...axes], keepdims: 0 }),
      ]);
      expectNear(lower(graph).network, graph);
    }
  });

  it("end in integers at a quantiser with a static scale", () => {
    const step = { step: scalar(0.25), zero: tensor("int8", [], [3]) };
    const graph = graphOf(
      [
        node("LayerNormalization", ["x", "gamma"], "n"),
        node("QuantizeLinear", ["n", "step", "zero"], "i"),
        node("DequantizeLinear", ["i", "step", "zero"], "q"),
        node("MatMul", ["q", "w"], "y"),
      ],
      { initializers: step },
    );
    const { network } = lower(graph);
    expect(kinds(network)).toEqual(["reduce", "reduce", "pointwise", "dense"]);
    expectNear(network, graph);
  });

  it("begin at integers", () => {
    const graph = graphOf(
      [
        node("DequantizeLinear", ["x", "step", "zero"], "r"),
        ...quantized("r", "q"),
        node("MatMul", ["q", "w"], "y"),
      ],
      {
        inputs: [value("x", [1, FEATURES], "uint8")],
        initializers: { step: scalar(0.1), zero: tensor("uint8", [], [7]) },
      },
    );
    const { network } = lower(graph);
    expect(network.input.encoding).toMatchObject({ kind: "integer", zero: 7 });
    const input = [0, 255, 7, 30, 200, 90];
    const expected = Array.from(outputOf(graph, input));
    for (const [k, y] of run(network, input).entries()) expect(y).toBeCloseTo(expected[k] ?? 0, 4);
  });

  it("refuse what would not be a product of integers", () => {
    expect(
      refusals([node("LayerNormalization", ["x", "gamma"], "n"), node("MatMul", ["n", "w"], "y")]),
    ).toEqual(["lower/float32-product"]);
    expect(refusals([...quantized("x", "q", false), node("MatMul", ["q", "w"], "y")])).toEqual([
      "lower/round-without-clip",
    ]);
  });

  it("refuse functions that are not specified bit by bit", () => {
    const product = [...quantized("x", "q"), node("MatMul", ["q", "w"], "p")];
    const codes = refusals([...product, node("Tanh", ["p"], "t"), node("Mul", ["t", "p"], "y")]);
    expect(codes).toEqual(["lower/not-in-float32"]);
  });
});
