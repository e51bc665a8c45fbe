import type { Window } from "../graph/types.js";
import {
  type ConvLayer,
  type ConvTransposeLayer,
  type DenseLayer,
  elementCount,
  integerTensor,
  type WeightKind,
} from "../network/types.js";
import { type KernelFile, kernelName } from "./library.js";
import { ROW_PACKINGS } from "./packing.js";
import { picture } from "./picture.js";
import { requantizeCode } from "./requantize.js";
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

/** Estimated instructions to copy one input of a window. */
const PER_GATHERED = 4;

/** A row of the network's weights after another, against one vector of inputs: the plain kernel. */
function rowsKernel(kind: WeightKind): Kernel {
  const packing = ROW_PACKINGS[kind];
  const file: KernelFile = `rows_${kind}`;
  return {
    name: `rows-${kind}`,
    packing,
    isFor: ({ layer }) => "weights" in layer && layer.weights.kind === kind,
    refuses: (shape) =>
      overflows(weightLayer(shape), shape)
        ? "sums without the zero point would leave 32 bits"
        : null,
    cost: (shape) => {
      const code = rowsCode(shape, file);
      const { weights } = weightLayer(shape);
      const positions = elementCount(shape.output) / weights.outputs;
      const gathered = code.template === "windows" ? weights.perOutput * PER_GATHERED : 0;
      const requantize = requantizeOf(shape).instructions * weights.outputs;
      return {
        tableBytes: tableBytes(code),
        scratchBytes: scratchBytes(code.scratch),
        instructions:
          positions * (weights.values.length * PER_WEIGHT[kind] + gathered + requantize),
      };
    },
    code: (shape) => rowsCode(shape, file),
  };
}

export const ROWS_KERNELS: readonly Kernel[] = [
  rowsKernel("ternary"),
  rowsKernel("binary"),
  rowsKernel("int4"),
  rowsKernel("int8"),
];

type WeightLayer = ConvLayer | ConvTransposeLayer | DenseLayer;

function weightLayer({ layer }: LayerShape): WeightLayer {
  if ("weights" in layer) return layer;
  throw new Error("a layer without weights");
}

function overflows(layer: WeightLayer, { inputs }: LayerShape): boolean {
  const input = integerTensor(inputs[0]).range;
  const widest = layer.weights.kind === "int8" ? 128 : layer.weights.kind === "int4" ? 8 : 2;
  const code = Math.max(largestMagnitude(input), Math.abs(layer.zero));
  return layer.weights.perOutput * widest * code >= 2 ** 31;
}

function requantizeOf(shape: LayerShape) {
  const layer = weightLayer(shape);
  return requantizeCode(layer.requantization, shape.output.type, layer.weights.outputs);
}

function rowsCode(shape: LayerShape, file: KernelFile): KernelCode {
  const layer = weightLayer(shape);
  const input = shape.inputs[0];
  if (input === undefined) throw new Error("a layer with weights has an input");
  const { weights } = layer;
  const requantize = requantizeOf(shape);
  const bias = biasTable(layer);
  const weightTable: Table = {
    suffix: "weights",
    type: "uint8_t",
    values: ROW_PACKINGS[weights.kind].pack(weights),
    comment: `${weights.outputs} rows of ${weights.perOutput}, ${ROW_PACKINGS[weights.kind].legend}.`,
    picture: picture(weights),
  };
  const acc: Scratch = { name: "acc", type: "int32", elements: weights.outputs };
  const common = {
    tables: [weightTable, ...(bias === null ? [] : [bias]), ...requantize.tables],
    uses: [{ file, type: input.type }, ...requantize.uses],
  };
  const view = {
    start:
      bias === null
        ? `(void)memset(acc, 0, ${weights.outputs}u * sizeof acc[0]);`
        : "(void)memcpy(acc, {layer}_bias, sizeof {layer}_bias);",
    rows: kernelName(file, input.type),
    inputs: weights.perOutput,
    outputs: weights.outputs,
    requantize: requantize.call,
  };
  if (layer.kind === "dense" || (layer.kind === "conv" && isPointwise(layer))) {
    const positions = elementCount(shape.output) / weights.outputs;
    return {
      ...common,
      structs: requantize.structs,
      scratch: [acc],
      template: "rows",
      view: { ...view, positions, many: positions > 1 },
    };
  }
  const gather: KernelFile = layer.kind === "conv" ? "gather" : "gather_transposed";
  const groupInputs = input.channels / layer.groups;
  const groupOutputs = weights.outputs / layer.groups;
  const rowBytes = weightTable.values.length / weights.outputs;
  return {
    ...common,
    uses: [...common.uses, { file: gather, type: input.type }],
    structs: [windowStruct(layer.window, input, shape.output), ...requantize.structs],
    scratch: [{ name: "patch", type: input.type, elements: weights.perOutput }, acc],
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
function isPointwise({ window, groups }: ConvLayer): boolean {
  const { kernel, strides, pads }: Window = window;
  const plain = [...kernel, ...strides].every((n) => n === 1);
  return plain && groups === 1 && Object.values(pads).every((p) => p === 0);
}

/**
 * What the accumulators begin with: products are taken with the stored codes, so the zero point's
 * share, `-zero * sum of weights`, is added once. Null where the zero point is 0.
 */
function biasTable({ zero, weights }: WeightLayer): Table | null {
  if (zero === 0) return null;
  const values = new Int32Array(weights.outputs);
  for (let o = 0; o < weights.outputs; o++) {
    const row = weights.values.subarray(o * weights.perOutput, (o + 1) * weights.perOutput);
    values[o] = -zero * row.reduce((sum, w) => sum + w, 0);
  }
  return {
    suffix: "bias",
    type: "int32_t",
    values,
    comment: `-${zero} * sum of the row's weights.`,
  };
}
