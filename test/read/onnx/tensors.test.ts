import { describe, expect, test } from "vitest";
import { roundHalfEven } from "../../../src/graph/rounding.js";
import { roundToBfloat16, roundToFloat16 } from "../../../src/read/onnx/numeric.js";
import {
  external,
  floats,
  node,
  type TypeName,
  tensor,
  value,
} from "../../support/onnx-builder.js";
import { constantOf, problem, read } from "../reading.js";

/** The elements of an initialiser after a Cast to float32, as a constant that is added to x. */
function elementsOf(initializer: ReturnType<typeof tensor>, length: number): number[] {
  const graph = read({
    inputs: [value("x", [1, length])],
    nodes: [node("Cast", ["w"], "c", { to: 1 }), node("Add", ["x", "c"], "y")],
    outputs: ["y"],
    initializers: { w: initializer },
    opset: 25,
  });
  return Array.from(constantOf(graph, "c").data);
}

describe("element types in raw_data", () => {
  test.each<[TypeName, number[], number[]]>([
    ["float32", [1.5, -0.25], [1.5, -0.25]],
    ["float64", [0.1, 2], [Math.fround(0.1), 2]],
    ["int8", [-128, 127], [-128, 127]],
    ["uint8", [0, 255], [0, 255]],
    ["int16", [-32768, 32767], [-32768, 32767]],
    ["uint16", [0, 65535], [0, 65535]],
    ["int32", [-5, 1 << 24], [-5, 1 << 24]],
    ["int64", [-5, 7], [-5, 7]],
    ["bool", [0, 1], [0, 1]],
    ["float16", [0x3c00, 0xc100, 0x0001, 0x7bff], [1, -2.5, 2 ** -24, 65504]],
    ["bfloat16", [0x3f80, 0xc020], [1, -2.5]],
  ])("%s", (type, written, expected) => {
    expect(elementsOf(tensor(type, [written.length], written), expected.length)).toEqual(expected);
  });

  // Packed elements fill a byte from its low bits; the last byte may be partly empty.
  test.each<[TypeName, number[], number[]]>([
    ["uint4", [0x21, 0x0f], [1, 2, 15]],
    ["int4", [0x8f, 0x07], [-1, -8, 7]],
    ["uint2", [0b11100100, 0b01], [0, 1, 2, 3, 1]],
    ["int2", [0b11100100, 0b01], [0, 1, -2, -1, 1]],
  ])("%s", (type, bytes, expected) => {
    expect(elementsOf(tensor(type, [expected.length], bytes), expected.length)).toEqual(expected);
  });
});

test("elements in typed fields", () => {
  const dims = [2];
  expect(elementsOf({ dataType: 1, dims, floatData: [1, 2] }, 2)).toEqual([1, 2]);
  expect(elementsOf({ dataType: 11, dims, doubleData: [1, 2] }, 2)).toEqual([1, 2]);
  expect(elementsOf({ dataType: 7, dims, int64Data: [-1, 2] }, 2)).toEqual([-1, 2]);
  expect(elementsOf({ dataType: 3, dims, int32Data: [-1, 2] }, 2)).toEqual([-1, 2]);
  expect(elementsOf({ dataType: 10, dims, int32Data: [0x3c00, 0x4000] }, 2)).toEqual([1, 2]);
  expect(elementsOf({ dataType: 22, dims: [3], int32Data: [0x8f, 0x07] }, 3)).toEqual([-1, -8, 7]);
});

describe("external data", () => {
  const parts = (entries: Record<string, string>) => ({
    inputs: [value("x", [1, 2])],
    nodes: [node("Add", ["x", "w"], "y")],
    outputs: ["y"],
    initializers: { w: external([2], entries) },
  });
  const bytes = new Uint8Array(Float32Array.of(0, 3, 4, 0).buffer);

  test("is found by location, offset and length", () => {
    const files = { "sub/weights.bin": bytes };
    const at = { location: "./sub/weights.bin", offset: "4", length: "8" };
    expect(Array.from(constantOf(read(parts(at), files), "w").data)).toEqual([3, 4]);
  });

  test("is read where its bytes are not aligned", () => {
    const shifted = new Uint8Array(17);
    shifted.set(bytes, 1);
    const at = { location: "w.bin", offset: "5", length: "8" };
    expect(Array.from(constantOf(read(parts(at), { "w.bin": shifted }), "w").data)).toEqual([3, 4]);
  });

  test("without a length ends with the file, and must then fit", () => {
    const at = { location: "w.bin", offset: "8" };
    const half = { "w.bin": bytes };
    expect(Array.from(constantOf(read(parts(at), half), "w").data)).toEqual([4, 0]);
    expect(problem(parts({ location: "w.bin" }), half).code).toBe("read/tensor-size");
  });
});

test("an initialiser that no live node reads is not looked at", () => {
  const graph = read({
    inputs: [value("x", [1, 2]), value("w", [2])],
    nodes: [node("Relu", ["x"], "y"), node("Add", ["x", "gone"], "unused")],
    outputs: ["y"],
    initializers: { w: floats([2], [1, 2]), gone: external([2], { location: "missing.bin" }) },
  });
  expect(graph.constants.size).toBe(0);
});

describe("rounding", () => {
  test("half to even", () => {
    const halves = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999999, 2 ** 53];
    expect(halves.map(roundHalfEven).map((x) => x + 0)).toEqual([-2, -2, 0, 0, 2, 2, 2, 2 ** 53]);
  });

  test("to float16 and bfloat16", () => {
    expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520].map(roundToFloat16)).toEqual([
      1,
      1 + 2 ** -9,
      65504,
      Number.POSITIVE_INFINITY,
    ]);
    expect(roundToFloat16(3 * 2 ** -26)).toBe(2 ** -24);
    expect([1 + 2 ** -8, 1 + 3 * 2 ** -8, -0.1].map(roundToBfloat16)).toEqual([
      1,
      1 + 2 ** -6,
      -0.10009765625,
    ]);
  });
});
