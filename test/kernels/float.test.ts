import { describe, expect, it } from "vitest";
import { generate } from "../../src/compile.js";
import type { FloatStep } from "../../src/network/float.js";
import type { Layer, Network, Tensor } from "../../src/network/types.js";
import { simulateAll } from "../../src/simulate/batch.js";
import { findTarget } from "../../src/targets/index.js";
import { configurationOf, verifyConfiguration } from "../../src/verify/index.js";
import { seededInputs, subjectOf, vectorsOf } from "../../src/verify/subject.js";
import { describeWith } from "../verify/toolchains.js";

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
const EVERYTHING = floatNetwork(
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

async function verified(target: string, optimization: "-O2" | "-O3" | "-Os") {
  const model = { name: "m.onnx", bytes: new Uint8Array(), external: () => undefined };
  const { files } = generate(EVERYTHING, model, { name: "m", target: findTarget(target) });
  const inputs = seededInputs(EVERYTHING, 1, 50);
  const vectors = vectorsOf(EVERYTHING, inputs, await simulateAll(EVERYTHING, inputs));
  const configuration = { ...configurationOf(findTarget(target)), optimization };
  return verifyConfiguration(subjectOf(EVERYTHING, "m", files), vectors, configuration);
}

describe("every float32 operation", () => {
  describeWith(["cc"], "natively", () => {
    it.each(["-O2", "-O3", "-Os"] as const)("at %s", async (optimization) => {
      expect(await verified("native", optimization)).toMatchObject({ firstDifference: null });
    });
  });
  describeWith(["arm-gcc", "qemu-arm"], "on an emulated core", () => {
    it.each(["cortex-m0", "cortex-m4", "cortex-m55"])("%s", async (target) => {
      expect(await verified(target, "-O2")).toMatchObject({ firstDifference: null });
    });
  });
});
