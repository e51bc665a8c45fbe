import { elementCount, integerTensor } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { type Core, coreOf } from "./core.js";
import type { Packing } from "./packing.js";
import { aheadOf, type RowsForm, requantizeOf, rowsCode, weightLayer } from "./rows.js";
import { scratchBytes, tableBytes } from "./size.js";
import { type Cost, type Kernel, type LayerShape, largestMagnitude } from "./types.js";

/** Inputs that tables are made of at a time, in bytes of weights of a row. */
const CHUNK_BYTES = 4;

/** Where the byte of eight weights of a row stands: for every 32 inputs those of all rows. */
function byteAt(outputs: number, perOutput: number, o: number, k: number): number {
  const rowBytes = Math.ceil(perOutput / 8);
  const first = CHUNK_BYTES * Math.floor(k / (8 * CHUNK_BYTES));
  const width = Math.min(CHUNK_BYTES, rowBytes - first);
  return first * outputs + o * width + Math.floor(k / 8) - first;
}

export const LUT_BINARY_PACKING: Packing = {
  name: "1-bit signs, 32 inputs of all rows",
  bitsPerWeight: 1,
  legend: "1 bit a weight, set for +1; eight a byte, for every 32 inputs the bytes of all rows",
  pack: ({ values, outputs, perOutput }) => {
    const bytes = new Uint8Array(outputs * Math.ceil(perOutput / 8));
    for (let o = 0; o < outputs; o++) {
      for (let k = 0; k < perOutput; k++) {
        const at = byteAt(outputs, perOutput, o, k);
        const bit = (values[o * perOutput + k] ?? 0) > 0 ? 1 : 0;
        bytes[at] = (bytes[at] ?? 0) | (bit << (k % 8));
      }
    }
    return bytes;
  },
  unpack: (bytes, outputs, perOutput) =>
    Int8Array.from({ length: outputs * perOutput }, (_, i) => {
      const [o, k] = [Math.floor(i / perOutput), i % perOutput];
      const byte = bytes[byteAt(outputs, perOutput, o, k)] ?? 0;
      return 2 * ((byte >> (k % 8)) & 1) - 1;
    }),
};

/**
 * Sums and differences of four inputs are made once, and looked up by each row: one bit a weight, on any
 * core. Pays from about eight outputs on.
 */
export const LUT_BINARY: Kernel = {
  name: "lut-binary",
  packing: LUT_BINARY_PACKING,
  isFor: ({ layer }) => "weights" in layer && layer.weights.kind === "binary",
  refuses: (shape) => {
    const layer = weightLayer(shape);
    if (layer.kind !== "dense" && layer.groups > 1)
      return "a group has too few outputs for its tables";
    const bias = biasOf(shape);
    if (2 * bias >= 2 ** 16) return "sums of four inputs would leave 16 bits";
    return 2 * bias * tablesOf(shape) >= 2 ** 31 ? "sums would leave 32 bits" : null;
  },
  cost: (shape, target) => costOf(shape, target),
  code: (shape, target) => rowsCode(shape, target, formOf(shape)),
  ahead: (shape) => [aheadOf(shape)],
};

/** Added to every entry of a table, so that none is negative. */
function biasOf(shape: LayerShape): number {
  const { zero } = weightLayer(shape);
  const { range } = integerTensor(shape.inputs[0]);
  return 4 * Math.max(largestMagnitude(range), Math.abs(zero), 1);
}

/** Tables that a row looks up, two a byte. */
function tablesOf(shape: LayerShape): number {
  return 2 * Math.ceil(weightLayer(shape).weights.perOutput / 8);
}

function formOf(shape: LayerShape): RowsForm {
  const bias = biasOf(shape);
  return {
    file: "lut_binary",
    packing: LUT_BINARY_PACKING,
    uses: [],
    working: `, ${-bias * tablesOf(shape)}, ${bias}u, tables`,
    scratch: [{ name: "tables", type: "uint32", elements: 16 * CHUNK_BYTES }],
  };
}

type Rate = readonly [instructions: number, cycles: number];

/** For a byte of weights, a visit of a row, the tables of 32 inputs, an output, an input of a window. */
interface Rates {
  readonly byte: Rate;
  readonly visit: Rate;
  readonly tables: Rate;
  readonly output: Rate;
  readonly gathered: Rate;
}

const PLAIN: Rates = {
  ...{ byte: [10, 10], visit: [7, 7], tables: [460, 460], output: [8, 8], gathered: [6, 6] },
};

/** Fitted to counts at -O3. */
const RATES: Readonly<Record<Core, Rates>> = {
  "armv6-m": {
    ...{ byte: [11, 16.5], visit: [7, 10], tables: [430, 700], output: [9, 14], gathered: [5, 9] },
  },
  "armv7-m": {
    ...{ byte: [9, 11.5], visit: [6, 8], tables: [400, 650], output: [7, 9], gathered: [4, 6] },
  },
  "risc-v": PLAIN,
  xtensa: PLAIN,
  host: PLAIN,
};

function costOf(shape: LayerShape, target: Target): Cost {
  const code = rowsCode(shape, target, formOf(shape));
  const { weights } = weightLayer(shape);
  const positions = elementCount(shape.output) / weights.outputs;
  const bytes = Math.ceil(weights.perOutput / 8);
  const chunks = Math.ceil(bytes / CHUNK_BYTES);
  const gathered = code.template === "windows" ? weights.perOutput : 0;
  const rates = RATES[coreOf(target)];
  const requantize = requantizeOf(shape, target).instructions;
  const total = (i: 0 | 1): number => {
    const row = bytes * rates.byte[i] + chunks * rates.visit[i] + rates.output[i] + requantize;
    return Math.round(
      positions * (chunks * rates.tables[i] + weights.outputs * row + gathered * rates.gathered[i]),
    );
  };
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: total(0),
    cycles: total(1),
  };
}
