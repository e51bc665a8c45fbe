import { pick } from "../network/channels.js";
import type { FixedPoint, Range, Requantization, StorageType } from "../network/types.js";
import { type FixedForm, fixedForm, sumForm } from "./fixed-form.js";
import { cType, type KernelUse } from "./library.js";
import { type Listed, listed, numberText } from "./listed.js";
import type { Constants, Table } from "./types.js";

/**
 * The C that turns one accumulator, or two of a residual addition, into an output: a static function
 * `{layer}_out(acc, [acc_b,] channel)`. What is the same for all channels stands in it as a literal,
 * so that the C compiler folds it into the kernel that calls it.
 */
export interface RequantizeFunction extends Statements {
  /** What its first operand may be: one range for all channels, or one for each. */
  readonly sums: readonly Range[];
}

/** The function's C. */
interface Statements {
  readonly uses: readonly KernelUse[];
  readonly tables: readonly Table[];
  /** Parameters, e.g. `int32_t acc, int32_t channel`. */
  readonly parameters: string;
  /** Statements of its body, with `{layer}` for the prefix of the layer's tables. */
  readonly body: readonly string[];
  /** The body for four channels at once in Helium's vectors; null where it has no such form. */
  readonly lanes: readonly string[] | null;
  /** Estimated instructions for one output on a 32-bit core with a multiplier. */
  readonly instructions: number;
}

export interface RequantizeOptions {
  readonly rule: Requantization;
  readonly output: StorageType;
  /** Ranges of each operand: one for all channels, or one for each. */
  readonly operands: readonly (readonly Range[])[];
  /**
   * What each channel's accumulator lacks of the one that the rule means, e.g.
   * `-zero * sum of weights`; null where it lacks nothing. For one operand.
   */
  readonly bias: Int32Array | null;
  /** Whether the core multiplies to 64 bits in one instruction. */
  readonly longMultiply: boolean;
  /** How the constants of channels lie in flash. Left out: plain. */
  readonly constants?: Constants | undefined;
}

/**
 * int32 arithmetic where every intermediate number is proved to fit, if need be of accumulators cut
 * to where outputs still change; int64 elsewhere.
 */
export function requantizeFunction(options: RequantizeOptions): RequantizeFunction {
  return { ...statementsOf(options), sums: sumsOf(options) };
}

function sumsOf({ operands: [ranges = []], bias }: RequantizeOptions): readonly Range[] {
  if (bias === null) return ranges;
  return Array.from(bias, (lacking, c) => {
    const { low, high } = pick(ranges, c);
    return { low: low - lacking, high: high - lacking };
  });
}

function statementsOf(options: RequantizeOptions): Statements {
  const { rule } = options;
  switch (rule.kind) {
    case "none":
      return unchanged(options);
    case "thresholds":
      return thresholds(rule, options);
    case "table":
      return table(rule, options);
    case "fixed-point":
      return rule.multipliers.length > 1 ? sumFixed(rule, options) : fixed(rule, options);
    default:
      return rule satisfies never;
  }
}

const ONE_OPERAND = "int32_t acc, int32_t channel";

/** `base + step * n`, as an expression. */
function leveled(n: string, { base, step }: { base: number; step: number }): string {
  const number = n.includes(">>") ? `(${n})` : n;
  const scaled = step === 1 ? number : `(${numberText(step)} * ${number})`;
  if (base === 0) return step === 1 ? n : scaled;
  return base > 0 ? `${scaled} + ${base}` : `${scaled} - ${-base}`;
}

function returned(value: string, output: StorageType): string {
  return output === "int32" ? `return ${value};` : `return (${cType(output)})(${value});`;
}

/** A statement that gives the accumulator what it lacks, where the rule's constants cannot take it. */
function completed(bias: Int32Array | null): Completion {
  if (bias === null) return { tables: [], text: "", body: [], lanes: [] };
  const { tables, text, lanes } = listed(
    "bias",
    bias,
    "What the accumulators lack: -zero * sum of weights.",
  );
  if (text === "0") return { tables, text, body: [], lanes: [] };
  return {
    tables,
    text,
    body: [`acc += ${text};`],
    lanes: lanes === null ? null : [`acc = vaddq_s32(acc, ${lanes});`],
  };
}

interface Completion extends Pick<Listed, "tables" | "text"> {
  readonly body: readonly string[];
  readonly lanes: readonly string[] | null;
}

/** The channel is named where a table is looked up by it, and otherwise said to be unused. */
function finished(
  {
    lanes = null,
    ...parts
  }: Omit<Statements, "parameters" | "body" | "lanes"> &
    Partial<Pick<Statements, "parameters" | "lanes">>,
  declared: readonly string[],
  statements: readonly string[],
): Statements {
  const named = (lines: readonly string[]): readonly string[] =>
    lines.some((line) => line.includes("channel")) ? lines : ["(void)channel;", ...lines];
  return {
    parameters: ONE_OPERAND,
    ...parts,
    body: named([...declared, ...statements]),
    lanes: lanes === null ? null : named(lanes),
  };
}

/** `base + step * n` of four channels. */
function leveledLanes(n: string, { base, step }: { base: number; step: number }): string {
  const scaled = step === 1 ? n : `vmulq_n_s32(${n}, ${numberText(step)})`;
  return base === 0 ? scaled : `vaddq_n_s32(${scaled}, ${numberText(base)})`;
}

/** Statements, then the result; null where either is missing. */
function lanesBody(
  statements: readonly string[] | null,
  value: string | null,
): readonly string[] | null {
  return statements === null || value === null ? null : [...statements, `return ${value};`];
}

function unchanged({ output, bias }: RequantizeOptions): Statements {
  const { tables, body, lanes } = completed(bias);
  return finished(
    { uses: [], tables, instructions: bias === null ? 1 : 3, lanes: lanesBody(lanes, "acc") },
    [],
    [...body, returned("acc", output)],
  );
}

/** Longer lists of thresholds are searched by halving. */
const LONGEST_COUNTED = 16;

function thresholds(
  rule: Requantization & { kind: "thresholds" },
  { output, bias }: RequantizeOptions,
): Statements {
  const { count } = rule;
  if (count === 0) {
    const value = returned(numberText(rule.base), output);
    return finished({ uses: [], tables: [], instructions: 1 }, [], ["(void)acc;", value]);
  }
  const shared = rule.thresholds.length === count;
  // Lists of the channels take the bias; a list for all channels cannot.
  const added = completed(shared ? bias : null);
  const values = (): Int32Array =>
    shared || bias === null
      ? rule.thresholds
      : rule.thresholds.map((t, i) => t - (bias[Math.floor(i / count)] ?? 0));
  const list: Table = {
    suffix: "thresholds",
    type: "int32_t",
    length: rule.thresholds.length,
    values,
    comment: "Accumulators at which the output takes its next step, for each channel.",
  };
  const at = shared
    ? "{layer}_thresholds"
    : `&{layer}_thresholds[${count === 1 ? "channel" : `channel * ${count}`}]`;
  const search = count > LONGEST_COUNTED;
  const reachedLanes = `thresholds_reached_lanes(acc, ${shared ? at : `&{layer}_thresholds[channel * ${count}]`}, ${count}, ${shared ? 0 : count})`;
  const reached = search
    ? `thresholds_search(acc, ${at}, ${count}, ${2 ** Math.floor(Math.log2(count))})`
    : `thresholds_reached(acc, ${at}, ${count})`;
  return finished(
    {
      uses: [{ file: search ? "thresholds_search" : "thresholds_reached" }],
      tables: [list, ...added.tables],
      instructions: search ? 10 + 12 * Math.log2(count) : 4 + 3 * count,
      lanes: search ? null : lanesBody(added.lanes, leveledLanes(reachedLanes, rule)),
    },
    [],
    [...added.body, returned(leveled(reached, rule), output)],
  );
}

function table(
  { values, size, low }: Requantization & { kind: "table" },
  { output, bias }: RequantizeOptions,
): Statements {
  const shared = values.length === size;
  const added = completed(bias);
  const index = [
    ...(shared ? [] : [`(channel * ${size})`]),
    low > 0 ? `acc - ${low}` : low < 0 ? `acc + ${-low}` : "acc",
  ].join(" + ");
  return finished(
    {
      uses: [],
      tables: [
        {
          suffix: "table",
          type: cType(output),
          length: values.length,
          values: () => values,
          comment: `The output for each input from ${low} up, as float32 arithmetic gives it.`,
        },
        ...added.tables,
      ],
      instructions: 4,
    },
    [],
    [...added.body, `return {layer}_table[${index}];`],
  );
}

function fixed(rule: FixedPoint, options: RequantizeOptions): Statements {
  const { bias, output, longMultiply, constants } = options;
  const folded = bias === null ? rule : foldedInto(rule, bias);
  const added = completed(folded === null ? bias : null);
  const ranges = reachable(options, folded === null ? null : bias);
  const form = fixedForm(folded ?? rule, ranges, longMultiply, constants === "packed");
  return fixedFunction(form, rule, { output, added, parameters: ONE_OPERAND });
}

function sumFixed(rule: FixedPoint, { operands, output }: RequantizeOptions): Statements {
  const parameters = "int32_t acc, int32_t acc_b, int32_t channel";
  return fixedFunction(sumForm(rule, operands), rule, {
    output,
    added: completed(null),
    parameters,
  });
}

function fixedFunction(
  { uses, tables, statements, level, lanes, instructions }: FixedForm,
  rule: FixedPoint,
  {
    output,
    added,
    parameters,
  }: {
    readonly output: StorageType;
    readonly added: ReturnType<typeof completed>;
    readonly parameters: string;
  },
): Statements {
  const before =
    added.lanes === null || lanes === null ? null : [...added.lanes, ...lanes.statements];
  return finished(
    {
      parameters,
      uses,
      tables: [...tables, ...added.tables],
      instructions,
      lanes: lanes === null ? null : lanesBody(before, leveledLanes(lanes.level, rule)),
    },
    [],
    [...added.body, ...statements, "", returned(leveled(level, rule), output)],
  );
}

/** `(sum + bias) * m + o = sum * m + (bias * m + o)`. Null where a number leaves the exact doubles. */
function foldedInto(rule: FixedPoint, bias: Int32Array): FixedPoint | null {
  const [multipliers = rule.offsets] = rule.multipliers;
  const offsets = Float64Array.from(bias, (b, c) => {
    const product = b * pick(multipliers, c);
    return Number.isSafeInteger(product) ? product + pick(rule.offsets, c) : Number.NaN;
  });
  return offsets.every(Number.isSafeInteger) ? { ...rule, offsets } : null;
}

/** Ranges of what the function is given: without the bias, where that is folded into the rule. */
function reachable(
  { operands: [ranges = []] }: RequantizeOptions,
  bias: Int32Array | null,
): readonly Range[] {
  if (bias === null) return ranges;
  return Array.from(bias, (b, c) => {
    const { low, high } = pick(ranges, c);
    return { low: low - b, high: high - b };
  });
}
