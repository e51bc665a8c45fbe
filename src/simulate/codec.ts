import {
  elementCount,
  type InputEncoding,
  integerTensor,
  type Network,
  type Tensor,
  tensorAt,
} from "../network/types.js";
import type { TensorData } from "./float.js";

/** Thrown for inputs that the network cannot take; the message says which element and why. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Number of elements of one input, in the model's own shape. */
export function inputSize(network: Network): number {
  return elementCount(tensorAt(network, network.input.tensor));
}

/**
 * One input as the model takes it (its own order and type) to the network's input tensor.
 * Real numbers are first rounded to float32, the type of the model's input.
 * Throws `InputError` for NaN, for infinite numbers where the network reads float32 itself, and for
 * integers outside the model's input type.
 */
export function encodeInput(network: Network, values: ArrayLike<number>): TensorData {
  const { source, encoding, tensor: id } = network.input;
  const tensor = tensorAt(network, id);
  const encode = elementEncoder(encoding, tensor);
  const elements = elementCount(tensor);
  const result = tensor.type === "float32" ? new Float32Array(elements) : new Int32Array(elements);
  if (values.length !== result.length) {
    throw new InputError(`it has ${values.length} elements, not ${result.length}`);
  }
  for (let i = 0; i < result.length; i++) {
    const at = source === null ? i : (source[i] ?? 0);
    result[i] = encode(values[at] ?? Number.NaN, i % tensor.channels, at);
  }
  return result;
}

/**
 * Numbers that the model could have been given for the network's input: of those that are encoded
 * alike, one in the middle.
 */
export function decodeInput(network: Network, values: ArrayLike<number>): Float64Array {
  const { source, encoding, tensor: id } = network.input;
  const { channels } = tensorAt(network, id);
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    const real = encoding.kind === "real" ? middleOf(encoding, value, i % channels) : value;
    result[source === null ? i : (source[i] ?? 0)] = real;
  }
  return result;
}

function middleOf(
  { breaks, base, step }: InputEncoding & { readonly kind: "real" },
  value: number,
  channel: number,
): number {
  const list = breaks[breaks.length === 1 ? 0 : channel] ?? new Float64Array();
  const reached = (value - base) / step;
  const finite = list.filter(Number.isFinite);
  const [first, last] = [finite[0] ?? 0, finite.at(-1) ?? 0];
  // Outside the outermost breaks, as far away as those lie from one another on average.
  const width = (last - first) / Math.max(1, finite.length - 1) || (last < 0 ? -1 : 1);
  const before = list[reached - 1] ?? Number.NaN;
  const behind = list[reached] ?? Number.NaN;
  if (Number.isFinite(before) && Number.isFinite(behind)) return Math.fround((before + behind) / 2);
  if (Number.isFinite(before)) return Math.fround(before + width / 2);
  return Number.isFinite(behind) ? Math.fround(behind - width / 2) : first;
}

/** `at` is the element's index, for messages. */
export type ElementEncoder = (value: number, channel: number, at: number) => number;

/** Encodes single elements of an input, by their channel of the tensor. Throws as `encodeInput`. */
export function elementEncoder(encoding: InputEncoding, tensor: Tensor): ElementEncoder {
  switch (encoding.kind) {
    case "float32":
      return (value, _, at) => {
        if (Number.isFinite(Math.fround(value))) return value;
        throw new InputError(`element ${at} is ${value}, not a finite float32`);
      };
    case "integer": {
      const { low, high } = integerTensor(tensor).range;
      return (value, _, at) => {
        if (Number.isInteger(value) && value >= low && value <= high) return value;
        throw new InputError(`element ${at} is ${value}, not an integer in [${low}, ${high}]`);
      };
    }
    case "real":
      return (value, channel, at) => {
        if (Number.isNaN(value)) throw new InputError(`element ${at} is not a number`);
        const list = encoding.breaks.length === 1 ? 0 : channel;
        const breaks = encoding.breaks[list] ?? new Float64Array();
        const reached =
          encoding.descending[list] === true
            ? countReached(breaks, Math.fround(value), (x, b) => x <= b)
            : countReached(breaks, Math.fround(value), (x, b) => x >= b);
        return encoding.base + encoding.step * reached;
      };
    default:
      return encoding satisfies never;
  }
}

/** Breaks are in the order in which they are reached: a binary search for the first that is not. */
function countReached(
  breaks: Float64Array,
  x: number,
  reaches: (x: number, b: number) => boolean,
): number {
  let low = 0;
  let high = breaks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reaches(x, breaks[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The network's output tensor as the model's own output: its order, real numbers where it gives real
 * numbers, with the head the model ends in (softmax and the like) applied. Class decisions (ArgMax,
 * TopK) are left out: the values they choose from are returned.
 */
export function decodeOutput(network: Network, integers: ArrayLike<number>): Float64Array {
  const { source, real, head } = network.output;
  const values = new Float64Array(integers.length);
  for (let i = 0; i < values.length; i++) {
    const q = integers[source === null ? i : (source[i] ?? 0)] ?? 0;
    values[i] = real === null ? q : q * real.scale + real.offset;
  }
  switch (head) {
    case "none":
    case "argMax":
    case "topK":
      return values;
    case "softmax":
      return softmax(values);
    case "logSoftmax":
      return softmax(values).map(Math.log);
    case "sigmoid":
      return values.map((v) => 1 / (1 + Math.exp(-v)));
    default:
      return head satisfies never;
  }
}

function softmax(values: Float64Array): Float64Array {
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = values.map((v) => Math.exp(v - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / sum);
}
