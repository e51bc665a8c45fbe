import {
  elementCount,
  inputsOf,
  type Layer,
  type Network,
  type Tensor,
  type TensorId,
  tensorAt,
} from "../../src/network/types.js";
import type { TensorData } from "../../src/simulate/float.js";
import { createSimulator } from "../../src/simulate/index.js";
import type { Trial } from "./compare.js";
import { rewired } from "./rewire.js";
import { less, simplerLayers } from "./simplify-layer.js";

export interface Simpler {
  /** To be fitted: shapes and ranges may contradict each other. */
  readonly network: Network;
  readonly input: TensorData;
}

/** Networks like the trial's with less in them. */
export function simplerNetworks({ network, inputs }: Trial): Simpler[] {
  const [input = new Int32Array()] = inputs;
  const same = (simpler: Network): Simpler => ({ network: simpler, input });
  return [
    ...withoutHead(network, input),
    ...network.layers.slice(0, -1).map(({ output }) => same(endingIn(network, output))),
    ...network.layers.flatMap((layer) => withoutLayer(network, layer).map(same)),
    ...smallerInputs(network).map(same),
    ...network.layers.flatMap((layer, i) =>
      simplerLayers(layer).map((simpler) => same(withLayer(network, i, simpler))),
    ),
  ];
}

/** The network from one of its tensors on, with what the simulator put there. */
function withoutHead(network: Network, input: TensorData): Simpler[] {
  const simulator = createSimulator(network);
  simulator.run(input);
  const trace = simulator.trace();
  return network.layers.slice(0, -1).map(({ output }, i) => ({
    network: { ...network, input: { ...network.input, tensor: output } },
    input: (trace[i] ?? new Int32Array()).slice(),
  }));
}

function endingIn(network: Network, tensor: TensorId): Network {
  return { ...network, output: { ...network.output, tensor } };
}

/** What a layer made is read from one of its inputs instead. */
function withoutLayer(network: Network, layer: Layer): Network[] {
  if (layer.output === network.output.tensor) return [];
  return inputsOf(layer).map((input) => {
    const instead = (id: TensorId): TensorId => (id === layer.output ? input : id);
    const layers = network.layers.flatMap((other) =>
      other === layer ? [] : (rewired(other, inputsOf(other).map(instead)) ?? []),
    );
    return { ...network, layers };
  });
}

function withLayer(network: Network, index: number, layer: Layer): Network {
  return { ...network, layers: network.layers.with(index, layer) };
}

function smallerInputs(network: Network): Network[] {
  const id = network.input.tensor;
  const tensor = tensorAt(network, id);
  const { height, width, channels, type } = tensor;
  const narrow: Tensor = { ...tensor, type: "int8", range: { low: -128, high: 127 } };
  const smaller: Tensor[] = [
    ...less(height).map((h) => ({ ...tensor, height: h })),
    ...less(width).map((w) => ({ ...tensor, width: w })),
    ...less(channels).map((c) => ({ ...tensor, channels: c })),
    { ...tensor, height: 1, width: 1, channels: elementCount(tensor) },
    ...(type === "int8" ? [] : [narrow]),
  ];
  return smaller.map((input) => ({ ...network, tensors: network.tensors.with(id, input) }));
}
