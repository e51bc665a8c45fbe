/** A piece of memory that is needed from step `from` to step `to`, both included. */
export interface Buffer {
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

export interface Arrangement {
  readonly offsets: readonly number[];
  readonly bytes: number;
  /** The most that is alive at one time: no arrangement is smaller. */
  readonly lowerBound: number;
}

/**
 * Places buffers so that those alive at the same time do not overlap: the largest first, each at the
 * lowest offset where it fits. For chains of layers this meets the lower bound or comes near it.
 */
export function arrange(buffers: readonly Buffer[]): Arrangement {
  const order = buffers
    .map((buffer, index) => ({ buffer, index }))
    .sort((a, b) => b.buffer.bytes - a.buffer.bytes || a.index - b.index);
  const offsets: number[] = new Array(buffers.length).fill(0);
  const placed: { buffer: Buffer; offset: number }[] = [];
  for (const { buffer, index } of order) {
    const neighbours = placed
      .filter(({ buffer: other }) => other.from <= buffer.to && buffer.from <= other.to)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const { buffer: other, offset: start } of neighbours) {
      if (offset + buffer.bytes <= start) break;
      offset = Math.max(offset, start + other.bytes);
    }
    offsets[index] = offset;
    placed.push({ buffer, offset });
  }
  return {
    offsets,
    bytes: Math.max(0, ...placed.map(({ buffer, offset }) => offset + buffer.bytes)),
    lowerBound: lowerBound(buffers),
  };
}

function lowerBound(buffers: readonly Buffer[]): number {
  const steps = Math.max(0, ...buffers.map((b) => b.to + 1));
  const alive = Array.from({ length: steps }, (_, step) =>
    buffers.filter((b) => b.from <= step && step <= b.to).reduce((total, b) => total + b.bytes, 0),
  );
  return Math.max(0, ...alive);
}
