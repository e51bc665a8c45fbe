import type { Table } from "./types.js";

/** One number for all channels, a literal, or one for each, in a table. */
export interface Listed {
  readonly tables: readonly Table[];
  /** As an expression, with `{layer}` for the prefix of the layer's tables. */
  readonly text: string;
  /** The same for four channels at once, as Helium's vectors; null where 32 bits do not hold it. */
  readonly lanes: string | null;
}

/** A list as C: its one value, or the entry of `channel` in a table of the narrowest type. */
export function listed(suffix: string, values: ArrayLike<number>, comment: string): Listed {
  const list = Array.from(values);
  const first = list[0] ?? 0;
  if (list.every((value) => value === first)) {
    const lanes = fitsBits(first, 32) ? `vdupq_n_s32(${numberText(first)})` : null;
    return { tables: [], text: numberText(first), lanes };
  }
  const type = typeFor(list);
  const table: Table = {
    suffix,
    type,
    length: list.length,
    values: () => list,
    comment,
  };
  const text = `{layer}_${suffix}[channel]`;
  const load = LANES[type];
  return { tables: [table], text, lanes: load === null ? null : load(`&${text}`) };
}

type ListType = "uint8_t" | "int8_t" | "uint16_t" | "int16_t" | "int32_t" | "int64_t";

/** What loads four elements of a table into lanes of 32 bits. */
const LANES: Readonly<Record<ListType, ((address: string) => string) | null>> = {
  uint8_t: (address) => `vreinterpretq_s32_u32(vldrbq_u32(${address}))`,
  int8_t: (address) => `vldrbq_s32(${address})`,
  uint16_t: (address) => `vreinterpretq_s32_u32(vldrhq_u32(${address}))`,
  int16_t: (address) => `vldrhq_s32(${address})`,
  int32_t: (address) => `vldrwq_s32(${address})`,
  int64_t: null,
};

function typeFor(values: readonly number[]): ListType {
  const fits = (bits: number): boolean => values.every((v) => fitsBits(v, bits));
  const below = (bits: number): boolean => values.every((v) => v >= 0 && v < 2 ** bits);
  if (fits(8)) return "int8_t";
  if (below(8)) return "uint8_t";
  if (fits(16)) return "int16_t";
  if (below(16)) return "uint16_t";
  return fits(32) ? "int32_t" : "int64_t";
}

function fitsBits(value: number, bits: number): boolean {
  return value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1);
}

/** An integer as C. The most negative int32 has no literal of its own type. */
export function numberText(value: number): string {
  if (!fitsBits(value, 32)) return `INT64_C(${value})`;
  if (value === -(2 ** 31)) return "(-2147483647 - 1)";
  return value < 0 ? `(${value})` : `${value + 0}`;
}
