import { describe, expect, test } from "vitest";
import { DiagnosticError } from "../../../src/diagnostics.js";
import type { ElementType } from "../../../src/read/onnx/element-types.js";
import { NodeView } from "../../../src/read/onnx/node-view.js";
import { findOperator } from "../../../src/read/onnx/operators.js";
import { type Tensor, tensorOf } from "../../../src/read/onnx/tensor.js";
import { UnsupportedForm } from "../../../src/read/onnx/value.js";
import { type Attribute, floats as floatProto, node } from "../../support/onnx-builder.js";

/** What an operator computes from constants; null is an input that is left out. */
function run(
  op: string,
  inputs: readonly (Tensor | null)[],
  attributes: Readonly<Record<string, Attribute>> = {},
  domain = "",
): Tensor {
  const names = inputs.map((input, i) => (input === null ? "" : `input${i}`));
  const proto = node(op, names, "out", attributes);
  const view = new NodeView(
    {
      op,
      domain,
      origin: { op, name: "tested" },
      inputs: names,
      outputs: ["out"],
      attributes: new Map((proto.attribute ?? []).map((a) => [a.name ?? "", a])),
    },
    13,
    inputs.map((tensor) => (tensor === null ? null : { kind: "constant", tensor })),
    () => undefined,
  );
  const evaluate = findOperator(domain, op)?.evaluate;
  if (evaluate === undefined) throw new Error(`${op} is not computed on constants`);
  return evaluate(view);
}

const of =
  (type: ElementType) =>
  (shape: readonly number[], ...values: readonly number[]): Tensor =>
    tensorOf(type, shape, values);
const floats = of("float32");
const ints = of("int64");
const vector = (...values: readonly number[]): Tensor => ints([values.length], ...values);

function plain({ type, shape, data }: Tensor): unknown {
  // + 0 makes -0 plain 0.
  return { type, shape, data: Array.from(data, (x) => x + 0) };
}

describe("elementwise", () => {
  const x = floats([2, 2], -1.5, -0.5, 0.5, 2.5);
  const both: [string, Tensor[], number[]][] = [
    ["Abs", [x], [1.5, 0.5, 0.5, 2.5]],
    ["Neg", [x], [1.5, 0.5, -0.5, -2.5]],
    ["Round", [x], [-2, 0, 0, 2]],
    ["Floor", [x], [-2, -1, 0, 2]],
    ["Ceil", [x], [-1, 0, 1, 3]],
    ["Sign", [x], [-1, -1, 1, 1]],
    ["Relu", [x], [0, 0, 0.5, 2.5]],
    ["Reciprocal", [floats([3], 2, -4, 3)], [0.5, -0.25, Math.fround(1 / 3)]],
    ["Sqrt", [floats([2], 4, 2)], [2, Math.fround(Math.SQRT2)]],
    ["Add", [x, floats([2], 1, 10)], [-0.5, 9.5, 1.5, 12.5]],
    ["Sub", [floats([], 1), x], [2.5, 1.5, 0.5, -1.5]],
    ["Mul", [x, floats([2, 1], 2, 3)], [-3, -1, 1.5, 7.5]],
    ["Div", [floats([2], 1, 2), floats([], 3)], [Math.fround(1 / 3), Math.fround(2 / 3)]],
    ["Pow", [floats([2], 9, 2), floats([], 0.5)], [3, Math.fround(Math.SQRT2)]],
    ["Min", [x, floats([], 0), floats([2], 5, -2)], [-1.5, -2, 0, -2]],
    ["Max", [x, floats([1], 0)], [0, 0, 0.5, 2.5]],
    ["Clip", [x, floats([], -1), floats([], 1)], [-1, -0.5, 0.5, 1]],
    ["Where", [of("bool")([2], 1, 0), floats([2], 1, 2), floats([2], 3, 4)], [1, 4]],
  ];
  test.each(both)("%s", (op, inputs, expected) => {
    expect(Array.from(run(op, inputs).data, (v) => v + 0)).toEqual(expected);
  });

  test("float32 arithmetic rounds as float32 does, every time", () => {
    const [a, b] = [floats([1], 16777216), floats([1], 1)];
    expect(run("Add", [run("Add", [a, b]), b]).data[0]).toBe(16777216);
  });

  test("float16 arithmetic rounds as float16 does", () => {
    const half = of("float16");
    expect(run("Add", [half([1], 2048), half([1], 1)]).data[0]).toBe(2048);
  });

  test("integers divide towards zero", () => {
    expect(plain(run("Div", [vector(7, -7), vector(2, 2)]))).toEqual({
      type: "int64",
      shape: [2],
      data: [3, -3],
    });
  });

  test("comparisons give booleans", () => {
    expect(plain(run("Equal", [vector(1, 2), vector(1, 3)]))).toEqual({
      type: "bool",
      shape: [2],
      data: [1, 0],
    });
  });

  test("shapes that do not broadcast", () => {
    expect(() => run("Add", [vector(1, 2), vector(1, 2, 3)])).toThrow(DiagnosticError);
  });
});

describe("shapes and places", () => {
  const matrix = floats([2, 3], 1, 2, 3, 4, 5, 6);
  test.each<[string, Tensor, Tensor]>([
    ["Gather", run("Gather", [matrix, vector(-1, 0)], { axis: 1 }), floats([2, 2], 3, 1, 6, 4)],
    ["Gather by a scalar", run("Gather", [vector(5, 6, 7), ints([], 1)]), ints([], 6)],
    [
      "Concat",
      run("Concat", [matrix, floats([2, 1], 7, 8)], { axis: -1 }),
      floats([2, 4], 1, 2, 3, 7, 4, 5, 6, 8),
    ],
    [
      "Slice",
      run("Slice", [matrix, vector(1), vector(2 ** 63), vector(1)]),
      floats([2, 2], 2, 3, 5, 6),
    ],
    [
      "Slice backwards",
      run("Slice", [matrix, vector(-1), vector(-(2 ** 63)), vector(1), vector(-2)]),
      floats([2, 2], 3, 1, 6, 4),
    ],
    [
      "Slice by attributes",
      run("Slice", [matrix], { starts: [0], ends: [1], axes: [0] }),
      floats([1, 3], 1, 2, 3),
    ],
    [
      "Slice from before the start",
      run("Slice", [vector(5, 6), vector(-9), vector(-9), vector(0), vector(-1)]),
      vector(5),
    ],
    ["Slice of nothing", run("Slice", [vector(1, 2), vector(2), vector(1)]), ints([0])],
    ["Transpose", run("Transpose", [matrix]), floats([3, 2], 1, 4, 2, 5, 3, 6)],
    ["Reshape", run("Reshape", [matrix, vector(0, -1, 1)]), floats([2, 3, 1], 1, 2, 3, 4, 5, 6)],
    ["Flatten", run("Flatten", [matrix], { axis: 0 }), floats([1, 6], 1, 2, 3, 4, 5, 6)],
    [
      "Squeeze by input",
      run("Squeeze", [floats([1, 2, 1], 1, 2), vector(-1)]),
      floats([1, 2], 1, 2),
    ],
    ["Squeeze of all", run("Squeeze", [floats([1, 2, 1], 1, 2)]), floats([2], 1, 2)],
    [
      "Unsqueeze by attribute",
      run("Unsqueeze", [vector(1, 2)], { axes: [0, 2] }),
      ints([1, 2, 1], 1, 2),
    ],
    ["Unsqueeze by input", run("Unsqueeze", [vector(1, 2), vector(-1)]), ints([2, 1], 1, 2)],
    ["Expand", run("Expand", [floats([2, 1], 1, 2), vector(2)]), floats([2, 2], 1, 1, 2, 2)],
    ["Range", run("Range", [ints([], 5), ints([], 0), ints([], -2)]), ints([3], 5, 3, 1)],
    ["ConstantOfShape", run("ConstantOfShape", [vector(2)]), floats([2], 0, 0)],
    ["Shape of a part", run("Shape", [matrix], { start: -1 }), vector(3)],
    ["Identity", run("Identity", [matrix]), matrix],
  ])("%s", (_, actual, expected) => {
    expect(plain(actual)).toEqual(plain(expected));
  });

  test("an index beyond the end", () => {
    expect(() => run("Gather", [vector(1), vector(1)])).toThrow(DiagnosticError);
  });
});

test("Constant in all its forms", () => {
  const value = { tensor: floatProto([2], [1, 2]) };
  expect(plain(run("Constant", [], { value }))).toEqual(plain(floats([2], 1, 2)));
  const float = run("Constant", [], { value_float: { float: 0.5 } });
  expect(plain(float)).toEqual(plain(floats([], 0.5)));
  expect(plain(run("Constant", [], { value_int: -3 }))).toEqual(plain(ints([], -3)));
  expect(plain(run("Constant", [], { value_ints: [1, 2] }))).toEqual(plain(vector(1, 2)));
  const list = run("Constant", [], { value_floats: { floats: [1, 2] } });
  expect(plain(list)).toEqual(plain(floats([2], 1, 2)));
  expect(() => run("Constant", [], { value_string: "text" })).toThrow(UnsupportedForm);
});

describe("reductions", () => {
  const x = floats([2, 3], 1, 2, 6, -4, 5, -6);
  test.each<[string, Tensor, Tensor]>([
    ["mean of all", run("ReduceMean", [x], { keepdims: 0 }), floats([], Math.fround(4 / 6))],
    [
      "mean by attribute",
      run("ReduceMean", [x], { axes: [-1] }),
      floats([2, 1], 3, Math.fround(-5 / 3)),
    ],
    [
      "mean by input",
      run("ReduceMean", [x, vector(0)], { keepdims: 0 }),
      floats([3], -1.5, 3.5, 0),
    ],
    ["sum", run("ReduceSum", [x, vector(1)], { keepdims: 0 }), floats([2], 9, -5)],
    ["max", run("ReduceMax", [x], { axes: [1], keepdims: 0 }), floats([2], 6, 5)],
    ["min", run("ReduceMin", [x], { axes: [0] }), floats([1, 3], -4, 2, -6)],
    ["of no axes at all", run("ReduceSum", [x], { noop_with_empty_axes: 1 }), x],
  ])("%s", (_, actual, expected) => {
    expect(plain(actual)).toEqual(plain(expected));
  });

  test("the mean of many is rounded once, not at every step", () => {
    const many = tensorOf("float32", [30000], new Array(30000).fill(0.1));
    expect(run("ReduceMean", [many], { keepdims: 0 }).data[0]).toBe(Math.fround(0.1));
  });
});

test("Cast cuts fractions off, wraps integers, and remembers integers as a grid", () => {
  expect(plain(run("Cast", [floats([2], -1.7, 1.7)], { to: 7 }))).toEqual(plain(vector(-1, 1)));
  expect(plain(run("Cast", [vector(300)], { to: 2 }))).toEqual(plain(of("uint8")([1], 44)));
  expect(plain(run("Cast", [floats([2], 0.5, 0)], { to: 9 }))).toEqual(
    plain(of("bool")([2], 1, 0)),
  );
  const { grid } = run("Cast", [of("int8")([2], -1, 1)], { to: 1 });
  expect(grid).toEqual({
    integers: Int32Array.of(-1, 1),
    scales: Float32Array.of(1),
    axis: null,
  });
});

describe("quantisers of constants", () => {
  const qonnx = "qonnx.custom_op.general";
  const one = floats([], 1);
  const zero = floats([], 0);
  const bits = (n: number): Tensor => floats([], n);

  test("Quant by channel, with its grid", () => {
    const weights = floats([2, 2], 0.24, -0.9, 3, -0.26);
    const scale = floats([2, 1], 0.25, 0.5);
    const { data, grid } = run("Quant", [weights, scale, zero, bits(2)], { narrow: 1 }, qonnx);
    expect(Array.from(data, (v) => v + 0)).toEqual([0.25, -0.25, 0.5, -0.5]);
    expect(grid).toEqual({
      integers: Int32Array.of(1, -1, 1, -1),
      scales: Float32Array.of(0.25, 0.5),
      axis: 0,
    });
  });

  // The table of rounding modes in QONNX's description of IntQuant.
  const written = [5.5, 2.5, 1.6, 1.1, 1, -1, -1.1, -1.6, -2.5, -5.5];
  test.each([
    ["ROUND", [6, 2, 2, 1, 1, -1, -1, -2, -2, -6]],
    ["half_even", [6, 2, 2, 1, 1, -1, -1, -2, -2, -6]],
    ["CEIL", [6, 3, 2, 2, 1, -1, -1, -1, -2, -5]],
    ["FLOOR", [5, 2, 1, 1, 1, -1, -2, -2, -3, -6]],
    ["UP", [6, 3, 2, 2, 1, -1, -2, -2, -3, -6]],
    ["DOWN", [5, 2, 1, 1, 1, -1, -1, -1, -2, -5]],
    ["HALF_UP", [6, 3, 2, 1, 1, -1, -1, -2, -3, -6]],
    ["HALF_DOWN", [5, 2, 2, 1, 1, -1, -1, -2, -2, -5]],
  ])("rounding by %s", (rounding_mode, expected) => {
    const x = tensorOf("float32", [10], written);
    const { grid } = run("IntQuant", [x, one, zero, bits(8)], { rounding_mode }, qonnx);
    expect(Array.from(grid?.integers ?? [])).toEqual(expected);
  });

  test.each([
    ["signed", { signed: 1, narrow: 0 }, [-8, 7]],
    ["signed narrow", { signed: 1, narrow: 1 }, [-7, 7]],
    ["unsigned", { signed: 0, narrow: 0 }, [0, 15]],
    ["unsigned narrow", { signed: 0, narrow: 1 }, [0, 14]],
  ])("four bits, %s", (_, attributes, expected) => {
    const x = floats([2], -100, 100);
    const { data } = run("Quant", [x, one, zero, ints([], 4)], attributes, qonnx);
    expect(Array.from(data, (v) => v + 0)).toEqual(expected);
  });

  test("one signed bit is -1 or 1, as BipolarQuant", () => {
    const x = floats([4], -2, -0, 0, 2);
    const expected = [-0.5, 0.5, 0.5, 0.5];
    const scale = floats([1], 0.5);
    expect(Array.from(run("Quant", [x, scale, zero, bits(1)], {}, qonnx).data)).toEqual(expected);
    expect(Array.from(run("BipolarQuant", [x, scale], {}, qonnx).data)).toEqual(expected);
  });

  test("a zero point that is no integer leaves values without a grid", () => {
    const { data, grid } = run("Quant", [floats([1], 1), one, floats([], 0.5), bits(4)], {}, qonnx);
    expect(Array.from(data)).toEqual([1.5]);
    expect(grid).toBeUndefined();
  });

  test("QuantizeLinear rounds, then adds the zero point, then saturates", () => {
    const x = floats([4], 0.5, 1.5, 500, -500);
    const q = run("QuantizeLinear", [x, one, of("int8")([], 1)]);
    expect(plain(q)).toEqual({ type: "int8", shape: [4], data: [1, 3, 127, -128] });
    expect(run("QuantizeLinear", [x, one, null]).type).toBe("uint8");
    expect(run("QuantizeLinear", [x, one], { output_dtype: 22 }).type).toBe("int4");
  });

  test("DequantizeLinear along an axis subtracts the zero point from the grid", () => {
    const q = of("int8")([2, 2], 1, 2, 3, 4);
    const inputs = [q, floats([2], 0.5, 2), of("int8")([2], 1, -1)];
    const { data, grid } = run("DequantizeLinear", inputs, { axis: -1 });
    expect(Array.from(data)).toEqual([0, 6, 1, 10]);
    expect(grid).toEqual({
      integers: Int32Array.of(0, 3, 2, 5),
      scales: Float32Array.of(0.5, 2),
      axis: 1,
    });
  });

  test("the grid goes along when axes move, and stays on its axis when they merge", () => {
    const q = of("int8")([2, 1, 2], 1, 2, 3, 4);
    const w = run("DequantizeLinear", [q, floats([2], 1, 2)], { axis: 0 });
    const moved = run("Transpose", [w], { perm: [2, 1, 0] });
    expect(moved.grid).toMatchObject({ integers: Int32Array.of(1, 3, 2, 4), axis: 2 });
    expect(run("Flatten", [w]).grid).toMatchObject({ axis: 0 });
    expect(run("Squeeze", [moved]).grid).toMatchObject({ axis: 1 });
    expect(run("Reshape", [w, vector(4)]).grid).toBeUndefined();
  });

  test("what cannot be read of them", () => {
    const x = floats([2, 2], 1, 2, 3, 4);
    const everywhere = floats([2, 2], 1, 2, 3, 4);
    expect(() => run("Quant", [x, everywhere, zero, bits(2)], {}, qonnx)).toThrow(UnsupportedForm);
    expect(() => run("Quant", [x, one, zero, bits(2.5)], {}, qonnx)).toThrow(DiagnosticError);
    expect(() => run("Quant", [x, one, floats([], Number.NaN), bits(2)], {}, qonnx)).toThrow(
      DiagnosticError,
    );
    expect(() => run("QuantizeLinear", [x, one], { block_size: 2 })).toThrow(UnsupportedForm);
    expect(() => run("DequantizeLinear", [of("int8")([2], 1, 2), floats([3], 1, 1, 1)])).toThrow(
      DiagnosticError,
    );
  });
});
