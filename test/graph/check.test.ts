import { describe, expect, test } from "vitest";
import { checkGraph } from "../../src/graph/check.js";
import type {
  Constant,
  Graph,
  Quantizer,
  Shape,
  TensorInfo,
  Window,
} from "../../src/graph/types.js";
import { constant, type Draft, smallGraph } from "./small-graph.js";

const window: Window = {
  kernel: [3, 3],
  strides: [1, 1],
  dilations: [1, 1],
  pads: { top: 1, left: 1, bottom: 1, right: 1 },
};
const one = Float32Array.of(1);
const none = Float32Array.of(0);
const quantizer: Quantizer = {
  kind: "uniform",
  scale: one,
  zero: none,
  zeroAdded: "after-rounding",
  axis: null,
  min: 0,
  max: 255,
  rounding: "half-even",
};
const bytes = (...shape: Shape): TensorInfo => ({ shape, type: "uint8" });
const zeros = (...shape: number[]): Constant =>
  constant(shape, new Array(shape.reduce((p, n) => p * n, 1)).fill(0));
const image = [1, 2, 4, 4];

/** One node of every kind that is right, with what is around it. */
const LEGAL: Readonly<Record<string, Graph>> = {
  conv: smallGraph(
    { x: image, y: [1, 6, 4, 4] },
    [{ kind: "conv", input: "x", weight: "w", bias: "b", window, groups: 2, output: "y" }],
    { w: zeros(6, 1, 3, 3), b: zeros(6) },
  ),
  dense: smallGraph(
    { x: [1, 5, 3], y: [1, 5, 2] },
    [{ kind: "dense", input: "x", weight: "w", bias: null, output: "y" }],
    { w: zeros(2, 3) },
  ),
  maxPool: smallGraph({ x: bytes(...image), y: bytes(...image) }, [
    { kind: "maxPool", input: "x", window, output: "y" },
  ]),
  averagePool: smallGraph({ x: image, y: image }, [
    { kind: "averagePool", input: "x", window, countPadding: true, overhang: [0, 0], output: "y" },
  ]),
  arithmetic: smallGraph(
    { x: image, y: image },
    [
      {
        kind: "arithmetic",
        operation: "div",
        input: "x",
        constant: "c",
        constantFirst: true,
        output: "y",
      },
    ],
    { c: zeros(2, 1, 1) },
  ),
  batchNorm: smallGraph(
    { x: image, y: image },
    [
      {
        kind: "batchNorm",
        input: "x",
        gamma: "c",
        beta: "c",
        mean: "c",
        variance: "c",
        epsilon: 1,
        output: "y",
      },
    ],
    { c: zeros(2) },
  ),
  add: smallGraph({ x: image, y: image }, [{ kind: "add", inputs: ["x", "x"], output: "y" }]),
  quantize: smallGraph({ x: image, y: bytes(...image) }, [
    { kind: "quantize", input: "x", quantizer, output: "y" },
  ]),
  dequantize: smallGraph({ x: bytes(...image), y: image }, [
    {
      kind: "dequantize",
      input: "x",
      scale: Float32Array.of(1, 2),
      zero: none,
      axis: 1,
      output: "y",
    },
  ]),
  transpose: smallGraph({ x: image, y: [1, 4, 4, 2] }, [
    { kind: "transpose", input: "x", permutation: [0, 2, 3, 1], output: "y" },
  ]),
  argMax: smallGraph({ x: [1, 10], y: { shape: [1], type: "int32" } }, [
    { kind: "argMax", input: "x", axis: 1, output: "y" },
  ]),
};

test.each(Object.entries(LEGAL))("a right %s is legal", (_, graph) => {
  expect(() => checkGraph(graph, "this test")).not.toThrow();
});

/** The legal graph of a kind, with its node, its tensors or its constants changed. */
function broken(
  kind: string,
  change: {
    node?: Partial<Draft>;
    y?: TensorInfo;
    x?: TensorInfo;
    constants?: Record<string, Constant>;
  },
): Graph {
  const graph = LEGAL[kind];
  if (graph === undefined) throw new Error(`no graph for ${kind}`);
  const tensors = new Map(graph.tensors);
  if (change.x) tensors.set("x", change.x);
  if (change.y) tensors.set("y", change.y);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => Object.assign({}, node, change.node)),
    tensors,
    constants: new Map([...graph.constants, ...Object.entries(change.constants ?? {})]),
  };
}

describe("one thing wrong", () => {
  test.each([
    ["conv with too few groups", broken("conv", { node: { groups: 1 } }), "groups"],
    [
      "conv with another kernel",
      broken("conv", { constants: { w: zeros(6, 1, 5, 5) } }),
      "kernel and weight",
    ],
    [
      "conv with a short bias",
      broken("conv", { constants: { b: zeros(5) } }),
      "bias is not [outputs]",
    ],
    [
      "conv with a wrong output",
      broken("conv", { y: { shape: [1, 6, 4, 5], type: "real" } }),
      "should be [1, 6, 4, 4]",
    ],
    [
      "dense with a wrong weight",
      broken("dense", { constants: { w: zeros(2, 4) } }),
      "weight and input",
    ],
    [
      "max pool that changes the type",
      broken("maxPool", { y: { shape: image, type: "real" } }),
      "uint8 to real",
    ],
    ["average pool of integers", broken("averagePool", { x: bytes(...image) }), "uint8 to real"],
    [
      "constant that does not broadcast",
      broken("arithmetic", { constants: { c: zeros(3) } }),
      "does not broadcast",
    ],
    [
      "batch norm for other channels",
      broken("batchNorm", { constants: { c: zeros(4) } }),
      "not [channels]",
    ],
    [
      "sum of different shapes",
      broken("add", { y: { shape: [1, 2, 4, 5], type: "real" } }),
      "should be",
    ],
    [
      "scale of zero",
      broken("quantize", { node: { quantizer: { ...quantizer, scale: none } } }),
      "scale is not positive",
    ],
    [
      "levels that are no integers",
      broken("quantize", { node: { quantizer: { ...quantizer, max: 1.5 } } }),
      "levels",
    ],
    [
      "scales along another axis",
      broken("dequantize", { node: { axis: 2 } }),
      "do not fit the shape",
    ],
    [
      "axes that repeat",
      broken("transpose", { node: { permutation: [0, 1, 1, 2] } }),
      "not a permutation",
    ],
    ["axis that is not there", broken("argMax", { node: { axis: 2 } }), "axis"],
    [
      "constant that is missing",
      broken("dense", { node: { weight: "nowhere" } }),
      "the constant nowhere",
    ],
    ["empty extent", broken("add", { x: { shape: [0], type: "real" } }), "x has shape [0]"],
    [
      "constant that does not fill its shape",
      broken("dense", { constants: { w: { shape: [2, 3], data: new Float32Array(5) } } }),
      "w does not fill its shape",
    ],
    [
      "grid with too few scales",
      broken("dense", {
        constants: {
          w: {
            ...zeros(2, 3),
            grid: { integers: new Int32Array(6), scales: Float32Array.of(1, 2, 3), axis: 0 },
          },
        },
      }),
      "w has scales that do not fit",
    ],
  ])("%s", (_, graph, message) => {
    expect(() => checkGraph(graph, "this test")).toThrow(message);
  });

  test("a tensor read before it is made, made twice, or never", () => {
    const clip = (input: string, output: string): Draft => ({
      kind: "clip",
      input,
      output,
      low: 0,
      high: 1,
    });
    const shapes = { x: [1], a: [1], y: [1] };
    const early = smallGraph(shapes, [clip("a", "y"), clip("x", "a")]);
    expect(() => checkGraph(early, "this test")).toThrow("reads a before it is made");
    const twice = smallGraph(shapes, [clip("x", "a"), clip("x", "a")]);
    expect(() => checkGraph(twice, "this test")).toThrow("makes a a second time");
    const never = { ...smallGraph(shapes, [clip("x", "a")]), output: "y" };
    expect(() => checkGraph(never, "this test")).toThrow("nothing makes the output y");
  });
});
