import type { FloatBinary, FloatStep, FloatStore, FloatUnary } from "../network/float.js";
import type { PointwiseLayer, ReduceLayer } from "../network/types.js";

/** A tensor's elements in the simulator: integers of every type, or float32. */
export type TensorData = Int32Array | Float32Array;

/** Runs a program for elements `0 ... count - 1`; storing into float32 is what rounds each step. */
type Steps = (inputs: readonly TensorData[]) => Float32Array;

const UNARY: Readonly<Record<FloatUnary, (a: number) => number>> = {
  neg: (a) => -a,
  abs: (a) => (a <= 0 ? 0 - a : a),
  sqrt: Math.sqrt,
};

/**
 * Doubles have more than twice the digits of float32, so that rounding a double result of one of
 * these operations to float32 is the same as rounding the exact result once (Figueroa, 1995).
 */
const BINARY: Readonly<Record<FloatBinary, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: (a, b) => (a > b ? a : b),
  min: (a, b) => (a < b ? a : b),
};

function compileSteps(steps: readonly FloatStep[], count: number): Steps {
  const results = steps.map(() => new Float32Array(count));
  const result = (index: number): Float32Array => {
    const found = results[index];
    if (found === undefined) throw new RangeError(`no step ${index}`);
    return found;
  };
  return (inputs) => {
    for (const [index, step] of steps.entries()) runStep(step, result(index), result, inputs);
    return result(steps.length - 1);
  };
}

function runStep(
  step: FloatStep,
  out: Float32Array,
  result: (index: number) => Float32Array,
  inputs: readonly TensorData[],
): void {
  switch (step.op) {
    case "operand": {
      const from = inputs[step.input];
      if (from === undefined) throw new RangeError(`no input ${step.input}`);
      const run = out.length / from.length;
      for (let i = 0; i < out.length; i++) out[i] = from[Math.floor(i / run)] ?? 0;
      break;
    }
    case "constant": {
      const { values } = step;
      for (let i = 0; i < out.length; i++) out[i] = values[i % values.length] ?? 0;
      break;
    }
    case "neg":
    case "abs":
    case "sqrt": {
      const [f, a] = [UNARY[step.op], result(step.a)];
      for (let i = 0; i < out.length; i++) out[i] = f(a[i] ?? 0);
      break;
    }
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "max":
    case "min": {
      const [f, a, b] = [BINARY[step.op], result(step.a), result(step.b)];
      for (let i = 0; i < out.length; i++) out[i] = f(a[i] ?? 0, b[i] ?? 0);
      break;
    }
    default:
      step satisfies never;
  }
}

export function pointwiseStep(
  { program, store }: PointwiseLayer,
  inputs: readonly TensorData[],
  output: TensorData,
): () => void {
  const run = compileSteps(program.steps, output.length);
  const stored = storeOf(store);
  return () => {
    const results = run(inputs);
    for (let i = 0; i < output.length; i++) output[i] = stored(results[i] ?? 0);
  };
}

function storeOf(store: FloatStore): (result: number) => number {
  switch (store.kind) {
    case "float32":
      return (result) => result;
    case "round": {
      const { low, high, zero } = store;
      return (result) => zero + roundHalfEven(BINARY.min(BINARY.max(result, low), high));
    }
    case "bipolar":
      return (result) => (result >= 0 ? 1 : -1);
    default:
      return store satisfies never;
  }
}

/** Adding 1.5 * 2^52 leaves no bits for a fraction in a double: the processor rounds, ties to even. */
function roundHalfEven(x: number): number {
  const noFraction = 1.5 * 2 ** 52;
  return x + noFraction - noFraction;
}

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

export function reduceStep(
  { program, reduction, count, stride }: ReduceLayer,
  inputs: readonly TensorData[],
  output: TensorData,
): () => void {
  const run = compileSteps(program.steps, output.length * count);
  const next = reduction === "sum" ? BINARY.add : BINARY.max;
  return () => {
    const results = run(inputs);
    for (let i = 0; i < output.length; i++) {
      const start = Math.floor(i / stride) * count * stride + (i % stride);
      let value = reduction === "sum" ? 0 : -LARGEST_FLOAT32;
      for (let k = 0; k < count; k++) {
        value = Math.fround(next(value, results[start + k * stride] ?? 0));
      }
      output[i] = value;
    }
  };
}
