import { expect, test } from "vitest";
import { removeIdentities } from "../../../src/graph/passes/remove-identities.js";
import { smallGraph, wiring } from "../small-graph.js";

test("reshapes to the same shape and transposes that move nothing are dropped", () => {
  const graph = smallGraph({ x: [1, 4], a: [1, 4], b: [1, 4], c: [1, 4] }, [
    { kind: "reshape", input: "x", output: "a" },
    { kind: "transpose", input: "a", output: "b", permutation: [0, 1] },
    { kind: "clip", input: "b", output: "c", low: 0, high: 6 },
  ]);
  expect(wiring(removeIdentities(graph))).toEqual(["c = clip(x)"]);
});

test("the output keeps its name when the node that makes it is dropped", () => {
  const graph = smallGraph({ x: [1, 4], a: [1, 4], b: [1, 4], y: [1, 4] }, [
    { kind: "clip", input: "x", output: "a", low: 0, high: 6 },
    { kind: "add", inputs: ["a", "x"], output: "b" },
    { kind: "reshape", input: "b", output: "y" },
  ]);
  const after = removeIdentities(graph);
  expect(after.output).toBe("y");
  expect(wiring(after)).toEqual(["a = clip(x)", "y = add(a, x)"]);
});

test("readers of a tensor that becomes the output read it by the output's name", () => {
  const drafts = [
    { kind: "clip", input: "x", output: "a", low: 0, high: 6 },
    { kind: "reshape", input: "a", output: "y" },
  ] as const;
  const graph = smallGraph({ x: [4], a: [4], b: [4], y: [4] }, [
    drafts[0],
    { kind: "clip", input: "a", output: "b", low: 0, high: 1 },
    drafts[1],
  ]);
  expect(wiring(removeIdentities(graph))).toEqual(["y = clip(x)", "b = clip(y)"]);
});

test("real reshapes and transposes stay, and so does an identity from input to output", () => {
  const moves = smallGraph({ x: [2, 2], a: [2, 2], y: [4] }, [
    { kind: "transpose", input: "x", output: "a", permutation: [1, 0] },
    { kind: "reshape", input: "a", output: "y" },
  ]);
  expect(removeIdentities(moves)).toEqual(moves);
  const nothing = smallGraph({ x: [4], y: [4] }, [{ kind: "reshape", input: "x", output: "y" }]);
  expect(removeIdentities(nothing)).toEqual(nothing);
});
