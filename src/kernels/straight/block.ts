import type { Range, Weights } from "../../network/types.js";
import { type Column, usersOf, type Window, windowsOf } from "./steps.js";

/** The inputs of one kernel row, where their pointer stands at the row's first word. */
export interface BlockRow {
  readonly row: number;
  readonly windows: readonly Window[];
}

/** A few outputs, whose sums stand in registers at the same time, over a range of weights. */
export interface Block {
  readonly first: number;
  readonly count: number;
  /** Kernel rows that any of the outputs uses. */
  readonly rows: readonly BlockRow[];
  /** Outputs that use no input: their sums are 0. */
  readonly idle: number;
  /** Words from one position's inputs to the next one's. */
  readonly stride: number;
}

/** Where the inputs of weights stand: in rows of words, as many weights of an output on each. */
export interface Layout {
  readonly rows: number;
  /** Word of each weight of a row, for outputs of the first group. */
  readonly words: Int32Array;
  readonly groups: number;
  /** Words from one group's inputs to the next one's. */
  readonly groupWords: number;
  readonly stride: number;
}

/**
 * Bounds of the weights k that one 16-bit lane holds the sum of, whatever the inputs: `[0, a, b, ...,
 * perOutput]`. Found from the actual weights; as long as they can be.
 */
export function lanePartsOf({ values, outputs, perOutput }: Weights, range: Range): number[] {
  const bounds = [0];
  const low = new Int32Array(outputs);
  const high = new Int32Array(outputs);
  for (let k = 0; k < perOutput; k++) {
    let fits = true;
    for (let o = 0; o < outputs && fits; o++) {
      const [least, most] = productRange(values[o * perOutput + k] ?? 0, range);
      fits = (low[o] ?? 0) + least >= -0x8000 && (high[o] ?? 0) + most <= 0x7fff;
    }
    if (!fits) {
      bounds.push(k);
      low.fill(0);
      high.fill(0);
    }
    for (let o = 0; o < outputs; o++) {
      const [least, most] = productRange(values[o * perOutput + k] ?? 0, range);
      low[o] = (low[o] ?? 0) + least;
      high[o] = (high[o] ?? 0) + most;
    }
  }
  bounds.push(perOutput);
  return bounds;
}

function productRange(weight: number, { low, high }: Range): readonly [number, number] {
  return weight > 0 ? [low, high] : weight < 0 ? [-high, -low] : [0, 0];
}

/** The block of outputs `first ..` over the weights `from .. to` of each, for loads of that `reach`. */
export function blockOf(
  weights: Weights,
  layout: Layout,
  outputs: { readonly first: number; readonly count: number },
  [from, to]: readonly [number, number],
  reach: number,
): Block {
  const perRow = layout.words.length;
  const rows: BlockRow[] = [];
  let used = 0;
  for (let row = 0; row < layout.rows; row++) {
    const [first, last] = [Math.max(from, row * perRow), Math.min(to, (row + 1) * perRow)];
    const columns = columnsOf(weights, layout, outputs, row, first, last);
    for (const column of columns) used |= usersOf(column);
    if (columns.length > 0) rows.push({ row, windows: windowsOf(columns, reach) });
  }
  return { ...outputs, rows, idle: ~used & (2 ** outputs.count - 1), stride: layout.stride };
}

/** The words of a row that the weights `from .. to` of some output use, in ascending order. */
function columnsOf(
  { values, outputs, perOutput }: Weights,
  { words, groups, groupWords }: Layout,
  { first, count }: { readonly first: number; readonly count: number },
  row: number,
  from: number,
  to: number,
): Column[] {
  const columns = new Map<number, { at: number; plus: number; minus: number }>();
  for (let i = 0; i < count; i++) {
    const group = Math.floor(((first + i) * groups) / outputs);
    for (let k = from; k < to; k++) {
      const weight = values[(first + i) * perOutput + k] ?? 0;
      if (weight === 0) continue;
      const at = (words[k - row * words.length] ?? 0) + group * groupWords;
      const column = columns.get(at) ?? { at, plus: 0, minus: 0 };
      if (weight > 0) column.plus |= 1 << i;
      else column.minus |= 1 << i;
      columns.set(at, column);
    }
  }
  return [...columns.values()].sort((a, b) => a.at - b.at);
}
