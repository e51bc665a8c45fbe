/** A small seeded generator (xorshift32), so that every test run sees the same numbers. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** In [low, high], both included. */
  integer(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
}

export function seeded(seed: number): Random {
  let state = seed * 2654435761 + 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return {
    next,
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => {
      const value = list[Math.floor(next() * list.length)];
      if (value === undefined) throw new RangeError("nothing to pick from");
      return value;
    },
  };
}

/** True with that probability. */
export function chance(random: Random, probability: number): boolean {
  return random.next() < probability;
}
