import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isHdf5, readHdf5 } from "../../../src/read/hdf5/index.js";

const fileOf = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(`test/models/hdf5/${name}.h5`));

test("numbers of all types, and what is none", () => {
  const { datasets, groups } = readHdf5(fileOf("types"), []);
  expect(groups.size).toBe(1);
  expect(Object.fromEntries(datasets)).toMatchObject({
    big_endian: { kind: "other" },
    texts: { kind: "other" },
    int64: { kind: "numbers", shape: [3], data: Float64Array.of(1, -2, 2 ** 40) },
    scalar: { kind: "numbers", shape: [], data: Float64Array.of(2.5) },
    empty: { kind: "numbers", shape: [0, 3] },
    matrix: { kind: "numbers", shape: [2, 3], data: Float64Array.of(0, 1, 2, 3, 4, 5) },
  });
});

test("a superblock behind a user block is found", () => {
  const behind = new Uint8Array(2048 + fileOf("types").length);
  behind.set(fileOf("types"), 2048);
  expect(isHdf5(behind)).toBe(true);
  expect(readHdf5(behind, []).datasets.size).toBe(7);
  expect(isHdf5(new Uint8Array(4096))).toBe(false);
});

test("paths to skip", () => {
  expect([...readHdf5(fileOf("types"), ["int64"]).datasets.keys()]).not.toContain("int64");
});

describe("files that ask for too much", () => {
  test.each([
    ["huge_shape", /data sets .*would take 4398046511104/],
    ["many_large", /data sets .*would take/],
    ["deep", /depth/],
    ["circle", /depth/],
  ])("%s", (name, message) => {
    expect(() => readHdf5(fileOf(name), [])).toThrow(message);
    // And the next file is read as ever.
    expect(readHdf5(fileOf("types"), []).datasets.size).toBe(7);
  });
});

test("links out of the file lead nowhere, and data outside of it is not read", () => {
  expect(() => readHdf5(fileOf("links"), [])).toThrow("read/damaged-file");
  const hostname = readFileSync("/etc/hostname").subarray(0, 8);
  let data: ArrayLike<number> = [];
  try {
    const dataset = readHdf5(fileOf("external"), []).datasets.get("a");
    if (dataset?.kind === "numbers") data = dataset.data;
  } catch (error) {
    expect(String(error)).toContain("read/damaged-file");
  }
  expect(Array.from(data)).not.toEqual(Array.from(hostname));
});
