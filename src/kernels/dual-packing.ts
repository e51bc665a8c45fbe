import type { Weights } from "../network/types.js";
import type { Packing } from "./packing.js";

/** Columns of one word of weights. */
export const BLOCK = 8;

/** Which of a block's columns stands in lane `lane` of what a word gives when rotated by 4 * `step`. */
function columnOf(step: number, lane: number): number {
  return 4 * (step >> 1) + (step & 1) + 2 * lane;
}

/** How many words of weights there are: pairs of rows times blocks of columns. */
export function dualWords({ outputs, perOutput }: Weights): number {
  return Math.ceil(outputs / 2) * Math.ceil(perOutput / BLOCK);
}

/**
 * Trits as `firmware/kernels/dual.h` reads them: a word is two rows by eight columns. Pairs of rows
 * come `together` at a time, a word of each for every block of columns; the pairs that remain follow
 * one by one. Trits beyond the last row or column are 0.
 */
export function dualPacking(together: 2 | 4): Packing {
  return {
    name: `2-bit trits, ${together} pairs of rows`,
    bitsPerWeight: 2,
    legend: `2 bits a weight: two rows by eight columns a word, ${together} pairs of rows at a time`,
    pack: (weights) => {
      const { values, outputs, perOutput } = weights;
      const trit = (row: number, column: number): number =>
        row < outputs && column < perOutput ? (values[row * perOutput + column] ?? 0) : 0;
      const words = new Uint32Array(dualWords(weights));
      let at = 0;
      for (const { pair, block } of order(outputs, perOutput, together)) {
        words[at++] = packWord((row, column) => trit(2 * pair + row, BLOCK * block + column));
      }
      return littleEndian(words);
    },
    unpack: (bytes, outputs, perOutput) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const values = new Int8Array(outputs * perOutput);
      let at = 0;
      for (const { pair, block } of order(outputs, perOutput, together)) {
        const word = view.getUint32(4 * at++, true);
        unpackWord(word, (row, column, value) => {
          const [output, k] = [2 * pair + row, BLOCK * block + column];
          if (output < outputs && k < perOutput) values[output * perOutput + k] = value;
        });
      }
      return values;
    },
  };
}

/** The pair of rows and the block of columns of each word. */
function* order(outputs: number, perOutput: number, together: number) {
  const pairs = Math.ceil(outputs / 2);
  const blocks = Math.ceil(perOutput / BLOCK);
  for (let first = 0; first < pairs; ) {
    const count = first + together <= pairs ? together : 1;
    for (let block = 0; block < blocks; block++) {
      for (let pair = first; pair < first + count; pair++) yield { pair, block };
    }
    first += count;
  }
}

/** The lane of two trits is `(first + 1) + (second << 14)`; a word is four pairs of such lanes. */
function packWord(trit: (row: number, column: number) => number): number {
  let word = 0;
  for (let step = 0; step < 4; step++) {
    for (let lane = 0; lane < 2; lane++) {
      const column = columnOf(step, lane);
      const bits = (trit(0, column) + 1) | ((trit(1, column) & 3) << 14);
      word |= rotateLeft(bits << (16 * lane), 4 * step);
    }
  }
  return word >>> 0;
}

function unpackWord(
  word: number,
  take: (row: number, column: number, value: number) => void,
): void {
  for (let step = 0; step < 4; step++) {
    const lanes = rotateLeft(word, 32 - 4 * step);
    for (let lane = 0; lane < 2; lane++) {
      const bits = lanes >>> (16 * lane);
      take(0, columnOf(step, lane), (bits & 3) - 1);
      take(1, columnOf(step, lane), (bits << 16) >> 30);
    }
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << (bits & 31)) | (word >>> ((32 - bits) & 31));
}

function littleEndian(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);
  return bytes;
}

/** The words of packed bytes, as the generated C has them. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}
