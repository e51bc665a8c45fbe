import { roundHalfEven } from "../../graph/rounding.js";

const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);
/** The word of a float64 that holds sign and exponent, on this machine. */
const HIGH_WORD = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Rounds to a binary float of `digits` significant bits whose smallest normal exponent is
 * `minExponent`, ties to even; what rounds beyond `largest` becomes infinite (IEEE 754).
 */
function roundToFloat(x: number, digits: number, minExponent: number, largest: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  double[0] = x;
  const exponent = (((doubleWords[HIGH_WORD] ?? 0) >>> 20) & 0x7ff) - 1023;
  const unit = 2 ** (Math.max(exponent, minExponent) - digits + 1);
  const rounded = roundHalfEven(x / unit) * unit;
  return Math.abs(rounded) > largest ? Math.sign(x) * Number.POSITIVE_INFINITY : rounded;
}

/** The nearest IEEE half-precision number. */
export function roundToFloat16(x: number): number {
  return roundToFloat(x, 11, -14, 65504);
}

/** The nearest bfloat16: the upper half of a float32. */
export function roundToBfloat16(x: number): number {
  return roundToFloat(x, 8, -126, 255 * 2 ** 120);
}

/** The number that 16 bits of IEEE half precision stand for. */
export function fromFloat16Bits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
