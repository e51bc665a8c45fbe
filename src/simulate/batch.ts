import { elementCount, type Network, type StorageType, tensorAt } from "../network/types.js";
import { createSimulator } from "./index.js";

/** Numbers stored as the generated C stores them. */
export type StorageArray = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array;

/** Inputs or outputs of a network, in its own order, one after another. */
export interface Samples {
  readonly count: number;
  readonly values: StorageArray;
}

/** Inputs as the model takes them: its own order and numbers, one input after another. */
export interface ModelInputs {
  readonly count: number;
  readonly data: NumberList;
}

/** A typed array of any type. */
export interface NumberList extends ArrayLike<number> {
  subarray(from: number, to: number): ArrayLike<number>;
}

/** An array of zeros of a storage type. */
export function storageArray(type: StorageType, length: number): StorageArray {
  switch (type) {
    case "int8":
      return new Int8Array(length);
    case "uint8":
      return new Uint8Array(length);
    case "int16":
      return new Int16Array(length);
    case "int32":
      return new Int32Array(length);
    case "float32":
      return new Float32Array(length);
    default:
      return type satisfies never;
  }
}

/** How long a simulation may keep the event loop to itself, in milliseconds. */
const TURN_MS = 50;

/**
 * Runs the network on every input. `onProgress` is told the number done a few times a second, and
 * other work (a spinner, a signal) gets its turn then.
 */
export async function simulateAll(
  network: Network,
  inputs: Samples,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Samples> {
  const simulator = createSimulator(network);
  const inputSize = elementCount(tensorAt(network, network.input.tensor));
  const output = tensorAt(network, network.output.tensor);
  const outputSize = elementCount(output);
  const values = storageArray(output.type, inputs.count * outputSize);
  let turn = performance.now();
  for (let i = 0; i < inputs.count; i++) {
    const result = simulator.run(inputs.values.subarray(i * inputSize, (i + 1) * inputSize));
    values.set(result, i * outputSize);
    if (performance.now() - turn > TURN_MS) {
      onProgress(i + 1, inputs.count);
      await new Promise<void>((resolve) => setImmediate(resolve));
      turn = performance.now();
    }
  }
  return { count: inputs.count, values };
}
