import type { Origin } from "../../graph/types.js";
import type { DraftLayer } from "./draft.js";

/** Nodes that carry a layer's identity best come first in a search for its name. */
const TELLING = /conv|gemm|matmul|pool|add/i;

const LONGEST = 32;

/**
 * A short, unique name for each layer, from the name of its most telling node: lower-case letters,
 * digits and single underscores, starting with a letter.
 */
export function layerNames(layers: readonly Pick<DraftLayer, "kind" | "origins">[]): string[] {
  const taken = new Set<string>();
  return layers.map(({ kind, origins }) => {
    // A float32 program is known by its result.
    const isProgram = kind === "pointwise" || kind === "reduce";
    const origin = isProgram ? origins.at(-1) : tellingOrigin(origins);
    const stem = slug(origin?.name ?? "") || slug(origin?.op ?? "") || "layer";
    let name = stem;
    for (let i = 2; taken.has(name); i++) name = `${stem}_${i}`;
    taken.add(name);
    return name;
  });
}

/** The node that a layer is known by. */
export function tellingOrigin(origins: readonly Origin[]): Origin | undefined {
  return origins.find((o) => TELLING.test(o.op)) ?? origins[0];
}

function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+/, "")
    .replace(/^node_/, ""); // what PyTorch's exporter puts before every name
  return shortened(plain)
    .replace(/^[^a-z]+/, "")
    .replace(/_+$/, "");
}

/** The last words that are short enough together, or the end of a long last word. */
function shortened(text: string): string {
  const end = text.slice(-LONGEST);
  const isWhole = end.length === text.length || text.at(-LONGEST - 1) === "_";
  const whole = isWhole ? end : end.replace(/^[^_]*_/, "");
  return /[a-z]/.test(whole) ? whole : end;
}
