import {
  type ElementwiseLayer,
  type Network,
  type ProductLayer,
  type Tensor,
  tensorAt,
} from "../network/types.js";
import type { Buffers } from "./index.js";
import { requantizer } from "./requantizer.js";

/** One element of an operand for each of the output: again from the start at every position, or on. */
function strideOf(operand: Tensor, output: Tensor): (index: number) => number {
  const positions = operand.height * operand.width;
  if (positions === output.height * output.width) return (index) => index;
  return (index) => index % output.channels;
}

export function elementwiseStep(
  layer: ElementwiseLayer,
  network: Network,
  buffer: Buffers,
): () => void {
  const tensor = tensorAt(network, layer.output);
  const output = buffer(layer.output);
  const [first, second] = layer.inputs.map((id) => ({
    values: buffer(id),
    at: strideOf(tensorAt(network, id), tensor),
  }));
  if (first === undefined) throw new Error("an elementwise layer has an input");
  const requantize = requantizer(layer.requantization);
  return () => {
    for (let i = 0; i < output.length; i++) {
      const a = first.values[first.at(i)] ?? 0;
      const b = second === undefined ? 0 : (second.values[second.at(i)] ?? 0);
      output[i] = requantize(a, i % layer.period, b);
    }
  };
}

export function productStep(layer: ProductLayer, network: Network, buffer: Buffers): () => void {
  const tensor = tensorAt(network, layer.output);
  const output = buffer(layer.output);
  const [idA, idB] = layer.inputs;
  const [zeroA, zeroB] = layer.zeros;
  const [a, b] = [buffer(idA), buffer(idB)];
  const atA = strideOf(tensorAt(network, idA), tensor);
  const atB = strideOf(tensorAt(network, idB), tensor);
  const requantize = requantizer(layer.requantization);
  return () => {
    for (let i = 0; i < output.length; i++) {
      const product = ((a[atA(i)] ?? 0) - zeroA) * ((b[atB(i)] ?? 0) - zeroB);
      output[i] = requantize(product, i % tensor.channels);
    }
  };
}
