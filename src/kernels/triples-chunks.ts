import type { Range, Weights } from "../network/types.js";
import { MIDDLE } from "./triples-words.js";

/** Steps of one chunk are counted in a byte, as are chunks. */
const LONGEST = 255;

/** Estimated cycles for two words of x: a chunk's own, a step's, a step's of those not in fours. */
const CHUNK_CYCLES = 90;
const STEP_CYCLES = 10.5;
const SINGLE_CYCLES = 7;

/**
 * For each pair of outputs how many words of taps each chunk has, so that no inputs in `range` take the sum
 * of either over a chunk out of its digit, at the least cost. Null where not even a word is safe.
 *
 * @param stepOf of a weight of an output, the word that it stands in
 */
export function triplesChunks(
  weights: Weights,
  range: Range,
  steps: number,
  stepOf: (weight: number) => number,
): readonly (readonly number[])[] | null {
  const low = Math.min(range.low, 0);
  const high = Math.max(range.high, 0);
  const all: (readonly number[])[] = [];
  for (let o = 0; o < weights.outputs; o += 2) {
    const rows = [o, o + 1].filter((row) => row < weights.outputs);
    const counts = rows.map((row) => signsBefore(weights, row, steps, stepOf));
    const safe = (from: number, to: number): boolean =>
      counts.every(({ plus, minus }) => {
        const p = (plus[to] ?? 0) - (plus[from] ?? 0);
        const m = (minus[to] ?? 0) - (minus[from] ?? 0);
        return p * high - m * low < MIDDLE && p * low - m * high >= -MIDDLE;
      });
    const chunks = cheapest(steps, safe);
    if (chunks === null || chunks.length > LONGEST) return null;
    all.push(chunks);
  }
  return all;
}

function cheapest(
  steps: number,
  safe: (from: number, to: number) => boolean,
): readonly number[] | null {
  const cost = new Float64Array(steps + 1).fill(Number.POSITIVE_INFINITY);
  const length = new Int32Array(steps);
  cost[steps] = 0;
  for (let from = steps - 1; from >= 0; from--) {
    for (let n = 1; n <= LONGEST && from + n <= steps && safe(from, from + n); n++) {
      const own = CHUNK_CYCLES + STEP_CYCLES * n + SINGLE_CYCLES * (n % 4);
      const total = own + (cost[from + n] ?? 0);
      if (total < (cost[from] ?? 0)) {
        cost[from] = total;
        length[from] = n;
      }
    }
  }
  if (cost[0] === Number.POSITIVE_INFINITY) return null;
  const chunks: number[] = [];
  for (let from = 0; from < steps; from += chunks.at(-1) ?? steps) chunks.push(length[from] ?? 1);
  return chunks;
}

/** How many weights of each sign an output has before each step. */
function signsBefore(
  { values, perOutput }: Weights,
  row: number,
  steps: number,
  stepOf: (weight: number) => number,
) {
  const plus = new Int32Array(steps + 1);
  const minus = new Int32Array(steps + 1);
  for (let k = 0; k < perOutput; k++) {
    const value = values[row * perOutput + k] ?? 0;
    const at = stepOf(k) + 1;
    if (value > 0) plus[at] = (plus[at] ?? 0) + 1;
    else if (value < 0) minus[at] = (minus[at] ?? 0) + 1;
  }
  for (let step = 1; step <= steps; step++) {
    plus[step] = (plus[step] ?? 0) + (plus[step - 1] ?? 0);
    minus[step] = (minus[step] ?? 0) + (minus[step - 1] ?? 0);
  }
  return { plus, minus };
}
