import { type ConvLayer, elementCount } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { aheadOfWindow } from "./ahead.js";
import { dualIssue } from "./core.js";
import { kernelName } from "./library.js";
import { requantizeFunction } from "./requantize.js";
import { zeroBias } from "./rows.js";
import { inputOf, sumsLeave } from "./shape.js";
import { scratchBytes, tableBytes } from "./size.js";
import { triplesChunks } from "./triples-chunks.js";
import { packedWords, packTriples } from "./triples-packing.js";
import {
  centred,
  centreOf,
  cutOf,
  hexText,
  offsetOf,
  outsideOf,
  raisedOf,
} from "./triples-words.js";
import type { Cost, Kernel, KernelCode, LayerShape } from "./types.js";
import { windowStruct } from "./window.js";

/**
 * Convolutions by rows of three trits on cores that multiply to 64 bits in a cycle: three elements times
 * three taps in one multiplication, two outputs and six columns at a time.
 */
export const TRIPLES_CONV: Kernel = {
  name: "triples-conv",
  packing: null,
  multiplies: true,
  isFor: (shape) => ofThree(shape) !== null,
  refuses: (shape, { features }) => {
    if (!features.dsp) return "the core lacks the DSP extension";
    const layer = own(shape);
    const input = inputOf(shape);
    if (input.type !== "int8" && input.type !== "uint8") return "its inputs are not bytes";
    if (layer.window.dilations.some((n) => n !== 1)) return "its taps have gaps";
    if (layer.window.strides[1] > 2) return "its windows are more than two columns apart";
    if (sumsLeave(layer.weights, centred(layer, input), 2 ** 15)) return "sums would leave 16 bits";
    return chunksOf(shape) === null ? "sums would leave 12 bits" : null;
  },
  cost: convCost,
  code: convCode,
  // The rows of a band's windows are copied before its first output is written.
  ahead: (shape) => [aheadOfWindow(own(shape).window, inputOf(shape), shape.output, "window")],
};

function ofThree({ layer }: LayerShape): ConvLayer | null {
  if (layer.kind !== "conv" || layer.weights.kind !== "ternary") return null;
  return layer.groups === 1 && layer.window.kernel[1] === 3 ? layer : null;
}

function own(shape: LayerShape): ConvLayer {
  const layer = ofThree(shape);
  if (layer === null) throw new Error("not a convolution by rows of three trits");
  return layer;
}

/** Weights are unpacked for so many output rows at a time that this many pairs of words are made of them. */
const BAND_PAIRS = 6;

function sizesOf(shape: LayerShape) {
  const layer = own(shape);
  const { kernel, strides } = layer.window;
  const { channels } = inputOf(shape);
  const { first, lead, words } = cutOf(layer, shape.output);
  const parts = strides[1];
  const packed = kernel[0] * channels;
  const rowWords = 2 * channels * parts;
  const pairs = Math.ceil(words / 2);
  const band = Math.min(shape.output.height, Math.ceil(BAND_PAIRS / pairs));
  const height = kernel[0] + (band - 1) * strides[0];
  const passed = band * strides[0];
  return {
    ...{ first, lead, parts, packed, rowWords, pairs, band, height, passed, triples: words },
    kept: Math.max(0, height - passed),
    steps: packed * parts,
    apart: height * rowWords,
  };
}

function chunksOf(shape: LayerShape): readonly (readonly number[])[] | null {
  const layer = own(shape);
  const { channels } = inputOf(shape);
  const { parts, steps } = sizesOf(shape);
  // Weights stand in the order row, tap, channel. With two parts, the second tap is the other part's.
  const stepOf = (weight: number): number => {
    const row = Math.floor(weight / (3 * channels));
    const tap = Math.floor(weight / channels) % 3;
    return (row * channels + (weight % channels)) * parts + (parts === 2 ? tap % 2 : 0);
  };
  return triplesChunks(layer.weights, centred(layer, inputOf(shape)), steps, stepOf);
}

function convCode(shape: LayerShape, target: Target): KernelCode {
  const layer = own(shape);
  const input = inputOf(shape);
  const { type, channels } = input;
  const { weights, window } = layer;
  const { strides, pads } = window;
  const sizes = sizesOf(shape);
  const { parts, packed, steps, triples, pairs, apart } = sizes;
  const chunks = (chunksOf(shape) ?? []).flatMap((each) => [each.length, ...each]);
  const raised = raisedOf(layer, input);
  const outside = outsideOf(layer, input);
  const { width } = shape.output;
  return {
    uses: [{ file: "triples_conv" }, { file: "triples_fill", type }],
    tables: [
      {
        suffix: "weights",
        type: "uint32_t",
        length: 2 * Math.ceil(weights.outputs / 2) * packedWords(packed),
        values: () => Uint32Array.from(packTriples(weights, channels)),
        comment: `${weights.outputs} rows of ${weights.perOutput}, 2 bits a weight: sixteen threes in three words.`,
      },
      {
        suffix: "chunks",
        type: "uint8_t",
        length: chunks.length,
        values: () => chunks,
        comment:
          "Of each pair of outputs how many chunks, and words over which no digit can overflow.",
      },
    ],
    structs: [windowStruct(window, input, shape.output)],
    requantize: requantizeFunction({
      rule: layer.requantization,
      output: shape.output.type,
      operands: [layer.accumulators],
      bias: zeroBias({ ...layer, zero: layer.zero - centreOf(input) }),
      longMultiply: target.features.longMultiply,
      constants: shape.constants,
    }),
    scratch: [
      { name: "rows", type: "uint32", elements: pairs * apart },
      { name: "words", type: "uint32", elements: 2 * steps },
      { name: "lanes", type: "uint32", elements: 6 * pairs },
      { name: "border", type, elements: channels },
    ],
    template: "triples_conv",
    view: {
      ...sizes,
      fill: kernelName("triples_fill", type),
      channels,
      outputs: weights.outputs,
      strideHeight: strides[0],
      padTop: pads.top,
      zero: layer.zero,
      offset: hexText(offsetOf(layer, input)),
      raised: hexText(raised),
      outside: hexText(outside + raised),
      parts,
      triples,
      outHeight: shape.output.height,
      outWidth: width,
      outRow: width * weights.outputs,
    },
  };
}

/**
 * Estimated cycles: for two words of x and two outputs a step and a chunk; for a chunk of a row, more where
 * words are raised or the zero point is not 0, and then for each of its steps; for a word of x, a word of
 * weights that is unpacked, an output with a plain requantisation.
 */
const CYCLES = {
  ...{ step: 9.9, chunk: 90, setup: 60, outside: 60, summed: 6 },
  ...{ word: 10, unpack: 5.3, output: 17 },
};
const INSTRUCTIONS = 0.8;
/** On cores that start two instructions in a cycle. */
const DUAL_ISSUE = 0.62;

/** Estimated instructions of a plain rule. */
const PLAIN_RULE = 11;

function convCost(shape: LayerShape, target: Target): Cost {
  const code = convCode(shape, target);
  const layer = own(shape);
  const input = inputOf(shape);
  const { kernel, strides } = layer.window;
  const { steps, pairs, rowWords, band } = sizesOf(shape);
  const { height } = shape.output;
  const chunks = (chunksOf(shape) ?? []).reduce((sum, each) => sum + each.length, 0);
  const outputPairs = Math.ceil(layer.weights.outputs / 2);
  const filled = kernel[0] + Math.min(strides[0], kernel[0]) * (height - 1);
  const more = Math.max(0, (code.requantize?.instructions ?? 0) - PLAIN_RULE);
  const shifted = raisedOf(layer, input) !== 0 || outsideOf(layer, input) !== 0;
  const setup = CYCLES.setup + (shifted ? CYCLES.outside : 0);
  const cycles =
    height * pairs * (outputPairs * steps * CYCLES.step + chunks * CYCLES.chunk) +
    height * (chunks * setup + (shifted ? outputPairs * steps * CYCLES.summed : 0)) +
    filled * pairs * rowWords * CYCLES.word +
    Math.ceil(height / band) * 2 * outputPairs * steps * CYCLES.unpack +
    elementCount(shape.output) * (CYCLES.output + more);
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: INSTRUCTIONS * cycles,
    cycles: cycles * (dualIssue(target) ? DUAL_ISSUE : 1),
  };
}
