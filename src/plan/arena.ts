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
  /**
   * This buffer may begin up to so many bytes after the other's beginning (before it, where
   * negative): what it writes there has been read.
   */
  readonly ahead: number;
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

/** A buffer that another must keep away from. The two begin `before` bytes apart at least, or `after`. */
interface Conflict {
  readonly other: number;
  /** Where the other begins at 0, this buffer begins at most here, */
  readonly atMost: number;
  /** or at least here. */
  readonly atLeast: number;
}

function conflictsOf(buffers: readonly Buffer[]): readonly (readonly Conflict[])[] {
  return buffers.map((buffer, i) =>
    buffers.flatMap((other, j) => {
      if (i === j || buffer.from > other.to || other.from > buffer.to) return [];
      const over = buffer.over?.find((o) => o.buffer === j);
      const under = other.over?.find((o) => o.buffer === i);
      return [
        {
          other: j,
          atMost: Math.max(-buffer.bytes, over?.ahead ?? Number.NEGATIVE_INFINITY),
          atLeast: Math.min(
            other.bytes,
            under === undefined ? Number.POSITIVE_INFINITY : -under.ahead,
          ),
        },
      ];
    }),
  );
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
      .flatMap(({ other, atMost, atLeast }) => {
        const at = offsets[other];
        return at === undefined ? [] : [{ from: at + atMost, to: at + atLeast }];
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
    const extent = Math.max(buffer.bytes, under.bytes + Math.max(0, -ahead));
    return sum + Math.max(0, buffer.bytes + under.bytes - extent);
  }, 0);
  return Math.min(buffer.bytes, saved);
}
