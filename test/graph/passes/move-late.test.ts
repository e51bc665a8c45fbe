import { expect, test } from "vitest";
import { checkGraph } from "../../../src/graph/check.js";
import { moveLate } from "../../../src/graph/passes/move-late.js";
import { GraphBuilder, uniform } from "../../support/graph-builder.js";
import { outputOf } from "../evaluate.js";
import { wiring } from "../small-graph.js";

const KERNEL = [1, -1, 0, 1];

/** Sums of an image [1, 2, 2, 3], which nothing has quantised. */
function sums(): [g: GraphBuilder, x: string, y: string] {
  const g = new GraphBuilder([1, 2, 2, 3], "int8");
  const x = g.dequantize("x", 0.5);
  return [g, x, g.conv(x, [2, 2, 1, 1], KERNEL)];
}

const INPUT = [1, 2, -3, 4, 5, 6, -7, 8, 9, 10, 11, -12];

test("the quantiser goes before the concatenation, once for each operand", () => {
  const [g, x, y] = sums();
  g.quantize(g.relu(g.concat([x, y, x], 2)), uniform(0.25, { zero: 3 }));
  const before = g.build();
  const after = moveLate(before);
  checkGraph(after, "the pass");
  expect(wiring(after)).toEqual([
    "t0 = dequantize(x)",
    "t1 = conv(t0)",
    "t3.part0 = clip(t0)",
    "t3.part1 = clip(t1)",
    "t4.part0 = quantize(t3.part0)",
    "t4.part1 = quantize(t3.part1)",
    "t4 = concat(t4.part0, t4.part1, t4.part0)",
  ]);
  expect(outputOf(after, INPUT)).toEqual(outputOf(before, INPUT));
});

test("what a gather fills with is clipped and quantised too", () => {
  const [g, , y] = sums();
  const padded = g.gather(y, [null, null, [-1, 0, 1], null]);
  g.quantize(g.clip(padded, -2, 2), uniform(0.25, { zero: 3 }));
  const before = g.build();
  const after = moveLate(before);
  checkGraph(after, "the pass");
  expect(after.nodes.at(-1)).toMatchObject({ kind: "gather", fill: 3 });
  expect(outputOf(after, INPUT)).toEqual(outputOf(before, INPUT));
});

test("gathers of integers, constants for each channel and second readers stay", () => {
  const [stored, x] = sums();
  stored.quantize(stored.gather(x, [null, [1], null, null]), uniform(1));
  const [channels, a, b] = sums();
  channels.arithmetic("mul", channels.concat([a, b], 1), [1, 2, 3, 4], [4, 1, 1]);
  const [twice, c, d] = sums();
  const joined = twice.concat([c, d], 1);
  twice.sum(twice.relu(joined), joined);
  for (const graph of [stored, channels, twice].map((g) => g.build())) {
    expect(moveLate(graph)).toBe(graph);
  }
});
