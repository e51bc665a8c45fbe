/**
 * Where the elements of a model's tensor stand in the network's channels-last memory. An `Order` maps
 * the model's flat index to the memory's; null means that they are the same.
 */
export type Order = Int32Array | null;

export interface Extent {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

export function sameExtent(a: Extent, b: Extent): boolean {
  return a.height === b.height && a.width === b.width && a.channels === b.channels;
}

/** The order of a [1, C, H, W] tensor. */
export function channelsFirst({ height, width, channels }: Extent): Order {
  if (channels === 1 || height * width === 1) return null;
  const order = new Int32Array(height * width * channels);
  let i = 0;
  for (let c = 0; c < channels; c++) {
    for (let position = 0; position < height * width; position++) {
      order[i++] = position * channels + c;
    }
  }
  return order;
}

/** A tensor of the model with its place in memory. */
export interface Placed {
  readonly shape: readonly number[];
  readonly order: Order;
  readonly extent: Extent;
}

/**
 * A place for a new tensor of that shape, with its channels on the axis where `other` has them:
 * [1, C, H, W] and [1, C, T] or [1, H, W, C] and [1, T, C]; vectors otherwise.
 */
export function placeLike(
  other: Placed,
  shape: readonly number[],
): { readonly order: Order; readonly extent: Extent } {
  const first = firstExtent(shape);
  const last = lastExtent(shape);
  if (first === null || last === null) {
    return { order: null, extent: { height: 1, width: 1, channels: sizeOf(shape) } };
  }
  const own = lastExtent(other.shape);
  const isLast =
    own !== null && other.order === null && sameExtent(own, other.extent) && own.channels > 1;
  const ownFirst = firstExtent(other.shape);
  const isFirst = ownFirst !== null && sameExtent(ownFirst, other.extent);
  const channelsLast = isLast && !(isFirst && shape.length === 4);
  return channelsLast
    ? { order: null, extent: last }
    : { order: channelsFirst(first), extent: first };
}

function firstExtent(shape: readonly number[]): Extent | null {
  const [batch = 1, a = 1, b = 1, c = 1] = shape;
  if (batch !== 1) return null;
  if (shape.length === 4) return { height: b, width: c, channels: a };
  if (shape.length === 3) return { height: 1, width: b, channels: a };
  return shape.length === 2 ? { height: 1, width: 1, channels: a } : null;
}

function lastExtent(shape: readonly number[]): Extent | null {
  const [batch = 1, a = 1, b = 1, c = 1] = shape;
  if (batch !== 1) return null;
  if (shape.length === 4) return { height: a, width: b, channels: c };
  if (shape.length === 3) return { height: 1, width: a, channels: b };
  return shape.length === 2 ? { height: 1, width: 1, channels: a } : null;
}

export function sameOrder(a: Order, b: Order): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((v, i) => v === b[i]);
}

/** Null for the identity, so that equal orders look equal. */
export function simplified(order: Int32Array): Order {
  return order.every((v, i) => v === i) ? null : order;
}

/** The order after an ONNX Transpose of a tensor of this shape. */
export function transposed(
  order: Order,
  shape: readonly number[],
  permutation: readonly number[],
): Order {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const outShape = permutation.map((axis) => shape[axis] ?? 1);
  const outStrides = permutation.map((axis) => strides[axis] ?? 0);
  const result = new Int32Array(sizeOf(shape));
  const position = outShape.map(() => 0);
  let source = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = order === null ? source : (order[source] ?? 0);
    for (let axis = outShape.length - 1; axis >= 0; axis--) {
      const next = (position[axis] ?? 0) + 1;
      source += outStrides[axis] ?? 0;
      if (next < (outShape[axis] ?? 1)) {
        position[axis] = next;
        break;
      }
      position[axis] = 0;
      source -= (outStrides[axis] ?? 0) * next;
    }
  }
  return simplified(result);
}

/** For each memory index, the model's index: the inverse of an order. */
export function inverse(order: Order): Int32Array | null {
  if (order === null) return null;
  const result = new Int32Array(order.length);
  order.forEach((memory, model) => {
    result[memory] = model;
  });
  return result;
}

/**
 * Spreads a constant that broadcasts against a model tensor over the memory's channels. Returns one
 * value when it is the same everywhere, one for each channel, or null when it differs within a
 * channel or does not broadcast.
 */
export function perChannelOf(
  constant: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  shape: readonly number[],
  order: Order,
  channels: number,
): number[] | null {
  const first = constant.data[0];
  if (constant.data.length === 1 && first !== undefined) return [first];
  const sourceOf = broadcastIndex(constant.shape, shape);
  if (sourceOf === null) return null;
  const values: (number | undefined)[] = new Array(channels).fill(undefined);
  for (let i = 0; i < sizeOf(shape); i++) {
    const channel = (order === null ? i : (order[i] ?? 0)) % channels;
    const value = constant.data[sourceOf(i)];
    if (values[channel] === undefined) values[channel] = value;
    else if (!Object.is(values[channel], value)) return null;
  }
  const complete = values.map((v) => v ?? Number.NaN);
  return complete.every((v) => v === first) && first !== undefined ? [first] : complete;
}

/**
 * A constant that broadcasts to a model tensor of that shape, an element for each of the tensor's, in
 * the order of memory.
 */
export function perElementOf(
  constant: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  shape: readonly number[],
  order: Order,
): Float64Array {
  const sourceOf = broadcastIndex(constant.shape, shape);
  if (sourceOf === null) throw new Error("a constant that does not broadcast");
  const values = new Float64Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) {
    values[order === null ? i : (order[i] ?? 0)] = constant.data[sourceOf(i)] ?? 0;
  }
  return values;
}

/** ONNX multidirectional broadcasting, one way: index into `from` for a flat index into `to`. */
function broadcastIndex(
  from: readonly number[],
  to: readonly number[],
): ((index: number) => number) | null {
  const lead = to.length - from.length;
  if (lead < 0) return null;
  const axes: { size: number; stride: number; toStride: number }[] = [];
  for (let axis = 0; axis < from.length; axis++) {
    const size = from[axis] ?? 1;
    const toSize = to[axis + lead] ?? 1;
    if (size !== 1 && size !== toSize) return null;
    if (size === 1) continue;
    axes.push({
      size,
      stride: sizeOf(from.slice(axis + 1)),
      toStride: sizeOf(to.slice(axis + lead + 1)),
    });
  }
  return (index) =>
    axes.reduce(
      (sum, { size, stride, toStride }) => sum + (Math.floor(index / toStride) % size) * stride,
      0,
    );
}
