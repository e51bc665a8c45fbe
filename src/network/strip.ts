import type { Range } from "./types.js";

/** Two integers, each from its own range. */
export interface Box {
  readonly x: Range;
  readonly y: Range;
}

/** Multipliers of x and y. */
export type Weighing = readonly [x: number, y: number];

/** A pair of operands. */
export interface Pair {
  readonly x: number;
  readonly y: number;
}

/** How many pairs of a box have `from <= wx * x + wy * y <= to`. */
export function countInStrip(weighing: Weighing, { low, high }: Range, box: Box): bigint {
  return countFrom(weighing, BigInt(low), box) - countFrom(weighing, BigInt(high) + 1n, box);
}

/** The pairs that `countInStrip` counts, found by halving the box where it counts any. */
export function pairsInStrip(weighing: Weighing, strip: Range, box: Box): Pair[] {
  const found: Pair[] = [];
  const boxes = [box];
  for (let next = boxes.pop(); next !== undefined; next = boxes.pop()) {
    if (countInStrip(weighing, strip, next) === 0n) continue;
    const { x, y } = next;
    if (x.low < x.high) boxes.push(...halves(x).map((half) => ({ x: half, y })));
    else if (y.low < y.high) boxes.push(...halves(y).map((half) => ({ x, y: half })));
    else found.push({ x: x.low, y: y.low });
  }
  return found;
}

function halves({ low, high }: Range): [Range, Range] {
  const middle = Math.floor((low + high) / 2);
  return [
    { low, high: middle },
    { low: middle + 1, high },
  ];
}

/** How many pairs have `wx * x + wy * y >= least`. */
function countFrom([wx, wy]: Weighing, least: bigint, { x, y }: Box): bigint {
  // Seen in a mirror both weights are positive; counted from its corner the box begins at 0.
  const [px, cornerX] = wx < 0 ? [-wx, x.high] : [wx, x.low];
  const [py, cornerY] = wy < 0 ? [-wy, y.high] : [wy, y.low];
  const corner = BigInt(wx) * BigInt(cornerX) + BigInt(wy) * BigInt(cornerY);
  const columns = BigInt(x.high - x.low + 1);
  const rows = BigInt(y.high - y.low + 1);
  return countAbove(BigInt(px), BigInt(py), least - corner, columns, rows);
}

/** How many (i, j) with 0 <= i < columns, 0 <= j < rows have `a * i + b * j >= least`; a, b >= 0. */
function countAbove(a: bigint, b: bigint, least: bigint, columns: bigint, rows: bigint): bigint {
  if (least <= 0n) return columns * rows;
  if (b === 0n) return a === 0n ? 0n : countAbove(0n, a, least, rows, columns);
  // In column i they are the rows from ceil((least - a i) / b).
  if (a === 0n) return columns * largest(0n, rows - ceilDivide(least, b));
  const first = smallest(columns, ceilDivide(largest(0n, least - b * (rows - 1n)), a));
  const whole = smallest(columns, ceilDivide(least, a));
  const part = whole - first;
  // Taken backwards, what the columns between lack is a sum of floors that rise.
  const missing = floorSum(part, b, a, least - a * (whole - 1n) + b - 1n);
  return part * rows - missing + (columns - whole) * rows;
}

function ceilDivide(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

function smallest(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function largest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/**
 * Sum of `floor((a * i + c) / m)` for 0 <= i < n, with a, c >= 0 and m > 0. Whole parts are taken out;
 * the lattice points under the line that is left are counted along the other axis, as Euclid's
 * algorithm goes.
 */
function floorSum(n: bigint, m: bigint, a: bigint, c: bigint): bigint {
  const whole = ((a / m) * n * (n - 1n)) / 2n + (c / m) * n;
  const top = (a % m) * n + (c % m);
  return top < m ? whole : whole + floorSum(top / m, a % m, m, top % m);
}
