import type { Weights } from "../network/types.js";

/** Where the taps of a word's four triples begin: those of the first row of a window, the others above. */
const TAPS = [24, 12, 0] as const;
const TRIPLES_A_WORD = 4;

/** Bits of the fourth four, in a word of their own, and where they stand in what three words leave. */
const LEFT: readonly (readonly [word: number, from: number, to: number])[] = [
  [0, 0, 8],
  [0, 12, 20],
  [1, 4, 8],
  [1, 16, 20],
  [2, 24, 8],
  [2, 28, 20],
];

/** Words of one output's triples: sixteen in three. */
export function packedWords(triples: number): number {
  return 3 * Math.floor(triples / 16) + Math.min(3, Math.ceil((triples % 16) / TRIPLES_A_WORD));
}

/**
 * Trits of rows of three taps, as `firmware/kernels/triples_conv.h` unpacks them: for every output,
 * rounded up to an even number, the window's rows and of each the channels.
 *
 * @param channels of the input: how far a row's taps are from each other
 */
export function packTriples({ values, outputs, perOutput }: Weights, channels: number): Int32Array {
  const rows = perOutput / 3 / channels;
  const triples = rows * channels;
  const each = packedWords(triples);
  const words = new Int32Array(2 * Math.ceil(outputs / 2) * each);
  for (let o = 0; o < 2 * Math.ceil(outputs / 2); o++) {
    for (let i = 0; i < triples; i++) {
      const at = Math.floor(i / channels) * 3 * channels + (i % channels);
      const codes = [0, 1, 2].map((tap) =>
        o < outputs ? (values[o * perOutput + at + tap * channels] ?? 0) + 1 : 1,
      );
      put(words, o * each, i, codes);
    }
  }
  return words;
}

/** The inverse of `packTriples`. */
export function unpackTriples(
  words: Int32Array,
  outputs: number,
  perOutput: number,
  channels: number,
): Int8Array {
  const triples = perOutput / 3;
  const each = packedWords(triples);
  const values = new Int8Array(outputs * perOutput);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < triples; i++) {
      const at = Math.floor(i / channels) * 3 * channels + (i % channels);
      placesOf(i).forEach(([word, bit], tap) => {
        const code = ((words[o * each + word] ?? 0) >>> bit) & 3;
        values[o * perOutput + at + tap * channels] = code - 1;
      });
    }
  }
  return values;
}

function put(words: Int32Array, base: number, triple: number, codes: readonly number[]): void {
  placesOf(triple).forEach(([word, bit], tap) => {
    words[base + word] = (words[base + word] ?? 0) | ((codes[tap] ?? 0) << bit);
  });
}

/** Of each tap of a triple the word of its output and the lowest bit. */
function placesOf(triple: number): readonly (readonly [word: number, bit: number])[] {
  const group = 3 * Math.floor(triple / 16);
  const within = triple % 16;
  const word = Math.floor(within / TRIPLES_A_WORD);
  const shift = 2 * (within % TRIPLES_A_WORD);
  return TAPS.map((tap) => {
    const bit = tap + shift;
    if (word < 3) return [group + word, bit];
    const left = LEFT.find(([, from]) => bit >= from && bit < from + 4);
    if (left === undefined) throw new RangeError(`no place for bit ${bit}`);
    return [group + left[0], left[2] + bit - left[1]];
  });
}
