import type { Range, Weights } from "../network/types.js";
import { BLOCK } from "./dual-packing.js";

/** What sums of the first and of the second row of a pair may reach over one chunk of columns. */
const FIRST = { low: -(2 ** 13), high: 2 ** 13 - 1 };
const SECOND = { low: -(2 ** 17), high: 2 ** 17 - 1 };

/** Blocks of one chunk are counted in a byte. */
const LONGEST = 255;

/** Estimated cycles for one group of rows: a chunk's own, a block's, and of blocks not in fours. */
const CHUNK_CYCLES = 50;
const BLOCK_CYCLES = 40;
const SINGLE_CYCLES = 5;

/**
 * How many blocks of columns each chunk has, so that no inputs in `range` take the sum of any row over
 * a chunk beyond its field, at the least cost. Empty where not even a single block is safe.
 */
export function dualChunks(weights: Weights, range: Range): readonly number[] {
  const reach = furthest(weights, range);
  const blocks = reach.length;
  const cost = new Float64Array(blocks + 1).fill(Number.POSITIVE_INFINITY);
  const length = new Int32Array(blocks);
  cost[blocks] = 0;
  for (let first = blocks - 1; first >= 0; first--) {
    const longest = Math.min((reach[first] ?? first) - first, LONGEST);
    for (let count = 1; count <= longest; count++) {
      const own = CHUNK_CYCLES + BLOCK_CYCLES * count + SINGLE_CYCLES * (count % 4);
      const total = own + (cost[first + count] ?? 0);
      if (total < (cost[first] ?? 0)) {
        cost[first] = total;
        length[first] = count;
      }
    }
  }
  if (cost[0] === Number.POSITIVE_INFINITY) return [];
  const chunks: number[] = [];
  for (let first = 0; first < blocks; first += chunks.at(-1) ?? blocks)
    chunks.push(length[first] ?? 1);
  return chunks;
}

/** For each block the end of the longest safe chunk that begins there. */
function furthest(weights: Weights, range: Range): Int32Array {
  // Bounds that enclose 0 make longer chunks reach further in both directions, never less far.
  const low = Math.min(range.low, 0);
  const high = Math.max(range.high, 0);
  const { plus, minus, blocks } = counts(weights);
  const safe = (first: number, end: number): boolean => {
    for (let row = 0; row < weights.outputs; row++) {
      const at = row * (blocks + 1);
      const p = (plus[at + end] ?? 0) - (plus[at + first] ?? 0);
      const m = (minus[at + end] ?? 0) - (minus[at + first] ?? 0);
      const field = row % 2 === 0 ? FIRST : SECOND;
      if (p * high - m * low > field.high || p * low - m * high < field.low) return false;
    }
    return true;
  };
  const reach = new Int32Array(blocks);
  let end = 0;
  for (let first = 0; first < blocks; first++) {
    end = Math.max(end, first);
    while (end < blocks && safe(first, end + 1)) end++;
    reach[first] = end;
  }
  return reach;
}

/** How many weights of each sign a row has before each block. */
function counts({ values, outputs, perOutput }: Weights) {
  const blocks = Math.ceil(perOutput / BLOCK);
  const plus = new Int32Array(outputs * (blocks + 1));
  const minus = new Int32Array(outputs * (blocks + 1));
  for (let row = 0; row < outputs; row++) {
    const at = row * (blocks + 1);
    for (let block = 0; block < blocks; block++) {
      let [p, m] = [0, 0];
      for (let k = BLOCK * block; k < Math.min(BLOCK * (block + 1), perOutput); k++) {
        const value = values[row * perOutput + k] ?? 0;
        if (value > 0) p++;
        else if (value < 0) m++;
      }
      plus[at + block + 1] = (plus[at + block] ?? 0) + p;
      minus[at + block + 1] = (minus[at + block] ?? 0) + m;
    }
  }
  return { plus, minus, blocks };
}
