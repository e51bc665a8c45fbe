import { fail } from "../../../diagnostics.js";
import { sameShape } from "../../../graph/nodes.js";
import { roundHalfEven } from "../../../graph/rounding.js";
import type { IntegerType, Shape } from "../../../graph/types.js";
import { badAttribute, elementType, showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import {
  type ElementType,
  elementFormat,
  elementTypeName,
  elementTypeOf,
  integerRange,
} from "../element-types.js";
import { dequantizeBlocks } from "../fold/blocks.js";
import {
  type Affine,
  affineOf,
  axisParameter,
  demandScales,
  dequantizeElements,
  quantizeElements,
} from "../fold/quantize.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import type { Tensor } from "../tensor.js";

function blockSize(node: NodeView): number {
  const size = node.int("block_size", 0);
  return size >= 0 ? size : fail(badAttribute(node.origin, "block_size", `is ${size}`));
}

/** Scale (input 1) and zero point (input 2, zero if it is left out), for data of that shape. */
function parametersOf(node: NodeView, shape: Shape): Affine {
  if (blockSize(node) !== 0) node.unsupported("quantises run-time tensors by blocks");
  const scale = axisParameter(node, node.constant(1), shape, node.inputName(1));
  const zeroPoint = node.optionalConstant(2);
  const zero =
    zeroPoint === null
      ? { values: Float32Array.of(0), axis: null }
      : axisParameter(node, zeroPoint, shape, node.inputName(2));
  return affineOf(node, scale, zero, { scale: node.inputName(1), zero: node.inputName(2) });
}

/** The zero point has the type of the integers; without one, `output_dtype` or uint8 (opset 21). */
function integerTypeOf(node: NodeView): ElementType {
  const zeroPoint = node.optionalConstant(2);
  const code = node.int("output_dtype", 0);
  const type = zeroPoint?.type ?? (code === 0 ? "uint8" : elementTypeOf(code));
  if (type === null) return fail(elementType(node.outputName(), elementTypeName(code)));
  if (elementFormat(type).fractional) node.unsupported(`quantises to ${type}`);
  return type;
}

/** The run-time type that holds each quantised type. */
const STORAGE: Readonly<Partial<Record<ElementType, IntegerType>>> = {
  int2: "int8",
  int4: "int8",
  int8: "int8",
  int16: "int16",
  uint2: "uint8",
  uint4: "uint8",
  uint8: "uint8",
  uint16: "uint16",
};

function translateQuantize(node: NodeView, build: GraphBuilder): void {
  const x = node.real(0);
  const elements = integerTypeOf(node);
  const type = STORAGE[elements] ?? node.unsupported(`quantises to ${elements}`);
  const [min, max] = integerRange(elements);
  build.emit(
    {
      kind: "quantize",
      origin: node.origin,
      input: x.name,
      quantizer: {
        kind: "uniform",
        ...parametersOf(node, x.shape),
        zeroAdded: "after-rounding",
        min,
        max,
        rounding: "half-even",
      },
      output: node.outputName(),
    },
    { shape: x.shape, type },
  );
}

function evaluateQuantize(node: NodeView): Tensor {
  const x = node.constant(0);
  const type = integerTypeOf(node);
  const [min, max] = integerRange(type);
  const integers = quantizeElements(x, parametersOf(node, x.shape), (scaled, zero) =>
    Math.min(Math.max(roundHalfEven(scaled) + zero, min), max),
  );
  const data = elementFormat(type).allocate(integers.length);
  data.set(integers);
  return { type, shape: x.shape, data };
}

function translateDequantize(node: NodeView, build: GraphBuilder): void {
  const x = node.runtime(0);
  if (x.type === "real") node.unsupported(`dequantises ${x.name}, which holds reals`);
  build.emit(
    {
      kind: "dequantize",
      origin: node.origin,
      input: x.name,
      ...parametersOf(node, x.shape),
      output: node.outputName(),
    },
    { shape: x.shape, type: "real" },
  );
}

function evaluateDequantize(node: NodeView): Tensor {
  const x = node.constant(0);
  if (elementFormat(x.type).fractional) node.unsupported(`dequantises ${x.type}`);
  const size = blockSize(node);
  if (size > 0) return dequantizeBlocked(node, x, size);
  return dequantizeElements(x.data, x.shape, node.constant(1).type, parametersOf(node, x.shape));
}

/** Scales have the shape of the data, with as many entries along `axis` as there are blocks. */
function dequantizeBlocked(node: NodeView, x: Tensor, size: number): Tensor {
  const axis = node.axis("axis", 1, x.shape.length);
  const scales = node.constant(1);
  const zeros = node.optionalConstant(2);
  const blocks = Math.ceil((x.shape[axis] ?? 1) / size);
  const expected = x.shape.with(axis, blocks);
  for (const [index, tensor] of [[1, scales] as const, [2, zeros] as const]) {
    if (tensor !== null && !sameShape(tensor.shape, expected)) {
      const own = `${node.inputName(index)} ${showShape(tensor.shape)}`;
      node.misfit(`${own} for blocks of ${size} along axis ${axis} of ${showShape(x.shape)}`);
    }
  }
  demandScales(node, scales.data, node.inputName(1));
  const form = { integers: x.data, shape: x.shape, axis, size, scales, type: scales.type };
  const zeroPoints = zeros?.data ?? new Uint8Array(scales.data.length);
  return dequantizeBlocks(node, { ...form, zeros: zeroPoints }, node.inputName(1));
}

export const QUANTIZE_LINEAR: OperatorTable = {
  QuantizeLinear: {
    limits: "to integers of at most 16 bits, per tensor or per axis; not by blocks",
    translate: translateQuantize,
    evaluate: evaluateQuantize,
  },
  DequantizeLinear: {
    limits: "from integers of at most 32 bits, per tensor or per axis; constants also by blocks",
    translate: translateDequantize,
    evaluate: evaluateDequantize,
  },
};
