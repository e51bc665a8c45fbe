import { describe, expect, test } from "vitest";
import { fuseSteps } from "../../../src/graph/passes/fuse-steps.js";
import { removeDead } from "../../../src/graph/passes/remove-dead.js";
import type { Graph } from "../../../src/graph/types.js";
import { outputOf } from "../evaluate.js";
import { constant, type Draft, smallGraph } from "../small-graph.js";

const SHAPE = [1, 9];
const INPUTS = [-3, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 3];
const UNIT = { scale: Float32Array.of(1), zero: Float32Array.of(0), axis: null } as const;

/** A graph of tensors of one shape; those whose names begin with q are integers. */
function graphOf(drafts: readonly Draft[], constants: Record<string, number> = {}): Graph {
  const names = ["x", ...drafts.map(({ output }) => output)];
  const shapes = names.map((name) => {
    const type = name.startsWith("q") ? "int8" : "real";
    return [name, { shape: SHAPE, type }] as const;
  });
  const numbers = Object.entries(constants).map(
    ([name, value]) => [name, constant([], [value])] as const,
  );
  return smallGraph(Object.fromEntries(shapes), drafts, Object.fromEntries(numbers));
}

const sign = (input: string, output: string): Draft[] => [
  { kind: "quantize", input, quantizer: { kind: "sign" }, output: `q${output}` },
  { kind: "dequantize", input: `q${output}`, ...UNIT, output },
];

const atLeast = (input: string, t: number, output: string): Draft[] => {
  const list = { values: Float64Array.of(t), count: 1, axis: null, base: 0, step: 1 } as const;
  return [
    { kind: "quantize", input, quantizer: { kind: "thresholds", ...list }, output: `q${output}` },
    { kind: "dequantize", input: `q${output}`, ...UNIT, output },
  ];
};

const product: Draft = { kind: "mul", inputs: ["s", "a"], output: "y" };
const absolute: Draft = { kind: "unary", input: "x", function: { name: "abs" }, output: "m" };

function fused(graph: Graph) {
  const after = removeDead(fuseSteps(graph));
  // Adding 0 makes the 0 of -0.
  const [expected, actual] = [graph, after].map((g) =>
    Array.from(outputOf(g, INPUTS), (y) => y + 0),
  );
  expect(actual).toEqual(expected);
  return after.nodes.map(({ kind }) => kind);
}

describe("quantisers put together", () => {
  test("sign(x) where |x| is large is one list of thresholds", () => {
    const drafts = [...sign("x", "s"), absolute, ...atLeast("m", 0.5, "a"), product];
    expect(fused(graphOf(drafts))).toEqual(["quantize", "dequantize"]);
  });

  test("one that falls is a negative factor; levels off 0 are an offset", () => {
    const minus: Draft = {
      kind: "arithmetic",
      operation: "sub",
      constant: "c",
      constantFirst: true,
      input: "p",
      output: "y",
    };
    const drafts = [
      ...sign("x", "s"),
      absolute,
      ...atLeast("m", 0.5, "a"),
      { ...product, output: "p" },
      minus,
    ];
    const kinds = fused(graphOf(drafts, { c: 0.3 }));
    expect(kinds).toEqual(["quantize", "dequantize", "arithmetic", "arithmetic"]);
  });

  test("signs of signs are one quantiser; what rises and falls stays", () => {
    const offset: Draft = {
      kind: "arithmetic",
      operation: "add",
      constant: "c",
      constantFirst: false,
      input: "s",
      output: "t",
    };
    const twice = [...sign("x", "s"), offset, ...sign("t", "y")];
    expect(fused(graphOf(twice, { c: 0.1 }))).toEqual(["quantize", "dequantize"]);
    const hill = [absolute, ...atLeast("m", 0.5, "y")];
    expect(fused(graphOf(hill))).toEqual(["unary", "quantize", "dequantize"]);
  });

  test("levels that a clip cuts off are not made, unless something else reads them", () => {
    const clip: Draft = { kind: "clip", input: "s", low: 0, high: 1, output: "y" };
    expect(fused(graphOf([...sign("x", "s"), clip]))).toEqual(["quantize", "dequantize"]);
    const both: Draft[] = [
      ...sign("x", "s"),
      { ...clip, output: "c" },
      { kind: "concat", inputs: ["s", "c"], axis: 0, output: "y" },
    ];
    expect(fuseSteps(graphOf(both)).nodes.map(({ kind }) => kind)).toContain("clip");
  });
});
