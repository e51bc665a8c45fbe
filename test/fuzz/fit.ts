import { KERNELS, type LayerShape } from "../../src/kernels/index.js";
import { storageFor } from "../../src/network/lower/nodes/quantize.js";
import {
  inputsOf,
  type Layer,
  type Network,
  type Tensor,
  type TensorId,
  tensorAt,
} from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { conform } from "./conform.js";
import { contains, prove, STORAGE } from "./prove.js";

/**
 * A valid network like the given one: layers whose output nothing reads are left out, every layer is
 * made to fit its inputs' shapes, and all ranges are proved anew, in order of execution. Null where
 * that cannot be.
 */
export function fitNetwork(network: Network): Network | null {
  const ids = new Map<TensorId, TensorId>();
  const tensors: Tensor[] = [tensorAt(network, network.input.tensor)];
  ids.set(network.input.tensor, 0);
  const layers: Layer[] = [];
  for (const layer of reachable(network)) {
    const moved = renumbered(layer, ids, tensors.length);
    const made = moved && fitLayer(moved, tensors, tensorAt(network, layer.output));
    if (!made) return null;
    ids.set(layer.output, tensors.length);
    tensors.push(made.output);
    layers.push(made.layer);
  }
  const output = ids.get(network.output.tensor);
  if (output === undefined || layers.length === 0) return null;
  return networkOf(tensors, layers);
}

/** A network whose last tensor is its output, and which takes and gives its integers as they are. */
export function networkOf(tensors: readonly Tensor[], layers: readonly Layer[]): Network {
  const last = tensors.length - 1;
  return {
    input: {
      name: "x",
      tensor: 0,
      shape: shapeText(tensors[0]),
      source: null,
      encoding: { kind: "integer", scale: null, zero: 0 },
    },
    output: {
      name: "y",
      tensor: last,
      shape: shapeText(tensors[last]),
      source: null,
      real: null,
      head: "none",
    },
    tensors,
    layers,
  };
}

function shapeText(tensor: Tensor | undefined): readonly number[] {
  return tensor === undefined ? [] : [1, tensor.height, tensor.width, tensor.channels];
}

/**
 * A layer and the tensor it makes, stored as `wanted` is if that can hold it. Null where it does not
 * fit its inputs, breaks a limit, or no kernel can compute it.
 */
export function fitLayer(
  layer: Layer,
  tensors: readonly Tensor[],
  wanted: Pick<Tensor, "type">,
): { layer: Layer; output: Tensor } | null {
  const inputs = inputsOf(layer).flatMap((id) => tensors[id] ?? []);
  const conformed = conform(layer, inputs);
  if (conformed === null) return null;
  const unproved: Tensor = { ...conformed.output, type: "int32", range: STORAGE.int32 };
  const proved = prove(conformed.layer, inputs, unproved);
  if (proved === null) return null;
  const { range } = proved;
  // A pool or a gather moves elements as they are.
  const asInput = layer.kind === "max-pool" || layer.kind === "gather";
  const type = asInput
    ? inputs[0]?.type
    : contains(STORAGE[wanted.type], range)
      ? wanted.type
      : storageFor(range);
  if (type === undefined) return null;
  const output: Tensor = { ...conformed.output, type, range };
  const shape: LayerShape = { layer: proved.layer, inputs, output };
  const able = KERNELS.filter((kernel) => kernel.isFor(shape));
  const computable = able.some((kernel) => kernel.refuses(shape, findTarget("native")) === null);
  return computable ? { layer: proved.layer, output } : null;
}

function renumbered(
  layer: Layer,
  ids: ReadonlyMap<TensorId, TensorId>,
  output: TensorId,
): Layer | null {
  const known = inputsOf(layer).flatMap((id) => ids.get(id) ?? []);
  const [input] = known;
  if (input === undefined || known.length < inputsOf(layer).length) return null;
  return layer.kind === "elementwise"
    ? { ...layer, inputs: known, output }
    : { ...layer, input, output };
}

function reachable({ layers, output }: Network): Layer[] {
  const used = new Set([output.tensor]);
  const kept: Layer[] = [];
  for (const layer of layers.toReversed()) {
    if (!used.has(layer.output)) continue;
    for (const id of inputsOf(layer)) used.add(id);
    kept.unshift(layer);
  }
  return kept;
}
