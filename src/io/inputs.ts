import { fail } from "../diagnostics.js";
import { elementCount, type Network, type Tensor } from "../network/types.js";
import { type ModelInputs, type Samples, storageArray } from "../simulate/batch.js";
import { encodeInput, InputError } from "../simulate/codec.js";
import { type NumberArray, readArray } from "./arrays.js";
import * as say from "./diagnostics.js";

/** A progress callback: inputs done out of those to do. */
export type OnProgress = (done: number, total: number) => void;

/**
 * Inputs for a network from an array file: `[N, ...]` with the model's own input shape after the
 * batch axis, with axes of size 1 left out or added, or flat. Integers for a model that takes
 * integers, real numbers for one that takes real numbers. The first `limit` of them, or all.
 * Throws `usage/...` diagnostics.
 */
export function readInputs(network: Network, file: string, limit?: number): Samples {
  return encodeInputs(network, readModelInputs(network, file, limit), file);
}

/** The same inputs as the model takes them. */
export function readModelInputs(network: Network, file: string, limit?: number): ModelInputs {
  const shape = sampleShape(network.input.shape);
  const array = readArray(file, ([, ...sample]) => fits(sample, shape));
  checkShape(array, shape, file);
  checkType(array, network, file);
  const count = Math.min(array.shape[0] ?? 0, limit ?? Number.POSITIVE_INFINITY);
  return { count, data: array.data.subarray(0, count * product(shape)) };
}

/** Inputs of a file as the network takes them. Throws `usage/input-value`. */
export function encodeInputs(
  network: Network,
  { count, data }: ModelInputs,
  file: string,
): Samples {
  const tensor = inputTensor(network);
  const size = elementCount(tensor);
  const values = storageArray(tensor.type, count * size);
  for (let i = 0; i < count; i++) {
    try {
      values.set(encodeInput(network, data.subarray(i * size, (i + 1) * size)), i * size);
    } catch (error) {
      if (error instanceof InputError) fail(say.inputValue(file, i, error.message));
      throw error;
    }
  }
  return { count, values };
}

/** The shape of one input in the model file, without its batch axis; a lone axis is no batch. */
export function sampleShape(shape: readonly number[]): readonly number[] {
  return shape.length > 1 ? shape.slice(1) : shape;
}

function inputTensor(network: Network): Tensor {
  const tensor = network.tensors[network.input.tensor];
  if (tensor === undefined) throw new RangeError("a network has an input");
  return tensor;
}

/** Whether an array of this shape is one input, flat or with axes of size 1 left out or added. */
export function fits(given: readonly number[], wanted: readonly number[]): boolean {
  const flat = given.length === 1 && given[0] === product(wanted);
  return flat || sameShape(withoutOnes(given), withoutOnes(wanted));
}

/** Throws `usage/input-shape` or `usage/no-inputs`. */
export function checkShape({ shape }: NumberArray, wanted: readonly number[], file: string): void {
  const [count, ...sample] = shape;
  if (!fits(sample, wanted) || count === undefined) {
    fail(say.inputShape(file, shape, wanted, shapeHint(shape, wanted)));
  }
  if (count === 0) fail(say.noInputs(file));
}

function shapeHint(given: readonly number[], wanted: readonly number[]): string {
  if (fits(given, wanted)) return "The batch axis is missing: x[None] adds it.";
  const [, ...sample] = given;
  const [channels = 0, ...image] = wanted;
  if (wanted.length === 3 && sameShape(sample, [...image, channels])) {
    return "The channels come last here and first in the model: x.transpose(0, 3, 1, 2).";
  }
  if (product(sample) === product(wanted)) {
    const target = ["-1", ...wanted.map(String)].join(", ");
    return `The number of elements is right: x.reshape(${target}), if their order is right too.`;
  }
  return "Axes of size 1 may be left out, and the elements of each input may also be flat.";
}

function checkType({ type }: NumberArray, network: Network, file: string): void {
  const wanted = network.input.encoding.kind === "integer" ? "integer" : "real";
  const given = type.startsWith("float") ? "real" : "integer";
  if (wanted === given) return;
  fail(
    wanted === "real"
      ? say.realsWanted(file, type)
      : say.integersWanted(file, type, inputTensor(network).type),
  );
}

export function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

function withoutOnes(shape: readonly number[]): readonly number[] {
  return shape.filter((size) => size !== 1);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
