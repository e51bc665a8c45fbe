import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { openZip } from "../../src/read/zip.js";

const TEXT = new TextEncoder().encode("trits ".repeat(50));
const archive = () => zipSync({ a: [TEXT, { level: 0 }], "b/c": [TEXT, { level: 9 }] });

/** Where the directory's record of the n-th entry begins. */
function record(bytes: Uint8Array, n: number): number {
  let at = -1;
  for (let i = 0; i <= n; i++) at = Buffer.from(bytes).indexOf("PK\x01\x02", at + 1, "latin1");
  return at;
}

function changed(edit: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = archive();
  edit(new DataView(bytes.buffer, bytes.byteOffset), bytes);
  return bytes;
}

test("stored and deflated entries", () => {
  const { names, contents } = openZip(archive());
  expect(names).toEqual(["a", "b/c"]);
  expect(contents("a")).toEqual(TEXT);
  expect(contents("b/c")).toEqual(TEXT);
  expect(contents("d")).toBeUndefined();
});

describe("a hostile archive", () => {
  test.each<[string, (view: DataView, bytes: Uint8Array) => void, string]>([
    [
      "more inside than declared",
      (v, b) => v.setUint32(record(b, 1) + 24, 10, true),
      "does not unpack|checksum",
    ],
    ["less inside than declared", (v, b) => v.setUint32(record(b, 1) + 24, 301, true), "checksum"],
    ["a gigabyte declared", (v, b) => v.setUint32(record(b, 0) + 24, 2 ** 30, true), "would take"],
    ["a flipped bit", (v) => v.setUint8(40, v.getUint8(40) ^ 1), "checksum"],
    ["an entry outside", (v, b) => v.setUint32(record(b, 0) + 42, 1e6, true), "not where"],
    ["an entry that is cut off", (v, b) => v.setUint32(record(b, 0) + 20, 1e6, true), "cut off"],
    ["an unknown method", (v, b) => v.setUint16(record(b, 0) + 10, 12, true), "method 12"],
    ["more entries than there are", (v, b) => v.setUint16(b.length - 12, 9, true), "broken off"],
  ])("%s", (_, edit, message) => {
    const read = () => {
      const { names, contents } = openZip(changed(edit));
      for (const name of names) contents(name);
    };
    expect(read).toThrow(new RegExp(message));
  });

  test("two entries of one name", () => {
    const bytes = zipSync({ a: TEXT, b: TEXT });
    bytes[record(bytes, 1) + 46] = 0x61;
    expect(() => openZip(bytes)).toThrow('it holds "a" twice');
  });

  test("every truncation", () => {
    const whole = archive();
    for (let length = 4; length < whole.length; length++) {
      expect(() => openZip(whole.subarray(0, length)), `${length} bytes`).toThrow("damaged");
    }
  });
});
