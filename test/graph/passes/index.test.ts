import { expect, test } from "vitest";
import { PASSES, runPasses } from "../../../src/graph/passes/index.js";
import { smallGraph, wiring } from "../small-graph.js";

test("passes have names and reasons of their own", () => {
  expect(new Set(PASSES.map(({ name }) => name)).size).toBe(PASSES.length);
  expect(new Set(PASSES.map(({ reason }) => reason)).size).toBe(PASSES.length);
});

test("a round trip through another layout leaves nothing behind", () => {
  const graph = smallGraph({ x: [1, 2, 3], a: [1, 3, 2], b: [1, 2, 3], c: [1, 6], y: [1, 2, 3] }, [
    { kind: "transpose", input: "x", output: "a", permutation: [0, 2, 1] },
    { kind: "transpose", input: "a", output: "b", permutation: [0, 2, 1] },
    { kind: "reshape", input: "b", output: "c" },
    { kind: "clip", input: "b", output: "y", low: 0, high: 1 },
  ]);
  const after = runPasses(graph);
  expect(wiring(after)).toEqual(["y = clip(x)"]);
  expect([...after.tensors.keys()]).toEqual(["x", "y"]);
});

test("an illegal graph is an internal error that says after what", () => {
  const graph = smallGraph({ x: [4], y: [5] }, [{ kind: "reshape", input: "x", output: "y" }]);
  expect(() => runPasses(graph)).toThrow(
    'illegal graph after reading: reshape "y": number of elements changes',
  );
});
