import type { Ahead } from "../kernels/index.js";

/** A piece of memory that is needed from step `from` to step `to`, both included. */
export interface Buffer {
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
  /** Buffers that this one may be written over while they are read for the last time. */
  readonly over?: readonly Over[];
}

export interface Over {
  /** Index of the buffer that is read. */
  readonly buffer: number;
  /** Where this buffer may begin, from the other's beginning: what it writes there has been read. */
  readonly ahead: Ahead;
}

export interface Arrangement {
  readonly offsets: readonly number[];
  readonly bytes: number;
  /** The most that is needed at one time: no arrangement is smaller. */
  readonly lowerBound: number;
}

/**
 * Places buffers so that those alive at the same time do not overlap, but where they may. First each
 * at the lowest offset where it fits, in several orders; then, while the lower bound is not met, in
 * orders that have the highest buffer earlier. Deterministic.
 */
export function arrange(buffers: readonly Buffer[]): Arrangement {
  const least = lowerBound(buffers);
  const fixed = conflictsOf(buffers);
  let best: Placement | null = null;
  for (const order of ordersOf(buffers)) {
    best = improved(buffers, fixed, order, least, best);
    if (best.bytes === least) break;
  }
  return { offsets: best?.offsets ?? [], bytes: best?.bytes ?? 0, lowerBound: least };
}

interface Placement {
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/** A buffer that another must keep away from. */
interface Conflict {
  readonly other: number;
  /** Where the other begins at 0, this buffer begins inside of none of these. */
  readonly forbidden: readonly Interval[];
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

function conflictsOf(buffers: readonly Buffer[]): readonly (readonly Conflict[])[] {
  return buffers.map((buffer, i) =>
    buffers.flatMap((other, j) => {
      if (i === j || buffer.from > other.to || other.from > buffer.to) return [];
      const over = buffer.over?.find((o) => o.buffer === j)?.ahead ?? null;
      const under = other.over?.find((o) => o.buffer === i)?.ahead ?? null;
      return [{ other: j, forbidden: forbiddenBy(buffer, other, over, under) }];
    }),
  );
}

function forbiddenBy(
  { bytes }: Buffer,
  other: Buffer,
  over: Ahead | null,
  under: Ahead | null,
): readonly Interval[] {
  const from = typeof over === "number" ? Math.max(-bytes, over) : -bytes;
  const to = typeof under === "number" ? Math.min(other.bytes, -under) : other.bytes;
  const places = [
    ...(over !== null && typeof over === "object" ? [over.exactly] : []),
    ...(under !== null && typeof under === "object" ? [-under.exactly] : []),
  ].filter((place) => from < place && place < to);
  const [place] = places;
  if (place === undefined) return [{ from, to }];
  return [
    { from, to: place },
    { from: place, to },
  ];
}

function ordersOf(buffers: readonly Buffer[]): readonly (readonly number[])[] {
  const indices = buffers.map((_, i) => i);
  const by = (key: (b: Buffer) => number): readonly number[] =>
    [...indices].sort((a, b) => keyOf(buffers, b, key) - keyOf(buffers, a, key) || a - b);
  return [
    by((b) => b.bytes),
    by((b) => b.bytes * (b.to - b.from + 1)),
    by((b) => b.to - b.from),
    indices,
    [...indices].reverse(),
  ];
}

function keyOf(buffers: readonly Buffer[], index: number, key: (b: Buffer) => number): number {
  const buffer = buffers[index];
  return buffer === undefined ? 0 : key(buffer);
}

/** Tries that one order is worth. */
const TRIES = 300;

/** Moves the buffer that ends highest to the front of the order, as long as that may help. */
function improved(
  buffers: readonly Buffer[],
  conflicts: readonly (readonly Conflict[])[],
  start: readonly number[],
  least: number,
  known: Placement | null,
): Placement {
  let order = [...start];
  let best = placed(buffers, conflicts, order);
  if (known !== null && known.bytes <= best.bytes) best = known;
  const seen = new Set<string>();
  for (let tries = 0; tries < TRIES && best.bytes > least; tries++) {
    const key = order.join(" ");
    if (seen.has(key)) break;
    seen.add(key);
    const now = placed(buffers, conflicts, order);
    if (now.bytes < best.bytes) best = now;
    const highest = order.findIndex(
      (i) => (now.offsets[i] ?? 0) + (buffers[i]?.bytes ?? 0) === now.bytes,
    );
    const [moved] = order.splice(highest, 1);
    if (moved === undefined) break;
    order = [
      ...order.slice(0, Math.floor(highest / 2)),
      moved,
      ...order.slice(Math.floor(highest / 2)),
    ];
  }
  return best;
}

function placed(
  buffers: readonly Buffer[],
  conflicts: readonly (readonly Conflict[])[],
  order: readonly number[],
): Placement {
  const offsets: (number | undefined)[] = buffers.map(() => undefined);
  let bytes = 0;
  for (const index of order) {
    const taken = (conflicts[index] ?? [])
      .flatMap(({ other, forbidden }) => {
        const at = offsets[other];
        return at === undefined
          ? []
          : forbidden.map(({ from, to }) => ({ from: at + from, to: at + to }));
      })
      .sort((a, b) => a.from - b.from || a.to - b.to);
    let offset = 0;
    for (const { from, to } of taken) if (offset > from) offset = Math.max(offset, to);
    offsets[index] = offset;
    bytes = Math.max(bytes, offset + (buffers[index]?.bytes ?? 0));
  }
  return { offsets: offsets.map((offset) => offset ?? 0), bytes };
}

/** At each step, what is alive; a buffer written over another counts with it for their extent. */
function lowerBound(buffers: readonly Buffer[]): number {
  const steps = Math.max(0, ...buffers.map((b) => b.to + 1));
  const alive = Array.from({ length: steps }, (_, step) => {
    const now = buffers.filter((b) => b.from <= step && step <= b.to);
    const sum = now.reduce((total, b) => total + b.bytes, 0);
    return sum - now.reduce((saved, b) => saved + savedAt(buffers, b, step), 0);
  });
  return Math.max(0, ...alive);
}

/** What writing a buffer over those that it may saves, at most: no more than its own size. */
function savedAt(buffers: readonly Buffer[], buffer: Buffer, step: number): number {
  const saved = (buffer.over ?? []).reduce((sum, { buffer: index, ahead }) => {
    const under = buffers[index];
    if (under === undefined || under.to !== step || buffer.from !== step) return sum;
    return sum + savedBy(ahead, buffer.bytes, under.bytes);
  }, 0);
  return Math.min(buffer.bytes, saved);
}

/** Bytes that a buffer of `bytes` saves by being written over one of `under` bytes. */
export function savedBy(ahead: Ahead, bytes: number, under: number): number {
  const begin = typeof ahead === "number" ? Math.min(0, ahead) : ahead.exactly;
  const extent = Math.max(under, begin + bytes) - Math.min(0, begin);
  return Math.max(0, bytes + under - extent);
}
