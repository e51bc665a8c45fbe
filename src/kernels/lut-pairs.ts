import { integerTensor } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { aheadOfPositions, aheadOfWindow } from "./ahead.js";
import { type Core, coreOf } from "./core.js";
import { kernelName } from "./library.js";
import { BLOCK, packLutPairs } from "./lut-pairs-packing.js";
import { channelWords, type Pairs, pairsOf, pairsStruct } from "./pairs.js";
import { requantizeOf, weightLayer } from "./rows.js";
import { scratchBytes, tableBytes } from "./size.js";
import { codesOf, fitsLanes } from "./sparse-lists.js";
import type { Cost, Kernel, KernelCode, LayerShape } from "./types.js";

/**
 * Convolutions by tables of the sums of four channels, for two columns at once: what an input element
 * adds is looked up by every tap and output that it counts for. Two bits a weight, and as fast whatever the
 * weights are.
 */
export const LUT_PAIRS: Kernel = {
  name: "lut4-pairs",
  packing: null,
  isFor: ({ layer }) => "weights" in layer && layer.weights.kind === "ternary",
  refuses: (shape) => {
    const found = lutPairs(shape);
    return typeof found === "string" ? found : null;
  },
  cost: lutPairsCost,
  code: lutPairsCode,
  ahead: (shape) => [aheadOf(shape)],
};

interface LutPairs {
  readonly pairs: Pairs;
  /** Channels whose sums fit 16 bits, in whole blocks. */
  readonly part: number;
  readonly parts: number;
  /** Output rows that are open at a time. */
  readonly open: number;
}

/** Positions that are worth a call for each channel. */
const WORTH_A_CALL = 8;

/** The divisor of so many positions that wastes least of its pairs, of those the shortest that is no bother. */
function shortRow(positions: number): number {
  const waste = (length: number): number => Math.ceil(length / 2) / length;
  let best = 1;
  for (let length = 2; length <= Math.min(positions, LONGEST_ROW); length++) {
    if (positions % length !== 0) continue;
    const less = waste(length) - waste(best);
    if (less < 0 || (less === 0 && best < WORTH_A_CALL)) best = length;
  }
  return best;
}

/** Longer ones take more memory than they save time. */
const LONGEST_ROW = 64;

/** More parts take more memory than the sums of words need. */
const MOST_PARTS = 4;

function lutPairs(shape: LayerShape): LutPairs | string {
  const pairs = pairsOf(shape, shortRow);
  if (pairs === null) return "its windows have no rows";
  if (pairs.count !== pairs.channels) return "a group has too few outputs for its tables";
  if (pairs.channels % 4 !== 0) return "its channels do not come in fours";
  const { kernel, strides, dilations } = pairs.window;
  const open = Math.ceil(((kernel[0] - 1) * dilations[0] + 1) / strides[0]);
  const blocks = Math.ceil(pairs.channels / BLOCK);
  for (let parts = 1; parts <= Math.min(MOST_PARTS, blocks); parts++) {
    const part = Math.ceil(blocks / parts) * BLOCK;
    if (fitParts(shape, pairs, part)) {
      return { pairs, part, parts: Math.ceil(pairs.channels / part), open };
    }
  }
  return `sums in 16 bits would need more than ${MOST_PARTS} parts`;
}

/** Whether the sum of each lane over each part of the channels stays in 16 bits, whatever the input. */
function fitParts(shape: LayerShape, { channels }: Pairs, part: number): boolean {
  const { weights } = weightLayer(shape);
  const segments = Array.from({ length: Math.ceil(channels / part) }, (_, i) => ({
    taps: Array.from({ length: weights.perOutput }, (_, weight) => ({ weight })).filter(
      ({ weight }) => Math.floor((weight % channels) / part) === i,
    ),
  }));
  return fitsLanes(weights, segments, codesOf(shape));
}

function found(shape: LayerShape): LutPairs {
  const own = lutPairs(shape);
  if (typeof own === "string") throw new Error(own);
  return own;
}

function aheadOf(shape: LayerShape): number | null {
  const layer = weightLayer(shape);
  const [input] = shape.inputs;
  if (input === undefined) return null;
  const { pairs } = found(shape);
  return layer.kind === "conv" && pairs.window === layer.window
    ? aheadOfWindow(layer.window, input, shape.output, "window")
    : aheadOfPositions(input, shape.output, pairs.height);
}

/** Words of the sums of an output row. */
function rowSums(shape: LayerShape, { pairs, parts }: LutPairs): number {
  return parts * pairs.half * weightLayer(shape).weights.outputs;
}

function lutPairsCode(shape: LayerShape, target: Target): KernelCode {
  const layer = weightLayer(shape);
  const input = integerTensor(shape.inputs[0]);
  const own = found(shape);
  const { pairs, parts, part, open } = own;
  const { weights, zero } = layer;
  const { outputs } = weights;
  const { window, half, height, width, channels, outHeight, outWidth } = pairs;
  const [kernelHeight] = window.kernel;
  const [strideHeight] = window.strides;
  const reach = (kernelHeight - 1) * window.dilations[0];
  const first = -window.pads.top;
  const end = (outHeight - 1) * strideHeight - window.pads.top + reach + 1;
  const words = pairs.count * channelWords(pairs);
  const partSums = half * outputs;
  const lanes = (lane: "low" | "high"): string =>
    Array.from({ length: parts }, (_, i) => {
      const at = i === 0 ? "at" : `at + ${i * partSums}`;
      return `${lane}_lane(sums[${at}])`;
    }).join(" + ");
  const strided = strideHeight > 1;
  return {
    uses: [
      { file: "apart" },
      { file: "lanes" },
      { file: "pairs_row", type: input.type },
      { file: "lut_pairs" },
    ],
    tables: [
      {
        suffix: "weights",
        type: "uint8_t",
        length: weights.values.length / 4,
        values: () => packLutPairs(weights, channels),
        comment: `${outputs} outputs of ${weights.perOutput} weights: four a byte, the index of their sum; by block of channels, tap, output.`,
      },
    ],
    structs: [
      pairsStruct(pairs),
      {
        suffix: "lut",
        type: "tritc_lut_pairs",
        fields: {
          outputs,
          kernel_width: window.kernel[1],
          dilation_width: window.dilations[1],
          part,
          part_sums: partSums,
        },
      },
    ],
    scratch: [
      { name: "words", type: "uint32", elements: words },
      { name: "tables", type: "uint32", elements: ENTRIES * Math.min(4, channels / 4) },
      { name: "sums", type: "uint32", elements: open * rowSums(shape, own) },
    ],
    requantize: requantizeOf(shape, target),
    template: "lut_pairs",
    view: {
      ...{ outputs, kernelHeight, height, open, first, end },
      low: lanes("low"),
      high: lanes("high"),
      distance: partSums,
      evenWidth: outWidth === 2 * half,
      both: (outWidth - half) * outputs,
      allSums: open * rowSums(shape, own),
      rowSums: rowSums(shape, own),
      padTop: window.pads.top === 0 ? "" : ` + ${window.pads.top}`,
      dilation: window.dilations[0] === 1 ? "" : ` * ${window.dilations[0]}`,
      isOpen: [
        "(down >= 0)",
        `(down < ${strideHeight * outHeight})`,
        ...(strided ? [`((down % ${strideHeight}) == 0)`] : []),
      ].join(" && "),
      outRow: strided ? `(down / ${strideHeight})` : "down",
      outside: first < 0 || end > height,
      padded: zero !== 0,
      zeros: ((zero * 0x10001) >>> 0).toString(),
      rowWords: words,
      rowElements: width * channels,
      fill: kernelName("pairs_row", input.type),
      lastRow: kernelHeight - 1,
      completes: reach - window.pads.top,
      perStride: strided ? ` / ${strideHeight}` : "",
      outElements: outWidth * outputs,
    },
  };
}

/** Words of a table of four inputs. */
const ENTRIES = 81;

type Rate = readonly [instructions: number, cycles: number];

interface Rates {
  /** An entry that is looked up. */
  readonly look: Rate;
  /** A sum that four entries are added to, and what the loop takes. */
  readonly sum: Rate;
  readonly table: Rate;
  /** An output's lane and its place, without its requantisation. */
  readonly output: Rate;
  /** A word of two inputs. */
  readonly fill: Rate;
}

const RATES: Readonly<Record<Core, Rates>> = {
  "armv6-m": { look: [4, 6], sum: [7, 11], table: [210, 310], output: [8, 10], fill: [12, 18] },
  "armv7-m": { look: [2.5, 3], sum: [4.5, 6.3], table: [160, 220], output: [4, 4], fill: [10, 14] },
  "risc-v": { look: [5, 5], sum: [5, 5], table: [220, 220], output: [5, 5], fill: [12, 12] },
  xtensa: { look: [5, 5], sum: [6, 6], table: [220, 220], output: [7, 7], fill: [14, 14] },
  host: { look: [3, 1.5], sum: [5, 3], table: [190, 90], output: [5, 3], fill: [12, 5] },
};

function lutPairsCost(shape: LayerShape, target: Target): Cost {
  const code = lutPairsCode(shape, target);
  const { pairs } = found(shape);
  const { weights } = weightLayer(shape);
  const { half, outHeight, outWidth, window, height, words, phases } = pairs;
  const rates = RATES[coreOf(target)];
  const looked = (weights.values.length / 4) * half * outHeight;
  const blocks = Math.ceil(pairs.channels / BLOCK);
  const summed = half * outHeight * weights.outputs * window.kernel[0] * window.kernel[1] * blocks;
  const tables = height * words * phases * (pairs.channels / 4);
  const outputs = outHeight * outWidth * weights.outputs;
  const requantize = code.requantize?.instructions ?? 0;
  const total = (i: 0 | 1): number =>
    Math.round(
      looked * rates.look[i] +
        summed * rates.sum[i] +
        tables * rates.table[i] +
        height * pairs.count * channelWords(pairs) * rates.fill[i] +
        outputs * (rates.output[i] + requantize),
    );
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: total(0),
    cycles: total(1),
  };
}
