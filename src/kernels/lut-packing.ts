import type { Weights } from "../network/types.js";
import type { Packing } from "./packing.js";

/** Halves of a table that a step of each of the four weights is apart. */
const STEPS = [1, 3, 10, 30] as const;

/** 32-bit words of a table of four inputs. */
export const TABLE_WORDS = 45;

/** A choice for each byte of a row: which row's byte stands at each place of the stream. */
function* places(
  outputs: number,
  perOutput: number,
  blocks: readonly number[],
): Generator<{ readonly output: number; readonly group: number }> {
  let first = 0;
  for (const block of blocks) {
    // Only blocks of one byte may hold fewer than four inputs.
    const groups = block > 1 ? Math.floor(perOutput / 4) : Math.ceil(perOutput / 4);
    for (; first + block <= groups; first += block) {
      for (let output = 0; output < outputs; output++) {
        for (let i = 0; i < block; i++) yield { output, group: first + i };
      }
    }
  }
}

/**
 * Four weights a byte, stored as the offset of the sum of their inputs in a table of such sums. Bytes
 * stand in the order in which they are used: blocks of so many a row, for all rows, the largest first.
 */
export function lutPacking(name: string, blocks: readonly number[]): Packing {
  return {
    name,
    bitsPerWeight: 2,
    legend: `four weights a byte, the offset of their entry in a table of sums; blocks of ${blocks.join(", then ")} bytes a row`,
    pack: ({ values, outputs, perOutput }: Weights) => {
      const bytes = new Uint8Array(outputs * Math.ceil(perOutput / 4));
      let at = 0;
      for (const { output, group } of places(outputs, perOutput, blocks)) {
        let slot = 0;
        for (const [i, step] of STEPS.entries()) {
          const k = 4 * group + i;
          slot += step * (1 + (k < perOutput ? (values[output * perOutput + k] ?? 0) : 0));
        }
        bytes[at++] = 2 * slot;
      }
      return bytes;
    },
    unpack: (bytes, outputs, perOutput) => {
      const values = new Int8Array(outputs * perOutput);
      let at = 0;
      for (const { output, group } of places(outputs, perOutput, blocks)) {
        let slot = (bytes[at++] ?? 0) / 2;
        for (let i = STEPS.length - 1; i >= 0; i--) {
          const step = STEPS[i] ?? 1;
          const k = 4 * group + i;
          if (k < perOutput) values[output * perOutput + k] = Math.floor(slot / step) - 1;
          slot %= step;
        }
      }
      return values;
    },
  };
}
