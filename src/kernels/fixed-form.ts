import { pick } from "../network/channels.js";
import type { FixedPoint, Range } from "../network/types.js";
import type { KernelUse } from "./library.js";
import { listed } from "./listed.js";
import { type PackedConstants, packedConstants } from "./packed-form.js";
import { splitForm } from "./split-form.js";
import type { Table } from "./types.js";

/** C for the level n of a fixed-point rule, in the narrowest arithmetic that holds it. */
export interface FixedForm {
  readonly uses: readonly KernelUse[];
  readonly tables: readonly Table[];
  /** What comes before the level. */
  readonly statements: readonly string[];
  /** The level, clamped, as an expression. */
  readonly level: string;
  /** The same for four channels at once; null where 32 bits do not hold the numbers. */
  readonly lanes: { readonly statements: readonly string[]; readonly level: string } | null;
  /** Estimated, for one output. */
  readonly instructions: number;
}

/**
 * The level of one accumulator.
 *
 * @param ranges of the accumulator, one for all channels or one for each
 * @param packed whether constants may take time to unpack
 */
export function fixedForm(
  rule: FixedPoint,
  ranges: readonly Range[],
  longMultiply: boolean,
  packed: boolean,
): FixedForm {
  const found = packed ? packedForm(rule, ranges, longMultiply) : null;
  if (found !== null) return found;
  if (fitsInt32(rule, [ranges])) return plainForm(rule, [ranges], "int32_t");
  const cut = longMultiply ? null : cutRanges(rule, ranges);
  if (cut !== null) return cutForm(rule, cut);
  const split = longMultiply ? null : splitForm(rule, ranges);
  return split ?? plainForm(rule, [ranges], "int64_t");
}

/** The level of a sum of two operands. */
export function sumForm(rule: FixedPoint, operands: readonly (readonly Range[])[]): FixedForm {
  return plainForm(rule, operands, fitsInt32(rule, operands) ? "int32_t" : "int64_t");
}

/** Null where no packed constants are known, or the core lacks the arithmetic for them. */
function packedForm(
  rule: FixedPoint,
  ranges: readonly Range[],
  longMultiply: boolean,
): FixedForm | null {
  const constants = packedConstants(rule, ranges);
  if (constants === null) return null;
  const narrow = fitsInt32(constants.rule, [ranges]);
  if (!narrow && !longMultiply) return null;
  const form = plainForm(constants.rule, [ranges], narrow ? "int32_t" : "int64_t", constants);
  return { ...form, instructions: form.instructions + constants.instructions };
}

type Arithmetic = "int32_t" | "int64_t";

function plainForm(
  rule: FixedPoint,
  operands: readonly (readonly Range[])[],
  type: Arithmetic,
  constants: PackedConstants | null = null,
): FixedForm {
  const sum = sumOf(rule, type, operands.length, "acc", constants);
  const levels = channelsOf(rule, operands).map((c) => levelRange(rule, operands, c));
  const shifted = shiftedLevel(rule, type, levels);
  const clamped = clampedLevel(rule, shifted, levels);
  const wide = type === "int64_t";
  return {
    uses: [...shifted.uses, ...clamped.uses],
    tables: [...sum.tables, ...clamped.tables],
    statements: [`const ${type} p = ${sum.text};`],
    level: clamped.text,
    lanes:
      wide || sum.lanes === null || clamped.lanes === null
        ? null
        : { statements: [`const int32x4_t p = ${sum.lanes};`], level: clamped.lanes },
    instructions:
      (wide ? 7 : 3) +
      3 * operands.length +
      shifted.instructions +
      clamped.uses.length * (wide ? 6 : 4),
  };
}

/** An accumulator cut to where outputs still change needs no more clamping, and fewer bits. */
function cutForm(rule: FixedPoint, cut: readonly Range[]): FixedForm {
  const least = listed(
    "least",
    cut.map((r) => r.low),
    "Below this accumulator the output stays.",
  );
  const most = listed(
    "most",
    cut.map((r) => r.high),
    "Above this accumulator the output stays.",
  );
  const sum = sumOf(rule, "int32_t", 1, "cut");
  return {
    uses: [{ file: "clamp32" }],
    tables: [...sum.tables, ...least.tables, ...most.tables],
    statements: [
      `const int32_t cut = clamp32(acc, ${least.text}, ${most.text});`,
      `const int32_t p = ${sum.text};`,
    ],
    level: shiftText(rule.shift),
    lanes:
      sum.lanes === null || least.lanes === null || most.lanes === null
        ? null
        : {
            statements: [
              `const int32x4_t cut = clamp_lanes(acc, ${least.lanes}, ${most.lanes});`,
              `const int32x4_t p = ${sum.lanes};`,
            ],
            level: shiftLanes(rule),
          },
    instructions: 14,
  };
}

function sumOf(
  rule: FixedPoint,
  type: Arithmetic,
  operands: number,
  acc = "acc",
  constants: PackedConstants | null = null,
) {
  const multipliers =
    constants === null
      ? rule.multipliers.map((values, i) =>
          listed(
            i === 0 ? "multiplier" : "multiplier_b",
            values,
            `Output steps for each unit of the ${operands > 1 ? "operand" : "accumulator"}, times 2^shift.`,
          ),
        )
      : [constants.multiplier];
  const offset =
    constants?.offset ?? listed("offset", rule.offsets, "Bias and rounding, likewise.");
  const wide = type === "int64_t" ? "(int64_t)" : "";
  const products = multipliers.map(
    ({ text }, i) => `(${wide}${i === 0 ? acc : "acc_b"} * ${text})`,
  );
  const lanes = [
    ...multipliers.map(({ lanes: m }, i) =>
      m === null ? null : `vmulq_s32(${i === 0 ? acc : "acc_b"}, ${m})`,
    ),
    ...(offset.text === "0" ? [] : [offset.lanes]),
  ].reduce((sum, term) => (sum === null || term === null ? null : `vaddq_s32(${sum}, ${term})`));
  return {
    tables: [...multipliers.flatMap((m) => m.tables), ...offset.tables],
    text: [...products, ...(offset.text === "0" ? [] : [offset.text])].join(" + "),
    lanes,
  };
}

function shiftLanes({ shift, tieBand }: Pick<FixedPoint, "shift" | "tieBand">): string {
  if (tieBand > 0) return `shift_even_lanes(p, ${shift}, ${tieBand})`;
  return shift === 0 ? "p" : `vshrq_n_s32(p, ${shift})`;
}

function shiftText(shift: number): string {
  return shift === 0 ? "p" : `p >> ${shift}`;
}

/** The level before it is clamped: 32 bits where it fits them. */
function shiftedLevel({ shift, tieBand }: FixedPoint, type: Arithmetic, levels: readonly Range[]) {
  const bits = type === "int32_t" ? "32" : "64";
  const ties = tieBand > 0;
  const text = ties ? `shift_even${bits}(p, ${shift}, ${tieBand})` : shiftText(shift);
  const small = levels.every(({ low, high }) => Math.max(-low, high) < COMPARABLE);
  const narrowed = type === "int64_t" && small ? `(int32_t)(${text})` : text;
  return {
    uses: ties ? [{ file: `shift_even${bits}` as const }] : [],
    text: narrowed,
    lanes: shiftLanes({ shift, tieBand }),
    instructions: ties ? 6 : 1,
  };
}

/** Levels and bounds below it are compared by their difference in 32 bits. */
const COMPARABLE = 2 ** 30;

export function clampedLevel(
  rule: FixedPoint,
  { text: level, lanes }: { readonly text: string; readonly lanes: string },
  levels: readonly Range[],
) {
  const inside = levels.every(
    ({ low, high }, c) => low >= pick(rule.low, c) && high <= pick(rule.high, c),
  );
  const small = [...levels.flatMap((r) => [r.low, r.high]), ...rule.low, ...rule.high].every(
    (n) => Math.abs(n) < COMPARABLE,
  );
  if (inside) return { uses: [], tables: [], text: small ? level : `(int32_t)(${level})`, lanes };
  const low = listed("low", rule.low, "Smallest output.");
  const high = listed("high", rule.high, "Largest output.");
  const saturated = small ? saturatedText(level, rule) : null;
  const clamp = small ? ("clamp32" as const) : ("clamp64" as const);
  return {
    uses: [{ file: saturated === null ? clamp : ("saturate" as const) }],
    tables: [...low.tables, ...high.tables],
    text: saturated ?? `${clamp}(${level}, ${low.text}, ${high.text})`,
    lanes:
      low.lanes === null || high.lanes === null
        ? null
        : `clamp_lanes(${lanes}, ${low.lanes}, ${high.lanes})`,
  };
}

/** Where the bounds of all channels are those of some bits; null elsewhere. */
function saturatedText(level: string, { low, high }: FixedPoint): string | null {
  const [least = 0, most = 0] = [low[0], high[0]];
  if (low.some((n) => n !== least) || high.some((n) => n !== most)) return null;
  const bits = Math.log2(most + 1);
  if (!Number.isInteger(bits) || bits < 1 || bits > 30) return null;
  if (least === 0) return `TRITC_UNSIGNED(${level}, ${bits})`;
  return least === -most - 1 ? `TRITC_SIGNED(${level}, ${bits + 1})` : null;
}

/** Levels of a channel before they are clamped, ties down included. */
export function levelRange(
  rule: FixedPoint,
  operands: readonly (readonly Range[])[],
  channel: number,
): Range {
  const { low, high } = sumRange(rule, operands, channel);
  const unit = 2 ** rule.shift;
  const tie = rule.tieBand > 0 ? 1 : 0;
  return { low: Math.floor(low / unit) - tie, high: Math.floor(high / unit) };
}

/** Range of p. */
function sumRange(
  { multipliers, offsets }: FixedPoint,
  operands: readonly (readonly Range[])[],
  channel: number,
): Range {
  let low = pick(offsets, channel);
  let high = low;
  for (const [i, ranges] of operands.entries()) {
    const products = productRange(pick(multipliers[i] ?? [], channel), pick(ranges, channel));
    low += products.low;
    high += products.high;
  }
  return { low, high };
}

function productRange(multiplier: number, { low, high }: Range): Range {
  const ends = [low * multiplier, high * multiplier];
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

/** Whether every intermediate number fits 31 bits and a sign, differences from bounds included. */
function fitsInt32(rule: FixedPoint, operands: readonly (readonly Range[])[]): boolean {
  const bounds = [...rule.low, ...rule.high].every((bound) => Math.abs(bound) < COMPARABLE);
  if (rule.shift > 30 || !bounds) return false;
  // Levels are compared with bounds by differences: they need half of what sums may take.
  const room = rule.shift === 0 ? COMPARABLE : 2 ** 31 - 1;
  const fits = ({ low, high }: Range): boolean => Math.max(Math.abs(low), Math.abs(high)) < room;
  return channelsOf(rule, operands).every((c) => {
    const products = operands.map((ranges, i) =>
      productRange(pick(rule.multipliers[i] ?? [], c), pick(ranges, c)),
    );
    const offset = pick(rule.offsets, c);
    const multipliers = rule.multipliers.map((m) => pick(m, c));
    // The products are added first, then the offset.
    const both = products.reduce((a, b) => ({ low: a.low + b.low, high: a.high + b.high }));
    return (
      [...products, both, sumRange(rule, operands, c)].every(fits) &&
      [offset, ...multipliers].every((n) => fits({ low: n, high: n }))
    );
  });
}

/**
 * The accumulators of each channel between those where its output is at its ends: cut to them, no
 * level lies beyond the bounds. Null where that does not hold, or is no help.
 */
function cutRanges(rule: FixedPoint, ranges: readonly Range[]): readonly Range[] | null {
  if (rule.tieBand > 0) return null;
  const cut = channelsOf(rule, [ranges]).map((c) => cutRange(rule, pick(ranges, c), c));
  const all = cut.flatMap((range) => range ?? []);
  const comparable = ranges.every((r) => Math.max(Math.abs(r.low), Math.abs(r.high)) < COMPARABLE);
  return all.length === cut.length && comparable && fitsInt32(rule, [all]) ? all : null;
}

function cutRange(rule: FixedPoint, range: Range, channel: number): Range | null {
  const multiplier = pick(rule.multipliers[0] ?? [], channel);
  const offset = pick(rule.offsets, channel);
  const [low, high] = [pick(rule.low, channel), pick(rule.high, channel)];
  const unit = 2 ** rule.shift;
  const inside = (acc: number): number => Math.min(Math.max(acc, range.low), range.high);
  const level = (acc: number): number => Math.floor((acc * multiplier + offset) / unit);
  if (multiplier === 0) return null;
  // The accumulators at which the level reaches `high`, and last is `low`, in exact doubles.
  const atHigh = (high * unit - offset) / multiplier;
  const atLow = ((low + 1) * unit - 1 - offset) / multiplier;
  const [least, most] =
    multiplier > 0
      ? [inside(Math.floor(atLow)), inside(Math.ceil(atHigh))]
      : [inside(Math.floor(atHigh)), inside(Math.ceil(atLow))];
  const [first, last] = multiplier > 0 ? [low, high] : [high, low];
  const exact =
    least <= most &&
    (least === range.low || level(least) === first) &&
    (most === range.high || level(most) === last) &&
    [least, most].every((acc) => level(acc) >= low && level(acc) <= high);
  return exact ? { low: least, high: most } : null;
}

export function channelsOf(
  { multipliers, offsets, low, high }: FixedPoint,
  operands: readonly (readonly Range[])[],
): readonly number[] {
  const lists = [...multipliers, offsets, low, high, ...operands];
  return Array.from({ length: Math.max(...lists.map((list) => list.length)) }, (_, c) => c);
}
