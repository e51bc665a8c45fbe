import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../src/diagnostics.js";
import { formatNpy, isNpy, type NumberData, parseNpy } from "../../src/io/npy.js";

/** A .npy file of format 1.0, byte for byte as numpy writes it. */
export function npy(descr: string, fortran: boolean, shape: string, data: Uint8Array): Uint8Array {
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${shape}, }`;
  const header = `${dict.padEnd(117)}\n`;
  const magic = [0x93, ...Buffer.from("NUMPY"), 1, 0, header.length & 0xff, header.length >> 8];
  return Uint8Array.from([...magic, ...Buffer.from(header), ...data]);
}

function bytesOf(array: NumberData | BigInt64Array | BigUint64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function codeOf(bytes: Uint8Array): string {
  try {
    parseNpy(bytes, "x.npy");
  } catch (error) {
    if (error instanceof DiagnosticError) return error.message;
    throw error;
  }
  return "read";
}

describe("parseNpy", () => {
  it.each([
    ["|b1", Uint8Array.of(0, 1, 1), "bool", [0, 1, 1]],
    ["|i1", Int8Array.of(-128, 0, 127), "int8", [-128, 0, 127]],
    ["|u1", Uint8Array.of(0, 128, 255), "uint8", [0, 128, 255]],
    ["<i2", Int16Array.of(-32768, 1, 2), "int16", [-32768, 1, 2]],
    ["<u2", Uint16Array.of(65535, 1, 2), "uint16", [65535, 1, 2]],
    ["<i4", Int32Array.of(-(2 ** 31), 1, 2), "int32", [-(2 ** 31), 1, 2]],
    ["<u4", Uint32Array.of(2 ** 32 - 1, 1, 2), "uint32", [2 ** 32 - 1, 1, 2]],
    ["<i8", BigInt64Array.of(-5n, 1n, 2n), "int64", [-5, 1, 2]],
    ["<u8", BigUint64Array.of(5n, 1n, 2n), "uint64", [5, 1, 2]],
    ["<f2", Uint16Array.of(0x3c00, 0xc000, 0x0000), "float16", [1, -2, 0]],
    ["<f4", Float32Array.of(0.5, -1, 3), "float32", [0.5, -1, 3]],
    ["<f8", Float64Array.of(0.1, -1, 3), "float64", [0.1, -1, 3]],
  ] as const)("reads %s", (descr, data, type, values) => {
    const array = parseNpy(npy(descr, false, "(3,)", bytesOf(data)), "x.npy");
    expect(array).toMatchObject({ shape: [3], type });
    expect(Array.from(array.data)).toEqual(values);
  });

  it("puts column-major data in row-major order", () => {
    // np.asfortranarray(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    const columns = Uint8Array.from([
      0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23,
    ]);
    const array = parseNpy(npy("|u1", true, "(2, 3, 4)", columns), "x.npy");
    expect(Array.from(array.data)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  it("reads a scalar and an empty array", () => {
    expect(parseNpy(npy("|u1", false, "()", Uint8Array.of(7)), "x.npy").shape).toEqual([]);
    expect(parseNpy(npy("<f4", false, "(0, 3)", new Uint8Array()), "x.npy").shape).toEqual([0, 3]);
  });

  it.each([
    [
      "one element short",
      npy("<f4", false, "(2,)", new Uint8Array(4)),
      "it is cut off: 1 elements instead of 2",
    ],
    ["half an element", npy("<f4", false, "(2,)", new Uint8Array(7)), "its end is missing"],
    ["too long", npy("|u1", false, "(2,)", new Uint8Array(3)), "there is more than its shape says"],
    [
      "cut off in the header",
      npy("|u1", false, "(2,)", new Uint8Array(2)).subarray(0, 60),
      "its end is missing",
    ],
    ["only the magic", Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59), "usage/damaged-array"],
    ["a negative size", npy("|u1", false, "(-2,)", new Uint8Array(2)), "usage/damaged-array"],
    [
      "complex numbers",
      npy("<c8", false, "(1,)", new Uint8Array(8)),
      "usage/array-type: its elements are of numpy type c8",
    ],
    ["text", npy("<U2", false, "(1,)", new Uint8Array(8)), "usage/array-type"],
    [
      "big-endian numbers",
      npy(">f4", false, "(1,)", new Uint8Array(4)),
      "usage/array-type: its elements are of numpy type >f4",
    ],
    ["Python objects", npy("|O", false, "(1,)", new Uint8Array(8)), "usage/array-type"],
    [
      "an integer beyond 2^53",
      npy("<i8", false, "(1,)", bytesOf(BigInt64Array.of(2n ** 60n))),
      "element 0 is a 64-bit integer beyond 2^53",
    ],
  ])("refuses %s", (_what, bytes, message) => {
    expect(codeOf(bytes)).toContain(message);
  });
});

describe("formatNpy", () => {
  it.each([
    [Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]],
    [Int8Array.of(-1), [1]],
    [Int32Array.of(), [0, 10]],
    [Uint8Array.of(1, 2), [1, 2, 1, 1]],
  ])("%# writes what parseNpy reads", (data, shape) => {
    const bytes = formatNpy(data, shape);
    expect(isNpy(bytes)).toBe(true);
    const array = parseNpy(bytes, "x.npy");
    expect(array.shape).toEqual(shape);
    expect(array.data).toEqual(data);
  });

  it("takes a part of a larger buffer for what it is", () => {
    const part = Int16Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(Array.from(parseNpy(formatNpy(part, [2]), "x.npy").data)).toEqual([2, 3]);
  });
});
