/**
 * The meaning of a compiled network: an integer program, layer by layer, with exactly specified
 * float32 where the model quantises by what it measures at run time. No target, no packing.
 * The simulator runs it and thereby defines what the generated C must compute.
 *
 * Every tensor is channels-last: element (y, x, c) of a tensor of height H, width W, C channels
 * stands at `(y * W + x) * C + c`. A vector is 1 x 1 x C.
 */

import type { Origin, Window } from "../graph/types.js";
import type { FloatProgram, FloatReduction, FloatStore } from "./float.js";

/** How a tensor is stored, in the generated C as in the simulator's files. */
export type StorageType = IntegerStorage | "float32";

export type IntegerStorage = "int8" | "uint8" | "int16" | "int32";

/** Both ends included. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export type Tensor = IntegerTensor | FloatTensor;

interface Extent {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface IntegerTensor extends Extent {
  readonly type: IntegerStorage;
  /** Values that can occur, proved by interval arithmetic over the actual weights. */
  readonly range: Range;
}

export interface FloatTensor extends Extent {
  readonly type: "float32";
}

/** Index into `Network.tensors`. */
export type TensorId = number;

export type WeightKind = "binary" | "ternary" | "int4" | "int8";

/** `values[output * perOutput + k]`; k runs over kernel row, kernel column, input channel. */
export interface Weights {
  readonly kind: WeightKind;
  readonly outputs: number;
  readonly perOutput: number;
  readonly values: Int8Array;
  /** For people: by which rule of the model file latent floats became these integers. */
  readonly rule?: string;
}

/**
 * How an accumulator becomes an output, for each channel c. Every form is a monotone step function
 * of the accumulator.
 * - `none`: the accumulator itself.
 * - `thresholds`: `base + step * #{j : accumulator >= thresholds[c * count + j]}`, ascending in j.
 * - `table`: `values[c * size + accumulator - low]`, or one list of `size` for all channels.
 * - `fixed-point`: see `FixedPoint`.
 */
export type Requantization =
  | { readonly kind: "none" }
  | {
      readonly kind: "thresholds";
      readonly count: number;
      readonly thresholds: Int32Array;
      readonly base: number;
      readonly step: number;
      readonly exactness: Exactness;
    }
  | {
      readonly kind: "table";
      readonly low: number;
      readonly size: number;
      readonly values: Int32Array;
      readonly exactness: Exactness;
    }
  | FixedPoint;

/**
 *     p = sum over operands i of x_i * multipliers[i][c] + offsets[c]
 *     n = floor(p / 2^shift)
 *     n = n - 1 when n is odd and p mod 2^shift < tieBand     (ties to even; 0 when none occur)
 *     output = base + step * clamp(n, low[c], high[c])
 *
 * |p| < 2^53, so that it is exact in a double and in an int64. The lists hold one element, for all
 * channels, or one for each channel.
 */
export interface FixedPoint {
  readonly kind: "fixed-point";
  readonly multipliers: readonly PerChannel[];
  readonly offsets: PerChannel;
  readonly shift: number;
  readonly tieBand: number;
  readonly low: PerChannel;
  readonly high: PerChannel;
  readonly base: number;
  readonly step: number;
  /** Bits, sign included, that every p needs: at most 32 means int32 arithmetic is enough. */
  readonly bits: number;
  readonly exactness: Exactness;
}

/** One value for all channels or one for each. */
export type PerChannel = Float64Array;

/**
 * What is known about a requantisation against exact real arithmetic on the model's own constants.
 * - `exact`: equal for every reachable operand. Where only pointwise float32 operators lie between
 *   stored integers and a quantiser, equal to those operators in float32.
 * - `bounded`: equal, except that where the exact real number lies within `within` of a break
 *   point (in output steps) the output may be the step on the other side. That happens for at most
 *   `most` of `of` operands (pairs of them in a sum of two), counted over all channels.
 * - `rounded`: the output is a rounded real number, off by at most `bound` output steps.
 */
export type Exactness =
  | { readonly kind: "exact" }
  | {
      readonly kind: "bounded";
      readonly within: number;
      readonly most: number;
      readonly of: number;
    }
  | { readonly kind: "rounded"; readonly bound: number };

interface LayerBase {
  /** A unique C-friendly name, made from the node's. */
  readonly name: string;
  /** The nodes of the model file whose work this layer does, in order. */
  readonly origins: readonly Origin[];
  readonly output: TensorId;
}

/**
 * `accumulator = sum of weight * (x - zero)` over the window; padding contributes nothing.
 * With `groups` > 1 output channel o reads input channels of group `floor(o * groups / outputs)`.
 */
export interface ConvLayer extends LayerBase {
  readonly kind: "conv";
  readonly input: TensorId;
  readonly zero: number;
  readonly weights: Weights;
  readonly window: Window;
  readonly groups: number;
  /** Range of each output channel's accumulator. */
  readonly accumulators: readonly Range[];
  readonly requantization: Requantization;
}

/**
 * A convolution backwards: input element (y, x) adds `weight * (element - zero)` to outputs
 * `(y, x) * strides - (pads.top, pads.left) + tap * dilations` inside the output tensor. Otherwise as
 * `ConvLayer`.
 */
export interface ConvTransposeLayer extends LayerBase {
  readonly kind: "conv-transpose";
  readonly input: TensorId;
  readonly zero: number;
  readonly weights: Weights;
  readonly window: Window;
  readonly groups: number;
  readonly accumulators: readonly Range[];
  readonly requantization: Requantization;
}

/**
 * A product over the whole input (`positions` 1), or over the channels of each position: `positions`
 * consecutive rows of `weights.perOutput` inputs, each giving `weights.outputs` outputs.
 */
export interface DenseLayer extends LayerBase {
  readonly kind: "dense";
  readonly input: TensorId;
  readonly zero: number;
  readonly weights: Weights;
  readonly positions: number;
  readonly accumulators: readonly Range[];
  readonly requantization: Requantization;
}

/**
 * Average pooling without its division: `accumulator = (sum of (x - zero)) * multiple / count`,
 * where count is the number of elements of the window inside the tensor and its margins, whose
 * elements are zeros that count. `multiple` is 0 when the factor is not needed (the divisor is the
 * same everywhere and part of the requantisation), otherwise a common multiple of all counts.
 */
export interface SumPoolLayer extends LayerBase {
  readonly kind: "sum-pool";
  readonly input: TensorId;
  readonly zero: number;
  readonly window: Window;
  readonly multiple: number;
  readonly margins: Window["pads"];
  readonly accumulators: readonly Range[];
  readonly requantization: Requantization;
}

/** Largest element of each window; padding never wins. */
export interface MaxPoolLayer extends LayerBase {
  readonly kind: "max-pool";
  readonly input: TensorId;
  readonly window: Window;
}

/**
 * A step function of one tensor's elements, or of the sum of two (a residual addition). An operand of
 * height and width 1 is added at every position. Element i is of channel `i % period` of the
 * requantisation: the tensor's channels, or all elements where each has constants of its own.
 */
export interface ElementwiseLayer extends LayerBase {
  readonly kind: "elementwise";
  readonly inputs: readonly TensorId[];
  readonly period: number;
  readonly requantization: Requantization;
}

/**
 * `accumulator = (a - zeros[0]) * (b - zeros[1])`, element by element. An operand of height and width
 * 1 (a gate for each channel) is taken at every position.
 */
export interface ProductLayer extends LayerBase {
  readonly kind: "product";
  readonly inputs: readonly [TensorId, TensorId];
  readonly zeros: readonly [number, number];
  readonly accumulators: readonly Range[];
  readonly requantization: Requantization;
}

/**
 * Elements taken from tensors of the output's type: concatenation, slices, padding, repetition,
 * transpositions that could not be folded away. Elements in no part hold `fill`. The parts' boxes
 * lie in `view`, the output's elements in the same order, and do not overlap.
 */
export interface GatherLayer extends LayerBase {
  readonly kind: "gather";
  readonly inputs: readonly TensorId[];
  readonly view: { readonly height: number; readonly width: number; readonly channels: number };
  readonly parts: readonly GatherPart[];
  readonly fill: number;
}

/**
 * A box of a gather's output and where its elements come from: element (top + y, left + x, first + c)
 * is element `rows[y] + columns[x] + channels[c]` of the input.
 */
export interface GatherPart {
  /** Index into the layer's inputs. */
  readonly input: number;
  readonly top: number;
  readonly left: number;
  readonly first: number;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly channels: Int32Array;
}

/**
 * Rows of a constant table: output element `i * columns + j` is `table[row * columns + j]`, where
 * row is input element i, or the nearest row there is: encoding an input refuses others.
 */
export interface LookupLayer extends LayerBase {
  readonly kind: "lookup";
  readonly input: TensorId;
  readonly columns: number;
  readonly table: Int8Array;
}

/** A float32 program for each element of the output. */
export interface PointwiseLayer extends LayerBase {
  readonly kind: "pointwise";
  readonly inputs: readonly TensorId[];
  readonly program: FloatProgram;
  readonly store: FloatStore;
}

/**
 * A float32 program for each of `outputs * count` elements, and of every `count` results their sum
 * (0 plus the first, plus the second, ...) or their maximum. With `stride` s > 1 the results that go
 * together stand s elements apart: output `o * s + j` is made of elements `(o * count + k) * s + j`.
 */
export interface ReduceLayer extends LayerBase {
  readonly kind: "reduce";
  readonly inputs: readonly TensorId[];
  readonly program: FloatProgram;
  readonly reduction: FloatReduction;
  readonly count: number;
  readonly stride: number;
}

export type Layer =
  | ConvLayer
  | ConvTransposeLayer
  | DenseLayer
  | SumPoolLayer
  | MaxPoolLayer
  | ElementwiseLayer
  | ProductLayer
  | GatherLayer
  | LookupLayer
  | PointwiseLayer
  | ReduceLayer;

/** How the user's numbers become the network's input tensor. */
export interface NetworkInput {
  readonly name: string;
  readonly tensor: TensorId;
  /** Shape and order of the model file's own input, batch axis included. */
  readonly shape: readonly number[];
  /** `source[i]` is the index, in the model's order, of element i of the tensor; null: the same. */
  readonly source: Int32Array | null;
  readonly encoding: InputEncoding;
}

/**
 * - `float32`: the model's float32 as they are.
 * - `integer`: the model's input already is this integer; `scale`/`zero` as the model says, if it
 *   dequantises it at once: real = (q - zero) * scale.
 * - `real`: the model takes float32 and quantises it itself. Channel c of the tensor is
 *   `base + step * #{j : x >= breaks[c][j]}` (`<=`, descending, where `descending[c]`), the breaks
 *   being the exact float32 break points. One list serves all channels where they agree.
 *   `formula` describes it for people.
 */
export type InputEncoding =
  | { readonly kind: "float32" }
  | { readonly kind: "integer"; readonly scale: number | null; readonly zero: number }
  | {
      readonly kind: "real";
      readonly breaks: readonly Float64Array[];
      readonly descending: readonly boolean[];
      readonly base: number;
      readonly step: number;
      readonly formula: string;
    };

/** What follows the network's last integer tensor in the model file; run on the host only. */
export type Head = "none" | "softmax" | "logSoftmax" | "sigmoid" | "argMax" | "topK";

/** How the network's output tensor becomes the model's numbers. */
export interface NetworkOutput {
  readonly name: string;
  readonly tensor: TensorId;
  readonly shape: readonly number[];
  /** `source[i]` is the index in the tensor of element i of the model's output; null: the same. */
  readonly source: Int32Array | null;
  /** real = integer * scale + offset. `null` when the tensor holds the model's own output. */
  readonly real: { readonly scale: number; readonly offset: number } | null;
  readonly head: Head;
}

export interface Network {
  readonly input: NetworkInput;
  readonly output: NetworkOutput;
  readonly tensors: readonly Tensor[];
  readonly layers: readonly Layer[];
}

/** Number of elements of a tensor. */
export function elementCount(tensor: Tensor): number {
  return tensor.height * tensor.width * tensor.channels;
}

/** The tensors a layer reads. */
export function inputsOf(layer: Layer): readonly TensorId[] {
  return "inputs" in layer ? layer.inputs : [layer.input];
}

/** The network's tensor of that id. */
export function tensorAt({ tensors }: Pick<Network, "tensors">, id: TensorId): Tensor {
  const tensor = tensors[id];
  if (tensor === undefined) throw new RangeError(`no tensor ${id}`);
  return tensor;
}

/** The tensor, where a layer can only read or make integers. */
export function integerTensor(tensor: Tensor | undefined): IntegerTensor {
  if (tensor === undefined || tensor.type === "float32")
    throw new TypeError("not an integer tensor");
  return tensor;
}
