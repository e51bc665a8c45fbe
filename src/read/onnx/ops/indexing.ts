import { fail } from "../../../diagnostics.js";
import { sizeOf } from "../../../graph/nodes.js";
import { badAttribute, showShape } from "../../diagnostics.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { allocate, normalAxis, stridesOf, type Tensor, walk } from "../tensor.js";

/** Takes slices along one axis, by indices of any shape; negative ones count from the end. */
function gather(node: NodeView): Tensor {
  const { type, shape, data } = node.constant(0);
  const indices = node.constant(1);
  const axis = node.axis("axis", 0, shape.length);
  const extent = shape[axis] ?? 0;
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const outShape = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
  const out = allocate(type, outShape, node.outputName());
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of indices.data) {
      const at = normalAxis(index, extent);
      if (at === null) return node.misfit(`index ${index} in axis ${axis} of ${showShape(shape)}`);
      const from = (o * extent + at) * inner;
      out.set(data.subarray(from, from + inner), to);
      to += inner;
    }
  }
  return { type, shape: outShape, data: out };
}

function concat(node: NodeView): Tensor {
  const parts = Array.from({ length: node.inputCount }, (_, i) => node.constant(i));
  const { type, shape } = node.constant(0);
  const axis = node.axis("axis", 0, shape.length);
  for (const part of parts) {
    const fits = part.shape.every((extent, i) => i === axis || extent === shape[i]);
    if (part.shape.length !== shape.length || !fits) {
      node.misfit(`${parts.map((p) => showShape(p.shape)).join(", ")} along axis ${axis}`);
    }
  }
  const total = parts.reduce((sum, part) => sum + (part.shape[axis] ?? 0), 0);
  const outShape = shape.with(axis, total);
  const out = allocate(type, outShape, node.outputName());
  const outer = sizeOf(shape.slice(0, axis));
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const { data } of parts) {
      const length = data.length / outer;
      out.set(data.subarray(o * length, (o + 1) * length), to);
      to += length;
    }
  }
  return { type, shape: outShape, data: out };
}

/**
 * Bounds are attributes before opset 10 and inputs since. Those beyond an end stop there, and going
 * backwards an end of -1 is before the first element (ONNX Slice).
 */
function slice(node: NodeView): Tensor {
  const { type, shape, data } = node.constant(0);
  const starts = node.integers("starts", 1) ?? [];
  const ends = node.integers("ends", 2) ?? [];
  const axes = node.integers("axes", 3) ?? [...starts.keys()];
  const steps = node.integers("steps", 4) ?? starts.map(() => 1);
  const strides = stridesOf(shape);
  const outShape = [...shape];
  let offset = 0;
  for (const [i, written] of axes.entries()) {
    const axis = normalAxis(written, shape.length) ?? node.badAxis(written, shape.length);
    const extent = shape[axis] ?? 0;
    const step = steps[i] ?? 1;
    if (step === 0) fail(badAttribute(node.origin, "steps", "is zero"));
    const last = step > 0 ? extent : extent - 1;
    const within = (bound: number, lowest: number): number =>
      Math.min(Math.max(bound < 0 ? bound + extent : bound, lowest), last);
    const start = within(starts[i] ?? 0, 0);
    const end = within(ends[i] ?? 0, step > 0 ? 0 : -1);
    outShape[axis] = Math.max(Math.ceil((end - start) / step), 0);
    offset += start * (strides[axis] ?? 0);
    strides[axis] = (strides[axis] ?? 0) * step;
  }
  const out = allocate(type, outShape, node.outputName());
  walk(outShape, strides, (to, from) => {
    out[to] = data[from + offset] ?? 0;
  });
  return { type, shape: outShape, data: out };
}

const LIMITS = "on constants";

export const INDEXING: OperatorTable = {
  Concat: { limits: LIMITS, evaluate: concat },
  Gather: { limits: LIMITS, evaluate: gather },
  Slice: { limits: LIMITS, evaluate: slice },
};
