import { sizeOf } from "../graph/nodes.js";
import type { HeadNode, Shape } from "../graph/types.js";
import { at, type FloatArray, type Step } from "./arrays.js";

/** The ends of classifiers, along one axis. TopK gives values or indices, as the output's type says. */
export function headStep(
  { kind, axis }: HeadNode,
  [x, shape]: readonly [FloatArray, Shape],
  y: FloatArray,
  indices: boolean,
): Step {
  if (kind === "sigmoid") {
    return () => {
      for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + Math.exp(-at(x, i)));
    };
  }
  const inner = sizeOf(shape.slice(axis + 1));
  const length = at(shape, axis);
  const outer = sizeOf(shape) / inner / length;
  const kept = y.length / inner / outer;
  return () => {
    for (let o = 0; o < outer * inner; o++) {
      const start = Math.floor(o / inner) * length * inner + (o % inner);
      const run = Array.from({ length }, (_, k) => at(x, start + k * inner));
      const to = Math.floor(o / inner) * kept * inner + (o % inner);
      for (const [k, value] of valuesOf(kind, run, kept, indices).entries()) {
        y[to + k * inner] = value;
      }
    }
  };
}

function valuesOf(
  kind: Exclude<HeadNode["kind"], "sigmoid">,
  run: readonly number[],
  kept: number,
  indices: boolean,
): number[] {
  switch (kind) {
    case "softmax":
    case "logSoftmax": {
      const largest = run.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      const total = run.reduce((sum, v) => sum + Math.exp(v - largest), 0);
      return run.map((v) =>
        kind === "softmax" ? Math.exp(v - largest) / total : v - largest - Math.log(total),
      );
    }
    case "argMax":
    case "topK": {
      const order = [...run.keys()].sort((a, b) => at(run, b) - at(run, a) || a - b).slice(0, kept);
      return kind === "argMax" || indices ? order : order.map((i) => at(run, i));
    }
    default:
      return kind satisfies never;
  }
}
