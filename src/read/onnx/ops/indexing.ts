import { fail } from "../../../diagnostics.js";
import { broadcastShape, sameShape, sizeOf } from "../../../graph/nodes.js";
import type { Shape } from "../../../graph/types.js";
import { badAttribute, showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { allocate, demandSize, normalAxis, stridesOf, type Tensor } from "../tensor.js";
import type { RuntimeValue } from "../value.js";
import { expand } from "./constants.js";
import { emitTaking, takenShape } from "./taking.js";

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
 * The indices that a Slice takes along each axis, null for all. Bounds are attributes before opset 10
 * and inputs since. Those beyond an end stop there, and going backwards an end of -1 is before the
 * first element (ONNX Slice).
 */
function slicedIndices(node: NodeView, shape: Shape): (Int32Array | null)[] {
  const starts = node.integers("starts", 1) ?? [];
  const ends = node.integers("ends", 2) ?? [];
  const axes = node.integers("axes", 3) ?? [...starts.keys()];
  const steps = node.integers("steps", 4) ?? starts.map(() => 1);
  const indices: (Int32Array | null)[] = shape.map(() => null);
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
    const length = Math.max(Math.ceil((end - start) / step), 0);
    indices[axis] = Int32Array.from({ length }, (_, k) => start + k * step);
  }
  return indices;
}

/** A constant's elements at these indices of each axis. */
function taken(
  node: NodeView,
  { type, shape, data }: Tensor,
  indices: readonly (Int32Array | null)[],
): Tensor {
  const outShape = takenShape(shape, indices);
  const strides = stridesOf(shape);
  const out = allocate(type, outShape, node.outputName());
  for (let to = 0; to < out.length; to++) {
    let rest = to;
    let from = 0;
    for (let axis = outShape.length - 1; axis >= 0; axis--) {
      const position = rest % (outShape[axis] ?? 1);
      rest = Math.floor(rest / (outShape[axis] ?? 1));
      from += (indices[axis]?.[position] ?? position) * (strides[axis] ?? 0);
    }
    out[to] = data[from] ?? 0;
  }
  return { type, shape: outShape, data: out };
}

function sliced(node: NodeView): Tensor {
  const tensor = node.constant(0);
  return taken(node, tensor, slicedIndices(node, tensor.shape));
}

function translateSlice(node: NodeView, build: GraphBuilder): void {
  const x = node.runtime(0);
  emitTaking(node, build, x, slicedIndices(node, x.shape));
}

/** Parts one after another along an axis: sizes are given, or a number of parts, the last smaller. */
function translateSplit(node: NodeView, build: GraphBuilder): void {
  const x = node.runtime(0);
  const axis = node.axis("axis", 0, x.shape.length);
  const extent = x.shape[axis] ?? 0;
  const sizes = node.integers("split", 1) ?? evenSizes(node, extent);
  const total = sizes.reduce((a, b) => a + b, 0);
  if (total !== extent || sizes.some((size) => size < 0) || sizes.length !== node.outputCount) {
    node.misfit(
      `${extent} elements of axis ${axis} in ${node.outputCount} parts of [${sizes.join(", ")}]`,
    );
  }
  let start = 0;
  for (const [part, size] of sizes.entries()) {
    const first = start;
    start += size;
    const name = node.outputName(part);
    if (name === "" || size === 0) continue;
    const list = Int32Array.from({ length: size }, (_, i) => first + i);
    const indices = x.shape.map((_, i) => (i === axis ? list : null));
    emitTaking(node, build, x, indices, name);
  }
}

function evenSizes(node: NodeView, extent: number): number[] {
  const count = node.int("num_outputs", node.outputCount);
  const size = Math.ceil(extent / count);
  return Array.from({ length: count }, (_, i) => Math.min(size, Math.max(0, extent - i * size)));
}

function translateConcat(node: NodeView, build: GraphBuilder): void {
  const parts = Array.from({ length: node.inputCount }, (_, i) => node.runtime(i));
  const [first = node.runtime(0)] = parts;
  const axis = node.axis("axis", 0, first.shape.length);
  const total = parts.reduce((sum, part) => sum + (part.shape[axis] ?? 0), 0);
  const shape = first.shape.with(axis, total);
  const fits = parts.every((part) => sameShape(part.shape.toSpliced(axis, 1, total), shape));
  if (!fits) {
    node.misfit(`${parts.map((p) => showShape(p.shape)).join(", ")} along axis ${axis}`);
  }
  if (parts.some(({ type }) => type !== first.type)) {
    node.unsupported("joins tensors of different types");
  }
  build.emit(
    {
      kind: "concat",
      origin: node.origin,
      inputs: parts.map(({ name }) => name),
      axis,
      output: node.outputName(),
    },
    { shape, type: first.type },
  );
}

/** Constant indices into a run-time tensor, or run-time row numbers into a constant table. */
function translateGather(node: NodeView, build: GraphBuilder): void {
  if (node.isRuntime(1)) {
    translateEmbedding(node, build);
    return;
  }
  const x = node.runtime(0);
  const wanted = node.constant(1);
  const axis = node.axis("axis", 0, x.shape.length);
  const extent = x.shape[axis] ?? 0;
  const list = Int32Array.from(wanted.data, (index) => {
    const at = normalAxis(index, extent);
    return at ?? node.misfit(`index ${index} in axis ${axis} of ${showShape(x.shape)}`);
  });
  const indices = x.shape.map((_, i) => (i === axis ? list : null));
  const shape = x.shape.toSpliced(axis, 1, ...wanted.shape);
  if (wanted.shape.length === 1) {
    emitTaking(node, build, x, indices);
    return;
  }
  const name = build.fresh(`${node.outputName()}.taken`);
  const made = emitTaking(node, build, x, indices, name);
  build.emit(
    { kind: "reshape", origin: node.origin, input: made.name, output: node.outputName() },
    { shape, type: x.type },
  );
}

function translateEmbedding(node: NodeView, build: GraphBuilder): void {
  const ids = node.runtime(1);
  const table = node.constant(0);
  const [, columns = 1] = table.shape;
  if (ids.type === "real") node.unsupported(`takes rows by ${ids.name}, which holds reals`);
  if (table.shape.length !== 2 || node.axis("axis", 0, table.shape.length) !== 0) {
    node.unsupported("looks up other than rows of a table [rows, columns]");
  }
  build.emit(
    {
      kind: "embedding",
      origin: node.origin,
      input: ids.name,
      table: build.constant(node.inputName(0), table),
      output: node.outputName(),
    },
    { shape: [...ids.shape, columns], type: "real" },
  );
}

/** Repeats a run-time tensor along axes of size 1. */
function translateExpand(node: NodeView, build: GraphBuilder): void {
  const x = node.runtime(0);
  const target = Array.from(node.constant(1).data);
  const whole = target.every((extent) => Number.isInteger(extent) && extent > 0);
  const shape = whole ? broadcastShape(x.shape, target) : null;
  if (shape === null) {
    node.misfit(`${showShape(x.shape)} does not expand to ${showShape(target)}`);
  } else {
    emitRepeated(node, build, x, shape, (axis) => new Int32Array(shape[axis] ?? 1));
  }
}

function translateTile(node: NodeView, build: GraphBuilder): void {
  const x = node.runtime(0);
  const repeats = Array.from(node.constant(1).data);
  if (repeats.length !== x.shape.length || repeats.some((n) => n < 1)) {
    node.misfit(`repeats ${showShape(repeats)} for ${showShape(x.shape)}`);
  }
  const shape = x.shape.map((extent, axis) => extent * (repeats[axis] ?? 1));
  emitRepeated(node, build, x, shape, (axis) =>
    Int32Array.from({ length: shape[axis] ?? 1 }, (_, i) => i % (x.shape[axis] ?? 1)),
  );
}

/** A tensor of more axes perhaps, each as it was or by the indices given for it. */
function emitRepeated(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  shape: Shape,
  indicesOf: (axis: number) => Int32Array,
): void {
  demandSize(shape, node.outputName());
  const lead = shape.length - x.shape.length;
  const full = [...shape.slice(0, lead).map(() => 1), ...x.shape];
  const from =
    lead === 0
      ? x
      : build.emit(
          {
            kind: "reshape",
            origin: node.origin,
            input: x.name,
            output: build.fresh(`${node.outputName()}.axes`),
          },
          { shape: full, type: x.type },
        );
  const indices = shape.map((extent, axis) => (extent === full[axis] ? null : indicesOf(axis)));
  emitTaking(node, build, from, indices);
}

const RUN_TIME = "one input computed at run time, everything else constant";

export const INDEXING: OperatorTable = {
  Concat: {
    limits: "all inputs constants, or all computed at run time and of one type",
    evaluate: concat,
    translate: translateConcat,
  },
  Expand: { limits: RUN_TIME, evaluate: expand, translate: translateExpand },
  Gather: {
    limits: "constant indices, or rows of a constant table by the model's integer input",
    evaluate: gather,
    translate: translateGather,
  },
  Slice: { limits: RUN_TIME, evaluate: sliced, translate: translateSlice },
  Split: { limits: RUN_TIME, translate: translateSplit },
  Tile: { limits: RUN_TIME, translate: translateTile },
};
