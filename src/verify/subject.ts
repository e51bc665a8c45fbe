import { createHash } from "node:crypto";
import type { FileMap } from "../emit/index.js";
import { nodeLabel } from "../network/lower/diagnostics.js";
import {
  elementCount,
  type InputEncoding,
  type Network,
  type Tensor,
  tensorAt,
} from "../network/types.js";
import { type Samples, storageArray } from "../simulate/batch.js";
import { createSimulator } from "../simulate/index.js";
import type { Subject, TensorFormat, Vectors } from "./types.js";

/** Generated C as something to test against its network. `files` are `<name>.h` and `<name>.c`. */
export function subjectOf(network: Network, name: string, files: FileMap): Subject {
  return {
    name,
    sources: files,
    input: formatOf(network, network.input.tensor),
    output: formatOf(network, network.output.tensor),
    layers: network.layers.map((layer) => ({
      name: layer.name,
      origin: layer.origins.map(nodeLabel).join(", "),
      format: formatOf(network, layer.output),
    })),
  };
}

/** Inputs, and the outputs that the simulator gives for them (`simulateAll`). */
export function vectorsOf(network: Network, inputs: Samples, expected: Samples): Vectors {
  const { elements } = formatOf(network, network.input.tensor);
  return {
    count: inputs.count,
    inputs: inputs.values,
    expected: Int32Array.from(expected.values),
    trace(index) {
      const simulator = createSimulator(network);
      simulator.run(inputs.values.subarray(index * elements, (index + 1) * elements));
      return simulator.trace();
    },
  };
}

/**
 * Inputs drawn evenly from all that the network's input tensor can hold: the lowest value everywhere,
 * the highest everywhere, then `count - 2` that the seed decides, the same on every machine.
 */
export function seededInputs(network: Network, seed: number, count: number): Samples {
  const tensor = tensorAt(network, network.input.tensor);
  const elements = elementCount(tensor);
  const levels = levelsOf(network.input.encoding, tensor);
  const values = storageArray(tensor.type, count * elements);
  for (let vector = 0; vector < count; vector++) {
    const words = wordsOf(`${seed} ${vector}`, elements);
    for (let i = 0; i < elements; i++) {
      const random = Math.floor(((words[i] ?? 0) / 2 ** 32) * levels.count);
      const level = vector === 0 ? 0 : vector === 1 ? levels.count - 1 : random;
      values[vector * elements + i] = levels.first + levels.step * level;
    }
  }
  return { count, values };
}

/** A ±1 input does not take the 0 between: levels that the encoding never gives are left out. */
function levelsOf(encoding: InputEncoding, { range }: Tensor) {
  const step = encoding.kind === "real" ? encoding.step : 1;
  const base = encoding.kind === "real" ? encoding.base : range.low;
  const first = base + Math.ceil((range.low - base) / step) * step;
  return { first, step, count: Math.floor((range.high - first) / step) + 1 };
}

/** Evenly distributed 32-bit words: the output of SHAKE256 (FIPS 202) for a text. */
function wordsOf(text: string, count: number): Uint32Array {
  const bytes = createHash("shake256", { outputLength: 4 * count })
    .update(text)
    .digest();
  return Uint32Array.from({ length: count }, (_, i) => bytes.readUInt32LE(4 * i));
}

function formatOf(network: Network, id: number): TensorFormat {
  const tensor = tensorAt(network, id);
  return { elements: elementCount(tensor), type: tensor.type };
}
