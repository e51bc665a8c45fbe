import { type Block, blockOf } from "./block.js";
import type { Geometry } from "./geometry.js";
import type { Isa } from "./isa.js";

/** Outputs of a block: as few blocks as registers allow, none much smaller than the others. */
export function blockSize(outputs: number, { sums }: Isa): number {
  return Math.ceil(outputs / Math.ceil(outputs / sums));
}

/** Bounds of the weights of an output that one sum holds. */
export function partBounds(geometry: Geometry): readonly number[] {
  return geometry.kind === "twins" ? geometry.parts : [0, geometry.weights.perOutput];
}

/** Every block of outputs, and of each every part of its weights. */
export function blocksOf(geometry: Geometry, isa: Isa): Block[] {
  const { weights, layout } = geometry;
  const bounds = partBounds(geometry);
  const size = blockSize(weights.outputs, isa);
  const blocks: Block[] = [];
  for (let first = 0; first < weights.outputs; first += size) {
    const outputs = { first, count: Math.min(size, weights.outputs - first) };
    for (let part = 0; part + 1 < bounds.length; part++) {
      const range = [bounds[part] ?? 0, bounds[part + 1] ?? 0] as const;
      blocks.push(blockOf(weights, layout, outputs, range, isa.reach));
    }
  }
  return blocks;
}
