import { elementCount, type Network, type StorageType } from "../network/types.js";
import { type Samples, storageArray } from "../simulate/batch.js";
import { decodeOutput } from "../simulate/codec.js";
import type { NumberData } from "./arrays.js";

/** Outputs as an array file holds them, the batch axis first. */
export interface OutputArray {
  readonly data: NumberData;
  readonly shape: readonly number[];
  /** By its numpy name. */
  readonly type: StorageType | "float32";
}

/**
 * A network's outputs as the model gives them, in its own shape and order, before any ArgMax or TopK:
 * float32, or the integers of a model that gives integers.
 */
export function modelOutputs(network: Network, outputs: Samples): OutputArray {
  const { real, shape } = network.output;
  const tensor = outputTensor(network);
  const elements = elementCount(tensor);
  const length = outputs.count * elements;
  const data = real === null ? storageArray(tensor.type, length) : new Float32Array(length);
  for (let i = 0; i < outputs.count; i++) {
    const sample = outputs.values.subarray(i * elements, (i + 1) * elements);
    data.set(decodeOutput(network, sample), i * elements);
  }
  const sampleShape = shape.length > 1 ? shape.slice(1) : shape;
  return {
    data,
    shape: [outputs.count, ...sampleShape],
    type: real === null ? tensor.type : "float32",
  };
}

/** The network's own integers: `[N, channels]`, or `[N, height, width, channels]` of a picture. */
export function integerOutputs(network: Network, outputs: Samples): OutputArray {
  const { height, width, channels, type } = outputTensor(network);
  const sampleShape = height * width === 1 ? [channels] : [height, width, channels];
  return { data: outputs.values, shape: [outputs.count, ...sampleShape], type };
}

function outputTensor(network: Network) {
  const tensor = network.tensors[network.output.tensor];
  if (tensor === undefined) throw new RangeError("a network has an output");
  return tensor;
}
