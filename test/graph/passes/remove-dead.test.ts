import { expect, test } from "vitest";
import { removeDead } from "../../../src/graph/passes/remove-dead.js";
import { constant, smallGraph, wiring } from "../small-graph.js";

test("nodes, tensors and constants that the output does not need are dropped", () => {
  const graph = smallGraph(
    { x: [2], a: [2], b: [2], y: [2] },
    [
      {
        kind: "arithmetic",
        operation: "add",
        input: "x",
        constant: "used",
        constantFirst: false,
        output: "a",
      },
      {
        kind: "arithmetic",
        operation: "mul",
        input: "x",
        constant: "unused",
        constantFirst: false,
        output: "b",
      },
      { kind: "clip", input: "a", output: "y", low: 0, high: 1 },
    ],
    { used: constant([2], [1, 2]), unused: constant([2], [3, 4]) },
  );
  const after = removeDead(graph);
  expect(wiring(after)).toEqual(["a = arithmetic(x)", "y = clip(a)"]);
  expect([...after.tensors.keys()]).toEqual(["x", "a", "y"]);
  expect([...after.constants.keys()]).toEqual(["used"]);
});
