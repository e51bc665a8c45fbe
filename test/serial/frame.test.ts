import { describe, expect, it } from "vitest";
import { crc32, encodeFrame, frameDecoder, type Received } from "../../src/serial/frame.js";
import { seeded } from "../support/random.js";

function decode(...pieces: Uint8Array[]): Received[] {
  const heard: Received[] = [];
  const push = frameDecoder((received) => heard.push(received));
  for (const piece of pieces) push(piece);
  return heard;
}

const frame = (payload: Uint8Array, sequence = 7) => ({ version: 1, sequence, type: 3, payload });

describe("frames", () => {
  it("check with the CRC-32 of IEEE 802.3", () => {
    // The check value of the catalogue of parametrised CRC algorithms, CRC-32/ISO-HDLC.
    expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
  });

  it("are stuffed so that no zero is in them", () => {
    const bytes = encodeFrame(frame(Uint8Array.of(0, 0, 1, 0)));
    expect(bytes[0]).toBe(0);
    expect([...bytes.subarray(1, -1)]).not.toContain(0);
    expect(bytes.at(-1)).toBe(0);
    // Version 1, sequence 7 and type 3 need no stuffing; the first zero stands after them.
    expect([...bytes.subarray(1, 9)]).toEqual([4, 1, 7, 3, 1, 2, 1, expect.any(Number)]);
  });

  it("come back as they were, however they are cut", () => {
    const random = seeded(3);
    for (let length = 0; length <= 228; length++) {
      const payload = Uint8Array.from(
        { length },
        () => random.integer(0, 3) * random.integer(0, 85),
      );
      const bytes = encodeFrame(frame(payload, length));
      const cut = random.integer(0, bytes.length);
      const heard = decode(bytes.subarray(0, cut), bytes.subarray(cut));
      expect(heard).toEqual([{ kind: "frame", frame: frame(payload, length) }]);
    }
  });

  it("are noise when a bit of them is not what it was", () => {
    const bytes = encodeFrame(frame(Uint8Array.of(1, 2, 3, 0, 5)));
    for (let bit = 8; bit < 8 * (bytes.length - 1); bit++) {
      const damaged = Uint8Array.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decode(damaged).map(({ kind }) => kind)).not.toContain("frame");
    }
  });

  it("follow text and are followed by text", () => {
    const text = Buffer.from("boot: hello\r\n");
    const [before, found, after] = decode(
      text,
      encodeFrame(frame(Uint8Array.of(9))),
      text,
      Uint8Array.of(0),
    );
    expect(before).toEqual({ kind: "noise", bytes: Uint8Array.from(text) });
    expect(found?.kind).toBe("frame");
    expect(after?.kind).toBe("noise");
  });

  it("need no memory for noise without end", () => {
    const heard = decode(new Uint8Array(1_000_000).fill(0x55));
    expect(heard.length).toBeGreaterThan(3_000);
    for (const received of heard) expect(received.kind).toBe("noise");
  });
});
