import { expect, test } from "vitest";
import { mergeChains } from "../../../src/graph/passes/merge-chains.js";
import { smallGraph, wiring } from "../small-graph.js";

test("a reshape of a reshape reads the first one's input; the first stays for other readers", () => {
  const graph = smallGraph({ x: [1, 4], a: [1, 4, 1], b: [4], c: [4] }, [
    { kind: "reshape", input: "x", output: "a" },
    { kind: "reshape", input: "a", output: "b" },
    { kind: "reshape", input: "b", output: "c" },
  ]);
  expect(wiring(mergeChains(graph))).toEqual([
    "a = reshape(x)",
    "b = reshape(x)",
    "c = reshape(x)",
  ]);
});

test("a transpose of a transpose is one transpose by both permutations", () => {
  const graph = smallGraph({ x: [2, 3, 4], a: [4, 2, 3], b: [2, 4, 3] }, [
    { kind: "transpose", input: "x", output: "a", permutation: [2, 0, 1] },
    { kind: "transpose", input: "a", output: "b", permutation: [1, 0, 2] },
  ]);
  expect(mergeChains(graph).nodes[1]).toMatchObject({ input: "x", permutation: [0, 2, 1] });
});

test("a transpose of a reshape stays", () => {
  const graph = smallGraph({ x: [6], a: [2, 3], b: [3, 2] }, [
    { kind: "reshape", input: "x", output: "a" },
    { kind: "transpose", input: "a", output: "b", permutation: [1, 0] },
  ]);
  expect(mergeChains(graph)).toEqual(graph);
});
