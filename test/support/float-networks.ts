import type { FloatStep } from "../../src/network/float.js";
import {
  binary,
  type Expression,
  programOf,
  scalar,
  unary,
} from "../../src/network/lower/float/expression.js";
import type { Layer, Network, Tensor, TensorId } from "../../src/network/types.js";
import { type Random, seeded } from "./random.js";

const ROWS = 3;
const COLUMNS = 5;

const FULL: Tensor = { height: 1, width: ROWS, channels: COLUMNS, type: "float32" };
const BY_ROW: Tensor = { ...FULL, channels: 1 };
const BY_COLUMN: Tensor = { ...FULL, width: 1 };

const X: FloatStep = { op: "operand", input: 0 };
const constant = (...values: number[]): FloatStep => ({
  op: "constant",
  values: Float32Array.from(values),
});

function floatNetwork(tensors: readonly Tensor[], layers: readonly Layer[]): Network {
  const shape = [1, ROWS, COLUMNS];
  return {
    input: { name: "x", tensor: 0, shape, source: null, encoding: { kind: "float32" } },
    output: {
      name: "y",
      tensor: tensors.length - 1,
      shape,
      source: null,
      real: null,
      head: "none",
    },
    tensors: [FULL, ...tensors.slice(1)],
    layers,
  };
}

/** A layer of every operation, each of them on rows, columns and single elements. */
export const EVERYTHING = floatNetwork(
  [
    FULL,
    BY_ROW,
    BY_COLUMN,
    { ...FULL, type: "int8", range: { low: -7, high: 8 } },
    { ...FULL, type: "int8", range: { low: -1, high: 1 } },
    FULL,
  ],
  [
    {
      kind: "reduce",
      name: "mean_square",
      origins: [],
      inputs: [0],
      output: 1,
      program: { steps: [X, { op: "mul", a: 0, b: 0 }] },
      reduction: "sum",
      count: COLUMNS,
      stride: 1,
    },
    {
      kind: "reduce",
      name: "largest",
      origins: [],
      inputs: [0],
      output: 2,
      program: { steps: [X, { op: "abs", a: 0 }] },
      reduction: "max",
      count: ROWS,
      stride: COLUMNS,
    },
    {
      kind: "pointwise",
      name: "norm",
      origins: [],
      inputs: [0, 1],
      output: 3,
      program: {
        steps: [
          X,
          { op: "operand", input: 1 },
          constant(COLUMNS),
          { op: "div", a: 1, b: 2 },
          constant(1e-6),
          { op: "add", a: 3, b: 4 },
          { op: "sqrt", a: 5 },
          { op: "div", a: 0, b: 6 },
          constant(1, 2, 3, -4, 0.3),
          { op: "mul", a: 7, b: 8 },
        ],
      },
      store: { kind: "round", low: -8, high: 7, zero: 1 },
    },
    {
      kind: "pointwise",
      name: "signs",
      origins: [],
      inputs: [0],
      output: 4,
      program: { steps: [X] },
      store: { kind: "bipolar" },
    },
    {
      kind: "pointwise",
      name: "all",
      origins: [],
      inputs: [0, 1, 3, 4],
      output: 5,
      program: {
        steps: [
          X,
          { op: "operand", input: 1 },
          { op: "operand", input: 2 },
          { op: "operand", input: 3 },
          constant(...Array.from({ length: ROWS * COLUMNS }, (_, i) => i / 7 - 1)),
          { op: "mul", a: 0, b: 4 },
          { op: "add", a: 5, b: 2 },
          { op: "neg", a: 6 },
          { op: "max", a: 7, b: 1 },
          { op: "mul", a: 8, b: 3 },
          { op: "sub", a: 9, b: 0 },
          constant(0.1),
          { op: "mul", a: 10, b: 11 },
          { op: "add", a: 12, b: 0 },
          constant(1e30),
          { op: "min", a: 13, b: 14 },
        ],
      },
      store: { kind: "float32" },
    },
  ],
);

const BINARY = ["add", "sub", "mul", "div", "max", "min"] as const;

/** Any operations on any earlier results, kept where none of them becomes infinite or NaN. */
function randomExpression(
  random: Random,
  tensors: readonly TensorId[],
  length: number,
): Expression {
  const bounded = (x: Expression): Expression =>
    binary("max", binary("min", x, scalar(1e6)), scalar(-1e6));
  const made: Expression[] = tensors.map((tensor) => bounded({ kind: "tensor", tensor }));
  const list = Float32Array.from({ length: COLUMNS }, () => random.next() * 4 - 2);
  made.push({ kind: "constant", values: list }, scalar(random.next()));
  for (let i = 0; i < length; i++) {
    const [a, b] = [made.at(-1) ?? scalar(1), random.pick(made)];
    const op = random.pick([...BINARY, "neg", "sqrt"] as const);
    if (op === "neg") made.push(unary("neg", a));
    else if (op === "sqrt") made.push(unary("sqrt", unary("abs", a)));
    else if (op === "div") made.push(bounded(binary("div", a, binary("max", b, scalar(0.01)))));
    else made.push(bounded(binary(op, a, b)));
  }
  return binary("add", made.at(-1) ?? scalar(0), { kind: "tensor", tensor: 0 });
}

/** Programs and reductions that read the input and what some earlier layer has made. */
export function randomFloatNetwork(seed: number): Network {
  const random = seeded(seed);
  const tensors: Tensor[] = [FULL];
  const layers: Layer[] = [];
  for (let i = 0; i < 12; i++) {
    const read = [0, random.integer(0, tensors.length - 1)];
    const { program, inputs } = programOf(randomExpression(random, read, random.integer(1, 9)));
    const base = { name: `layer_${i}`, origins: [], inputs, output: tensors.length };
    if (i % 4 === 0) {
      const reduction = random.pick(["sum", "max"] as const);
      layers.push({ ...base, kind: "reduce", program, reduction, count: COLUMNS, stride: 1 });
      tensors.push(BY_ROW);
    } else {
      layers.push({ ...base, kind: "pointwise", program, store: { kind: "float32" } });
      tensors.push(FULL);
    }
  }
  return floatNetwork(tensors, layers);
}
