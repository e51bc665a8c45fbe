import { elementCount } from "../network/types.js";
import { PORTABLE_CYCLES } from "./core.js";
import type { Packing } from "./packing.js";
import { aheadOf, overflows, type RowsForm, requantizeOf, rowsCode, weightLayer } from "./rows.js";
import { scratchBytes, tableBytes } from "./size.js";
import type { Kernel } from "./types.js";

/** Trits of a byte: 3^5 = 243 of its 256 values. */
const TOGETHER = 5;

/** Trits plus 1 as a number in base 3, the first in front, times 256 / 243 and rounded up. */
export const BASE3_PACKING: Packing = {
  name: "base-3 trits",
  bitsPerWeight: 8 / TOGETHER,
  legend: "1.6 bits a weight: five a byte, as a number in base 3 times 256 / 243",
  pack: ({ values, outputs, perOutput }) => {
    const rowBytes = Math.ceil(perOutput / TOGETHER);
    return Uint8Array.from({ length: outputs * rowBytes }, (_, at) => {
      const first = TOGETHER * (at % rowBytes);
      const row = Math.floor(at / rowBytes) * perOutput;
      let number = 0;
      for (let k = first; k < first + TOGETHER; k++)
        number = 3 * number + 1 + (k < perOutput ? (values[row + k] ?? 0) : 0);
      return Math.ceil((number * 256) / 243);
    });
  },
  unpack: (bytes, outputs, perOutput) => {
    const rowBytes = Math.ceil(perOutput / TOGETHER);
    const values = new Int8Array(outputs * perOutput);
    for (const [at, byte] of bytes.entries()) {
      const first = TOGETHER * (at % rowBytes);
      let rest = byte;
      for (let k = first; k < Math.min(first + TOGETHER, perOutput); k++) {
        values[Math.floor(at / rowBytes) * perOutput + k] = ((3 * rest) >> 8) - 1;
        rest = (3 * rest) & 255;
      }
    }
    return values;
  },
};

const FORM: RowsForm = {
  file: "rows_base3",
  packing: BASE3_PACKING,
  uses: [],
  working: "",
  scratch: [],
};

/** Estimated instructions for a weight, an output without its requantisation, an input of a window. */
const PER_WEIGHT = 6.5;
const PER_OUTPUT = 8;
const PER_GATHERED = 4;

/** Rows of trits in the least flash, slowly: five a byte. */
export const BASE3: Kernel = {
  name: "rows-base3",
  packing: BASE3_PACKING,
  multiplies: true,
  leastFlash: true,
  isFor: ({ layer }) => "weights" in layer && layer.weights.kind === "ternary",
  refuses: (shape) =>
    overflows(weightLayer(shape), shape) ? "sums of weights plus 1 would leave 32 bits" : null,
  cost: (shape, target) => {
    const code = rowsCode(shape, target, FORM);
    const { weights } = weightLayer(shape);
    const gathered = code.template === "windows" ? weights.perOutput * PER_GATHERED : 0;
    const out = (PER_OUTPUT + requantizeOf(shape, target).instructions) * weights.outputs;
    const instructions =
      (elementCount(shape.output) / weights.outputs) *
      (weights.values.length * PER_WEIGHT + gathered + out);
    return {
      tableBytes: tableBytes(code),
      codeBytes: 0,
      scratchBytes: scratchBytes(code.scratch),
      instructions,
      cycles: PORTABLE_CYCLES * instructions,
    };
  },
  code: (shape, target) => rowsCode(shape, target, FORM),
  ahead: (shape) => [aheadOf(shape)],
};
