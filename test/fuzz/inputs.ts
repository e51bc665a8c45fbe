import {
  type ConvLayer,
  type DenseLayer,
  elementCount,
  type IntegerTensor,
  inputsOf,
  type Network,
  type Tensor,
  tensorAt,
} from "../../src/network/types.js";
import type { TensorData } from "../../src/simulate/float.js";
import { forEachTap } from "../../src/simulate/windows.js";
import type { Random } from "../support/random.js";

/**
 * Inputs that find what random ones do not, and a few random ones: all lowest, all highest, both in
 * turn, and those that drive an accumulator of each weighted layer at the input to its bounds.
 */
export function drawInputs(network: Network, random: Random, randomOnes: number): TensorData[] {
  const tensor = tensorAt(network, network.input.tensor);
  return tensor.type === "float32"
    ? floatInputs(tensor, random, randomOnes)
    : integerInputs(network, tensor, random, randomOnes);
}

function integerInputs(
  network: Network,
  tensor: IntegerTensor,
  random: Random,
  randomOnes: number,
): Int32Array[] {
  const { low, high } = tensor.range;
  const count = elementCount(tensor);
  const fill = (value: (i: number) => number) =>
    Int32Array.from({ length: count }, (_, i) => value(i));
  const extremes = network.layers
    .filter((layer) => inputsOf(layer).includes(network.input.tensor))
    .flatMap((layer) =>
      layer.kind === "conv" || layer.kind === "dense"
        ? drivenTo(layer, tensor, random.integer(0, layer.weights.outputs - 1))
        : [],
    );
  return [
    fill(() => low),
    fill(() => high),
    fill((i) => (i % 2 === 0 ? low : high)),
    fill((i) => (i % 2 === 0 ? high : low)),
    ...extremes,
    ...Array.from({ length: randomOnes }, () => fill(() => random.integer(low, high))),
    fill(() => random.pick([low, high])),
  ];
}

/** Zeros, equal numbers, ties, tiny and large ones. */
function floatInputs(tensor: Tensor, random: Random, randomOnes: number): Float32Array[] {
  const fill = (value: () => number) => Float32Array.from({ length: elementCount(tensor) }, value);
  const signed = (): number => random.next() * 2 - 1;
  return [
    fill(() => 0),
    fill(() => 1),
    fill(() => random.pick([-0.5, 0.5, 1.5, 2.5])),
    fill(() => signed() * 1e-38),
    fill(() => signed() * 1e-42),
    fill(() => signed() * 1e4),
    ...Array.from({ length: randomOnes }, () => fill(signed)),
    fill(() => signed() * 2 ** random.integer(-20, 20)),
  ];
}

/** The inputs that make an output's accumulator the largest and the smallest that it can be. */
function drivenTo(
  layer: ConvLayer | DenseLayer,
  tensor: IntegerTensor,
  output: number,
): Int32Array[] {
  const { low, high } = tensor.range;
  const { perOutput, values } = layer.weights;
  const row = values.subarray(output * perOutput, (output + 1) * perOutput);
  const driven = (up: number, down: number): Int32Array => {
    const input = new Int32Array(elementCount(tensor)).fill(low);
    const drive = (at: number, k: number): void => {
      input[at] = (row[k] ?? 0) > 0 ? up : down;
    };
    if (layer.kind === "dense") {
      for (let at = 0; at < input.length; at++) drive(at, at % perOutput);
      return input;
    }
    const groupInputs = tensor.channels / layer.groups;
    const group = Math.floor((output * layer.groups) / layer.weights.outputs);
    // An output row somewhere in the middle, where no padding is in the way of its first column.
    const middle = Math.floor(tensor.height / 2 / layer.window.strides[0]);
    forEachTap(layer.window, tensor, 1, middle, (tap, _, at) => {
      for (let c = 0; c < groupInputs; c++) {
        drive(at * tensor.channels + group * groupInputs + c, tap * groupInputs + c);
      }
    });
    return input;
  };
  return [driven(high, low), driven(low, high)];
}
