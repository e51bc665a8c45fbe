/**
 * Frames on a serial line, as docs/serial.md describes them: version, sequence, type, payload and
 * CRC-32, byte-stuffed (COBS, Cheshire and Baker 1999) so that a zero byte ends each.
 */

export const PROTOCOL_VERSION = 1;

/** Most bytes of input, output or tensor in one frame. */
export const DATA_BYTES = 224;

/** Most bytes of a stuffed frame. */
const FRAME_BYTES = 254;

const HEAD_BYTES = 3;
const CHECK_BYTES = 4;

export interface Frame {
  readonly version: number;
  /** Of the request; an answer repeats it. 0 to 255. */
  readonly sequence: number;
  readonly type: number;
  readonly payload: Uint8Array;
}

/** CRC-32 of IEEE 802.3: reflected, polynomial 0xEDB88320, start and end inverted. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

/** The bytes to send: a zero, which ends whatever was there before, the frame, and a zero. */
export function encodeFrame({ version, sequence, type, payload }: Frame): Uint8Array {
  const plain = new Uint8Array(HEAD_BYTES + payload.length + CHECK_BYTES);
  plain.set([version, sequence, type]);
  plain.set(payload, HEAD_BYTES);
  const end = plain.length - CHECK_BYTES;
  new DataView(plain.buffer).setUint32(end, crc32(plain.subarray(0, end)), true);
  return stuff(plain);
}

function stuff(plain: Uint8Array): Uint8Array {
  if (plain.length >= FRAME_BYTES) throw new RangeError(`a frame of ${plain.length} bytes`);
  const stuffed = [0];
  let block = stuffed.push(0) - 1;
  for (const byte of plain) {
    if (byte !== 0) stuffed.push(byte);
    if (byte === 0) {
      stuffed[block] = stuffed.length - block;
      block = stuffed.push(0) - 1;
    }
  }
  stuffed[block] = stuffed.length - block;
  stuffed.push(0);
  return Uint8Array.from(stuffed);
}

/** What a line carries between two zeros: a frame, or bytes that are none. */
export type Received =
  | { readonly kind: "frame"; readonly frame: Frame }
  | { readonly kind: "noise"; readonly bytes: Uint8Array };

/** Cuts what arrives into frames. Memory is bounded, whatever the line says. */
export function frameDecoder(onReceived: (received: Received) => void) {
  let waiting: number[] = [];
  return (bytes: Uint8Array): void => {
    for (const byte of bytes) {
      if (byte !== 0) waiting.push(byte);
      if (byte === 0 || waiting.length > FRAME_BYTES) {
        if (waiting.length > 0) onReceived(understand(Uint8Array.from(waiting)));
        waiting = [];
      }
    }
  };
}

function understand(stuffed: Uint8Array): Received {
  const plain = unstuff(stuffed);
  const end = (plain?.length ?? 0) - CHECK_BYTES;
  if (plain === null || end < HEAD_BYTES) return { kind: "noise", bytes: stuffed };
  const check = new DataView(plain.buffer).getUint32(end, true);
  if (crc32(plain.subarray(0, end)) !== check) return { kind: "noise", bytes: stuffed };
  const [version = 0, sequence = 0, type = 0] = plain;
  return {
    kind: "frame",
    frame: { version, sequence, type, payload: plain.slice(HEAD_BYTES, end) },
  };
}

function unstuff(stuffed: Uint8Array): Uint8Array | null {
  const plain: number[] = [];
  for (let at = 0; at < stuffed.length; ) {
    const end = at + (stuffed[at] ?? 0);
    if (end > stuffed.length) return null;
    plain.push(...stuffed.subarray(at + 1, end));
    if (end < stuffed.length) plain.push(0);
    at = end;
  }
  return Uint8Array.from(plain);
}
