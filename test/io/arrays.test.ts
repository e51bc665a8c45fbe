import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../src/diagnostics.js";
import { checkArrayFileName, formatArray, readArray } from "../../src/io/arrays.js";
import { formatNpy } from "../../src/io/npy.js";
import { temporaryFolder } from "../commands/run.js";

function written(name: string, bytes: Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

function npz(arrays: Readonly<Record<string, readonly number[]>>): Uint8Array {
  const entries = Object.entries(arrays).map(([name, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [`${name}.npy`, formatNpy(new Uint8Array(size).fill(shape.length), shape)] as const;
  });
  return zipSync(Object.fromEntries(entries));
}

const codes = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.message;
    throw error;
  }
  return "no error";
};

const isPicture = (shape: readonly number[]) => shape.length === 3;

describe("readArray", () => {
  it("knows the format by its content, whatever the name", () => {
    expect(readArray(written("x.dat", npz({ x: [2] }))).shape).toEqual([2]);
    expect(readArray(written("x.npz", formatNpy(Uint8Array.of(1), [1]))).shape).toEqual([1]);
  });

  it("takes the named array, with or without .npy", () => {
    const path = written("x.npz", npz({ a: [1], b: [2, 2] }));
    expect(readArray(`${path}:b`).shape).toEqual([2, 2]);
    expect(readArray(`${path}:b.npy`).shape).toEqual([2, 2]);
  });

  it("takes the only array, or the only one that fits", () => {
    const path = written("x.npz", npz({ labels: [5], images: [5, 2, 2] }));
    expect(readArray(path, isPicture).shape).toEqual([5, 2, 2]);
    expect(readArray(written("x.npz", npz({ labels: [5] })), isPicture).shape).toEqual([5]);
  });

  it("asks which one when several fit, or none", () => {
    const several = written("x.npz", npz({ train: [5, 2, 2], y: [5], test: [1, 2, 2] }));
    expect(codes(() => readArray(several, isPicture))).toMatch(
      /^usage\/which-member: .* train, test$/,
    );
    const none = written("x.npz", npz({ a: [5], b: [5] }));
    expect(codes(() => readArray(none, isPicture))).toMatch(/^usage\/which-member: .* a, b$/);
  });

  it("takes a file whose name has a colon in it", () => {
    expect(readArray(written("a:b.npy", formatNpy(Uint8Array.of(3), [1]))).data).toEqual(
      Uint8Array.of(3),
    );
  });

  it.each([
    ["a missing file", () => join(temporaryFolder(), "x.npy"), "usage/missing-file"],
    ["a folder", temporaryFolder, "usage/is-a-folder"],
    ["text", () => written("x.npy", strToU8("1,2,3")), "usage/not-an-array"],
    ["no bytes", () => written("x.npy", new Uint8Array()), "usage/not-an-array"],
    [
      "a zip without arrays",
      () => written("x.npz", zipSync({ "a.txt": strToU8("a") })),
      "usage/not-an-array",
    ],
    [
      "a zip that is cut off",
      () => written("x.npz", npz({ x: [2000] }).subarray(0, 80)),
      "usage/damaged-array",
    ],
    [
      "a member that is not there",
      () => `${written("x.npz", npz({ x: [2] }))}:y`,
      'no array "y" inside; there are x',
    ],
    [
      "a member of a .npy file",
      () => `${written("x.npy", formatNpy(Uint8Array.of(1), [1]))}:y`,
      "usage/not-an-array",
    ],
    [
      "a member that is no array",
      () => written("x.npz", zipSync({ "x.npy": strToU8("x") })),
      "usage/damaged-array",
    ],
  ])("refuses %s", (_what, path, message) => {
    expect(codes(() => readArray(path()))).toContain(message);
  });
});

describe("formatArray", () => {
  it.each(["y.npy", "y.npz", "Y.NPZ"])("writes %s, which readArray reads", (name) => {
    const bytes = formatArray(name, "outputs", Float32Array.of(1, 2), [1, 2]);
    const array = readArray(written(name, bytes));
    expect(array).toEqual({ shape: [1, 2], type: "float32", data: Float32Array.of(1, 2) });
  });

  it("gives the same bytes at any time", () => {
    const [one, two] = [1, 2].map(() => formatArray("y.npz", "y", Int8Array.of(1), [1]));
    expect(one).toEqual(two);
    // The date of an entry, 1 January 1980, where zip counts from.
    expect(Buffer.from(one ?? []).readUInt32LE(10)).toBe(0x00210000);
  });

  it("wants a name that says the format", () => {
    expect(codes(() => checkArrayFileName("y.txt"))).toContain("usage/array-file-name");
    expect(codes(() => checkArrayFileName("npy"))).toContain("usage/array-file-name");
  });
});
