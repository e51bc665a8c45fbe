import { pick } from "../network/channels.js";
import type { FixedPoint, Range } from "../network/types.js";
import { channelsOf, clampedLevel, type FixedForm, levelRange } from "./fixed-form.js";
import { listed, numberText } from "./listed.js";

/**
 * A level whose product needs more than 32 bits, in 32 bits: with `m = coarse * 2^k + fine`, and the
 * offset split likewise,
 *
 *     floor((acc * m + offset) / 2^shift) =
 *         (acc * coarse + its offset + ((acc * fine + its offset) >> k)) >> (shift - k)
 *
 * because floors of powers of two nest. Null where no `k` makes every number fit.
 */
export function splitForm(rule: FixedPoint, ranges: readonly Range[]): FixedForm | null {
  const bounds = [...rule.low, ...rule.high].every((bound) => Math.abs(bound) < 2 ** 30);
  if (!bounds || rule.shift < 2) return null;
  for (let k = 1; k < Math.min(rule.shift, 31); k++) {
    const split = splitAt(rule, ranges, k);
    if (split !== null && rule.shift - k <= 30) return formOf(rule, ranges, split);
  }
  return null;
}

interface Split {
  readonly k: number;
  readonly coarse: readonly number[];
  readonly coarseOffset: readonly number[];
  readonly fine: readonly number[];
  readonly fineOffset: readonly number[];
}

function splitAt(rule: FixedPoint, ranges: readonly Range[], k: number): Split | null {
  const unit = 2 ** k;
  const channels = channelsOf(rule, [ranges]);
  const [multipliers = rule.offsets] = rule.multipliers;
  const multiplier = channels.map((c) => pick(multipliers, c));
  const offset = channels.map((c) => pick(rule.offsets, c));
  const coarse = multiplier.map((m) => Math.floor(m / unit));
  const coarseOffset = offset.map((o) => Math.floor(o / unit));
  const fine = multiplier.map((m, c) => m - unit * (coarse[c] ?? 0));
  const fineOffset = offset.map((o, c) => o - unit * (coarseOffset[c] ?? 0));
  const fits = channels.every((c) => {
    const { low, high } = pick(ranges, c);
    return [low, high, 0].every((acc) => {
      const small = acc * (fine[c] ?? 0);
      const large = acc * (coarse[c] ?? 0);
      const least = small - rule.tieBand;
      const sum = large + (coarseOffset[c] ?? 0);
      const numbers = [small, least, small + (fineOffset[c] ?? 0), large, sum];
      const carried = [Math.floor(least / unit), Math.floor((small + unit) / unit)];
      return [...numbers, ...carried.map((carry) => sum + carry)].every(
        (n) => Math.abs(n) < 2 ** 31 - 1,
      );
    });
  });
  return fits ? { k, coarse, coarseOffset, fine, fineOffset } : null;
}

function formOf(rule: FixedPoint, ranges: readonly Range[], split: Split): FixedForm {
  const { k } = split;
  const coarse = listed(
    "coarse",
    split.coarse,
    `Output steps for each unit, times 2^${rule.shift - k}.`,
  );
  const coarseOffset = listed("coarse_offset", split.coarseOffset, "Bias and rounding, likewise.");
  const fine = listed("fine", split.fine, `What is left of the multiplier, times 2^${rule.shift}.`);
  const fineOffset = listed("fine_offset", split.fineOffset, "Bias and rounding, likewise.");
  const rest = rule.shift - k;
  const ties = rule.tieBand > 0;
  const band = numberText(rule.tieBand);
  const text = ties
    ? {
        statements: [
          `const int32_t odd = ((coarse + (fine >> ${k})) >> ${rest}) & 1;`,
          `const int32_t p = coarse + ((fine - (odd * ${band})) >> ${k});`,
        ],
        lanes: [
          `const int32x4_t odd = vandq_s32(vshrq_n_s32(vaddq_s32(coarse, vshrq_n_s32(fine, ${k})), ${rest}), vdupq_n_s32(1));`,
          `const int32x4_t p = vaddq_s32(coarse, vshrq_n_s32(vmlaq_n_s32(fine, odd, -${band}), ${k}));`,
        ],
      }
    : {
        statements: [`const int32_t p = coarse + (fine >> ${k});`],
        lanes: [`const int32x4_t p = vaddq_s32(coarse, vshrq_n_s32(fine, ${k}));`],
      };
  const levels = channelsOf(rule, [ranges]).map((c) => levelRange(rule, [ranges], c));
  const shifted = { text: `p >> ${rest}`, lanes: `vshrq_n_s32(p, ${rest})` };
  const clamped = clampedLevel(rule, shifted, levels);
  const parts = [coarse, coarseOffset, fine, fineOffset];
  return {
    uses: clamped.uses,
    tables: [...parts.flatMap(({ tables }) => tables), ...clamped.tables],
    statements: [
      `const int32_t fine = (acc * ${fine.text}) + ${fineOffset.text};`,
      `const int32_t coarse = (acc * ${coarse.text}) + ${coarseOffset.text};`,
      ...text.statements,
    ],
    level: clamped.text,
    lanes:
      clamped.lanes === null || parts.some(({ lanes }) => lanes === null)
        ? null
        : {
            statements: [
              `const int32x4_t fine = vaddq_s32(vmulq_s32(acc, ${fine.lanes}), ${fineOffset.lanes});`,
              `const int32x4_t coarse = vaddq_s32(vmulq_s32(acc, ${coarse.lanes}), ${coarseOffset.lanes});`,
              ...text.lanes,
            ],
            level: clamped.lanes,
          },
    instructions: (ties ? 20 : 16) + 4 * clamped.uses.length,
  };
}
