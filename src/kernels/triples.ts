import { elementCount, integerTensor } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { aheadByChannels } from "./ahead.js";
import { dualIssue } from "./core.js";
import { kernelName } from "./library.js";
import { CLOSE_TRITS } from "./packing.js";
import { type RequantizeFunction, requantizeFunction } from "./requantize.js";
import { zeroBias } from "./rows.js";
import { depthwiseTrits, inputOf, ownDepthwise, sumsLeave } from "./shape.js";
import { scratchBytes, tableBytes } from "./size.js";
import {
  centred,
  centreOf,
  cutOf,
  hexText,
  MIDDLE,
  offsetOf,
  outsideOf,
  raisedOf,
  tapsOf,
} from "./triples-words.js";
import type { Cost, Kernel, KernelCode, LayerShape } from "./types.js";
import { windowStruct } from "./window.js";

/**
 * Depthwise convolutions of trits on cores that multiply to 64 bits in a cycle, channel by channel: three
 * elements of a row times three taps in one multiplication, as `firmware/kernels/triples.h` says.
 */
export const TRIPLES: Kernel = {
  name: "triples",
  packing: CLOSE_TRITS,
  multiplies: true,
  isFor: (shape) => depthwiseTrits(shape) !== null,
  refuses: (shape, { features }) => {
    if (!features.dsp) return "the core lacks the DSP extension";
    const layer = ownDepthwise(shape);
    const input = inputOf(shape);
    if (input.type !== "int8" && input.type !== "uint8") return "its inputs are not bytes";
    if (layer.window.dilations.some((n) => n !== 1)) return "its taps have gaps";
    if (tapsOf(layer) > 3) return "more than three taps of a row follow each other";
    return sumsLeave(layer.weights, centred(layer, input), MIDDLE)
      ? "sums would leave 12 bits"
      : null;
  },
  cost: triplesCost,
  code: triplesCode,
  ahead: (shape) => [
    aheadByChannels(
      ownDepthwise(shape).window,
      integerTensor(shape.inputs[0]),
      shape.output,
      "window",
    ),
  ],
};

/** The requantisation, with the middle of digits folded into its constants where that costs nothing. */
function requantizeOf(shape: LayerShape, { features }: Target) {
  const layer = ownDepthwise(shape);
  const centre = centreOf(inputOf(shape));
  const { weights } = layer;
  const lacking = zeroBias({ ...layer, zero: layer.zero - centre });
  const common = {
    rule: layer.requantization,
    output: shape.output.type,
    operands: [layer.accumulators],
    longMultiply: features.longMultiply,
    constants: shape.constants,
  };
  const plain = requantizeFunction({ ...common, bias: lacking });
  const bias = Int32Array.from({ length: weights.outputs }, (_, o) => (lacking?.[o] ?? 0) - MIDDLE);
  const folded = requantizeFunction({ ...common, bias });
  const free = tables(folded) <= tables(plain) && folded.instructions <= plain.instructions;
  return free
    ? { requantize: folded, less: "" }
    : { requantize: plain, less: " - TRITC_TRIPLES_MIDDLE" };
}

function tables(requantize: RequantizeFunction): number {
  return tableBytes({ tables: [], structs: [], requantize });
}

function triplesCode(shape: LayerShape, target: Target): KernelCode {
  const layer = ownDepthwise(shape);
  const input = inputOf(shape);
  const { weights, window } = layer;
  const { type, channels } = input;
  const { kernel, strides, pads } = window;
  const { lead, streams, words, first, last } = cutOf(ownDepthwise(shape), shape.output);
  const { requantize, less } = requantizeOf(shape, target);
  const { width, height } = shape.output;
  const raised = raisedOf(layer, input);
  const outside = outsideOf(layer, input);
  const digit = (k: number): number => (lead + k) % 3;
  return {
    uses: [{ file: "triples_sums" }, { file: "triples_taps" }, { file: "triples_row", type }],
    tables: [
      {
        suffix: "weights",
        type: "uint8_t",
        length: Math.ceil(weights.values.length / 4),
        values: () => CLOSE_TRITS.pack(weights),
        comment: `${weights.outputs} rows of ${weights.perOutput}, ${CLOSE_TRITS.legend}.`,
      },
    ],
    structs: [windowStruct(window, input, shape.output)],
    requantize,
    scratch: [
      { name: "ring", type: "uint32", elements: streams * words },
      { name: "taps", type: "uint32", elements: 2 * streams },
    ],
    template: "triples",
    view: {
      ...{ channels, taps: weights.perOutput, streams, words, first, last, less },
      fill: kernelName("triples_row", type),
      kernelHeight: kernel[0],
      stride: strides[1],
      top: strides[0] === 1 ? "row" : `(row * ${strides[0]})`,
      // Rows of the last output row's window that are still there.
      kept: Math.max(0, kernel[0] - strides[0]),
      padTop: pads.top,
      zero: layer.zero,
      raised: raised > 0,
      offset: hexText(offsetOf(layer, input)),
      outside: outside === 0 ? "" : hexText(-(outside + raised)),
      outHeight: height,
      outRow: width * channels,
      twoPositions: 2 * channels,
      threePositions: 3 * channels,
      threes: Math.floor(width / 3),
      rest: width % 3 !== 0,
      second: width % 3 === 2,
      ...{ digit0: digit(0), digit1: digit(1), digit2: digit(2) },
      ...{ next0: digit(0) === 0, next1: digit(1) === 0, next2: digit(2) === 0 },
    },
  };
}

/** For each word of three elements, product of nine, row of outputs, output with a plain requantisation. */
interface Rates {
  readonly word: number;
  readonly product: number;
  readonly row: number;
  readonly output: number;
}

const INSTRUCTIONS: Rates = { word: 11.5, product: 3.4, row: 26, output: 4.3 };
const CYCLES: Rates = { word: 16, product: 4, row: 31, output: 4.4 };
/** On cores that start two instructions in a cycle. */
const DUAL_CYCLES: Rates = { word: 14, product: 2.6, row: 6, output: 4 };

/** Estimated of a plain rule, which the rates hold. */
const PLAIN_RULE = 11;

function triplesCost(shape: LayerShape, target: Target): Cost {
  const code = triplesCode(shape, target);
  const { window } = ownDepthwise(shape);
  const { channels, height } = shape.output;
  const { streams, words } = cutOf(ownDepthwise(shape), shape.output);
  const rows = window.kernel[0] + Math.min(window.strides[0], window.kernel[0]) * (height - 1);
  const out = Math.max(0, (code.requantize?.instructions ?? 0) - PLAIN_RULE);
  const total = (rates: Rates): number =>
    channels * rows * words * window.strides[1] * rates.word +
    channels * height * (words * streams * rates.product + rates.row) +
    elementCount(shape.output) * (rates.output + out);
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: total(INSTRUCTIONS),
    cycles: total(dualIssue(target) ? DUAL_CYCLES : CYCLES),
  };
}
