import { sizeOf } from "../../../graph/nodes.js";
import type { Shape } from "../../../graph/types.js";
import { type ElementType, elementFormat } from "../element-types.js";
import type { NodeView } from "../node-view.js";
import { stridesOf, type Tensor, walk } from "../tensor.js";
import { broadcastParameter, dequantizeElements } from "./quantize.js";

/** Integers whose scale and zero point change every `size` elements along `axis`. */
export interface Blocks {
  readonly integers: ArrayLike<number>;
  readonly shape: Shape;
  readonly axis: number;
  readonly size: number;
  /** Of the shape's rank: one scale for each block, one for each index along the other axes. */
  readonly scales: Tensor;
  /** As many as scales. */
  readonly zeros: ArrayLike<number>;
  readonly type: ElementType;
}

/**
 * `(q - zero) * scale` of every element. Where the blocks of an output channel share their scale,
 * the result keeps its grid and is as good as quantised by channel; otherwise lowering has to find a
 * grid that all of its scales are multiples of.
 */
export function dequantizeBlocks(node: NodeView, blocks: Blocks, scaleName: string): Tensor {
  const { integers, shape, axis, size, scales, zeros, type } = blocks;
  const strides = stridesOf(scales.shape);
  const blockOf = new Int32Array(integers.length);
  // Walks along the block axis in stretches: the stride of the scales is taken per block.
  const inner = sizeOf(shape.slice(axis + 1));
  const extent = shape[axis] ?? 1;
  const own = strides.with(axis, 0);
  walk(shape, own, (position, offset) => {
    const along = Math.floor(position / inner) % extent;
    blockOf[position] = offset + Math.floor(along / size) * (strides[axis] ?? 0);
  });
  const centred = Float64Array.from(blockOf, (b, i) => (integers[i] ?? 0) - (zeros[b] ?? 0));
  const single = firstOfEachChannel(scales, axis);
  if (single !== null && centred.every(Number.isInteger)) {
    const scale = broadcastParameter(node, single, shape, scaleName);
    const zero = Float32Array.of(0);
    return dequantizeElements(centred, shape, type, {
      scale: scale.values,
      zero,
      axis: scale.axis,
    });
  }
  const { allocate, round = (x: number): number => x } = elementFormat(type);
  const data = allocate(centred.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = round((centred[i] ?? 0) * (scales.data[blockOf[i] ?? 0] ?? 0));
  }
  return { type, shape, data };
}

/** The scales with one entry along `axis`, if they do not change along it. */
function firstOfEachChannel({ type, shape, data }: Tensor, axis: number): Tensor | null {
  const inner = sizeOf(shape.slice(axis + 1));
  const extent = shape[axis] ?? 1;
  const first = (i: number): number => i - (Math.floor(i / inner) % extent) * inner;
  if (data.some((scale, i) => scale !== data[first(i)])) return null;
  const kept = data.filter((_, i) => first(i) === i);
  return { type, shape: shape.with(axis, 1), data: kept };
}
