import type { Weights } from "../../network/types.js";
import type { Packing } from "../packing.js";

/** Rows that share a byte. */
const ROWS = 4;

/** Inputs that a vector holds. */
export const CHUNK = 16;

export function telescopedBlocks(outputs: number): number {
  return Math.ceil(outputs / ROWS);
}

export function telescopedBytes(outputs: number, perOutput: number): number {
  return telescopedBlocks(outputs) * Math.ceil(perOutput / CHUNK) * CHUNK;
}

/**
 * Blocks of four rows of trits, input by input: a byte is `w0 + 4 w1 + 16 w2 + 64 w3`, at most 85 in
 * magnitude. Rows are padded to whole vectors, and the last block to four rows, with zeros.
 */
export const TELESCOPED: Packing = {
  name: "telescoped trits",
  bitsPerWeight: 2,
  legend: "four rows a byte, w0 + 4 w1 + 16 w2 + 64 w3, two's complement",
  pack: ({ values, outputs, perOutput }: Weights) => {
    const bytes = new Int8Array(telescopedBytes(outputs, perOutput));
    const stride = bytes.length / telescopedBlocks(outputs);
    for (let o = 0; o < outputs; o++) {
      const [block, place] = [Math.floor(o / ROWS), 4 ** (o % ROWS)];
      for (let k = 0; k < perOutput; k++) {
        const at = block * stride + k;
        bytes[at] = (bytes[at] ?? 0) + place * (values[o * perOutput + k] ?? 0);
      }
    }
    return new Uint8Array(bytes.buffer);
  },
  unpack: (bytes, outputs, perOutput) => {
    const signed = Int8Array.from(bytes);
    const stride = bytes.length / telescopedBlocks(outputs);
    const values = new Int8Array(outputs * perOutput);
    for (let o = 0; o < outputs; o++) {
      const [block, row] = [Math.floor(o / ROWS), o % ROWS];
      for (let k = 0; k < perOutput; k++) {
        const byte = signed[block * stride + k] ?? 0;
        values[o * perOutput + k] = rounded(byte, row) - 4 * rounded(byte, row + 1);
      }
    }
    return values;
  },
};

/** What rows `row` and above make of a byte. */
export function rounded(byte: number, row: number): number {
  return row < ROWS ? Math.floor(byte / 4 ** row + 0.5) : 0;
}
