import type { FixedPoint, PerChannel, Requantization, StorageType } from "../network/types.js";
import { cType, type KernelUse, kernelName } from "./library.js";
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

function thresholdsCode(
  rule: Requantization & { kind: "thresholds" },
  output: StorageType,
  count: number,
): RequantizeCode {
  const stride = rule.thresholds.length > rule.count ? rule.count : 0;
  // C has no empty arrays; with no steps nothing reads the one element.
  const values = rule.thresholds.length === 0 ? [0] : rule.thresholds;
  const call =
    `${kernelName("thresholds", output)}(acc, ${count}, {layer}_thresholds, ` +
    `${rule.count}, ${stride}, ${rule.base}, ${rule.step}, y);`;
  return {
    uses: [{ file: "thresholds", type: output }],
    tables: [
      {
        suffix: "thresholds",
        type: "int32_t",
        values,
        comment: "Accumulators at which the output takes its next step, for each channel.",
      },
    ],
    structs: [],
    call,
    instructions: 8 + 5 * rule.count,
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
  const [multiplier, second] = rule.multipliers;
  if (multiplier === undefined) throw new Error("a fixed-point rule has a multiplier");
  const narrow = rule.bits <= 31 && second === undefined;
  const offsetType = narrow ? "int32_t" : "int64_t";
  const file = second === undefined ? (narrow ? "fixed32" : "fixed64") : "sum_fixed64";
  const table = (suffix: string, type: Table["type"], values: PerChannel, comment: string) => ({
    suffix,
    type,
    values,
    comment,
  });
  const tables: Table[] = [
    table("multiplier", "int32_t", multiplier, "Scale of each channel, in 2^-shift output steps."),
    table("offset", offsetType, rule.offsets, "Bias, zero point and rounding, likewise."),
    table("low", "int32_t", rule.low, "Smallest output."),
    table("high", "int32_t", rule.high, "Largest output."),
  ];
  const arguments_ = ["acc"];
  if (second !== undefined) arguments_.push("acc_b");
  arguments_.push(`${count}`, "&{layer}_fixed");
  if (second !== undefined) {
    tables.push(table("multiplier_b", "int32_t", second, "Scale of the second operand."));
    arguments_.push("{layer}_multiplier_b", `${stride(second)}`);
  }
  arguments_.push("{layer}_offset", "y");
  return {
    uses: [{ file, type: output }],
    tables: tables.map((t) => widened(t, rule)),
    structs: [
      {
        suffix: "fixed",
        type: "tritc_fixed",
        fields: {
          multiplier: { table: "multiplier" },
          low: { table: "low" },
          high: { table: "high" },
          multiplier_stride: stride(multiplier),
          offset_stride: stride(rule.offsets),
          bound_stride: boundStride(rule),
          shift: rule.shift,
          tie_band: rule.tieBand,
          base: rule.base,
          step: rule.step,
        },
      },
    ],
    call: `${kernelName(file, output)}(${arguments_.join(", ")});`,
    instructions: narrow ? 24 : 40,
  };
}

function stride(list: PerChannel): number {
  return list.length > 1 ? 1 : 0;
}

/** Both bounds share a stride: if either differs by channel, both tables list every channel. */
function boundStride(rule: FixedPoint): number {
  return Math.max(stride(rule.low), stride(rule.high));
}

function widened(table: Table, rule: FixedPoint): Table {
  const isBound = table.suffix === "low" || table.suffix === "high";
  if (!isBound || table.values.length > 1 || boundStride(rule) === 0) return table;
  const length = Math.max(rule.low.length, rule.high.length);
  return { ...table, values: new Float64Array(length).fill(table.values[0] ?? 0) };
}
