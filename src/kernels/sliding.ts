import { type ConvLayer, elementCount } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { aheadByChannels } from "./ahead.js";
import { type Core, coreOf, dualIssue } from "./core.js";
import { CLOSE_TRITS } from "./packing.js";
import { requantizeOf } from "./rows.js";
import { inputOf } from "./shape.js";
import { scratchBytes, tableBytes } from "./size.js";
import { type Lanes, lanesFor } from "./sliding-lanes.js";
import { slidingSteps } from "./sliding-steps.js";
import { slidingText } from "./sliding-text.js";
import type { Cost, Kernel, KernelCode, LayerShape } from "./types.js";

/**
 * Convolutions of one channel by trits, depthwise ones above all, output channel by output channel: a
 * multiplication of an input element with a word of taps adds to the sums of all outputs of a row that
 * the element counts for. Inputs are read where they stand.
 */
export const SLIDING: Kernel = {
  name: "sliding",
  packing: CLOSE_TRITS,
  multiplies: true,
  isFor: (shape) => ofOneChannel(shape) !== null,
  refuses: (shape) => {
    const layer = own(shape);
    if (layer.window.dilations[1] !== 1) return "its taps have gaps";
    if (lanesOf(shape) === null) return "the sums of a row's taps do not fit a word";
    const { all, loop } = slidingSteps(layer, inputOf(shape), shape.output);
    if (!all.flat().some(({ inside }) => inside)) return "its windows lie beside the tensor";
    const apart = all.length - (loop[1] - loop[0]);
    return apart > MOST_APART ? "too many of its windows hang over an edge" : null;
  },
  cost: slidingCost,
  code: slidingCode,
  ahead: (shape) => [aheadByChannels(own(shape).window, inputOf(shape), shape.output, 0)],
};

/** Steps before and after the loop are written one by one. */
const MOST_APART = 8;

function ofOneChannel({ layer, inputs }: LayerShape): ConvLayer | null {
  if (layer.kind !== "conv" || layer.weights.kind !== "ternary") return null;
  return layer.groups === inputs[0]?.channels ? layer : null;
}

function own(shape: LayerShape): ConvLayer {
  const layer = ofOneChannel(shape);
  if (layer === null) throw new Error("not a convolution of one channel by trits");
  return layer;
}

function lanesOf(shape: LayerShape): Lanes | null {
  const { window, weights, zero } = own(shape);
  const { low, high } = inputOf(shape).range;
  return lanesFor(weights, {
    columns: window.kernel[1],
    stride: window.strides[1],
    codes: { low: Math.min(low, zero), high: Math.max(high, zero) },
  });
}

function slidingCode(shape: LayerShape, target: Target): KernelCode {
  const layer = own(shape);
  const input = inputOf(shape);
  const lanes = lanesOf(shape);
  if (lanes === null) throw new Error("sums that do not fit a word");
  const { weights } = layer;
  return {
    uses: [{ file: "sliding" }],
    tables: [
      {
        suffix: "weights",
        type: "uint8_t",
        length: Math.ceil(weights.values.length / 4),
        values: () => CLOSE_TRITS.pack(weights),
        comment: `${weights.outputs} rows of ${weights.perOutput}, ${CLOSE_TRITS.legend}.`,
      },
    ],
    structs: [],
    scratch: [],
    requantize: requantizeOf(shape, target),
    template: "sliding",
    view: slidingText(layer, input, shape.output, lanes),
  };
}

type Rate = readonly [instructions: number, cycles: number];

/** Estimated for an element times a word of taps, a step without them, a row, a weight that is unpacked. */
interface Rates {
  readonly product: Rate;
  readonly step: Rate;
  readonly row: Rate;
  readonly unpack: Rate;
}

/** Of ARMv7-M they are measured with a plain requantisation in them, and without what unpacks. */
type Measured = Omit<Rates, "unpack">;

const RATES: Readonly<Record<Exclude<Core, "armv7-m">, Rates>> = {
  "armv6-m": { product: [4, 5], step: [12, 14], row: [60, 80], unpack: [15, 20] },
  "risc-v": { product: [3, 3], step: [9, 9], row: [50, 50], unpack: [16, 16] },
  xtensa: { product: [5, 5], step: [12, 12], row: [60, 60], unpack: [16, 16] },
  host: { product: [3, 1.5], step: [9, 4], row: [50, 25], unpack: [16, 8] },
};

/** Rows of so many products, one a step, are written out by compilers, whose words of taps then stay in registers. */
const MOST_UNROLLED = 30;

const V7M: Readonly<Record<"m3" | "m4" | "m7", { unrolled: Measured; looped: Measured }>> = {
  m3: {
    unrolled: { product: [1.5, 3], step: [6.8, 8], row: [20, 20] },
    looped: { product: [3.9, 6.3], step: [5, 6.6], row: [15, 20] },
  },
  m4: {
    unrolled: { product: [1.5, 2.2], step: [6.8, 7], row: [20, 25] },
    looped: { product: [3.9, 5.5], step: [5, 6], row: [15, 25] },
  },
  m7: {
    unrolled: { product: [1.5, 1.8], step: [6.8, 6.5], row: [20, 4] },
    looped: { product: [3.9, 3], step: [5, 4.8], row: [15, 4] },
  },
};

/** Estimated instructions of a plain rule. */
const PLAIN_RULE = 11;

interface Work {
  readonly rates: Rates;
  /** Instructions of a requantisation that the rates do not hold. */
  readonly more: number;
}

function workOf(target: Target, looped: number, requantize: number): Work {
  const core = coreOf(target);
  if (core !== "armv7-m") return { rates: RATES[core], more: requantize };
  const own = V7M[dualIssue(target) ? "m7" : target.features.dsp ? "m4" : "m3"];
  const measured = looped > MOST_UNROLLED ? own.looped : own.unrolled;
  return { rates: { ...measured, unpack: [0, 0] }, more: Math.max(0, requantize - PLAIN_RULE) };
}

function slidingCost(shape: LayerShape, target: Target): Cost {
  const code = slidingCode(shape, target);
  const layer = own(shape);
  const { all, loop, phases } = slidingSteps(layer, inputOf(shape), shape.output);
  const apart = layer.window.kernel[0] * (loop[1] - loop[0]);
  const looped = phases > 1 ? Number.POSITIVE_INFINITY : apart;
  const products = layer.window.kernel[0] * all.flat().filter(({ inside }) => inside).length;
  const { rates, more } = workOf(target, looped, code.requantize?.instructions ?? 0);
  const rows = layer.weights.outputs * shape.output.height;
  const total = (i: 0 | 1): number =>
    Math.round(
      rows * (products * rates.product[i] + all.length * rates.step[i] + rates.row[i]) +
        layer.weights.values.length * rates.unpack[i] +
        elementCount(shape.output) * more * (i === 0 ? 1 : 1.1),
    );
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: total(0),
    cycles: total(1),
  };
}
