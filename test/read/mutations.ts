import type { Json } from "../../src/read/json.js";
import type { Random } from "../support/random.js";

/** Values that sizes, counts and offsets are set to. */
const SIZES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A copy of the bytes with a few of them changed, cut off, doubled or moved. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let copy: Uint8Array = bytes.slice();
  for (let n = random.integer(1, 4); n > 0; n--) copy = mutatedOnce(copy, random);
  return copy;
}

function mutatedOnce(bytes: Uint8Array, random: Random): Uint8Array {
  const size = bytes.length;
  if (size < 8) return bytes;
  const at = random.integer(0, size - 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  switch (random.integer(0, 8)) {
    case 0:
      view.setUint8(at, random.integer(0, 255));
      return bytes;
    case 1:
      view.setUint8(at, view.getUint8(at) ^ (1 << random.integer(0, 7)));
      return bytes;
    case 2:
      view.setUint32(Math.min(at, size - 4), random.pick(SIZES), true);
      return bytes;
    case 3:
      view.setUint16(Math.min(at, size - 2), random.pick(SIZES) & 0xffff, true);
      return bytes;
    case 4:
      // Eight bytes: sizes and offsets of HDF5 and safetensors.
      view.setBigUint64(Math.min(at, size - 8), BigInt(random.pick(SIZES)) << 16n, true);
      return bytes;
    case 5:
      return bytes.subarray(0, at);
    case 6: {
      const end = Math.min(size, at + random.integer(1, 64));
      return joined(bytes.subarray(0, at), bytes.subarray(end));
    }
    case 7: {
      const end = Math.min(size, at + random.integer(1, 64));
      return joined(bytes.subarray(0, end), bytes.subarray(at));
    }
    default: {
      const from = random.integer(0, size - 1);
      bytes.copyWithin(at, from, Math.min(size, from + random.integer(1, 64)));
      return bytes;
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

const VALUES: readonly Json[] = [
  null,
  true,
  -1,
  0,
  0.5,
  3,
  1e9,
  2 ** 53,
  1e308,
  "",
  "x",
  "__proto__",
  "same",
  [],
  {},
  [[[[]]]],
];

/** JSON with one to three of its values replaced, left out, or exchanged for another of its values. */
export function mutatedJson(json: Json, random: Random): Json {
  const all: Json[] = [];
  visit(json, (value) => all.push(value));
  let changed = json;
  for (let n = random.integer(1, 3); n > 0; n--) {
    let index = random.integer(0, all.length - 1);
    const other = random.integer(0, 1) === 0 ? random.pick(VALUES) : random.pick(all);
    const drop = random.integer(0, 5) === 0;
    changed = replace(changed, () => index-- === 0, drop ? undefined : other) ?? null;
  }
  return changed;
}

function visit(value: Json, see: (value: Json) => void): void {
  see(value);
  if (value === null || typeof value !== "object") return;
  for (const part of Object.values(value)) visit(part, see);
}

function replace(value: Json, isIt: () => boolean, by: Json | undefined): Json | undefined {
  if (isIt()) return by;
  if (value === null || typeof value !== "object") return value;
  const parts = Object.entries(value).map(([key, part]) => [key, replace(part, isIt, by)] as const);
  const kept = parts.filter(([, part]) => part !== undefined);
  return Array.isArray(value)
    ? kept.map(([, part]) => part ?? null)
    : Object.fromEntries(kept.map(([key, part]) => [key, part ?? null]));
}
