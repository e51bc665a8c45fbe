import { KERNELS, type LayerShape } from "../../src/kernels/index.js";
import { storageFor } from "../../src/network/lower/nodes/quantize.js";
import {
  inputsOf,
  type Layer,
  type Network,
  type Range,
  type StorageType,
  type Tensor,
  type TensorId,
  tensorAt,
} from "../../src/network/types.js";
import { findTarget } from "../../src/targets/index.js";
import { conform, type Extent } from "./conform.js";
import { contains, prove, STORAGE } from "./prove.js";
import { rewired } from "./rewire.js";

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
    const inputs = inputsOf(layer).flatMap((id) => ids.get(id) ?? []);
    const moved = rewired(layer, inputs, tensors.length);
    const made = moved && fitLayer(moved, tensors, wantedLike(tensorAt(network, layer.output)));
    if (!made) return null;
    ids.set(layer.output, tensors.length);
    tensors.push(made.output);
    layers.push(made.layer);
  }
  const output = ids.get(network.output.tensor);
  if (output === undefined || layers.length === 0) return null;
  return networkOf(tensors, layers);
}

function wantedLike(tensor: Tensor): Wanted {
  return { type: tensor.type, extent: tensor };
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
      encoding:
        tensors[0]?.type === "float32"
          ? { kind: "float32" }
          : { kind: "integer", scale: null, zero: 0 },
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

/** How a tensor is to be stored, and its shape where the layer leaves a choice. */
export interface Wanted {
  readonly type: StorageType;
  readonly extent: Extent | null;
}

/**
 * A layer and the tensor it makes, as wanted where that can be. Null where it does not fit its
 * inputs, breaks a limit, or no kernel can compute it.
 */
export function fitLayer(
  layer: Layer,
  tensors: readonly Tensor[],
  wanted: Wanted,
): { layer: Layer; output: Tensor } | null {
  const inputs = inputsOf(layer).flatMap((id) => tensors[id] ?? []);
  const conformed = conform(layer, inputs, wanted.extent);
  if (conformed === null) return null;
  const unproved: Tensor = { ...conformed.output, type: "int32", range: STORAGE.int32 };
  const proved = prove(conformed.layer, inputs, unproved);
  if (proved === null) return null;
  const output = stored(conformed.output, proved.range, typeFor(layer, inputs, wanted.type));
  const shape: LayerShape = { layer: proved.layer, inputs, output };
  const able = KERNELS.filter((kernel) => kernel.isFor(shape));
  const computable = able.some((kernel) => kernel.refuses(shape, findTarget("native")) === null);
  return computable ? { layer: proved.layer, output } : null;
}

/** A pool stores elements as it found them, and tables of rows are bytes. */
function typeFor(layer: Layer, inputs: readonly Tensor[], wanted: StorageType): StorageType {
  if (layer.kind === "max-pool") return inputs[0]?.type ?? wanted;
  return layer.kind === "lookup" ? "int8" : wanted;
}

function stored(extent: Extent, range: Range | null, wanted: StorageType): Tensor {
  if (range === null) return { ...extent, type: "float32" };
  const holds = wanted !== "float32" && contains(STORAGE[wanted], range);
  return { ...extent, type: holds ? wanted : storageFor(range), range };
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
