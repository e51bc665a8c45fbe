import { createHash } from "node:crypto";
import type { FileMap } from "../emit/index.js";
import { nodeLabel } from "../network/lower/diagnostics.js";
import {
  elementCount,
  type InputEncoding,
  type IntegerTensor,
  type Network,
  tensorAt,
} from "../network/types.js";
import { type Samples, type StorageArray, storageArray } from "../simulate/batch.js";
import type { TensorData } from "../simulate/float.js";
import { createSimulator } from "../simulate/index.js";
import type { Subject, TensorFormat, Vectors } from "./types.js";

/** Generated C as something to test against its network. `files` are `<name>.h` and `<name>.c`. */
export function subjectOf(network: Network, name: string, files: FileMap): Subject {
  return {
    name,
    sources: files,
    inArena: true,
    input: formatOf(network, network.input.tensor),
    output: formatOf(network, network.output.tensor),
    layers: network.layers.map((layer) => ({
      name: layer.name,
      origin: layer.origins.map(nodeLabel).join(", "),
      format: formatOf(network, layer.output),
    })),
  };
}

/** Elements of traces that are kept for the next target that asks for them. */
const MOST_KEPT = 2 ** 24;

/** Inputs, and the outputs that the simulator gives for them (`simulateAll`). */
export function vectorsOf(network: Network, inputs: Samples, expected: Samples): Vectors {
  const { elements } = formatOf(network, network.input.tensor);
  const simulator = createSimulator(network);
  const kept = new Map<number, readonly Int32Array[]>();
  const eachTrace = network.layers.reduce(
    (sum, layer) => sum + elementCount(tensorAt(network, layer.output)),
    0,
  );
  return {
    count: inputs.count,
    inputs: inputs.values instanceof Float32Array ? bitsOf(inputs.values) : inputs.values,
    expected: bitsOf(expected.values),
    trace(index) {
      const known = kept.get(index);
      if (known !== undefined) return known;
      simulator.run(inputs.values.subarray(index * elements, (index + 1) * elements));
      const tensors = simulator.trace().map(bitsOf);
      if ((kept.size + 1) * eachTrace <= MOST_KEPT) kept.set(index, tensors);
      return tensors;
    },
  };
}

/** Integers as they are, float32 as its bits. */
function bitsOf(values: StorageArray | TensorData): Int32Array {
  if (!(values instanceof Float32Array)) return Int32Array.from(values);
  return new Int32Array(values.slice().buffer);
}

/**
 * Of 32 elements, how many of a seeded input are drawn; the others rest at zero. Noise everywhere
 * keeps most neurons of a network saturated, where a wrong weight changes nothing.
 */
const DRAWN = [32, 16, 4, 1] as const;

/**
 * Inputs that the seed decides, the same on every machine: the lowest value everywhere, the highest
 * everywhere, then in turn all, half, an eighth and a thirty-second of the elements drawn evenly from
 * all that the network's input tensor can hold, and the others at zero.
 */
export function seededInputs(network: Network, seed: number, count: number): Samples {
  const tensor = tensorAt(network, network.input.tensor);
  const elements = elementCount(tensor);
  if (tensor.type === "float32") return seededFloats(elements, seed, count);
  const levels = levelsOf(network.input.encoding, tensor);
  const values = storageArray(tensor.type, count * elements);
  for (let vector = 0; vector < count; vector++) {
    const words = wordsOf(`${seed} ${vector}`, elements);
    const drawn = DRAWN[(vector + 2) % DRAWN.length] ?? 32;
    for (let i = 0; i < elements; i++) {
      const word = words[i] ?? 0;
      const random = Math.floor((word / 2 ** 32) * levels.count);
      const level = word % 32 < drawn ? random : levels.rest;
      values[vector * elements + i] = levels.first + levels.step * level;
    }
  }
  values.fill(levels.first, 0, elements);
  values.fill(levels.first + levels.step * (levels.count - 1), elements, 2 * elements);
  return { count, values };
}

/** Powers of two that the magnitudes of a vector's elements reach, one after the other. */
const REACHES = [0, 3, -3, 20, -30, -126, -149] as const;

/**
 * The same for float32: zero everywhere, all elements equal, then evenly drawn numbers between plus
 * and minus a power of two, from ordinary ones to those that float32 only just holds.
 */
function seededFloats(elements: number, seed: number, count: number): Samples {
  const values = new Float32Array(count * elements);
  values.fill(1, elements, 2 * elements);
  for (let vector = 2; vector < count; vector++) {
    const words = wordsOf(`${seed} ${vector}`, elements);
    const reach = 2 ** (REACHES[(vector - 2) % REACHES.length] ?? 0);
    const drawn = DRAWN[vector % DRAWN.length] ?? 32;
    for (let i = 0; i < elements; i++) {
      const word = words[i] ?? 0;
      if (word % 32 < drawn) values[vector * elements + i] = reach * (word / 2 ** 31 - 1);
    }
  }
  return { count, values };
}

/** The values that an element of the input takes: `first + step * (0 .. count - 1)`. */
export interface Levels {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  /** The one nearest to the real number 0, counted from the first. */
  readonly rest: number;
}

/** A ±1 input does not take the 0 between: levels that the encoding never gives are left out. */
export function levelsOf(encoding: InputEncoding, { range }: IntegerTensor): Levels {
  const step = encoding.kind === "real" ? encoding.step : 1;
  const base = encoding.kind === "real" ? encoding.base : range.low;
  const first = base + Math.ceil((range.low - base) / step) * step;
  const count = Math.floor((range.high - first) / step) + 1;
  const zero = encoding.kind === "integer" ? encoding.zero : 0;
  const rest = Math.min(count - 1, Math.max(0, Math.round((zero - first) / step)));
  return { first, step, count, rest };
}

/** Evenly distributed 32-bit words: the output of SHAKE256 (FIPS 202) for a text. */
export function wordsOf(text: string, count: number): Uint32Array {
  const bytes = createHash("shake256", { outputLength: 4 * count })
    .update(text)
    .digest();
  return Uint32Array.from({ length: count }, (_, i) => bytes.readUInt32LE(4 * i));
}

function formatOf(network: Network, id: number): TensorFormat {
  const tensor = tensorAt(network, id);
  return { elements: elementCount(tensor), type: tensor.type };
}
