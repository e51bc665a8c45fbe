import type { Shape } from "../../../graph/types.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { RuntimeValue } from "../value.js";

type Indices = readonly (Int32Array | null)[];

export function takenShape(shape: Shape, indices: Indices): Shape {
  return shape.map((extent, axis) => indices[axis]?.length ?? extent);
}

/** Emits a gather of a run-time tensor: for each axis the indices to take, -1 for `fill`. */
export function emitTaking(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  indices: Indices,
  output = node.outputName(),
  fill = 0,
): RuntimeValue {
  const shape = takenShape(x.shape, indices);
  if (shape.includes(0)) node.unsupported("takes no element at all");
  return build.emit(
    { kind: "gather", origin: node.origin, input: x.name, indices, fill, output },
    { shape, type: x.type },
  );
}
