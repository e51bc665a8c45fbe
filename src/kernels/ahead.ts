import type { Window } from "../graph/types.js";
import { elementCount, type Tensor } from "../network/types.js";
import { type Ahead, BYTES } from "./types.js";

/**
 * How far ahead of its input an output may begin that is written element by element, each after the
 * input's element of the same index was read.
 */
export function aheadOfElements(input: Tensor, output: Tensor): number | null {
  if (!mayAlias(input, output) || elementCount(input) !== elementCount(output)) return null;
  const less = BYTES[input.type] - BYTES[output.type];
  // Element i is written over bytes up to (i + 1) * its size; input i + 1 is still to be read.
  return less >= 0 ? less : elementCount(input) * less;
}

/**
 * The same for outputs that are made position by position, each from its own inputs, all of which are
 * read before the first of its outputs is written.
 */
export function aheadOfPositions(input: Tensor, output: Tensor, positions: number): number | null {
  if (!mayAlias(input, output)) return null;
  const read = (elementCount(input) / positions) * BYTES[input.type];
  const written = (elementCount(output) / positions) * BYTES[output.type];
  return read >= written ? read - written : positions * (read - written);
}

/**
 * The same for a window that slides over rows and reads the input where it stands.
 *
 * @param copied input rows that have been copied away before an output row is written, counted from
 * the first row of its window: 0 where none is, the window's height where a ring of rows holds them
 */
export function aheadOfWindow(
  { kernel, strides, dilations, pads }: Window,
  input: Tensor,
  output: Tensor,
  copied: 0 | "window",
): number | null {
  if (!mayAlias(input, output)) return null;
  const inputRow = input.width * input.channels * BYTES[input.type];
  const outputRow = output.width * output.channels * BYTES[output.type];
  const reach = copied === 0 ? 0 : (kernel[0] - 1) * dilations[0] + 1;
  let ahead = Number.POSITIVE_INFINITY;
  for (let row = 0; row < output.height; row++) {
    const firstNeeded = Math.max(0, row * strides[0] - pads.top + reach);
    if (firstNeeded >= input.height) break;
    ahead = Math.min(ahead, firstNeeded * inputRow - (row + 1) * outputRow);
  }
  // Nothing is read after the first row is written: it may begin anywhere inside.
  return ahead === Number.POSITIVE_INFINITY ? inputRow * input.height : ahead;
}

/**
 * The same for a window that each channel, or group of them, has its own outputs of, made before the
 * next one is read: an output then only ever falls on its own channel if rows of channels lie alike.
 */
export function aheadByChannels(
  window: Window,
  input: Tensor,
  output: Tensor,
  copied: 0 | "window",
): Ahead | null {
  const ahead = aheadOfWindow(window, input, output, copied);
  if (ahead === null || input.channels !== output.channels || input.type !== output.type)
    return null;
  // Whole positions, and words: no smaller piece of memory is aligned.
  const step = 4 * input.channels * BYTES[input.type];
  return { exactly: Math.min(0, step * Math.floor(ahead / step)) };
}

/** C lets characters be written where other numbers are read, but no two other types. */
function mayAlias(input: Tensor, output: Tensor): boolean {
  return input.type === output.type || BYTES[input.type] === 1 || BYTES[output.type] === 1;
}
