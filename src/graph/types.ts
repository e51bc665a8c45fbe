/**
 * The float network as the model file says it: typed operators over named tensors of known shape.
 * Readers make it, passes rewrite it, lowering reads it. Nothing here knows integers, targets or C.
 */

export type Shape = readonly number[];

/** Where a node came from, for diagnostics and for comments in the generated C. */
export interface Origin {
  /** The operator as the file spells it, e.g. `Conv`, `onnx.brevitas.Quant`. */
  readonly op: string;
  /** The node's name in the file; the reader makes one up (`Conv_3`) when the file has none. */
  readonly name: string;
}

/**
 * A constant tensor, row-major. `grid` is present when the file itself says that the values are
 * integers times a scale (QuantizeLinear, Quant, BipolarQuant, int8 initialisers): then
 * `data[i] = float32(grid.integers[i] * scale)`, with the exact scale in `grid`. `rule` says, for
 * people, by which rule of the file latent floats became these values.
 */
export interface Constant {
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array;
  readonly grid?: WeightGrid;
  readonly rule?: string;
}

export interface WeightGrid {
  /** Integer value of each element, zero point already subtracted. */
  readonly integers: Int32Array;
  /** One scale, or one for each index along `axis`. Positive and finite. */
  readonly scales: Float32Array;
  /** The axis the scales run along; null for one scale. */
  readonly axis: number | null;
}

/** A run-time tensor. Integer tensors only occur at the model's input and after `quantize`. */
export interface TensorInfo {
  readonly shape: Shape;
  readonly type: "real" | IntegerType;
}

export type IntegerType = "int8" | "uint8" | "int16" | "uint16" | "int32";

/**
 * A monotone step function from the reals to integers.
 * - `uniform`: `clip(round(x / scale + zero), min, max)` when `zeroAdded` is `before-rounding`
 *   (QONNX Quant), `clip(round(x / scale) + zero, min, max)` when it is `after-rounding` (ONNX
 *   QuantizeLinear): ties go to the even integer of different sums. `scale` and `zero` have one
 *   element, or one for each index along `axis`. `zero` may be fractional only in QONNX files.
 * - `bipolar`: `x >= 0 ? 1 : -1` (QONNX BipolarQuant).
 * - `sign`: ONNX Sign: -1, 0 or 1.
 * - `thresholds`: `base + step * #{t <= x}` (FINN MultiThreshold). `values` are lists of `count`
 *   thresholds in ascending order, infinite ones among them perhaps: one list, or one for each
 *   index along `axis`. The j-th threshold of a list only counts below x, not at it, where
 *   `open[j]` (`x > 0 ? 1 : -1`); none is open without that list.
 */
export type Quantizer =
  | {
      readonly kind: "uniform";
      readonly scale: Float32Array;
      readonly zero: Float32Array;
      readonly zeroAdded: "before-rounding" | "after-rounding";
      readonly axis: number | null;
      readonly min: number;
      readonly max: number;
      readonly rounding: Rounding;
    }
  | { readonly kind: "bipolar" }
  | { readonly kind: "sign" }
  | {
      readonly kind: "thresholds";
      readonly values: Float64Array;
      readonly count: number;
      readonly axis: number | null;
      readonly base: number;
      readonly step: number;
      readonly open?: readonly boolean[];
    };

/** `half-even` is ONNX Round and QONNX ROUND; the others are QONNX rounding modes. */
export type Rounding = "half-even" | "floor" | "ceil" | "toward-zero";

export interface Window {
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  /** Distance of neighbouring taps; 1 in an ordinary window. */
  readonly dilations: readonly [height: number, width: number];
  readonly pads: {
    readonly top: number;
    readonly left: number;
    readonly bottom: number;
    readonly right: number;
  };
}

interface NodeBase {
  readonly origin: Origin;
  /** Name of the tensor this node makes. */
  readonly output: string;
}

interface Unary extends NodeBase {
  readonly input: string;
}

/** `weight` is a constant [out, in / groups, kernel h, kernel w]; `bias` a constant [out]. */
export interface ConvNode extends Unary {
  readonly kind: "conv";
  readonly weight: string;
  readonly bias: string | null;
  readonly window: Window;
  readonly groups: number;
}

/** Product along the last axis. `weight` is a constant [out, in]; `bias` a constant [out]. */
export interface DenseNode extends Unary {
  readonly kind: "dense";
  readonly weight: string;
  readonly bias: string | null;
}

export interface MaxPoolNode extends Unary {
  readonly kind: "maxPool";
  readonly window: Window;
}

/**
 * ConvTranspose: input element (y, x) adds `weight * element` to outputs
 * `(y, x) * strides - (pads.top, pads.left) + tap * dilations`. `weight` is a constant
 * [in, out / groups, kernel h, kernel w]; `bias` a constant [out]. The output's extent is
 * `(in - 1) * stride + span - pads + outputPadding` along each axis.
 */
export interface ConvTransposeNode extends Unary {
  readonly kind: "convTranspose";
  readonly weight: string;
  readonly bias: string | null;
  readonly window: Window;
  readonly outputPadding: readonly [height: number, width: number];
  readonly groups: number;
}

/**
 * GlobalAveragePool and means over axes arrive here with the window they mean. `overhang` is the
 * part of the bottom and right padding that `ceil_mode` added: it never counts in the divisor.
 */
export interface AveragePoolNode extends Unary {
  readonly kind: "averagePool";
  readonly window: Window;
  /** Whether padding, but for the overhang, counts in the divisor. */
  readonly countPadding: boolean;
  readonly overhang: readonly [bottom: number, right: number];
}

/** Row `input` of a constant table [rows, columns]: an embedding. The input holds integers. */
export interface EmbeddingNode extends Unary {
  readonly kind: "embedding";
  readonly table: string;
}

/** `function` of every element. */
export interface UnaryNode extends Unary {
  readonly kind: "unary";
  readonly function: UnaryFunction;
}

/**
 * Functions of one number, with the parameters that ONNX gives them. Relu and Clip are `clip` nodes.
 * - `gelu`: `x / 2 * (1 + erf(x / sqrt 2))`, or its approximation by tanh.
 * - `hardSigmoid`: `clip(alpha * x + beta, 0, 1)`; `hardSwish`: `x * clip(x / 6 + 1/2, 0, 1)`.
 * - `power`: `x ^ exponent`, a constant.
 */
export type UnaryFunction =
  | {
      readonly name:
        | "sigmoid"
        | "tanh"
        | "silu"
        | "hardSwish"
        | "softplus"
        | "softsign"
        | "mish"
        | "erf"
        | "exp"
        | "abs"
        | "sqrt"
        | "reciprocal";
    }
  | { readonly name: "gelu"; readonly approximate: "none" | "tanh" }
  | { readonly name: "leakyRelu" | "elu" | "celu" | "thresholdedRelu"; readonly alpha: number }
  | { readonly name: "selu"; readonly alpha: number; readonly gamma: number }
  | { readonly name: "hardSigmoid"; readonly alpha: number; readonly beta: number }
  | { readonly name: "power"; readonly exponent: number };

/** `x < 0 ? slope * x : x`; the constant `slope` broadcasts as in ONNX. */
export interface PReluNode extends Unary {
  readonly kind: "prelu";
  readonly slope: string;
}

/** `min(max(x, low), high)`; Relu is [0, Infinity]. */
export interface ClipNode extends Unary {
  readonly kind: "clip";
  readonly low: number;
  readonly high: number;
}

/** `input OP constant`, or `constant OP input` when `constantFirst`; broadcast as in ONNX. */
export interface ArithmeticNode extends Unary {
  readonly kind: "arithmetic";
  readonly operation: "add" | "sub" | "mul" | "div";
  readonly constant: string;
  readonly constantFirst: boolean;
}

/** `(x - mean) / sqrt(variance + epsilon) * gamma + beta` along axis 1. Constants [channels]. */
export interface BatchNormNode extends Unary {
  readonly kind: "batchNorm";
  readonly gamma: string;
  readonly beta: string;
  readonly mean: string;
  readonly variance: string;
  readonly epsilon: number;
}

/** Sum, difference or product of two run-time tensors, which broadcast as in ONNX. */
export interface BinaryNode extends NodeBase {
  readonly kind: "add" | "sub" | "mul";
  readonly inputs: readonly [string, string];
}

/** Quotient of two run-time tensors, which broadcast as in ONNX. */
export interface DivNode extends NodeBase {
  readonly kind: "div";
  readonly inputs: readonly [string, string];
}

/** To the nearest integer, ties to even: a quantiser that is spelled out. */
export interface RoundNode extends Unary {
  readonly kind: "round";
}

/** Over some axes, in ascending order; they stay, with size 1. */
export interface ReduceNode extends Unary {
  readonly kind: "reduce";
  readonly reduction: "sum" | "mean" | "max";
  readonly axes: readonly number[];
}

/** Run-time tensors one after another along an axis, which is not negative. */
export interface ConcatNode extends NodeBase {
  readonly kind: "concat";
  readonly inputs: readonly string[];
  readonly axis: number;
}

/**
 * Output element (i, j, ...) is input element (indices[0][i], indices[1][j], ...): Slice, Split,
 * Resize to nearest, Tile, Pad. `null` keeps an axis as it is; an index of -1 stands for `fill`.
 */
export interface GatherNode extends Unary {
  readonly kind: "gather";
  readonly indices: readonly (Int32Array | null)[];
  readonly fill: number;
}

/** Real to integer. */
export interface QuantizeNode extends Unary {
  readonly kind: "quantize";
  readonly quantizer: Quantizer;
}

/** Integer to real: `(q - zero) * scale`. `scale`, `zero` as in a uniform quantizer. */
export interface DequantizeNode extends Unary {
  readonly kind: "dequantize";
  readonly scale: Float32Array;
  readonly zero: Float32Array;
  readonly axis: number | null;
}

/** Reshape, Flatten, Squeeze, Unsqueeze: same elements, same order, the shape of the output. */
export interface ReshapeNode extends Unary {
  readonly kind: "reshape";
}

export interface TransposeNode extends Unary {
  readonly kind: "transpose";
  readonly permutation: readonly number[];
}

/** The end of a classifier. `axis` is not negative. TopK and ArgMax keep only what they select. */
export interface HeadNode extends Unary {
  readonly kind: "softmax" | "logSoftmax" | "sigmoid" | "argMax" | "topK";
  readonly axis: number;
}

export type GraphNode =
  | ConvNode
  | DenseNode
  | MaxPoolNode
  | AveragePoolNode
  | ConvTransposeNode
  | EmbeddingNode
  | ClipNode
  | UnaryNode
  | PReluNode
  | ArithmeticNode
  | BatchNormNode
  | BinaryNode
  | DivNode
  | ReduceNode
  | RoundNode
  | ConcatNode
  | GatherNode
  | QuantizeNode
  | DequantizeNode
  | ReshapeNode
  | TransposeNode
  | HeadNode;

export interface Graph {
  /** Name of the tensor the user feeds. */
  readonly input: string;
  /** Name of the tensor the user reads. */
  readonly output: string;
  /** In an order in which every tensor is made before it is used. */
  readonly nodes: readonly GraphNode[];
  /** Every run-time tensor; shapes have batch size 1 in front where the file has a batch axis. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly constants: ReadonlyMap<string, Constant>;
}
