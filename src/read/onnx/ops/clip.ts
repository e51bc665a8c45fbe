import { fail } from "../../../diagnostics.js";
import type { IntegerType, QuantizeNode } from "../../../graph/types.js";
import { notFinite } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import { mapElements, zipElements } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import type { Tensor } from "../tensor.js";
import type { RuntimeValue } from "../value.js";
import { type Bounds, clipRounded, roundedOf, UNBOUNDED } from "./rounding.js";

/** Bounds are attributes before opset 11 and optional inputs since. */
function clipBounds(node: NodeView): Bounds {
  const bound = (attribute: string, index: number, otherwise: number): number =>
    node.value(index) === null
      ? demandNumber(node.float(attribute, otherwise), attribute)
      : boundOf(node, index);
  return { low: bound("min", 1, UNBOUNDED.low), high: bound("max", 2, UNBOUNDED.high) };
}

function boundOf(node: NodeView, index: number): number {
  return demandNumber(node.scalar(index), node.inputName(index));
}

/** A bound may be infinite, but not NaN. */
function demandNumber(value: number, name: string): number {
  return Number.isNaN(value) ? fail(notFinite(name, [], 1, 0)) : value;
}

function translateClip(node: NodeView, build: GraphBuilder, bounds: Bounds, index = 0): void {
  const x = node.unfinished(index);
  const rounded = roundedOf(x);
  if (rounded !== null) {
    clipRounded(node, build, x.shape, rounded, bounds);
    return;
  }
  emitClip(node, build, node.runtime(index), bounds);
}

function emitClip(node: NodeView, build: GraphBuilder, x: RuntimeValue, bounds: Bounds): void {
  if (x.type !== "real") {
    narrowQuantizer(node, build, x, bounds);
    return;
  }
  build.emit(
    { kind: "clip", origin: node.origin, input: x.name, output: node.outputName(), ...bounds },
    { shape: x.shape, type: "real" },
  );
}

/**
 * A clip of integers right after their quantiser is that quantiser with fewer levels (QCDQ:
 * QuantizeLinear, Clip(-1, 1), DequantizeLinear).
 */
function narrowQuantizer(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  bounds: Bounds,
): void {
  const maker = build.maker(x.name);
  if (maker?.kind !== "quantize" || maker.quantizer.kind !== "uniform") {
    node.unsupported("clips integers that do not come straight from QuantizeLinear");
  }
  const { quantizer } = maker;
  // min(max(q, low), high) of q in [min, max]: high wins where the bounds cross.
  const clamp = (q: number): number =>
    Math.min(Math.max(q, Math.ceil(bounds.low)), Math.floor(bounds.high));
  const narrowed: QuantizeNode = {
    ...maker,
    origin: node.origin,
    output: node.outputName(),
    quantizer: { ...quantizer, min: clamp(quantizer.min), max: clamp(quantizer.max) },
  };
  const type: IntegerType = x.type === "real" ? "int32" : x.type;
  build.emit(narrowed, { shape: x.shape, type });
}

function evaluateClip(node: NodeView, { low, high }: Bounds): Tensor {
  const x = node.constant(0);
  return mapElements(node, x, x.type, (value) => Math.min(Math.max(value, low), high));
}

/** Min or Max of one run-time tensor and scalars; of constants, whatever their shapes. */
function extremum(
  pick: (...values: readonly number[]) => number,
  boundsOf: (bound: number) => Bounds,
): Operator {
  return {
    limits: "one run-time tensor and single numbers",
    translate: (node, build) => {
      const indices = Array.from({ length: node.inputCount }, (_, i) => i);
      const [index = 0, ...more] = indices.filter((i) => node.isRuntime(i));
      if (more.length > 0) node.unsupported("compares run-time tensors with each other");
      const constants = indices.filter((i) => i !== index).map((i) => boundOf(node, i));
      translateClip(node, build, boundsOf(pick(...constants)), index);
    },
    evaluate: (node) => {
      let result = node.constant(0);
      for (let i = 1; i < node.inputCount; i++) {
        result = zipElements(node, result, node.constant(i), result.type, (a, b) => pick(a, b));
      }
      return result;
    },
  };
}

const RELU: Bounds = { low: 0, high: Number.POSITIVE_INFINITY };

export const CLIP: OperatorTable = {
  Relu: {
    limits: "any",
    translate: (node, build) => translateClip(node, build, RELU),
    evaluate: (node) => evaluateClip(node, RELU),
  },
  Clip: {
    limits: "bounds single constants; of integers, straight after QuantizeLinear",
    translate: (node, build) => translateClip(node, build, clipBounds(node)),
    evaluate: (node) => evaluateClip(node, clipBounds(node)),
  },
  Min: extremum(Math.min, (high) => ({ ...UNBOUNDED, high })),
  Max: extremum(Math.max, (low) => ({ ...UNBOUNDED, low })),
};
