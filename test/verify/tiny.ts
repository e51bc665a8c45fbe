/** The subject of these tests: a hand-written model, what it must compute, and ways to break it. */

import { readFileSync } from "node:fs";
import type { Subject, Vectors } from "../../src/verify/index.js";

const fixture = (name: string) =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

const HIDDEN_WEIGHTS = [
  [1, 0, -1, 1, 0, 0, 1, -1],
  [0, 1, 1, -1, -1, 0, 0, 1],
  [-1, -1, 0, 0, 1, 1, 0, 0],
  [1, 1, 1, 1, -1, -1, -1, -1],
];
const OUTPUT_WEIGHTS = [
  [1, -1, 0, 1],
  [-1, 0, 1, 1],
];

/** A change of `tiny.c`: `from` must occur in it. */
export interface Change {
  readonly from: string;
  readonly to: string;
}

/** The model, with its C changed. */
export function tinySubject(...changes: readonly Change[]): Subject {
  let source = fixture("tiny.c");
  for (const { from, to } of changes) {
    if (!source.includes(from)) throw new Error(`tiny.c does not contain ${from}`);
    source = source.replace(from, to);
  }
  return {
    name: "tiny",
    sources: new Map([
      ["tiny.h", fixture("tiny.h")],
      ["tiny.c", source],
    ]),
    input: { elements: 8, type: "int8" },
    output: { elements: 2, type: "int32" },
    layers: [
      { name: "hidden", origin: 'Gemm "/hidden"', format: { elements: 4, type: "int8" } },
      { name: "logits", origin: 'Gemm "/logits"', format: { elements: 2, type: "int32" } },
    ],
  };
}

/** Inputs from a small fixed generator, and what the model must make of them. */
export function tinyVectors(count: number): Vectors {
  let state = 12345;
  const inputs = Int8Array.from({ length: count * 8 }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) & 0xff;
  });
  const trace = (index: number) => tinyLayers(inputs.subarray(index * 8, index * 8 + 8));
  const expected = new Int32Array(count * 2);
  for (let index = 0; index < count; index++) expected.set(trace(index)[1] ?? [], index * 2);
  return { count, inputs, expected, trace };
}

function tinyLayers(input: Int8Array): Int32Array[] {
  const hidden = product(HIDDEN_WEIGHTS, input).map((sum) =>
    Math.max(-128, Math.min(127, Math.floor((sum * 5000000 + 2 ** 23) / 2 ** 24))),
  );
  return [hidden, product(OUTPUT_WEIGHTS, hidden)];
}

function product(weights: readonly (readonly number[])[], input: ArrayLike<number>): Int32Array {
  return Int32Array.from(weights, (row) =>
    row.reduce((sum, weight, index) => sum + weight * (input[index] ?? 0), 0),
  );
}
