import { fail } from "../../../diagnostics.js";
import type {
  Constant,
  ConvNode,
  ConvTransposeNode,
  DenseNode,
  Origin,
} from "../../../graph/types.js";
import { pick } from "../../channels.js";
import { add, fromInteger, fromNumber, multiply, type Rational, ZERO } from "../../rational.js";
import { type FoundWeights, findWeights } from "../../weights.js";
import { type LoweringContext, mergeOrigins } from "../context.js";
import { floatWeights, perInputChannelScale, zeroPointOffGrid } from "../diagnostics.js";
import { channelsFirst, type Extent, type Order, sizeOf } from "../layout.js";
import {
  integerZero,
  isPerTensor,
  type Operand,
  operand,
  productScales,
  realInput,
  zeroPoint,
} from "../materialize.js";
import { onOneGrid } from "../refine.js";
import { realOf } from "../value.js";

export function lowerConv(context: LoweringContext, node: ConvNode | ConvTransposeNode): void {
  const transposed = node.kind === "convTranspose";
  const [, channels = 1, height = 1, width = 1] = context.shapeOf(node.input);
  const [, outChannels = 1, outHeight = 1, outWidth = 1] = context.shapeOf(node.output);
  const extent: Extent = { height, width, channels };
  const input = convInput(context, node, extent);
  const found = transposed
    ? transposedTrits(context, node)
    : trits(context, node.weight, node.origin, channelsLastKernel);
  const perGroup = outChannels / node.groups;
  const groupInputs = channels / node.groups;
  // Scales for each channel are those of a depthwise convolution.
  const inputOf = (output: number): number => Math.floor(output / perGroup) * groupInputs;
  const zero = integerZero(input);
  const scales = found.scales.map((w, o) => multiply(pick(input.scales, inputOf(o)), w));
  const outExtent: Extent = { height: outHeight, width: outWidth, channels: outChannels };
  const output = context.addTensor({ ...outExtent, declared: null });
  context.layers.push({
    kind: transposed ? "conv-transpose" : "conv",
    input: input.tensor,
    zero: zero ?? 0,
    weights: found.weights,
    window: node.window,
    groups: node.groups,
    rule: null,
    output,
    origins: mergeOrigins(input.pending, [node.origin]),
  });
  const base = {
    shape: context.shapeOf(node.output),
    order: channelsFirst(outExtent),
    extent: outExtent,
    pending: [],
  };
  const bias = biasOf(context, node.bias, found, zero === null ? input : null, inputOf);
  context.setValue(node.output, realOf(base, [{ tensor: output, scales }], bias));
}

/** Weights [in, out / groups, h, w] as those of each output: [out, h, w, in / groups]. */
function transposedTrits(context: LoweringContext, node: ConvTransposeNode): FoundWeights {
  const { groups, origin } = node;
  const constant = context.constant(node.weight);
  const [inputs = 1, perGroup = 1, height = 1, width = 1] = constant.shape;
  const groupInputs = inputs / groups;
  const area = height * width;
  const from = new Int32Array(constant.data.length);
  let to = 0;
  for (let o = 0; o < perGroup * groups; o++) {
    const first = Math.floor(o / perGroup) * groupInputs;
    for (let c = first; c < first + groupInputs; c++) {
      for (let p = 0; p < area; p++) from[to++] = (c * perGroup + (o % perGroup)) * area + p;
    }
  }
  const shape = [perGroup * groups, groupInputs, height, width];
  const found = findWeights(rearranged(constant, from, shape, node));
  if (!("weights" in found)) return fail(floatWeights(origin, node.weight, found));
  const { weights } = found;
  return { ...found, weights: { ...weights, values: channelsLastKernel(weights.values, shape) } };
}

/** The constant with its elements from other places, and a grid where its scales still fit. */
function rearranged(
  { data, grid }: Constant,
  from: Int32Array,
  shape: readonly number[],
  { groups }: ConvTransposeNode,
): Constant {
  const moved = data.slice();
  for (const [i, at] of from.entries()) moved[i] = data[at] ?? 0;
  if (grid === undefined) return { shape, data: moved };
  const integers = grid.integers.slice();
  for (const [i, at] of from.entries()) integers[i] = grid.integers[at] ?? 0;
  if (grid.axis === null || grid.scales.length === 1) {
    return { shape, data: moved, grid: { ...grid, integers, axis: null } };
  }
  // ONNX counts the outputs of one group along axis 1.
  if (grid.axis !== 1) return { shape, data: moved };
  const scales = Float32Array.from({ length: grid.scales.length * groups }, (_, o) =>
    pick(Array.from(grid.scales), o % grid.scales.length),
  );
  return { shape, data: moved, grid: { integers, scales, axis: 0 } };
}

/** The integers a convolution reads: one scale for all channels, and a code for padding's zero. */
function convInput(
  context: LoweringContext,
  node: ConvNode | ConvTransposeNode,
  extent: Extent,
): Operand {
  const value = realInput(context, node.input, node.origin);
  const input = operand(context, value, node.origin, channelsFirst(extent), extent);
  const oneScale = node.groups === extent.channels || isPerTensor(input);
  // What a transposed convolution adds up differs from output to output, as at padded borders.
  const padded =
    node.kind === "convTranspose" || Object.values(node.window.pads).some((p) => p > 0);
  if (oneScale && (!padded || canPad(context, input))) return input;
  const refined = onOneGrid(context, input, node.origin);
  if (refined !== null) return refined;
  return fail(
    oneScale ? zeroPointOffGrid(node.origin, zeroPoint(input)) : perInputChannelScale(node.origin),
  );
}

/** Whether the tensor's type holds an integer that means 0 in every channel. */
function canPad(context: LoweringContext, input: Operand): boolean {
  // An accumulator has no declared range yet, but 0 fits any type.
  const range = context.tensor(input.tensor).declared?.range ?? { low: 0, high: 0 };
  const zero = integerZero(input);
  return zero !== null && zero >= range.low && zero <= range.high;
}

export function lowerDense(context: LoweringContext, node: DenseNode): void {
  const shape = context.shapeOf(node.input);
  const total = sizeOf(shape);
  const inputs = shape.at(-1) ?? 1;
  const positions = total / inputs;
  const value = realInput(context, node.input, node.origin);
  // One vector: its columns follow wherever the elements stand in memory. Several: rows of memory.
  const single = positions === 1;
  const extent = single ? value.extent : { height: 1, width: positions, channels: inputs };
  const order: Order = single ? value.order : null;
  const input = operand(context, value, node.origin, order, extent);
  if (!isPerTensor(input)) fail(perInputChannelScale(node.origin));
  const found = trits(context, node.weight, node.origin, (values) =>
    single ? reorderColumns(values, order, inputs) : values,
  );
  const zero = integerZero(input);
  const outputs = found.weights.outputs;
  const outExtent: Extent = { height: 1, width: positions, channels: outputs };
  const output = context.addTensor({ ...outExtent, declared: null });
  context.layers.push({
    kind: "dense",
    input: input.tensor,
    zero: zero ?? 0,
    weights: found.weights,
    positions,
    rule: null,
    output,
    origins: mergeOrigins(input.pending, [node.origin]),
  });
  const base = {
    shape: context.shapeOf(node.output),
    order: null,
    extent: outExtent,
    pending: [],
  };
  const bias = biasOf(context, node.bias, found, zero === null ? input : null, () => 0);
  const scales = productScales(pick(input.scales, 0), found.scales);
  context.setValue(node.output, realOf(base, [{ tensor: output, scales }], bias));
}

type Rearrange = (values: Int8Array, shape: readonly number[]) => Int8Array;

export function trits(
  context: LoweringContext,
  name: string,
  origin: Origin,
  rearrange: Rearrange,
): FoundWeights {
  const found = context.weights(name);
  if (!("weights" in found)) return fail(floatWeights(origin, name, found));
  const { weights } = found;
  const values = rearrange(weights.values, context.constant(name).shape);
  return { ...found, weights: { ...weights, values } };
}

/** [out, in, h, w] to [out, h, w, in]. */
function channelsLastKernel(values: Int8Array, shape: readonly number[]): Int8Array {
  const [outputs = 1, channels = 1, height = 1, width = 1] = shape;
  const area = height * width;
  const result = new Int8Array(values.length);
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < area; p++) {
        result[(o * area + p) * channels + c] = values[(o * channels + c) * area + p] ?? 0;
      }
    }
  }
  return result;
}

/** Columns from the model's order of inputs to the memory's. */
export function reorderColumns(values: Int8Array, order: Order, inputs: number): Int8Array {
  if (order === null) return values;
  const result = new Int8Array(values.length);
  for (let row = 0; row < values.length; row += inputs) {
    for (let k = 0; k < inputs; k++) result[row + (order[k] ?? 0)] = values[row + k] ?? 0;
  }
  return result;
}

/**
 * The bias of each output: the node's own and, for an input whose zero point is no integer, what its
 * constant part adds to every product.
 */
function biasOf(
  context: LoweringContext,
  name: string | null,
  found: FoundWeights,
  shifted: Operand | null,
  inputOf: (output: number) => number,
): Rational[] {
  const own = name === null ? null : context.constant(name).data;
  const { perOutput, values } = found.weights;
  return found.scales.map((scale, o) => {
    const bias = own === null ? ZERO : fromNumber((own.length === 1 ? own[0] : own[o]) ?? 0);
    if (shifted === null) return bias;
    let sum = 0;
    for (let k = 0; k < perOutput; k++) sum += values[o * perOutput + k] ?? 0;
    const constant = multiply(multiply(scale, fromInteger(sum)), pick(shifted.bias, inputOf(o)));
    return add(bias, constant);
  });
}
