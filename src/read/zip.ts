import { constants, inflateRawSync } from "node:zlib";
import { fail } from "../diagnostics.js";
import { damagedFile, tooLargeFile } from "./diagnostics.js";
import { LIMITS } from "./limits.js";

/**
 * An archive's entries by name. Only the central directory is believed, as by most readers, and it
 * is checked before anything is inflated: a hostile archive must not make its reader allocate or
 * loop without bound.
 */
export interface Archive {
  readonly names: readonly string[];
  /** The contents of an entry; undefined if there is none of that name. Throws `read/damaged-file`. */
  readonly contents: (name: string) => Uint8Array | undefined;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

// Layout of the records: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
const END = { signature: 0x06054b50, size: 22 } as const;
const DIRECTORY = { signature: 0x02014b50, size: 46 } as const;
const LOCAL = { signature: 0x04034b50, size: 30 } as const;
const LONGEST_COMMENT = 0xffff;

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/** Throws `read/damaged-file` or `read/too-large`. */
export function openZip(bytes: Uint8Array): Archive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, Entry>();
  for (const entry of directory(view)) {
    if (entries.has(entry.name)) fail(damaged(`it holds ${quoted(entry.name)} twice`));
    entries.set(entry.name, entry);
  }
  const total = [...entries.values()].reduce((sum, { size }) => sum + size, 0);
  if (total > LIMITS.decodedBytes) fail(tooLargeFile("the archive's entries", total));
  return {
    names: [...entries.keys()],
    contents: (name) => {
      const entry = entries.get(name);
      return entry === undefined ? undefined : unpack(bytes, view, entry);
    },
  };
}

function directory(view: DataView): Entry[] {
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  if (count > LIMITS.entries) fail(tooLargeFile("the archive's list of entries", count));
  let at = view.getUint32(end + 16, true);
  return Array.from({ length: count }, () => {
    if (at + DIRECTORY.size > end || view.getUint32(at, true) !== DIRECTORY.signature) {
      fail(damaged("its list of entries is broken off"));
    }
    const [nameLength, extra, comment] = [28, 30, 32].map((o) => view.getUint16(at + o, true));
    const nameAt = at + DIRECTORY.size;
    const next = nameAt + (nameLength ?? 0) + (extra ?? 0) + (comment ?? 0);
    if (next > end) fail(damaged("its list of entries is broken off"));
    const entry = {
      name: decodeText(view, nameAt, nameLength ?? 0),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    at = next;
    return entry;
  });
}

/** The end record is the last thing in the file but for a comment of at most 64 KiB. */
function findEnd(view: DataView): number {
  const last = view.byteLength - END.size;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
    if (view.getUint32(at, true) === END.signature) return at;
  }
  return fail(damaged("its end is missing"));
}

function unpack(bytes: Uint8Array, view: DataView, entry: Entry): Uint8Array {
  const { name, method, packed, size, offset, crc } = entry;
  if (offset + LOCAL.size > bytes.length || view.getUint32(offset, true) !== LOCAL.signature) {
    fail(damaged(`${quoted(name)} is not where its list of entries says`));
  }
  const nameAndExtra = view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  const start = offset + LOCAL.size + nameAndExtra;
  if (start + packed > bytes.length) fail(damaged(`${quoted(name)} is cut off`));
  const contents = inflate(bytes.subarray(start, start + packed), method, size, name);
  if (contents.length !== size || crc32(contents) !== crc) {
    fail(damaged(`${quoted(name)} is not what was stored: its checksum differs`));
  }
  return contents;
}

const STORED = 0;
const DEFLATED = 8;

function inflate(packed: Uint8Array, method: number, size: number, name: string): Uint8Array {
  if (method === STORED) return packed;
  if (method !== DEFLATED) {
    return fail(damaged(`${quoted(name)} is encrypted or packed by method ${method}`));
  }
  try {
    // One byte more than declared shows that there is more; the library refuses a bound of 0.
    const options = { maxOutputLength: size + 1, finishFlush: constants.Z_FINISH };
    const { buffer, byteOffset, byteLength } = inflateRawSync(packed, options);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(damaged(`${quoted(name)} does not unpack: ${reason}`));
  }
}

/** CRC-32 as zip has it (reflected polynomial 0xEDB88320). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1 ? 0xedb88320 : 0) ^ (crc >>> 1);
  return crc;
});

function decodeText(view: DataView, at: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

function damaged(detail: string) {
  return damagedFile("archive", detail);
}
