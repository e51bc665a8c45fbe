import type { Weights } from "../network/types.js";
import type { Packing } from "./packing.js";

/** Kinds of weights that lanes are made of in the core. */
export type LaneKind = "int4" | "int8";

/** Columns of a block: those of two words of inputs, the even ones and the odd ones. */
export const LANE_BLOCK = 4;

/** Words of weights in a block of one pair of rows. */
const BLOCK_WORDS: Readonly<Record<LaneKind, 1 | 2>> = { int4: 1, int8: 2 };

export function blocksOf(perOutput: number): number {
  return Math.ceil(perOutput / LANE_BLOCK);
}

/** Words of weights of one pair of rows. */
export function pairWords(kind: LaneKind, perOutput: number): number {
  return BLOCK_WORDS[kind] * blocksOf(perOutput);
}

/** Where a weight stands: its word, the lowest of its bits. */
interface Place {
  readonly word: number;
  readonly bit: number;
}

/**
 * Two rows by four columns are a block. 8 bits: a word of the even columns, one of the odd, each lane the
 * first row's weight + 128 below the second's; words of two pairs of rows alternate, those of a last single
 * pair follow. 4 bits, weight + 8: one word of lanes in fours of bits: the even columns of the first row,
 * of the second, the odd ones.
 */
function placeOf(kind: LaneKind, outputs: number, perOutput: number) {
  const words = pairWords(kind, perOutput);
  const together = 2 * Math.floor((outputs + 1) / 4);
  return (o: number, k: number): Place => {
    const [pair, second] = [Math.floor(o / 2), o % 2];
    const [block, column] = [Math.floor(k / LANE_BLOCK), k % LANE_BLOCK];
    const [odd, lane] = [column % 2, Math.floor(column / 2)];
    if (kind === "int4")
      return { word: pair * words + block, bit: 16 * lane + 8 * odd + 4 * second };
    const own = 2 * block + odd;
    const word =
      pair < together ? (pair - (pair % 2)) * words + 2 * own + (pair % 2) : pair * words + own;
    return { word, bit: 16 * lane + 8 * second };
  };
}

const BITS: Readonly<Record<LaneKind, 4 | 8>> = { int4: 4, int8: 8 };

export function lanesPacking(kind: LaneKind): Packing {
  const bits = BITS[kind];
  const mask = 2 ** bits - 1;
  const offset = (o: number): number => (kind === "int4" ? 8 : o % 2 === 0 ? 128 : 0);
  return {
    name: `${bits}-bit lanes`,
    bitsPerWeight: bits,
    legend: `${bits} bits a weight: words of two rows by ${kind === "int4" ? 4 : 2} columns`,
    pack: ({ values, outputs, perOutput }: Weights) => {
      const place = placeOf(kind, outputs, perOutput);
      const words = new Uint32Array(Math.ceil(outputs / 2) * pairWords(kind, perOutput));
      for (let o = 0; o < outputs; o++) {
        for (let k = 0; k < perOutput; k++) {
          const { word, bit } = place(o, k);
          const code = ((values[o * perOutput + k] ?? 0) + offset(o)) & mask;
          words[word] = (words[word] ?? 0) | (code << bit);
        }
      }
      return littleEndian(words);
    },
    unpack: (bytes, outputs, perOutput) => {
      const place = placeOf(kind, outputs, perOutput);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const values = new Int8Array(outputs * perOutput);
      for (let o = 0; o < outputs; o++) {
        for (let k = 0; k < perOutput; k++) {
          const { word, bit } = place(o, k);
          const code = (view.getUint32(4 * word, true) >>> bit) & mask;
          values[o * perOutput + k] = code - offset(o);
        }
      }
      return values;
    },
  };
}

function littleEndian(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);
  return bytes;
}
