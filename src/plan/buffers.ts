import { BYTES, type KernelCode, type LayerShape } from "../kernels/index.js";
import { ALIGNMENT, aligned } from "../kernels/size.js";
import { elementCount, inputsOf, type Network, type TensorId, tensorAt } from "../network/types.js";
import { arrange, type Buffer } from "./arena.js";
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
  /** How far ahead of the beginning of each input its output may begin; null: apart from it. */
  readonly ahead: readonly (number | null)[];
}

/** Tensors live from the layer that makes them to the last that reads them; scratch for one layer. */
export function placeBuffers(network: Network, steps: readonly Step[]): Places {
  const buffers: Buffer[] = [];
  const tensorBuffer = new Map<TensorId, number>();
  const scratchBuffer: { layer: number; name: string; buffer: number }[] = [];
  const lastUses = lastUsesOf(network);
  for (const [index, step] of steps.entries()) {
    const { output } = step.shape.layer;
    if (output !== network.output.tensor) {
      const over = dyingInputs(network, lastUses, index, step).flatMap(({ tensor, ahead }) => {
        const buffer = tensorBuffer.get(tensor);
        return buffer === undefined ? [] : [{ buffer, ahead }];
      });
      tensorBuffer.set(output, buffers.length);
      const to = lastUses.get(output) ?? index;
      buffers.push({ bytes: bytesOf(network, output), from: index, to, over });
    }
    for (const { name, type, elements } of step.scratch) {
      scratchBuffer.push({ layer: index, name, buffer: buffers.length });
      buffers.push({ bytes: aligned(elements * BYTES[type]), from: index, to: index });
    }
  }
  const { offsets, bytes, lowerBound } = arrange(buffers);
  const places = new Map<TensorId, Place>([
    [network.input.tensor, { kind: "input" }],
    [network.output.tensor, { kind: "output" }],
  ]);
  for (const [tensor, index] of tensorBuffer) {
    const offset = offsets[index] ?? 0;
    places.set(tensor, { kind: "arena", offset, bytes: bytesOf(network, tensor) });
  }
  const scratch = steps.map((_, layer) => {
    const own = scratchBuffer.filter((s) => s.layer === layer);
    return new Map(own.map(({ name, buffer }) => [name, offsets[buffer] ?? 0]));
  });
  return { places, scratch, bytes, lowerBound };
}

/** What is alive in the arena before and after each layer, whichever kernel computes it. */
export function tensorsAlive(network: Network): (index: number, step: Step) => number {
  const lastUses = lastUsesOf(network);
  const made = new Map(network.layers.map(({ output }, i) => [output, i]));
  const inArena = [...made].filter(([tensor]) => tensor !== network.output.tensor);
  return (index, step) => {
    const alive = inArena.filter(
      ([t, from]) => from <= index && index <= (lastUses.get(t) ?? from),
    );
    const sum = alive.reduce((total, [tensor]) => total + bytesOf(network, tensor), 0);
    const { output } = step.shape.layer;
    if (output === network.output.tensor) return sum;
    const own = bytesOf(network, output);
    const saved = dyingInputs(network, lastUses, index, step)
      .filter(({ tensor }) => made.has(tensor))
      .reduce((total, { tensor, ahead }) => {
        const under = bytesOf(network, tensor);
        return total + Math.max(0, own + under - Math.max(own, under + Math.max(0, -ahead)));
      }, 0);
    return sum - Math.min(own, saved);
  };
}

/** The inputs that a layer is the last to read and may write over. */
function dyingInputs(
  network: Network,
  lastUses: ReadonlyMap<TensorId, number>,
  index: number,
  { shape, ahead }: Step,
): readonly { readonly tensor: TensorId; readonly ahead: number }[] {
  const operands = inputsOf(shape.layer);
  return [...new Set(operands)].flatMap((tensor) => {
    // An operand that is read twice must allow it twice.
    const rooms = operands.flatMap((t, i) => (t === tensor ? [ahead[i] ?? null] : []));
    const room = rooms.reduce((a, b) => (a === null || b === null ? null : Math.min(a, b)));
    if (room === null || lastUses.get(tensor) !== index || tensor === network.input.tensor)
      return [];
    return [{ tensor, ahead: ALIGNMENT * Math.floor(room / ALIGNMENT) }];
  });
}

function bytesOf(network: Network, id: TensorId): number {
  const tensor = tensorAt(network, id);
  return aligned(elementCount(tensor) * BYTES[tensor.type]);
}

/** The last layer that reads each tensor. */
function lastUsesOf({ layers }: Network): ReadonlyMap<TensorId, number> {
  return new Map(layers.flatMap((layer, step) => inputsOf(layer).map((input) => [input, step])));
}
