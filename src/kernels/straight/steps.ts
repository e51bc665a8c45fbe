/**
 * Straight-line code before it is anybody's instructions: for each block of outputs, whose sums stand
 * in registers, what is added to which. Zero weights are not in it.
 */

/** Which sums of the block a value is added to and subtracted from: bit i is output i of the block. */
export interface Signs {
  readonly plus: number;
  readonly minus: number;
}

/** An input that some sum of the block uses: a word offset from the start of its row. */
export interface Column extends Signs {
  readonly at: number;
}

/**
 * Two inputs x and y (or the last one alone). Sums that use both take `x + y` or `x - y`, which are
 * made once, where at least two of them share it.
 */
export interface Step {
  readonly at: number;
  /** Offset of y; null where x stands alone. */
  readonly next: number | null;
  readonly x: Signs;
  readonly y: Signs;
  readonly sum: Signs;
  readonly difference: Signs;
}

/** Inputs that loads reach from one base address: `base` is the offset of the first. */
export interface Window {
  readonly base: number;
  readonly steps: readonly Step[];
}

const NONE: Signs = { plus: 0, minus: 0 };

export function usersOf({ plus, minus }: Signs): number {
  return plus | minus;
}

/** How many bits are set. */
export function bitCount(mask: number): number {
  let v = mask - ((mask >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Columns in ascending order, in windows of `reach` words, paired so that sums share most. */
export function windowsOf(columns: readonly Column[], reach: number): Window[] {
  const windows: Window[] = [];
  for (let from = 0; from < columns.length; ) {
    const base = columns[from]?.at ?? 0;
    let to = from;
    while (to < columns.length && (columns[to]?.at ?? 0) < base + reach) to++;
    windows.push({ base, steps: stepsOf(columns.slice(from, to)) });
    from = to;
  }
  return windows;
}

/** The pairs that save most additions first; then whatever is left, so that loads go in pairs. */
function stepsOf(columns: readonly Column[]): Step[] {
  const mates = matesOf(columns);
  const left = columns.flatMap((_, i) => (mates[i] === undefined ? [i] : []));
  for (let i = 0; i + 1 < left.length; i += 2) {
    const [a = 0, b = 0] = left.slice(i, i + 2);
    mates[a] = b;
    mates[b] = a;
  }
  return columns.flatMap((x, i) => {
    const mate = mates[i];
    if (mate === undefined) return [aloneStep(x)];
    const y = columns[mate];
    return y !== undefined && i < mate ? [pairStep(x, y)] : [];
  });
}

function matesOf(columns: readonly Column[]): (number | undefined)[] {
  const bySaving: number[][] = [];
  for (const [i, x] of columns.entries()) {
    for (let j = i + 1; j < columns.length; j++) {
      const y = columns[j];
      if (y === undefined) continue;
      const saving = savingOf(x, y);
      if (saving > 0) {
        bySaving[saving] ??= [];
        bySaving[saving].push(i, j);
      }
    }
  }
  const mates: (number | undefined)[] = new Array(columns.length).fill(undefined);
  for (const pairs of bySaving.reverse()) {
    for (let p = 0; p < (pairs?.length ?? 0); p += 2) {
      const [i = 0, j = 0] = [pairs?.[p], pairs?.[p + 1]];
      if (mates[i] !== undefined || mates[j] !== undefined) continue;
      mates[i] = j;
      mates[j] = i;
    }
  }
  return mates;
}

/** Additions that one shared `x + y` and one shared `x - y` save, less those that make them. */
function savingOf(x: Signs, y: Signs): number {
  const equal = bitCount((x.plus & y.plus) | (x.minus & y.minus));
  const opposite = bitCount((x.plus & y.minus) | (x.minus & y.plus));
  return Math.max(0, equal - 1) + Math.max(0, opposite - 1);
}

function aloneStep(x: Column): Step {
  return { at: x.at, next: null, x, y: NONE, sum: NONE, difference: NONE };
}

function pairStep(x: Column, y: Column): Step {
  const sum = shared({ plus: x.plus & y.plus, minus: x.minus & y.minus });
  const difference = shared({ plus: x.plus & y.minus, minus: x.minus & y.plus });
  const both = usersOf(sum) | usersOf(difference);
  return { at: x.at, next: y.at, x: without(x, both), y: without(y, both), sum, difference };
}

/** What only one sum would use is not worth making. */
function shared(signs: Signs): Signs {
  return bitCount(usersOf(signs)) > 1 ? signs : NONE;
}

function without({ plus, minus }: Signs, mask: number): Signs {
  return { plus: plus & ~mask, minus: minus & ~mask };
}
