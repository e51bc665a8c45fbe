import type { WeightKind, Weights } from "../../src/network/types.js";
import { chance, type Random } from "../support/random.js";

/** The smallest and the largest weight of each kind. */
export const WEIGHT_ENDS: Readonly<Record<WeightKind, readonly [number, number]>> = {
  binary: [-1, 1],
  ternary: [-1, 1],
  int4: [-8, 7],
  int8: [-128, 127],
};

/** Weights of any kind and sparsity, with rows of zeros, of one sign, and of the largest weights. */
export function drawWeights(random: Random, outputs: number, perOutput: number): Weights {
  const kind = random.pick(["ternary", "ternary", "ternary", "binary", "int4", "int8"] as const);
  const [least, most] = WEIGHT_ENDS[kind];
  const zeros = kind === "binary" ? 0 : random.pick([0, 0.3, 0.5, 0.9, 1]);
  const any = (): number =>
    kind === "binary" ? random.pick([-1, 1]) : random.integer(least, most);
  const styles: Readonly<Record<string, () => number>> = {
    any: () => (chance(random, zeros) ? 0 : any()),
    least: () => least,
    most: () => most,
    ends: () => random.pick([least, most]),
    empty: () => (kind === "binary" ? most : 0),
  };
  const names = ["any", "any", "any", "any", "any", "any", ...Object.keys(styles)];
  const rows = Array.from({ length: outputs }, () => {
    const style = styles[random.pick(names)] ?? any;
    return Array.from({ length: perOutput }, style);
  });
  return { kind, outputs, perOutput, values: Int8Array.from(rows.flat()) };
}
