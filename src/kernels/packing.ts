import type { WeightKind, Weights } from "../network/types.js";

/** How weight rows become bytes in flash. Every row starts on a byte. */
export interface Packing {
  readonly name: string;
  readonly bitsPerWeight: number;
  /** For the comment above the table. */
  readonly legend: string;
  readonly pack: (weights: Weights) => Uint8Array;
  /** The inverse of `pack`. */
  readonly unpack: (bytes: Uint8Array, outputs: number, perOutput: number) => Int8Array;
}

/** A packing of `bits` bits a weight, from the low bits of each byte up. */
function rowPacking(
  name: string,
  bits: 1 | 2 | 4 | 8,
  legend: string,
  encode: (weight: number) => number,
  decode: (code: number) => number,
): Packing {
  const perByte = 8 / bits;
  const rowBytes = (perOutput: number): number => Math.ceil(perOutput / perByte);
  return {
    name,
    bitsPerWeight: bits,
    legend,
    pack: ({ values, outputs, perOutput }) => {
      const bytes = new Uint8Array(outputs * rowBytes(perOutput));
      for (let o = 0; o < outputs; o++) {
        for (let k = 0; k < perOutput; k++) {
          const at = o * rowBytes(perOutput) + Math.floor(k / perByte);
          const code = encode(values[o * perOutput + k] ?? 0) << (bits * (k % perByte));
          bytes[at] = (bytes[at] ?? 0) | code;
        }
      }
      return bytes;
    },
    unpack: (bytes, outputs, perOutput) => {
      const values = new Int8Array(outputs * perOutput);
      for (let o = 0; o < outputs; o++) {
        for (let k = 0; k < perOutput; k++) {
          const byte = bytes[o * rowBytes(perOutput) + Math.floor(k / perByte)] ?? 0;
          const code = (byte >> (bits * (k % perByte))) & ((1 << bits) - 1);
          values[o * perOutput + k] = decode(code);
        }
      }
      return values;
    },
  };
}

/** The plain row packing of each kind of weights. */
export const ROW_PACKINGS: Readonly<Record<WeightKind, Packing>> = {
  ternary: rowPacking(
    "2-bit trits",
    2,
    "2 bits a weight: bit 0 for +1, bit 1 for -1; four a byte, low bits first",
    (w) => (w > 0 ? 1 : w < 0 ? 2 : 0),
    (code) => (code & 1) - (code >> 1),
  ),
  binary: rowPacking(
    "1-bit signs",
    1,
    "1 bit a weight, set for +1; eight a byte, low bits first",
    (w) => (w > 0 ? 1 : 0),
    (code) => 2 * code - 1,
  ),
  int4: rowPacking(
    "4-bit",
    4,
    "4 bits a weight, stored as weight + 8; two a byte, low half first",
    (w) => w + 8,
    (code) => code - 8,
  ),
  int8: rowPacking(
    "8-bit",
    8,
    "8 bits a weight, stored as weight + 128",
    (w) => w + 128,
    (code) => code - 128,
  ),
};

/** Rows of trits that begin where the one before ends, inside a byte perhaps: for many short ones. */
export const CLOSE_TRITS: Packing = {
  name: "2-bit trits without gaps",
  bitsPerWeight: 2,
  legend: `without gaps, ${ROW_PACKINGS.ternary.legend}`,
  pack: (weights) =>
    ROW_PACKINGS.ternary.pack({ ...weights, outputs: 1, perOutput: weights.values.length }),
  unpack: (bytes, outputs, perOutput) => ROW_PACKINGS.ternary.unpack(bytes, 1, outputs * perOutput),
};
