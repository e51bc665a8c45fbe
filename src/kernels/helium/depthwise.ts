import {
  type ConvLayer,
  elementCount,
  type WeightKind,
  type Weights,
} from "../../network/types.js";
import { aheadByChannels } from "../ahead.js";
import { kernelName } from "../library.js";
import type { Packing } from "../packing.js";
import { requantizeFunction } from "../requantize.js";
import { inputOf } from "../shape.js";
import { scratchBytes, tableBytes } from "../size.js";
import type { Cost, Kernel, KernelCode, LayerShape } from "../types.js";
import { windowStruct } from "../window.js";
import { biasOf, largestCode, shiftOf } from "./codes.js";

/** Channels that a vector holds. */
const LANES = 16;

const BITS: Readonly<Record<WeightKind, 2 | 4 | 8>> = { ternary: 2, binary: 2, int4: 4, int8: 8 };

function blockBytes(taps: number, bits: number): number {
  return LANES * Math.ceil(taps / (8 / bits));
}

/** Vectors of 16 channels, tap by tap, as many taps a byte as fit, in two's complement. */
export function tapsPacking(kind: WeightKind): Packing {
  const bits = BITS[kind];
  const perByte = 8 / bits;
  return {
    name: `${bits}-bit taps`,
    bitsPerWeight: bits,
    legend: `${bits} bits a tap in two's complement, ${perByte} a byte, low bits first; 16 channels`,
    pack: ({ values, outputs, perOutput }: Weights) => {
      const stride = blockBytes(perOutput, bits);
      const bytes = new Uint8Array(Math.ceil(outputs / LANES) * stride);
      for (let c = 0; c < outputs; c++) {
        for (let tap = 0; tap < perOutput; tap++) {
          const at = placeOf(c, tap, stride, perByte);
          const code = (values[c * perOutput + tap] ?? 0) & (2 ** bits - 1);
          bytes[at] = (bytes[at] ?? 0) | (code << (bits * (tap % perByte)));
        }
      }
      return bytes;
    },
    unpack: (bytes, outputs, perOutput) => {
      const stride = blockBytes(perOutput, bits);
      const values = new Int8Array(outputs * perOutput);
      for (let c = 0; c < outputs; c++) {
        for (let tap = 0; tap < perOutput; tap++) {
          const byte = bytes[placeOf(c, tap, stride, perByte)] ?? 0;
          const up = 32 - bits * ((tap % perByte) + 1);
          values[c * perOutput + tap] = (byte << up) >> (32 - bits);
        }
      }
      return values;
    },
  };
}

function placeOf(channel: number, tap: number, stride: number, perByte: number): number {
  const block = Math.floor(channel / LANES) * stride;
  return block + LANES * Math.floor(tap / perByte) + (channel % LANES);
}

/** One filter for each channel, 16 channels at a time, sums of 16 bits. */
export function depthwise(kind: WeightKind): Kernel {
  const packing = tapsPacking(kind);
  return {
    name: `helium-depthwise-${kind}`,
    packing,
    isFor: ({ layer, inputs }) =>
      layer.kind === "conv" &&
      layer.groups > 1 &&
      layer.groups === inputs[0]?.channels &&
      layer.weights.outputs === layer.groups &&
      layer.weights.kind === kind,
    refuses: (shape, target) => {
      if (!target.features.mve) return "needs Helium";
      const { type } = inputOf(shape);
      if (type !== "int8" && type !== "uint8") return `takes bytes, not ${type}`;
      const largest = largestSum(shape);
      return largest > 32767 ? `a sum may reach ${largest}, beyond 16 bits` : null;
    },
    cost: (shape) => costOf(shape, codeOf(shape, packing)),
    code: (shape) => codeOf(shape, packing),
    ahead: (shape) => [aheadByChannels(layerOf(shape).window, inputOf(shape), shape.output, 0)],
  };
}

function layerOf({ layer }: LayerShape): ConvLayer {
  if (layer.kind === "conv") return layer;
  throw new Error("not a convolution");
}

/** Of magnitudes: what a partial sum may reach on the way too. */
function largestSum(shape: LayerShape): number {
  const { weights, zero } = layerOf(shape);
  const code = largestCode(inputOf(shape), zero);
  let largest = 0;
  for (let c = 0; c < weights.outputs; c++) {
    const taps = weights.values.subarray(c * weights.perOutput, (c + 1) * weights.perOutput);
    largest = Math.max(
      largest,
      taps.reduce((sum, w) => sum + Math.abs(w), 0),
    );
  }
  return largest * code;
}

function codeOf(shape: LayerShape, packing: Packing): KernelCode {
  const layer = layerOf(shape);
  const input = inputOf(shape);
  const { weights } = layer;
  const { outputs: channels, perOutput: taps } = weights;
  const bits = BITS[weights.kind];
  const shift = shiftOf(input);
  return {
    uses: [
      { file: "expand_taps" },
      { file: "depthwise16", type: input.type },
      { file: "helium_out" },
    ],
    tables: [
      {
        suffix: "weights",
        type: "uint8_t",
        length: Math.ceil(channels / LANES) * blockBytes(taps, bits),
        values: () => packing.pack(weights),
        comment: `${channels} filters of ${taps} taps, ${packing.legend}.`,
      },
    ],
    structs: [windowStruct(layer.window, input, shape.output)],
    scratch: [
      { name: "weights", type: "int8", elements: LANES * taps },
      { name: "sums", type: "int16", elements: LANES },
    ],
    requantize: requantizeFunction({
      rule: layer.requantization,
      output: shape.output.type,
      operands: [layer.accumulators],
      bias: biasOf(layer, shift),
      // Lanes have 32 bits.
      longMultiply: false,
      constants: shape.constants,
    }),
    vectors: "int16",
    template: "depthwise",
    view: {
      channels,
      count:
        channels % LANES === 0
          ? LANES
          : `(first < ${channels - LANES}) ? ${LANES} : (${channels} - first)`,
      blockBytes: blockBytes(taps, bits),
      taps,
      bits,
      sum: kernelName("depthwise16", input.type),
      zero: layer.zero - shift,
      shift,
      outHeight: shape.output.height,
      outWidth: shape.output.width,
    },
  };
}

/** Measured under emulation. */
function costOf(shape: LayerShape, code: KernelCode): Cost {
  const { weights, window } = layerOf(shape);
  const positions = elementCount(shape.output) / weights.outputs;
  const blocks = Math.ceil(weights.outputs / LANES);
  const requantize =
    (code.requantize?.lanes === null ? 16 : 4) * (code.requantize?.instructions ?? 0);
  const [height] = window.kernel;
  const instructions = 40 + 9 * weights.perOutput + 5 * height + requantize;
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: blocks * (8 * weights.perOutput + positions * instructions),
    cycles: blocks * (10 * weights.perOutput + positions * 1.15 * instructions),
  };
}
