import type { Window } from "../graph/types.js";
import {
  type ConvLayer,
  type ConvTransposeLayer,
  type DenseLayer,
  elementCount,
  integerTensor,
  type WeightKind,
} from "../network/types.js";
import type { Target } from "../targets/index.js";
import { aheadOfPositions, aheadOfWindow } from "./ahead.js";
import { PORTABLE_CYCLES } from "./core.js";
import { type KernelFile, type KernelUse, kernelName } from "./library.js";
import { type Packing, ROW_PACKINGS } from "./packing.js";
import { picture } from "./picture.js";
import { requantizeFunction } from "./requantize.js";
import { scratchBytes, tableBytes } from "./size.js";
import {
  type Kernel,
  type KernelCode,
  type LayerShape,
  largestMagnitude,
  type Scratch,
  type Table,
} from "./types.js";
import { windowStruct } from "./window.js";

/** Estimated instructions for one weight, by kind, on a 32-bit core. */
const PER_WEIGHT: Readonly<Record<WeightKind, number>> = {
  ternary: 7,
  binary: 6.5,
  int4: 6,
  int8: 5,
};

/** Estimated instructions around the requantisation of one output. */
const PER_OUTPUT = 4;

/** Estimated instructions to copy one input of a window. */
const PER_GATHERED = 4;

/** One way to multiply rows of weights with a vector: the C function `file`, and what it takes more. */
export interface RowsForm {
  readonly file: KernelFile;
  readonly packing: Packing;
  /** Further files of its C. */
  readonly uses: readonly KernelUse[];
  /** Arguments after the numbers of inputs and outputs. */
  readonly working: string;
  readonly scratch: readonly Scratch[];
}

/** A row of the network's weights after another, against one vector of inputs: the plain kernel. */
function rowsKernel(kind: WeightKind): Kernel {
  const packing = ROW_PACKINGS[kind];
  const form: RowsForm = {
    file: `rows_${kind}`,
    packing,
    uses: [],
    working: "",
    scratch: [],
  };
  return {
    name: `rows-${kind}`,
    packing,
    isFor: ({ layer }) => "weights" in layer && layer.weights.kind === kind,
    refuses: (shape) =>
      overflows(weightLayer(shape), shape)
        ? "sums without the zero point would leave 32 bits"
        : null,
    cost: (shape, target) => {
      const code = rowsCode(shape, target, form);
      const { weights } = weightLayer(shape);
      const positions = elementCount(shape.output) / weights.outputs;
      const gathered = code.template === "windows" ? weights.perOutput * PER_GATHERED : 0;
      const requantize = (PER_OUTPUT + requantizeOf(shape, target).instructions) * weights.outputs;
      const instructions =
        positions * (weights.values.length * PER_WEIGHT[kind] + gathered + requantize);
      return {
        tableBytes: tableBytes(code),
        codeBytes: 0,
        scratchBytes: scratchBytes(code.scratch),
        instructions,
        cycles: PORTABLE_CYCLES * instructions,
      };
    },
    code: (shape, target) => rowsCode(shape, target, form),
    ahead: (shape) => [aheadOf(shape)],
    ...(kind === "int4" || kind === "int8" ? { multiplies: true } : {}),
  };
}

export const ROWS_KERNELS: readonly Kernel[] = [
  rowsKernel("ternary"),
  rowsKernel("binary"),
  rowsKernel("int4"),
  rowsKernel("int8"),
];

/** Windows are gathered, and accumulators filled, before the outputs of a position are written. */
export function aheadOf(shape: LayerShape): number | null {
  const layer = weightLayer(shape);
  const [input] = shape.inputs;
  if (input === undefined || layer.kind === "conv-transpose") return null;
  if (layer.kind === "dense") return aheadOfPositions(input, shape.output, layer.positions);
  return isPointwise(layer)
    ? aheadOfPositions(input, shape.output, input.height * input.width)
    : aheadOfWindow(layer.window, input, shape.output, 0);
}

export type WeightLayer = ConvLayer | ConvTransposeLayer | DenseLayer;

export function weightLayer({ layer }: LayerShape): WeightLayer {
  if ("weights" in layer) return layer;
  throw new Error("a layer without weights");
}

export function overflows(layer: WeightLayer, { inputs }: LayerShape): boolean {
  const input = integerTensor(inputs[0]).range;
  const widest = layer.weights.kind === "int8" ? 128 : layer.weights.kind === "int4" ? 8 : 2;
  const code = Math.max(largestMagnitude(input), Math.abs(layer.zero));
  return layer.weights.perOutput * widest * code >= 2 ** 31;
}

export function requantizeOf(shape: LayerShape, { features }: Target) {
  const layer = weightLayer(shape);
  return requantizeFunction({
    rule: layer.requantization,
    output: shape.output.type,
    operands: [layer.accumulators],
    bias: zeroBias(layer),
    longMultiply: features.longMultiply,
    constants: shape.constants,
  });
}

export function rowsCode(shape: LayerShape, target: Target, form: RowsForm): KernelCode {
  const layer = weightLayer(shape);
  const input = shape.inputs[0];
  if (input === undefined) throw new Error("a layer with weights has an input");
  const { weights } = layer;
  const requantize = requantizeOf(shape, target);
  const { packing, file } = form;
  const rowBytes = Math.ceil((weights.perOutput * packing.bitsPerWeight) / 8);
  const weightTable: Table = {
    suffix: "weights",
    type: "uint8_t",
    length: weights.outputs * rowBytes,
    values: () => packing.pack(weights),
    comment: `${weights.outputs} rows of ${weights.perOutput}, ${packing.legend}.`,
    picture: picture(weights),
  };
  const acc: Scratch = { name: "acc", type: "int32", elements: weights.outputs };
  const common = {
    tables: [weightTable],
    requantize,
    uses: [{ file, type: input.type }, ...form.uses],
  };
  const view = {
    rows: kernelName(file, input.type),
    inputs: weights.perOutput,
    outputs: weights.outputs,
    working: form.working,
  };
  if (layer.kind === "dense" || (layer.kind === "conv" && isPointwise(layer))) {
    const positions = elementCount(shape.output) / weights.outputs;
    return {
      ...common,
      structs: [],
      scratch: [...form.scratch, acc],
      template: "rows",
      view: { ...view, positions, many: positions > 1 },
    };
  }
  const gather: KernelFile = layer.kind === "conv" ? "gather" : "gather_transposed";
  const groupInputs = input.channels / layer.groups;
  const groupOutputs = weights.outputs / layer.groups;
  return {
    ...common,
    uses: [...common.uses, { file: gather, type: input.type }],
    structs: [windowStruct(layer.window, input, shape.output)],
    scratch: [
      { name: "patch", type: input.type, elements: weights.perOutput },
      ...form.scratch,
      acc,
    ],
    template: "windows",
    view: {
      ...view,
      gather: kernelName(gather, input.type),
      grouped: layer.groups > 1,
      groups: layer.groups,
      groupInputs,
      groupOutputs,
      groupBytes: groupOutputs * rowBytes,
      zero: layer.zero,
      outHeight: shape.output.height,
      outWidth: shape.output.width,
    },
  };
}

/** A 1x1 convolution reads each position's channels where they stand. */
export function isPointwise({ window, groups }: ConvLayer): boolean {
  const { kernel, strides, pads }: Window = window;
  const plain = [...kernel, ...strides].every((n) => n === 1);
  return plain && groups === 1 && Object.values(pads).every((p) => p === 0);
}

/**
 * What the accumulators lack: products are taken with the stored codes, so the zero point's share,
 * `-zero * sum of weights`, is missing. Null where the zero point is 0.
 */
export function zeroBias({ zero, weights }: WeightLayer): Int32Array | null {
  if (zero === 0) return null;
  return Int32Array.from({ length: weights.outputs }, (_, o) => {
    const row = weights.values.subarray(o * weights.perOutput, (o + 1) * weights.perOutput);
    return -zero * row.reduce((sum, w) => sum + w, 0);
  });
}
