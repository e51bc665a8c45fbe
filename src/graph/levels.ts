import type { IntegerType } from "./types.js";

const STORAGE: readonly (readonly [type: IntegerType, min: number, max: number])[] = [
  ["uint8", 0, 255],
  ["int8", -128, 127],
  ["uint16", 0, 65535],
  ["int16", -32768, 32767],
];

/** The smallest run-time type that holds the levels; undefined beyond 16 bits. */
export function narrowestType(min: number, max: number): IntegerType | undefined {
  return STORAGE.find(([, low, high]) => low <= min && max <= high)?.[0];
}

/** `outputs = unit * (base + step * n) + rest` of the level n, the number of thresholds reached. */
export interface LevelCode {
  readonly unit: number;
  readonly base: number;
  readonly step: number;
  readonly rest: number;
}

/**
 * The levels `scale * n + bias` as integers, if they are some: a bipolar output (scale 2, bias -1)
 * is -1 and 1. What is left is added afterwards.
 */
export function levelCode(scale: number, bias: number): LevelCode {
  const halves = Math.round((2 * bias) / scale);
  if (halves * scale !== 2 * bias) return { unit: scale, base: 0, step: 1, rest: bias };
  if (halves % 2 === 0) return { unit: scale, base: halves / 2, step: 1, rest: 0 };
  return { unit: scale / 2, base: halves, step: 2, rest: 0 };
}
