import { pick } from "../channels.js";
import type { GatherPart } from "../types.js";
import { type Extent, sizeOf } from "./layout.js";

/** Where each element of an output's memory comes from. */
export interface Sources {
  /** Index of an input, or -1 for elements that are filled. */
  readonly input: Int32Array;
  /** Element of that input's memory. */
  readonly element: Int32Array;
}

/** A gather's boxes in the output, seen as `view`. */
export interface Boxes {
  readonly view: Extent;
  readonly parts: readonly GatherPart[];
}

/**
 * Elements from anywhere as boxes whose rows, columns and channels come from places of their own:
 * slices, repetitions, concatenations and transpositions all do. Anything else is listed element by
 * element.
 */
export function boxesOf(sources: Sources, extent: Extent): Boxes {
  const parts = structured(sources, extent);
  if (parts !== null) return { view: extent, parts };
  const total = extent.height * extent.width * extent.channels;
  const flat = { height: 1, width: 1, channels: total };
  return { view: flat, parts: listed(sources) };
}

/** Null if a box between the cuts is not made of places for rows, columns and channels. */
function structured(sources: Sources, extent: Extent): GatherPart[] | null {
  const { height, width, channels } = extent;
  const rows = intervals(sources, extent, height, width * channels);
  const columns = intervals(sources, extent, width, channels);
  const depths = intervals(sources, extent, channels, 1);
  const parts: GatherPart[] = [];
  for (const [top, bottom] of rows) {
    for (const [left, right] of columns) {
      for (const [first, last] of depths) {
        const box = { top, left, first, height: bottom - top, width: right - left };
        const part = boxAt(sources, extent, { ...box, channels: last - first });
        if (part === null) return null;
        if (part !== "filled") parts.push(part);
      }
    }
  }
  return parts;
}

/**
 * Cuts one axis of the memory, whose neighbours are `stride` apart, wherever a plane across it takes
 * its elements from other inputs than the plane before.
 */
function intervals(
  { input }: Sources,
  extent: Extent,
  length: number,
  stride: number,
): (readonly [from: number, to: number])[] {
  const total = extent.height * extent.width * extent.channels;
  const cuts = new Set([0, length]);
  for (let i = 0; i < total; i++) {
    const position = Math.floor(i / stride) % length;
    if (position > 0 && input[i] !== input[i - stride]) cuts.add(position);
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((to, i) => [pick(sorted, i), to] as const);
}

interface Box extends Extent {
  readonly top: number;
  readonly left: number;
  readonly first: number;
}

function boxAt(
  { input, element }: Sources,
  { width, channels }: Extent,
  box: Box,
): GatherPart | "filled" | null {
  const at = (y: number, x: number, c: number): number =>
    ((box.top + y) * width + box.left + x) * channels + box.first + c;
  const from = (y: number, x: number, c: number): number => element[at(y, x, c)] ?? 0;
  const origin = from(0, 0, 0);
  const source = input[at(0, 0, 0)] ?? -1;
  const list = (length: number, place: (i: number) => number): Int32Array =>
    Int32Array.from({ length }, (_, i) => place(i));
  const rows = list(box.height, (y) => from(y, 0, 0));
  const columns = list(box.width, (x) => from(0, x, 0) - origin);
  const depths = list(box.channels, (c) => from(0, 0, c) - origin);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      for (let c = 0; c < box.channels; c++) {
        if (input[at(y, x, c)] !== source) return null;
        const place = (rows[y] ?? 0) + (columns[x] ?? 0) + (depths[c] ?? 0);
        if (source >= 0 && from(y, x, c) !== place) return null;
      }
    }
  }
  if (source < 0) return "filled";
  const { top, left, first } = box;
  return { input: source, top, left, first, rows, columns, channels: depths };
}

/** Runs of one input, each element with a place of its own. */
function listed({ input, element }: Sources): GatherPart[] {
  const parts: GatherPart[] = [];
  for (let from = 0; from < input.length; ) {
    const source = input[from] ?? -1;
    let to = from + 1;
    while (to < input.length && input[to] === source) to++;
    if (source >= 0) {
      const channels = element.slice(from, to);
      const zero = Int32Array.of(0);
      parts.push({
        input: source,
        top: 0,
        left: 0,
        first: from,
        rows: zero,
        columns: zero,
        channels,
      });
    }
    from = to;
  }
  return parts;
}

/** The sources of a copy of one tensor: element i of the output is element `source[i]`. */
export function copyOf(source: Int32Array): Sources {
  return { input: new Int32Array(source.length), element: source };
}

/**
 * The elements that a model's gather takes, by flat model index: -1 for those that are filled.
 *
 * @param indices for each axis of the input, which of it the output takes; null for all of it
 */
export function takenBy(
  indices: readonly (Int32Array | null)[],
  from: readonly number[],
  to: readonly number[],
): Int32Array {
  const strides = from.map((_, axis) => sizeOf(from.slice(axis + 1)));
  let places = [0];
  for (const [axis, list] of indices.entries()) {
    const stride = pick([...strides, 0], axis);
    const extent = to[axis] ?? 1;
    const steps = Array.from({ length: extent }, (_, i) => list?.[i] ?? i);
    places = places.flatMap((base) =>
      steps.map((step) => (base < 0 || step < 0 ? -1 : base + step * stride)),
    );
  }
  return Int32Array.from(places);
}
