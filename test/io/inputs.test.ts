import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { load } from "../../src/compile.js";
import { DiagnosticError } from "../../src/diagnostics.js";
import { formatArray, type NumberData } from "../../src/io/arrays.js";
import { readModelFile } from "../../src/io/files.js";
import { readInputs } from "../../src/io/inputs.js";
import type { Network } from "../../src/network/types.js";
import { DIGITS, temporaryFolder } from "../commands/run.js";

/** uint8 [1, 1, 8, 8] */
const bytes = load(readModelFile(DIGITS)).network;
/** float [1, 3, 10, 10], normalised and quantised by the model. */
const floats = load(readModelFile("test/models/float_pixels_normalised.onnx")).network;

function read(network: Network, data: NumberData, shape: readonly number[], limit?: number) {
  const path = join(temporaryFolder(), "x.npy");
  writeFileSync(path, formatArray(path, "x", data, shape));
  return readInputs(network, path, limit);
}

function problem(network: Network, data: NumberData, shape: readonly number[]) {
  try {
    read(network, data, shape);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0];
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("readInputs", () => {
  const ramp = Uint8Array.from({ length: 128 }, (_, i) => i);

  it.each([[[2, 1, 8, 8]], [[2, 8, 8]], [[2, 8, 8, 1]], [[2, 64]]])("takes %j", (shape) => {
    expect(read(bytes, ramp, shape)).toEqual({ count: 2, values: ramp });
  });

  it("takes the first few", () => {
    expect(read(bytes, ramp, [2, 64], 1)).toEqual({ count: 1, values: ramp.slice(0, 64) });
    expect(read(bytes, ramp, [2, 64], 9).count).toBe(2);
  });

  it("takes any integer type whose values fit", () => {
    expect(read(bytes, Int32Array.from(ramp), [2, 64])).toEqual({ count: 2, values: ramp });
  });

  it("brings channels to the last axis", () => {
    const { values } = read(
      floats,
      Float32Array.from({ length: 300 }, (_, i) => (i < 100 ? 1 : 0)),
      [1, 3, 10, 10],
    );
    const [first, second, third] = values;
    expect(values.length).toBe(300);
    expect(Array.from(values.slice(-3))).toEqual([first, second, third]);
    expect(first).not.toBe(second);
  });

  it.each([
    [
      "a wrong size",
      bytes,
      ramp,
      [2, 8, 4, 2],
      "so the array must be [N, 1, 8, 8], and it is [2, 8, 4, 2]",
      "x.reshape(-1, 1, 8, 8)",
    ],
    ["no batch axis", bytes, ramp.slice(0, 64), [8, 8], "and it is [8, 8]", "x[None]"],
    ["a lone number", bytes, ramp.slice(0, 1), [], "and it is []", "flat"],
    [
      "channels last",
      floats,
      new Float32Array(300),
      [1, 10, 10, 3],
      "[N, 3, 10, 10]",
      "x.transpose(0, 3, 1, 2)",
    ],
  ] as const)(
    "refuses %s and says how to change it",
    (_what, network, data, shape, message, hint) => {
      const found = problem(network, data, shape);
      expect(found?.code).toBe("usage/input-shape");
      expect(found?.message).toContain(message);
      expect(found?.hint).toContain(hint);
      expect(found?.where.shape).toEqual(shape);
    },
  );

  it.each([
    [
      bytes,
      new Float32Array(64),
      [1, 8, 8],
      "takes uint8 inputs and the array holds float32",
      "astype(np.uint8)",
    ],
    [
      floats,
      new Uint8Array(300),
      [1, 3, 10, 10],
      "takes float inputs and the array holds uint8",
      "astype(np.float32) / 255",
    ],
  ] as const)(
    "%# never converts integers and reals on its own",
    (network, data, shape, message, hint) => {
      const found = problem(network, data, shape);
      expect(found?.code).toBe("usage/input-type");
      expect(found?.message).toContain(message);
      expect(found?.hint).toContain(hint);
    },
  );

  it("names the input and the element that is NaN or out of range", () => {
    const nan = new Float32Array(600);
    nan[300 + 5] = Number.NaN;
    const notNumber = problem(floats, nan, [2, 3, 10, 10]);
    expect(notNumber?.code).toBe("usage/input-value");
    expect(notNumber?.message).toContain("input 1: element 5 is not a number");
    const large = problem(
      bytes,
      Int16Array.from({ length: 64 }, (_, i) => (i === 3 ? 256 : 0)),
      [1, 64],
    );
    expect(large?.message).toContain("input 0: element 3 is 256, not an integer in [0, 255]");
  });

  it("refuses an empty array", () => {
    expect(problem(bytes, new Uint8Array(0), [0, 8, 8])?.code).toBe("usage/no-inputs");
  });
});
