/** Lists about channels hold one element for all of them, or one for each. */

/** The element for a channel. */
export function pick<T>(list: ArrayLike<T>, channel: number): T {
  const value = list.length === 1 ? list[0] : list[channel];
  if (value === undefined) throw new RangeError(`no element for channel ${channel}`);
  return value;
}

/** Combines two such lists. */
export function zip<A, B, R>(a: readonly A[], b: readonly B[], f: (a: A, b: B) => R): R[] {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, c) => f(pick(a, c), pick(b, c)));
}
