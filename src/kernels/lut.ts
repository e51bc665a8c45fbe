import { elementCount, integerTensor } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { type Core, coreOf } from "./core.js";
import { lutPacking, TABLE_WORDS } from "./lut-packing.js";
import { aheadOf, type RowsForm, requantizeOf, rowsCode, weightLayer } from "./rows.js";
import { scratchBytes, tableBytes } from "./size.js";
import { type Cost, type Kernel, type LayerShape, largestMagnitude } from "./types.js";

/** How a kernel of tables visits the rows. */
interface LutForm {
  readonly name: "lut4" | "lut4-wide";
  readonly file: "lut4" | "lut4_wide";
  /** Tables that are there at a time. */
  readonly tables: number;
  readonly blocks: readonly number[];
}

/**
 * Sums of four inputs with every choice of weights are made once, and looked up by each row: two bits
 * a weight, and as fast whatever the weights are. Pays from about eight outputs on.
 */
function lutKernel(form: LutForm): Kernel {
  const packing = lutPacking(`${form.name} bytes`, form.blocks);
  const rowsForm = (shape: LayerShape): RowsForm => {
    const { weights } = weightLayer(shape);
    const bias = biasOf(shape);
    const type = integerTensor(shape.inputs[0]).type;
    const start = -bias * Math.ceil(weights.perOutput / 4);
    const needed = form.file === "lut4" ? [] : [{ file: "lut4" as const, type }];
    return {
      file: form.file,
      packing,
      uses: [{ file: "lut4_table", type }, ...needed],
      working: `, ${start}, ${bias}u, tables`,
      scratch: [{ name: "tables", type: "uint32", elements: form.tables * TABLE_WORDS }],
    };
  };
  return {
    name: form.name,
    packing,
    isFor: ({ layer }) => "weights" in layer && layer.weights.kind === "ternary",
    refuses: (shape, target) =>
      form.file === "lut4_wide" && coreOf(target).startsWith("arm")
        ? "registers hold the places of four tables, and entries lie where registers say"
        : refuses(shape),
    cost: (shape, target) => lutCost(shape, target, form, rowsForm(shape)),
    code: (shape, target) => rowsCode(shape, target, rowsForm(shape)),
    ahead: (shape) => [aheadOf(shape)],
  };
}

export const LUT_KERNELS: readonly Kernel[] = [
  lutKernel({ name: "lut4", file: "lut4", tables: 4, blocks: [4, 1] }),
  lutKernel({ name: "lut4-wide", file: "lut4_wide", tables: 8, blocks: [8, 4, 1] }),
];

/** Added to every entry of a table, so that none is negative. Padding counts as an input. */
function biasOf(shape: LayerShape): number {
  const { zero } = weightLayer(shape);
  const { range } = integerTensor(shape.inputs[0]);
  return 4 * Math.max(largestMagnitude(range), Math.abs(zero), 1);
}

function refuses(shape: LayerShape): string | null {
  const layer = weightLayer(shape);
  if (layer.kind !== "dense" && layer.groups > 1)
    return "a group has too few outputs for its tables";
  const bias = biasOf(shape);
  if (2 * bias >= 2 ** 16) return "sums of four inputs would leave 16 bits";
  if (2 * bias * Math.ceil(layer.weights.perOutput / 4) >= 2 ** 31)
    return "sums would leave 32 bits";
  return null;
}

/** Estimated for the parts of the work, in instructions and in cycles. */
interface Rates {
  /** A byte of weights: an index, an entry, the sum. */
  readonly byte: readonly [instructions: number, cycles: number];
  /** A visit of a row: its accumulator, and what the loop takes. */
  readonly visit: readonly [instructions: number, cycles: number];
  /** The table of four inputs. */
  readonly table: readonly [instructions: number, cycles: number];
  /** Storing one output, without its requantisation. */
  readonly output: readonly [instructions: number, cycles: number];
  /** Copying an input of a window. */
  readonly gathered: readonly [instructions: number, cycles: number];
}

const RATES: Readonly<Record<Core, Readonly<Record<LutForm["name"], Rates>>>> = {
  "armv6-m": {
    lut4: { byte: [3, 5], visit: [3, 5.2], table: [85, 145], output: [9, 14], gathered: [5, 9] },
    "lut4-wide": {
      byte: [5, 9],
      visit: [5, 8],
      table: [85, 145],
      output: [9, 14],
      gathered: [5, 9],
    },
  },
  "armv7-m": {
    lut4: { byte: [3, 3.2], visit: [3, 3.7], table: [80, 130], output: [7, 9], gathered: [4, 6] },
    "lut4-wide": {
      byte: [3, 5.2],
      visit: [3, 5],
      table: [80, 130],
      output: [7, 9],
      gathered: [4, 6],
    },
  },
  "risc-v": {
    lut4: {
      byte: [4, 4],
      visit: [2.5, 2.5],
      table: [135, 135],
      output: [7, 7],
      gathered: [6, 6],
    },
    "lut4-wide": {
      byte: [4, 4],
      visit: [2.8, 2.8],
      table: [135, 135],
      output: [7, 7],
      gathered: [6, 6],
    },
  },
  xtensa: {
    lut4: {
      byte: [5, 5],
      visit: [3, 3],
      table: [145, 145],
      output: [8, 8],
      gathered: [6, 6],
    },
    "lut4-wide": {
      byte: [5, 5],
      visit: [3, 3],
      table: [145, 145],
      output: [8, 8],
      gathered: [6, 6],
    },
  },
  host: {
    lut4: { byte: [4, 2], visit: [3, 1], table: [130, 60], output: [7, 4], gathered: [6, 3] },
    "lut4-wide": {
      byte: [4, 2],
      visit: [3, 1],
      table: [130, 60],
      output: [7, 4],
      gathered: [6, 3],
    },
  },
};

function lutCost(shape: LayerShape, target: Target, form: LutForm, rows: RowsForm): Cost {
  const code = rowsCode(shape, target, rows);
  const { weights } = weightLayer(shape);
  const positions = elementCount(shape.output) / weights.outputs;
  const groups = Math.ceil(weights.perOutput / 4);
  let visits = 0;
  let left = groups;
  for (const block of form.blocks) {
    visits += Math.floor(left / block);
    left %= block;
  }
  const gathered = code.template === "windows" ? weights.perOutput : 0;
  const rates = RATES[coreOf(target)][form.name];
  const requantize = requantizeOf(shape, target).instructions;
  const total = (i: 0 | 1): number =>
    positions *
    (groups * rates.table[i] +
      weights.outputs *
        (groups * rates.byte[i] + visits * rates.visit[i] + rates.output[i] + requantize) +
      gathered * rates.gathered[i]);
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: Math.round(total(0)),
    cycles: Math.round(total(1)),
  };
}
