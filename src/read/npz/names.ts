import { fail } from "../../diagnostics.js";
import { ambiguousOrder, noWeights, strangeArray, twoOfRole } from "./diagnostics.js";

type Role = "weight" | "bias";

const ROLES: Readonly<Record<string, Role>> = {
  w: "weight",
  weight: "weight",
  weights: "weight",
  kernel: "weight",
  b: "bias",
  bias: "bias",
  biases: "bias",
};

/** The arrays of one layer, by name. */
export interface LayerNames {
  readonly weight: string;
  readonly bias: string | null;
}

interface ParsedName {
  readonly name: string;
  readonly role: Role;
  /** What is left of the name without its role: the layer's own name. */
  readonly layer: string;
  readonly numbers: readonly number[];
}

/**
 * Pairs the arrays of a chain of layers and puts them in order. A name is a layer and a role: `w0`,
 * `b0`, `W_1`, `layer2.weight`, `fc3/kernel`, `weights`; the order is that of the numbers in it.
 * Arrays that were saved without names (`arr_0`, `arr_1`, ...) are weights if they have two axes,
 * and then the bias that follows one.
 *
 * @param rankOf number of axes of an array
 * @throws DiagnosticError for names that do not say all that
 */
export function layersOf(
  names: readonly string[],
  rankOf: (name: string) => number,
): readonly LayerNames[] {
  if (names.length === 0) fail(noWeights([]));
  const nameless = names.every((name) => /^arr_\d+$/.test(name));
  return nameless ? byPosition(names, rankOf) : byName(names);
}

function byPosition(names: readonly string[], rankOf: (name: string) => number): LayerNames[] {
  const ordered = names.toSorted((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
  const layers: LayerNames[] = [];
  for (const name of ordered) {
    const last = layers.at(-1);
    if (rankOf(name) === 2) layers.push({ weight: name, bias: null });
    else if (rankOf(name) === 1 && last !== undefined && last.bias === null) {
      layers[layers.length - 1] = { ...last, bias: name };
    } else fail(strangeArray(name, "it is no matrix, nor a bias that follows one"));
  }
  return layers;
}

function byName(names: readonly string[]): LayerNames[] {
  const parsed = names.map(parseName);
  const weights = parsed.filter(({ role }) => role === "weight");
  if (weights.length === 0) fail(noWeights(names));
  const biases = new Map<string, string>();
  for (const { name, role, layer } of parsed) {
    if (role !== "bias") continue;
    const other = biases.get(layer);
    if (other !== undefined) fail(twoOfRole("biases", other, name));
    biases.set(layer, name);
  }
  const layers = inOrder(weights).map(({ name, layer }) => {
    const bias = biases.get(layer) ?? null;
    biases.delete(layer);
    return { weight: name, bias };
  });
  for (const name of biases.values()) fail(strangeArray(name, "no weights have that name's layer"));
  return layers;
}

/** Words are runs of letters or of digits: `layer0_W` is layer, 0 and w. */
function parseName(name: string): ParsedName {
  const words = name.toLowerCase().match(/[a-z]+|\d+/g) ?? [];
  const at = words.findLastIndex((word) => Object.hasOwn(ROLES, word));
  const role = ROLES[words[at] ?? ""];
  if (role === undefined) return fail(strangeArray(name, "its name says neither weight nor bias"));
  const numbers = words.filter((word) => /^\d/.test(word)).map(Number);
  return { name, role, layer: words.toSpliced(at, 1).join(" "), numbers };
}

function inOrder(weights: readonly ParsedName[]): ParsedName[] {
  const ordered = weights.toSorted((a, b) => compare(a.numbers, b.numbers));
  for (const [i, current] of ordered.entries()) {
    const before = ordered[i - 1];
    if (before === undefined || compare(before.numbers, current.numbers) !== 0) continue;
    if (before.layer === current.layer) fail(twoOfRole("weights", before.name, current.name));
    fail(ambiguousOrder(before.name, current.name));
  }
  return ordered;
}

/** List by list, the shorter first. */
function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, x] of a.entries()) {
    const difference = x - (b[i] ?? Number.NEGATIVE_INFINITY);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
