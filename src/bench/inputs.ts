import { elementCount, type Network, tensorAt } from "../network/types.js";
import { type Samples, storageArray } from "../simulate/batch.js";
import { levelsOf, wordsOf } from "../verify/subject.js";

/**
 * Inputs that the seed decides, each element drawn evenly from all that the network's input tensor can
 * hold; float32 between -1 and 1.
 */
export function drawnInputs(network: Network, seed: number, count: number): Samples {
  const tensor = tensorAt(network, network.input.tensor);
  const elements = elementCount(tensor);
  const values = storageArray(tensor.type, count * elements);
  const levels = tensor.type === "float32" ? null : levelsOf(network.input.encoding, tensor);
  for (let vector = 0; vector < count; vector++) {
    wordsOf(`bench ${seed} ${vector}`, elements).forEach((word, i) => {
      const share = word / 2 ** 32;
      values[vector * elements + i] =
        levels === null
          ? 2 * share - 1
          : levels.first + levels.step * Math.floor(share * levels.count);
    });
  }
  return { count, values };
}
