import type { Layer, TensorId } from "../../src/network/types.js";

/** The layer, reading and making other tensors; null where those it reads are too few. */
export function rewired(
  layer: Layer,
  inputs: readonly TensorId[],
  output: TensorId = layer.output,
): Layer | null {
  const [first, second] = inputs;
  if (first === undefined) return null;
  switch (layer.kind) {
    case "conv":
    case "conv-transpose":
    case "dense":
    case "sum-pool":
    case "max-pool":
    case "lookup":
      return { ...layer, input: first, output };
    case "product":
      return second === undefined ? null : { ...layer, inputs: [first, second], output };
    case "elementwise":
    case "gather":
    case "pointwise":
    case "reduce":
      return inputs.length < layer.inputs.length ? null : { ...layer, inputs, output };
    default:
      return layer satisfies never;
  }
}
