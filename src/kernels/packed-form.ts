import { pick } from "../network/channels.js";
import type { FixedPoint, PerChannel, Range } from "../network/types.js";
import { channelsOf } from "./fixed-form.js";
import type { Listed } from "./listed.js";

/** Constants of channels in less flash than a word for each: a rule that gives the same outputs. */
export interface PackedConstants {
  readonly rule: FixedPoint;
  readonly multiplier: Listed;
  readonly offset: Listed;
  /** Estimated, to take them apart. */
  readonly instructions: number;
}

/** One channel's outputs over its accumulators: at which of them each level begins. */
interface Staircase {
  readonly range: Range;
  readonly low: number;
  readonly high: number;
  /** The level of the lowest accumulator. */
  readonly first: number;
  /** The lowest accumulators of the levels after that. */
  readonly begins: readonly number[];
  /** Levels for each unit of the accumulator, roughly. */
  readonly slope: number;
}

/** Multiplier and offset of one channel. */
interface Line {
  readonly multiplier: number;
  readonly offset: number;
}

/** Outputs of more levels (sums that are stored with 32 bits) would take too long to search. */
const MOST_LEVELS = 2 ** 16;

/** More bits of shift than the rule has leave more multipliers to choose from. */
const MORE_SHIFT = 1;

/**
 * For a rule whose multipliers and offsets differ by channel: other constants, with the same level for
 * every accumulator in its range, that need fewer bits. A word for both where they fit it, else 16 bits of
 * the multiplier and a word for the offset, whose low bits are the rest of the multiplier. Null where
 * neither is found.
 *
 * @param ranges of the accumulator, one for all channels or one for each
 */
export function packedConstants(
  rule: FixedPoint,
  ranges: readonly Range[],
): PackedConstants | null {
  const [key] = rule.multipliers;
  if (key === undefined) return null;
  const list = known.get(key) ?? [];
  known.set(key, list);
  const same = list.find(
    (k) => sameNumbers(k.rule.offsets, rule.offsets) && sameRanges(k.ranges, ranges),
  );
  if (same !== undefined) return same.constants;
  const constants = search(rule, ranges);
  list.push({ rule, ranges, constants });
  return constants;
}

/** Planning asks for each kernel, and again for what is emitted. */
const known = new WeakMap<PerChannel, Known[]>();

interface Known {
  readonly rule: FixedPoint;
  readonly ranges: readonly Range[];
  readonly constants: PackedConstants | null;
}

function sameNumbers(a: PerChannel, b: PerChannel): boolean {
  return a === b || (a.length === b.length && a.every((n, i) => n === b[i]));
}

function sameRanges(a: readonly Range[], b: readonly Range[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((r, i) => r.low === b[i]?.low && r.high === b[i]?.high);
}

function search(rule: FixedPoint, ranges: readonly Range[]): PackedConstants | null {
  const [multipliers] = rule.multipliers;
  if (rule.multipliers.length !== 1 || multipliers === undefined) return null;
  if (multipliers.length === 1 || rule.offsets.length === 1) return null;
  if (multipliers.some((m) => m < 0)) return null;
  const isWide = (low: number, channel: number): boolean =>
    pick(rule.high, channel) - low >= MOST_LEVELS;
  if (rule.low.some(isWide)) return null;
  const stairs = channelsOf(rule, [ranges]).map((c) => staircase(rule, ranges, c));
  const shifts = Array.from({ length: MORE_SHIFT + 1 }, (_, extra) => {
    const shift = rule.shift + extra;
    return { shift, candidates: candidatesAt(stairs, shift, 2 ** extra) };
  });
  for (const form of [inOneWord, inHalfAndWord]) {
    for (const { shift, candidates } of shifts) {
      const found = candidates === null ? null : form(rule, shift, candidates);
      if (found !== null) return found;
    }
  }
  return null;
}

function staircase(rule: FixedPoint, ranges: readonly Range[], channel: number): Staircase {
  const unit = 2 ** rule.shift;
  const m = pick(rule.multipliers[0] ?? [], channel);
  const offset = pick(rule.offsets, channel);
  const [low, high] = [pick(rule.low, channel), pick(rule.high, channel)];
  const range = pick(ranges, channel);
  const level = (acc: number): number => {
    const p = acc * m + offset;
    const n = Math.floor(p / unit);
    const down = rule.tieBand > 0 && n % 2 !== 0 && p - n * unit < rule.tieBand;
    return Math.min(high, Math.max(low, down ? n - 1 : n));
  };
  const first = level(range.low);
  const begins: number[] = [];
  for (let k = first + 1; k <= level(range.high); k++) {
    const least = k * unit + (k % 2 === 0 ? 0 : rule.tieBand) - offset;
    let acc = Math.ceil(least / m);
    // The quotient is rounded; the products are exact.
    while (acc > range.low && level(acc - 1) >= k) acc--;
    while (level(acc) < k) acc++;
    begins.push(acc);
  }
  return { range, low, high, first, begins, slope: m / unit };
}

/** Offsets that give this staircase with a multiplier; they may be infinite. Null where there are none. */
function offsetsFor(stairs: Staircase, shift: number, multiplier: number): Range | null {
  const { range, low, high, first, begins } = stairs;
  const unit = 2 ** shift;
  const last = first + begins.length;
  let least = first > low ? first * unit - multiplier * range.low : Number.NEGATIVE_INFINITY;
  let most =
    last < high ? (last + 1) * unit - 1 - multiplier * range.high : Number.POSITIVE_INFINITY;
  for (let i = 0; i < begins.length; i++) {
    const reached = (first + i + 1) * unit - multiplier * (begins[i] ?? 0);
    if (reached > least) least = reached;
    if (reached + multiplier - 1 < most) most = reached + multiplier - 1;
    if (least > most) return null;
  }
  return least > most ? null : { low: least, high: most };
}

/** The number nearest to 0 in a range that is `residue` modulo `step`; null where there is none. */
function nearest({ low, high }: Range, step: number, residue: number): number | null {
  const up = (n: number): number => Math.ceil((n - residue) / step) * step + residue;
  const down = (n: number): number => Math.floor((n - residue) / step) * step + residue;
  if (low <= residue && residue <= high) return residue;
  const found = low > residue ? up(low) : down(high);
  return found >= low && found <= high ? found : null;
}

/** A multiplier and the offsets that go with it. */
interface Candidate {
  readonly multiplier: number;
  readonly offsets: Range;
}

/** What each channel may have at a shift, the multipliers nearest to its slope first; null where one has nothing. */
function candidatesAt(
  stairs: readonly Staircase[],
  shift: number,
  around: number,
): readonly (readonly Candidate[])[] | null {
  const all: (readonly Candidate[])[] = [];
  for (const each of stairs) {
    const ideal = Math.round(each.slope * 2 ** shift);
    const own: Candidate[] = [];
    for (let i = 0; i <= 2 * around; i++) {
      const multiplier = ideal + (i % 2 === 0 ? i / 2 : -(i + 1) / 2);
      const offsets = multiplier < 0 ? null : offsetsFor(each, shift, multiplier);
      if (offsets !== null) own.push({ multiplier, offsets });
    }
    if (own.length === 0) return null;
    all.push(own);
  }
  return all;
}

/** A line of each channel whose offset is what `offsetOf` finds; null where a channel has none. */
function linesOf(
  candidates: readonly (readonly Candidate[])[],
  offsetOf: (candidate: Candidate) => number | null,
): readonly Line[] | null {
  const lines: Line[] = [];
  for (const own of candidates) {
    const found = firstLine(own, offsetOf);
    if (found === null) return null;
    lines.push(found);
  }
  return lines;
}

function firstLine(
  candidates: readonly Candidate[],
  offsetOf: (candidate: Candidate) => number | null,
): Line | null {
  for (const candidate of candidates) {
    const offset = offsetOf(candidate);
    if (offset !== null) return { multiplier: candidate.multiplier, offset };
  }
  return null;
}

/** The multiplier in the low bits of a word, the offset without its low zeros above. */
function inOneWord(
  rule: FixedPoint,
  shift: number,
  candidates: readonly (readonly Candidate[])[],
): PackedConstants | null {
  let found: { readonly lines: readonly Line[]; readonly zeros: number } | null = null;
  for (let zeros = 0; zeros < shift; zeros++) {
    const lines = linesOf(candidates, ({ offsets }) => nearest(offsets, 2 ** zeros, 0));
    if (lines === null) break;
    found = { lines, zeros };
  }
  if (found === null) return null;
  const { lines, zeros } = found;
  const bits = bitsOf(Math.max(...lines.map((l) => l.multiplier)));
  const scale = 2 ** zeros;
  const room = 2 ** (31 - bits);
  const fits = lines.every(({ offset }) => offset / scale >= -room && offset / scale < room);
  if (bits > 24 || !fits) return null;
  const mask = 2 ** bits - 1;
  const word = "{layer}_constants[channel]";
  return {
    rule: { ...rule, ...constantsOf(lines), shift, tieBand: 0 },
    multiplier: {
      tables: [
        {
          suffix: "constants",
          type: "int32_t",
          length: lines.length,
          values: () => lines.map((l) => (l.offset / scale) * 2 ** bits + l.multiplier),
          comment: `Output steps for each unit of the accumulator, times 2^${shift}, in ${bits} bits; above, bias and rounding, times 2^${shift - zeros}.`,
        },
      ],
      text: `(int32_t)((uint32_t)${word} & ${mask}u)`,
      lanes: `vandq_s32(vldrwq_s32(&${word}), vdupq_n_s32(${mask}))`,
    },
    offset: {
      tables: [],
      text: zeros === 0 ? `(${word} >> ${bits})` : `((${word} >> ${bits}) * ${scale})`,
      lanes: `vmulq_n_s32(vshrq_n_s32(vldrwq_s32(&${word}), ${bits}), ${scale})`,
    },
    instructions: 2,
  };
}

/** Low bits of the offset's word that may hold the multiplier's bits beyond 16, and a sign of 0. */
const MOST_SHARED = 8;

/**
 * Sixteen bits of the multiplier in a table of their own; the offset's low bits are those above, signed:
 * so compilers multiply to 64 bits as they do by any number.
 */
function inHalfAndWord(
  rule: FixedPoint,
  shift: number,
  candidates: readonly (readonly Candidate[])[],
): PackedConstants | null {
  const largest = Math.max(...candidates.flatMap((own) => own.map((c) => c.multiplier)));
  const shared = bitsOf(largest) + 1 - 16;
  // Half-words alone are what tables have anyway.
  if (shared <= 1 || shared > MOST_SHARED) return null;
  const lines = linesOf(candidates, ({ offsets, multiplier }) =>
    nearest(offsets, 2 ** shared, Math.floor(multiplier / 2 ** 16)),
  );
  if (lines === null || lines.some(({ offset }) => Math.abs(offset) >= 2 ** 31)) return null;
  const half = "{layer}_multiplier[channel]";
  const word = "{layer}_offset[channel]";
  return {
    rule: { ...rule, ...constantsOf(lines), shift, tieBand: 0 },
    multiplier: {
      tables: [
        {
          suffix: "multiplier",
          type: "uint16_t",
          length: lines.length,
          values: () => lines.map((l) => l.multiplier % 2 ** 16),
          comment: `Output steps for each unit of the accumulator, times 2^${shift}: the low 16 bits.`,
        },
      ],
      text: `(((int32_t)((uint32_t)${word} << ${32 - shared}) >> ${16 - shared}) | ${half})`,
      lanes: `vorrq_s32(vreinterpretq_s32_u32(vldrhq_u32(&${half})), vshrq_n_s32(vshlq_n_s32(vldrwq_s32(&${word}), ${32 - shared}), ${16 - shared}))`,
    },
    offset: {
      tables: [
        {
          suffix: "offset",
          type: "int32_t",
          length: lines.length,
          values: () => lines.map((l) => l.offset),
          comment: `Bias and rounding, likewise; the low ${shared} bits are the multiplier's above 16.`,
        },
      ],
      text: word,
      lanes: `vldrwq_s32(&${word})`,
    },
    instructions: 1,
  };
}

function constantsOf(lines: readonly Line[]): Pick<FixedPoint, "multipliers" | "offsets"> {
  return {
    multipliers: [Float64Array.from(lines, (l) => l.multiplier)],
    offsets: Float64Array.from(lines, (l) => l.offset),
  };
}

function bitsOf(number: number): number {
  return Math.max(1, Math.floor(Math.log2(Math.max(1, number))) + 1);
}
