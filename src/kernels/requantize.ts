import type { FixedPoint, PerChannel, Requantization, StorageType } from "../network/types.js";
import { cType, type KernelFile, type KernelUse, kernelName } from "./library.js";
import type { Struct, Table } from "./types.js";

/** The C that turns `acc` (and `acc_b`, for sums) of one position into outputs. */
export interface RequantizeCode {
  readonly uses: readonly KernelUse[];
  readonly tables: readonly Table[];
  readonly structs: readonly Struct[];
  /** A call with `{layer}` for the prefix of the layer's tables, writing `count` outputs to `y`. */
  readonly call: string;
  /** Estimated instructions for one output on a 32-bit core with a multiplier. */
  readonly instructions: number;
}

/** int32 arithmetic where every intermediate number was proved to fit, int64 elsewhere. */
export function requantizeCode(
  rule: Requantization,
  output: StorageType,
  count: number,
): RequantizeCode {
  switch (rule.kind) {
    case "none":
      return {
        uses: [{ file: "store", type: output }],
        tables: [],
        structs: [],
        call: `${kernelName("store", output)}(acc, ${count}, y);`,
        instructions: 4,
      };
    case "thresholds":
      return thresholdsCode(rule, output, count);
    case "table":
      return tableCode(rule, output, count);
    case "fixed-point":
      return fixedPointCode(rule, output, count);
    default:
      return rule satisfies never;
  }
}

/** Longer lists of thresholds are searched by halving. */
const LONGEST_COUNTED = 16;

function thresholdsCode(
  rule: Requantization & { kind: "thresholds" },
  output: StorageType,
  count: number,
): RequantizeCode {
  const stride = rule.thresholds.length > rule.count ? rule.count : 0;
  // C has no empty arrays; with no steps nothing reads the one element.
  const values = rule.thresholds.length === 0 ? [0] : rule.thresholds;
  const search = rule.count > LONGEST_COUNTED;
  const file = search ? "search" : "thresholds";
  const args = [
    "acc",
    count,
    "{layer}_thresholds",
    rule.count,
    ...(search ? [2 ** Math.floor(Math.log2(rule.count))] : []),
    stride,
    rule.base,
    rule.step,
    "y",
  ];
  return {
    uses: [{ file, type: output }],
    tables: [
      {
        suffix: "thresholds",
        type: "int32_t",
        values,
        comment: "Accumulators at which the output takes its next step, for each channel.",
      },
    ],
    structs: [],
    call: `${kernelName(file, output)}(${args.join(", ")});`,
    instructions: search ? 10 + 12 * Math.log2(rule.count) : 8 + 5 * rule.count,
  };
}

function tableCode(
  { values, size, low }: Requantization & { kind: "table" },
  output: StorageType,
  count: number,
): RequantizeCode {
  const stride = values.length > size ? size : 0;
  return {
    uses: [{ file: "table", type: output }],
    tables: [
      {
        suffix: "table",
        type: cType(output),
        values,
        comment: `The output for each input from ${low} up, as float32 arithmetic gives it.`,
      },
    ],
    structs: [],
    call: `${kernelName("table", output)}(acc, ${count}, {layer}_table, ${stride}, ${low}, y);`,
    instructions: 7,
  };
}

function fixedPointCode(rule: FixedPoint, output: StorageType, count: number): RequantizeCode {
  const { file, multiplierType, offsetType, instructions } = formOf(rule);
  const operands = rule.multipliers.map((values, i) => ({
    values,
    acc: i === 0 ? "acc" : "acc_b",
    suffix: i === 0 ? "multiplier" : "multiplier_b",
  }));
  const tables: Table[] = [
    ...operands.map(({ values, suffix }) => ({
      suffix,
      type: multiplierType,
      values,
      comment: "Output steps for each unit of the operand, times 2^shift.",
    })),
    {
      suffix: "offset",
      type: offsetType,
      values: rule.offsets,
      comment: "Bias and rounding, likewise.",
    },
    { suffix: "low", type: "int32_t", values: bounds(rule, rule.low), comment: "Smallest output." },
    {
      suffix: "high",
      type: "int32_t",
      values: bounds(rule, rule.high),
      comment: "Largest output.",
    },
  ];
  const call = [
    ...operands.map(({ acc }) => acc),
    `${count}`,
    "&{layer}_fixed",
    ...operands.flatMap(({ suffix, values }) => [`{layer}_${suffix}`, `${stride(values)}`]),
    "{layer}_offset",
    `${stride(rule.offsets)}`,
    "y",
  ];
  return {
    uses: [{ file, type: output }],
    tables,
    structs: [
      {
        suffix: "fixed",
        type: "tritc_fixed",
        fields: {
          low: { table: "low" },
          high: { table: "high" },
          bound_stride: boundStride(rule),
          shift: rule.shift,
          tie_band: rule.tieBand,
          base: rule.base,
          step: rule.step,
        },
      },
    ],
    call: `${kernelName(file, output)}(${call.join(", ")});`,
    instructions,
  };
}

interface FixedForm {
  readonly file: KernelFile;
  readonly multiplierType: "int32_t" | "int64_t";
  readonly offsetType: "int32_t" | "int64_t";
  /** Estimated, for one output. */
  readonly instructions: number;
}

function formOf(rule: FixedPoint): FixedForm {
  if (rule.multipliers.length > 1) {
    return {
      file: "sum_fixed64",
      multiplierType: "int64_t",
      offsetType: "int64_t",
      instructions: 50,
    };
  }
  return fits32(rule)
    ? { file: "fixed32", multiplierType: "int32_t", offsetType: "int32_t", instructions: 24 }
    : { file: "fixed64", multiplierType: "int32_t", offsetType: "int64_t", instructions: 40 };
}

/** Whether every number that `round32` forms fits, differences from the bounds included. */
function fits32({ bits, shift, low, high }: FixedPoint): boolean {
  return bits <= 31 && shift <= 31 && [...low, ...high].every((bound) => Math.abs(bound) < 2 ** 30);
}

function stride(list: PerChannel): number {
  return list.length > 1 ? 1 : 0;
}

/** Both bounds share a stride: if either differs by channel, both tables list every channel. */
function boundStride(rule: FixedPoint): number {
  return Math.max(stride(rule.low), stride(rule.high));
}

function bounds(rule: FixedPoint, list: PerChannel): PerChannel {
  if (list.length > 1 || boundStride(rule) === 0) return list;
  return new Float64Array(Math.max(rule.low.length, rule.high.length)).fill(list[0] ?? 0);
}
