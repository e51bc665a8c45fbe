import type { Weights } from "../network/types.js";
import type { Tap } from "./pairs.js";

const WORD = 4;
const VISIT_WORDS = 4;

/** Words from one place to the next that a byte holds. */
export const FURTHEST = Math.floor(255 / WORD) - VISIT_WORDS;

/** Most places in a list: their number is a byte. */
export const LONGEST_LIST = 255;

/** The places of one output: of its weights -1, then of its weights +1. */
export type SignedPlaces = readonly [minus: readonly number[], plus: readonly number[]];

/**
 * Where an output's weights -1 and +1 are among `taps`, which go from the last place to the first. Two
 * places of a list are at most `FURTHEST` apart: where weights are further, the last tap of a channel, whose
 * planes take `words` words, is in both lists and cancels.
 */
export function placesOf(
  { values, perOutput }: Weights,
  output: number,
  taps: readonly Tap[],
  words: number,
): SignedPlaces {
  const lists: [number[], number[]] = [[], []];
  const start = (taps[0]?.place ?? 0) + 1 - VISIT_WORDS;
  const last: [number, number] = [start, start];
  const take = (sign: 0 | 1, place: number): void => {
    lists[sign].push(place);
    last[sign] = place;
  };
  for (const [i, { place, weight }] of taps.entries()) {
    const value = values[output * perOutput + weight];
    if (value === -1) take(0, place);
    if (value === 1) take(1, place);
    const next = taps[i + 1];
    if (next === undefined || sameChannel(next.place, place, words)) continue;
    const lowest = lowestOfChannel(taps, i + 1, words);
    if (Math.max(...last) - lowest > FURTHEST) {
      take(0, place);
      take(1, place);
    }
  }
  return lists;
}

function sameChannel(a: number, b: number, words: number): boolean {
  return Math.floor(a / words) === Math.floor(b / words);
}

function lowestOfChannel(taps: readonly Tap[], first: number, words: number): number {
  let lowest = taps[first]?.place ?? 0;
  for (let i = first + 1; i < taps.length; i++) {
    const place = taps[i]?.place ?? 0;
    if (!sameChannel(place, lowest, words)) break;
    lowest = place;
  }
  return lowest;
}

/** Both lists as bytes: how many places, then the distance of each, in bytes, from the end of the four
 * words before; of the first, from behind the first tap. */
export function listBytes(lists: SignedPlaces, taps: readonly Tap[]): number[] {
  return lists.flatMap((list) => {
    let before = (taps[0]?.place ?? 0) + 1 - VISIT_WORDS;
    const distances = list.map((place) => {
      const distance = (before + VISIT_WORDS - place) * WORD;
      before = place;
      return distance;
    });
    return [list.length, ...distances];
  });
}

/** The weights of one output from the lists at `at`, added to `row`; gives where the lists end. */
export function readLists(
  bytes: Uint8Array,
  at: number,
  taps: readonly Tap[],
  row: Int8Array,
): number {
  const weightAt = new Map(taps.map(({ place, weight }) => [place, weight]));
  for (const sign of [-1, 1]) {
    let place = (taps[0]?.place ?? 0) + 1 - VISIT_WORDS;
    for (let left = bytes[at++] ?? 0; left > 0; left--) {
      place += VISIT_WORDS - (bytes[at++] ?? 0) / WORD;
      const weight = weightAt.get(place);
      if (weight !== undefined) row[weight] = (row[weight] ?? 0) + sign;
    }
  }
  return at;
}
