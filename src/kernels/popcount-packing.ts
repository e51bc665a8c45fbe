import type { WeightKind, Weights } from "../network/types.js";
import { wordsOf } from "./dual-packing.js";
import type { Packing } from "./packing.js";

export type Signs = Extract<WeightKind, "binary" | "ternary">;

const BITS = 32;

const WORDS: Readonly<Record<Signs, 1 | 2>> = { binary: 1, ternary: 2 };

/** Words of one plane of a row, and of its weights. */
export function planeWords(perOutput: number): number {
  return Math.ceil(perOutput / BITS);
}

export function rowWords(kind: Signs, perOutput: number): number {
  return WORDS[kind] * planeWords(perOutput);
}

/**
 * Rows in words of 32 weights, the first in the low bit. Binary: a set bit for -1. Ternary: a word with
 * a set bit for what is not 0, then one for -1.
 */
export function popcountPacking(kind: Signs): Packing {
  const perWord = WORDS[kind];
  const place = (o: number, k: number, perOutput: number) => {
    const word = o * rowWords(kind, perOutput) + perWord * Math.floor(k / BITS);
    return { byte: 4 * word + Math.floor((k % BITS) / 8), bit: k % 8 };
  };
  return {
    name: perWord === 1 ? "1-bit signs, words" : "2-bit trits, words",
    bitsPerWeight: perWord,
    legend:
      perWord === 1
        ? "1 bit a weight, set for -1; rows of words"
        : "2 bits a weight: words of 32 that are not 0, each followed by which are -1",
    pack: ({ values, outputs, perOutput }: Weights) => {
      const bytes = new Uint8Array(4 * outputs * rowWords(kind, perOutput));
      const set = (byte: number, bit: number): void => {
        bytes[byte] = (bytes[byte] ?? 0) | (1 << bit);
      };
      for (let o = 0; o < outputs; o++) {
        for (let k = 0; k < perOutput; k++) {
          const weight = values[o * perOutput + k] ?? 0;
          const { byte, bit } = place(o, k, perOutput);
          if (perWord === 2 && weight !== 0) set(byte, bit);
          if (weight < 0) set(byte + 4 * (perWord - 1), bit);
        }
      }
      return bytes;
    },
    unpack: (bytes, outputs, perOutput) => {
      const values = new Int8Array(outputs * perOutput);
      const bitAt = (byte: number, bit: number): number => ((bytes[byte] ?? 0) >> bit) & 1;
      for (let o = 0; o < outputs; o++) {
        for (let k = 0; k < perOutput; k++) {
          const { byte, bit } = place(o, k, perOutput);
          const some = perWord === 1 ? 1 : bitAt(byte, bit);
          const minus = bitAt(byte + 4 * (perWord - 1), bit);
          values[o * perOutput + k] = some * (1 - 2 * minus);
        }
      }
      return values;
    },
  };
}

export function packedWords(kind: Signs, weights: Weights): Uint32Array {
  return wordsOf(popcountPacking(kind).pack(weights));
}
