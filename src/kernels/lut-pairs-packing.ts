import type { Weights } from "../network/types.js";

/** Channels whose tables are there at a time. */
export const BLOCK = 16;

/** The weights of each byte, in the order of bytes: those of four channels of an output's tap. */
function* bytesOf({ outputs, perOutput }: Weights, channels: number): Generator<number> {
  const taps = perOutput / channels;
  for (let block = 0; block < channels; block += BLOCK) {
    for (let tap = 0; tap < taps; tap++) {
      for (let o = 0; o < outputs; o++) {
        for (let c = block; c < Math.min(block + BLOCK, channels); c += 4) {
          yield o * perOutput + tap * channels + c;
        }
      }
    }
  }
}

/** Four trits of a tap a byte, as the index of the sum of their inputs: see `firmware/kernels/lut_pairs.h`. */
export function packLutPairs(weights: Weights, channels: number): Uint8Array {
  const { values } = weights;
  return Uint8Array.from(bytesOf(weights, channels), (at) =>
    [27, 9, 3, 1].reduce((sum, place, i) => sum + place * (1 + (values[at + 3 - i] ?? 0)), 0),
  );
}

/** The inverse of `packLutPairs`. */
export function unpackLutPairs(bytes: Uint8Array, like: Weights, channels: number): Int8Array {
  const values = new Int8Array(like.values.length);
  let byte = 0;
  for (const at of bytesOf(like, channels)) {
    let index = bytes[byte++] ?? 0;
    for (let i = 0; i < 4; i++) {
      values[at + i] = (index % 3) - 1;
      index = Math.floor(index / 3);
    }
  }
  return values;
}
