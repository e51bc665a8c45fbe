import { fail } from "../../../diagnostics.js";
import { broadcastShape } from "../../../graph/nodes.js";
import { badAttribute, showShape } from "../../diagnostics.js";
import { broadcastTo } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { allocate, type Tensor, tensorOf } from "../tensor.js";

/** The value stands in one of several attributes, by its kind. */
function constant(node: NodeView): Tensor {
  const tensor = node.tensor("value");
  if (tensor !== null) return tensor;
  if (node.hasAttribute("value_float"))
    return tensorOf("float32", [], [node.float("value_float", 0)]);
  if (node.hasAttribute("value_int")) return tensorOf("int64", [], [node.int("value_int", 0)]);
  const floats = node.floats("value_floats");
  if (floats !== null) return tensorOf("float32", [floats.length], floats);
  const ints = node.ints("value_ints");
  if (ints !== null) return tensorOf("int64", [ints.length], ints);
  return node.unsupported("holds a string or a sparse tensor");
}

function constantOfShape(node: NodeView): Tensor {
  const shape = Array.from(node.constant(0).data);
  const { type, data } = node.tensor("value") ?? tensorOf("float32", [1], [0]);
  return { type, shape, data: allocate(type, shape, node.outputName()).fill(data[0] ?? 0) };
}

/** Broadcasting is in both directions: the input may have larger extents than `shape` asks for. */
export function expand(node: NodeView): Tensor {
  const tensor = node.constant(0);
  const target = Array.from(node.constant(1).data);
  const shape = broadcastShape(tensor.shape, target);
  if (shape === null) {
    return node.misfit(`${showShape(tensor.shape)} does not expand to ${showShape(target)}`);
  }
  allocate(tensor.type, shape, node.outputName());
  return { type: tensor.type, shape, data: broadcastTo(tensor, shape) };
}

function range(node: NodeView): Tensor {
  const { type } = node.constant(0);
  const [start, limit, delta] = [node.scalar(0), node.scalar(1), node.scalar(2)];
  if (delta === 0) fail(badAttribute(node.origin, "delta", "is zero"));
  const shape = [Math.max(Math.ceil((limit - start) / delta), 0)];
  const data = allocate(type, shape, node.outputName());
  for (let i = 0; i < data.length; i++) data[i] = start + i * delta;
  return { type, shape, data };
}

/** The shape of a tensor is known while reading, even if its elements are not. */
function shapeOf(node: NodeView): Tensor {
  const value = node.value(0);
  const shape = (value?.kind === "runtime" ? value.shape : node.constant(0).shape).slice(
    node.int("start", 0),
    node.hasAttribute("end") ? node.int("end", 0) : undefined,
  );
  return tensorOf("int64", [shape.length], shape);
}

const ON_CONSTANTS = "on constants";

export const CONSTANTS: OperatorTable = {
  Constant: { limits: "numbers", evaluate: constant },
  ConstantOfShape: { limits: ON_CONSTANTS, evaluate: constantOfShape },
  Range: { limits: ON_CONSTANTS, evaluate: range },
  Shape: { limits: "any", evaluate: shapeOf, needs: [] },
};
