import type { Rounding } from "./types.js";

/** Rounds to the nearest integer, ties to the even one, as ONNX Round and QONNX ROUND do. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const fraction = x - floor;
  if (fraction !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** What each rounding does to a number. */
export const ROUND: Readonly<Record<Rounding, (x: number) => number>> = {
  "half-even": roundHalfEven,
  floor: Math.floor,
  ceil: Math.ceil,
  "toward-zero": Math.trunc,
};
