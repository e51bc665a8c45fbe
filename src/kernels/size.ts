import { BYTES, type KernelCode, type Scratch, type Struct, type Table } from "./types.js";

const TABLE_BYTES: Readonly<Record<Table["type"], number>> = {
  int8_t: 1,
  uint8_t: 1,
  int16_t: 2,
  uint16_t: 2,
  int32_t: 4,
  uint32_t: 4,
  int64_t: 8,
  float: 4,
};

/** Bytes of constants in flash; pointers and integers of structs take 4 each on these cores. */
export function tableBytes({
  tables,
  structs,
  requantize,
}: Pick<KernelCode, "tables" | "structs" | "requantize">): number {
  const ofTable = (t: Table): number => t.length * TABLE_BYTES[t.type];
  const ofStruct = (s: Struct): number => 4 * Object.keys(s.fields).length;
  const all = [...tables, ...(requantize?.tables ?? [])].filter((t) => t.elsewhere === undefined);
  return sum(all.map(ofTable)) + sum(structs.map(ofStruct));
}

/** Everything in the arena starts on a multiple of this. */
export const ALIGNMENT = 4;

export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

export function scratchBytes(scratch: readonly Scratch[]): number {
  return sum(scratch.map((s) => aligned(s.elements * BYTES[s.type])));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
