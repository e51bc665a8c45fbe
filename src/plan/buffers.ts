import { type Ahead, BYTES, type KernelCode, type LayerShape } from "../kernels/index.js";
import { ALIGNMENT, aligned } from "../kernels/size.js";
import { elementCount, inputsOf, type Network, type TensorId, tensorAt } from "../network/types.js";
import { arrange, type Buffer, type Over, savedBy } from "./arena.js";
import type { Place } from "./types.js";

export interface Places {
  readonly places: ReadonlyMap<TensorId, Place>;
  /** Offsets of each layer's scratch arrays. */
  readonly scratch: readonly ReadonlyMap<string, number>[];
  readonly bytes: number;
  readonly lowerBound: number;
}

/** A layer as memory sees it. */
export interface Step {
  readonly shape: LayerShape;
  readonly scratch: KernelCode["scratch"];
  /** Where its output may begin, from the beginning of each input; null: apart from it. */
  readonly ahead: readonly (Ahead | null)[];
}

/** Tensors live from the layer that makes them to the last that reads them; scratch for one layer. */
export function placeBuffers(network: Network, steps: readonly Step[]): Places {
  const buffers: Buffer[] = [];
  const tensorBuffer = new Map<TensorId, number>();
  const scratchBuffer: { layer: number; name: string; buffer: number }[] = [];
  const lifetimes = lifetimesOf(network);
  const add = (tensor: TensorId, over: readonly Over[]): void => {
    tensorBuffer.set(tensor, buffers.length);
    buffers.push({ bytes: bytesOf(network, tensor), ...lifetimeOf(lifetimes, tensor), over });
  };
  add(network.input.tensor, []);
  for (const [index, step] of steps.entries()) {
    const over = dyingInputs(lifetimes, index, step).flatMap(({ tensor, ahead }) => {
      const buffer = tensorBuffer.get(tensor);
      return buffer === undefined ? [] : [{ buffer, ahead }];
    });
    add(step.shape.layer.output, over);
    for (const { name, type, elements } of step.scratch) {
      scratchBuffer.push({ layer: index, name, buffer: buffers.length });
      buffers.push({ bytes: aligned(elements * BYTES[type]), from: index, to: index });
    }
  }
  const { offsets, bytes, lowerBound } = arrange(buffers);
  const places = new Map<TensorId, Place>();
  for (const [tensor, index] of tensorBuffer) {
    const pointer =
      tensor === network.output.tensor
        ? "output"
        : tensor === network.input.tensor
          ? "input"
          : "arena";
    places.set(tensor, { pointer, offset: offsets[index] ?? 0, bytes: bytesOf(network, tensor) });
  }
  const scratch = steps.map((_, layer) => {
    const own = scratchBuffer.filter((s) => s.layer === layer);
    return new Map(own.map(({ name, buffer }) => [name, offsets[buffer] ?? 0]));
  });
  return { places, scratch, bytes, lowerBound };
}

/** What is alive in the arena before and after each layer, whichever kernel computes it. */
export function tensorsAlive(network: Network): (index: number, step: Step) => number {
  const lifetimes = lifetimesOf(network);
  return (index, step) => {
    const alive = [...lifetimes].filter(([, { from, to }]) => from <= index && index <= to);
    const sum = alive.reduce((total, [tensor]) => total + bytesOf(network, tensor), 0);
    const own = bytesOf(network, step.shape.layer.output);
    const saved = dyingInputs(lifetimes, index, step).reduce(
      (total, { tensor, ahead }) => total + savedBy(ahead, own, bytesOf(network, tensor)),
      0,
    );
    return sum - Math.min(own, saved);
  };
}

/** The inputs that a layer is the last to read and may write over. */
function dyingInputs(
  lifetimes: Lifetimes,
  index: number,
  { shape, ahead }: Step,
): readonly { readonly tensor: TensorId; readonly ahead: Ahead }[] {
  const operands = inputsOf(shape.layer);
  return [...new Set(operands)].flatMap((tensor) => {
    if (lifetimeOf(lifetimes, tensor).to !== index) return [];
    // An operand that is read twice must allow it twice.
    const rooms = operands.flatMap((t, i) => (t === tensor ? [ahead[i] ?? null] : []));
    const room = rooms.reduce(both);
    return room === null ? [] : [{ tensor, ahead: alignedAhead(room) }];
  });
}

function both(a: Ahead | null, b: Ahead | null): Ahead | null {
  return typeof a === "number" && typeof b === "number" ? Math.min(a, b) : null;
}

function alignedAhead(ahead: Ahead): Ahead {
  return typeof ahead === "number" ? ALIGNMENT * Math.floor(ahead / ALIGNMENT) : ahead;
}

function bytesOf(network: Network, id: TensorId): number {
  const tensor = tensorAt(network, id);
  return aligned(elementCount(tensor) * BYTES[tensor.type]);
}

/** The first and the last layer, by index, while which a tensor is needed. */
type Lifetime = Pick<Buffer, "from" | "to">;

type Lifetimes = ReadonlyMap<TensorId, Lifetime>;

/** The caller writes the input before all layers and reads the output after them. */
function lifetimesOf({ layers, input, output }: Network): Lifetimes {
  const lifetimes = new Map<TensorId, Lifetime>([[input.tensor, { from: 0, to: 0 }]]);
  for (const [index, layer] of layers.entries()) {
    for (const read of inputsOf(layer)) {
      lifetimes.set(read, { from: lifetimes.get(read)?.from ?? index, to: index });
    }
    lifetimes.set(layer.output, { from: index, to: index });
  }
  const from = lifetimes.get(output.tensor)?.from ?? 0;
  return lifetimes.set(output.tensor, { from, to: Math.max(0, layers.length - 1) });
}

function lifetimeOf(lifetimes: Lifetimes, tensor: TensorId): Lifetime {
  const lifetime = lifetimes.get(tensor);
  if (lifetime === undefined) throw new RangeError(`no tensor ${tensor}`);
  return lifetime;
}
