import { fail } from "../../../diagnostics.js";
import { elementType } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import {
  type ElementType,
  elementFormat,
  elementTypeName,
  elementTypeOf,
  integerRange,
} from "../element-types.js";
import { mapElements } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import type { Tensor } from "../tensor.js";
import { emitIdentity } from "./move.js";

function targetType(node: NodeView): ElementType {
  const code = node.int("to", 0);
  return elementTypeOf(code) ?? fail(elementType(node.outputName(), elementTypeName(code)));
}

/** The type of another tensor; all reals at run time are float32. */
function likeType(node: NodeView): ElementType {
  const like = node.value(1);
  if (like?.kind !== "runtime") return node.constant(1).type;
  return like.type === "real" ? "float32" : like.type;
}

/** Fractions are cut off, integers keep their low bits (ONNX Cast). */
function evaluateCast(node: NodeView, type: ElementType): Tensor {
  const x = node.constant(0);
  const cutsOff =
    elementFormat(x.type).fractional && !elementFormat(type).fractional && type !== "bool";
  const cast = mapElements(node, x, type, cutsOff ? Math.trunc : (value) => value);
  const grid = x.grid ?? integerGrid(x);
  return type === "float32" || type === "float64" ? { ...cast, grid } : cast;
}

/** Integers of at most 32 bits, as weights with a scale of 1. */
function integerGrid(x: Tensor): Tensor["grid"] {
  const { fractional, bits } = elementFormat(x.type);
  if (fractional || bits > 32 || x.type === "uint32") return undefined;
  return { integers: Int32Array.from(x.data), scales: Float32Array.of(1), axis: null };
}

/** At run time, integers become reals, and reals stay reals whatever their precision. */
function translateCast(node: NodeView, build: GraphBuilder, type: ElementType): void {
  const x = node.runtime(0);
  const toReal = elementFormat(type).fractional;
  if ((x.type === "real" && toReal) || isSelection(build, x.name)) {
    emitIdentity(node, build);
    return;
  }
  if (!toReal && x.type !== "real" && holds(type, x.type)) {
    emitIdentity(node, build);
    return;
  }
  if (!toReal) node.unsupported(`casts ${x.type} to ${type} at run time`);
  build.emit(
    {
      kind: "dequantize",
      origin: node.origin,
      input: x.name,
      output: node.outputName(),
      scale: Float32Array.of(1),
      zero: Float32Array.of(0),
      axis: null,
    },
    { shape: x.shape, type: "real" },
  );
}

/** Whether a type has every integer of another one: row numbers are widened for Gather. */
function holds(wide: ElementType, narrow: ElementType): boolean {
  const [low, high] = integerRange(wide);
  const [least, most] = integerRange(narrow);
  return low <= least && high >= most;
}

/** Whether the tensor is the class that ArgMax or TopK chose: its type is of no consequence. */
function isSelection(build: GraphBuilder, name: string): boolean {
  const maker = build.maker(name);
  if (maker?.kind === "reshape") return isSelection(build, maker.input);
  return maker?.kind === "argMax" || maker?.kind === "topK";
}

function casting(typeOf: (node: NodeView) => ElementType): Operator {
  return {
    limits: "integers to floats, and between floats; any on constants",
    translate: (node, build) => translateCast(node, build, typeOf(node)),
    evaluate: (node) => evaluateCast(node, typeOf(node)),
  };
}

export const CAST: OperatorTable = {
  Cast: casting(targetType),
  CastLike: { ...casting(likeType), needs: [0] },
};
