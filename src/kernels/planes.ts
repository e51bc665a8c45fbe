import { type ConvLayer, elementCount, type IntegerTensor, type Range } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { aheadByChannels } from "./ahead.js";
import { kernelName } from "./library.js";
import { ROW_PACKINGS } from "./packing.js";
import { picture } from "./picture.js";
import { requantizeFunction } from "./requantize.js";
import { zeroBias } from "./rows.js";
import { depthwiseTrits, inputOf, ownDepthwise, sumsLeave } from "./shape.js";
import { scratchBytes, tableBytes } from "./size.js";
import type { Cost, Kernel, KernelCode, LayerShape } from "./types.js";
import { windowStruct } from "./window.js";

/**
 * Depthwise convolutions of trits on cores with the DSP extension, channel by channel over planes of
 * 16-bit lanes: a multiplication of lanes adds to the sums of two neighbouring outputs.
 */
export const PLANES: Kernel = {
  name: "planes",
  packing: ROW_PACKINGS.ternary,
  multiplies: true,
  isFor: (shape) => depthwiseTrits(shape) !== null,
  refuses: (shape, { features }) => {
    if (!features.dsp) return "the core lacks the DSP extension";
    const layer = ownDepthwise(shape);
    const input = inputOf(shape);
    if (input.type !== "int8" && input.type !== "uint8") return "its inputs are not bytes";
    if (layer.window.dilations.some((n) => n !== 1)) return "its taps have gaps";
    return sumsLeave(layer.weights, withZero(layer, input), 2 ** 13)
      ? "sums would leave 14 bits"
      : null;
  },
  cost: planesCost,
  code: planesCode,
  ahead: (shape) => [
    aheadByChannels(ownDepthwise(shape).window, inputOf(shape), shape.output, "window"),
  ],
};

/** The input's codes and its zero point, which places outside the tensor hold. */
function withZero({ zero }: ConvLayer, { range }: IntegerTensor): Range {
  return { low: Math.min(range.low, zero), high: Math.max(range.high, zero) };
}

/** Words of lanes: of a kernel row for two outputs, and of a row of a plane. */
function sizesOf(shape: LayerShape) {
  const { window } = ownDepthwise(shape);
  const [kernelHeight, kernelWidth] = window.kernel;
  const [strideHeight, strideWidth] = window.strides;
  const pairs = Math.ceil(shape.output.width / 2);
  const words = Math.ceil((kernelWidth + strideWidth) / 2);
  const width = strideWidth * (pairs - 1) + words;
  return { kernelHeight, strideHeight, pairs, words, width, apart: kernelHeight * width };
}

function requantizeOf(shape: LayerShape, { features }: Target) {
  const layer = ownDepthwise(shape);
  return requantizeFunction({
    rule: layer.requantization,
    output: shape.output.type,
    operands: [layer.accumulators],
    bias: zeroBias(layer),
    longMultiply: features.longMultiply,
    constants: shape.constants,
  });
}

function planesCode(shape: LayerShape, target: Target): KernelCode {
  const layer = ownDepthwise(shape);
  const input = inputOf(shape);
  const { weights, window } = layer;
  const { type } = input;
  const { kernelHeight, strideHeight, pairs, words, width, apart } = sizesOf(shape);
  const rowBytes = Math.ceil(weights.perOutput / 4);
  const tapWords = kernelHeight * words;
  return {
    uses: [
      { file: "halves", type },
      { file: "plane_row", type },
      { file: "plane_taps" },
      { file: "plane_sums" },
    ],
    tables: [
      {
        suffix: "weights",
        type: "uint8_t",
        length: weights.outputs * rowBytes,
        values: () => ROW_PACKINGS.ternary.pack(weights),
        comment: `${weights.outputs} rows of ${weights.perOutput}, ${ROW_PACKINGS.ternary.legend}.`,
        picture: picture(weights),
      },
    ],
    structs: [windowStruct(window, input, shape.output)],
    requantize: requantizeOf(shape, target),
    scratch: [
      { name: "planes", type: "uint32", elements: 4 * apart },
      { name: "taps", type: "uint32", elements: 4 * tapWords },
      { name: "sums", type: "uint32", elements: pairs },
    ],
    template: "planes",
    view: {
      ...{ kernelHeight, words, width, apart, pairs, tapWords, rowBytes },
      fill: kernelName("plane_row", type),
      top: strideHeight === 1 ? "row" : `(row * ${strideHeight})`,
      channels: input.channels,
      twoPositions: 2 * input.channels,
      outHeight: shape.output.height,
      outWidth: shape.output.width,
      wholePairs: Math.floor(shape.output.width / 2),
      odd: shape.output.width % 2 !== 0,
      padTop: window.pads.top,
      zero: layer.zero,
      // Rows of the last output row's window that are still there.
      kept: Math.max(0, kernelHeight - strideHeight),
    },
  };
}

/** For each element of a plane, each product of two outputs, each output without its requantisation. */
const FILL = { instructions: 3.2, cycles: 4.5 };
const PRODUCT = { instructions: 2.2, cycles: 2.8 };
const OUTPUT = { instructions: 6, cycles: 8 };

function planesCost(shape: LayerShape, target: Target): Cost {
  const code = planesCode(shape, target);
  const { channels, height } = shape.output;
  const { kernelHeight, strideHeight, pairs, words, width } = sizesOf(shape);
  const rows = kernelHeight + Math.min(strideHeight, kernelHeight) * (height - 1);
  const out = code.requantize?.instructions ?? 0;
  const total = (kind: "instructions" | "cycles"): number =>
    channels * rows * 2 * width * FILL[kind] +
    channels * height * pairs * words * kernelHeight * PRODUCT[kind] +
    elementCount(shape.output) * (OUTPUT[kind] + out * (kind === "cycles" ? 1.2 : 1));
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: total("instructions"),
    cycles: total("cycles"),
  };
}
