import type { Origin, Shape, Window } from "../../graph/types.js";
import type { Assembly, Flow } from "../layers/assembly.js";

/**
 * A tensor of the Keras model. `shape` is Keras' own, batch 1 in front and channels last. The Graph
 * slides its windows over [1, channels, height, width]: where `image` is set, `flow` has that shape,
 * a signal [1, length, channels] being an image of height 1. Otherwise it has Keras' shape.
 */
export interface KerasTensor {
  readonly flow: Flow;
  readonly shape: Shape;
  readonly image: boolean;
  /** Zeros that a ZeroPadding layer put around an image; a convolution that reads it takes over. */
  readonly pads?: Window["pads"];
}

/** The tensor as Keras has it. Transpositions only change where elements are counted from. */
export function asPlain(graph: Assembly, tensor: KerasTensor, origin: Origin): KerasTensor {
  if (!tensor.image) return tensor;
  const { shape, flow } = tensor;
  const { type } = flow;
  if (shape.length === 4) {
    const permutation = [0, 2, 3, 1];
    const moved = graph.emit(
      { kind: "transpose", origin, input: flow.name, permutation },
      { shape, type },
      `${flow.name}.channels_last`,
    );
    return { flow: moved, shape, image: false };
  }
  const signal = reshaped(graph, flow, [1, shape[2] ?? 1, shape[1] ?? 1], origin);
  const moved = graph.emit(
    { kind: "transpose", origin, input: signal.name, permutation: [0, 2, 1] },
    { shape, type },
    `${flow.name}.channels_last`,
  );
  return { flow: moved, shape, image: false };
}

/** The tensor as the Graph slides windows over it; null if it is no image and no signal. */
export function asImage(graph: Assembly, tensor: KerasTensor, origin: Origin): KerasTensor | null {
  const { shape, flow, image } = tensor;
  if (image) return tensor;
  const [, first = 1, second = 1, third = 1] = shape;
  const { type } = flow;
  if (shape.length === 4) {
    const moved = graph.emit(
      { kind: "transpose", origin, input: flow.name, permutation: [0, 3, 1, 2] },
      { shape: [1, third, first, second], type },
      `${flow.name}.channels_first`,
    );
    return { flow: moved, shape, image: true };
  }
  if (shape.length !== 3) return null;
  const moved = graph.emit(
    { kind: "transpose", origin, input: flow.name, permutation: [0, 2, 1] },
    { shape: [1, second, first], type },
    `${flow.name}.channels_first`,
  );
  return { flow: reshaped(graph, moved, [1, second, 1, first], origin), shape, image: true };
}

/** The image with `fill` all around it, as a node of its own. */
export function surrounded(
  graph: Assembly,
  { flow, shape }: KerasTensor,
  { top, left, bottom, right }: Window["pads"],
  fill: number,
  origin: Origin,
): KerasTensor {
  const [, channels = 1, height = 1, width = 1] = flow.shape;
  const from = (before: number, extent: number, after: number): Int32Array =>
    Int32Array.from({ length: before + extent + after }, (_, i) =>
      i < before || i >= before + extent ? -1 : i - before,
    );
  const indices = [null, null, from(top, height, bottom), from(left, width, right)];
  const [high, wide] = [top + height + bottom, left + width + right];
  const around = graph.emit(
    { kind: "gather", origin, input: flow.name, indices, fill },
    { shape: [1, channels, high, wide], type: flow.type },
    `${origin.name}.padded`,
  );
  const own = shape.length === 3 ? [1, wide, channels] : [1, high, wide, channels];
  return { flow: around, shape: own, image: true };
}

/** The image with the zeros around it that wait for a convolution. */
export function withZeros(graph: Assembly, tensor: KerasTensor, origin: Origin): KerasTensor {
  return tensor.pads === undefined ? tensor : surrounded(graph, tensor, tensor.pads, 0, origin);
}

export function reshaped(graph: Assembly, flow: Flow, shape: Shape, origin: Origin): Flow {
  const { type } = flow;
  return graph.emit(
    { kind: "reshape", origin, input: flow.name },
    { shape, type },
    `${flow.name}.reshaped`,
  );
}
