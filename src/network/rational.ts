/**
 * Exact rational numbers, for finding break points without rounding. Numerators and denominators
 * are not reduced: a few float32 products stay below some hundred bits, and gcds would cost more.
 */
export interface Rational {
  readonly num: bigint;
  /** Always positive. */
  readonly den: bigint;
}

export const ZERO: Rational = { num: 0n, den: 1n };
export const ONE: Rational = { num: 1n, den: 1n };

const floatBits = new DataView(new ArrayBuffer(8));

/** The exact value of a finite double (every float32 is one). */
export function fromNumber(value: number): Rational {
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no rational value`);
  if (Number.isSafeInteger(value)) return { num: BigInt(value), den: 1n };
  floatBits.setFloat64(0, value);
  const high = floatBits.getUint32(0);
  const biased = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(floatBits.getUint32(4));
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const exponent = (biased === 0 ? 1 : biased) - 1075;
  const signed = value < 0 ? -mantissa : mantissa;
  if (exponent >= 0) return { num: signed << BigInt(exponent), den: 1n };
  // Dropping the zeros that most float32 values end in keeps later products short.
  const zeros = Math.min(trailingZeros(mantissa), -exponent);
  return { num: signed >> BigInt(zeros), den: 1n << BigInt(-exponent - zeros) };
}

function trailingZeros(value: bigint): number {
  if (value === 0n) return 0;
  let count = 0;
  for (let v = value; (v & 1n) === 0n; v >>= 1n) count++;
  return count;
}

export function fromInteger(value: number | bigint): Rational {
  return { num: BigInt(value), den: 1n };
}

/** `num / den`; `den` may be negative but not zero. */
export function ratio(num: bigint, den: bigint): Rational {
  if (den === 0n) throw new RangeError("division by zero");
  return den < 0n ? { num: -num, den: -den } : { num, den };
}

export function add(a: Rational, b: Rational): Rational {
  if (a.den === b.den) return { num: a.num + b.num, den: a.den };
  return { num: a.num * b.den + b.num * a.den, den: a.den * b.den };
}

export function negate(a: Rational): Rational {
  return { num: -a.num, den: a.den };
}

export function subtract(a: Rational, b: Rational): Rational {
  return add(a, negate(b));
}

export function multiply(a: Rational, b: Rational): Rational {
  return { num: a.num * b.num, den: a.den * b.den };
}

export function divide(a: Rational, b: Rational): Rational {
  return ratio(a.num * b.den, a.den * b.num);
}

/** Negative, zero or positive, as `a - b`. */
export function compare(a: Rational, b: Rational): number {
  const left = a.num * b.den;
  const right = b.num * a.den;
  return left < right ? -1 : left > right ? 1 : 0;
}

export function sign(a: Rational): number {
  return a.num < 0n ? -1 : a.num > 0n ? 1 : 0;
}

export function equal(a: Rational, b: Rational): boolean {
  return a.num * b.den === b.num * a.den;
}

export function min(a: Rational, b: Rational): Rational {
  return compare(a, b) <= 0 ? a : b;
}

export function max(a: Rational, b: Rational): Rational {
  return compare(a, b) >= 0 ? a : b;
}

export function floor(a: Rational): bigint {
  return floorDivide(a.num, a.den);
}

/** `floor(a / b)` for positive `b`; BigInt division truncates. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a < 0n && quotient * b !== a ? quotient - 1n : quotient;
}

/** Bits kept of an irrational square root: far beyond any float32 file's own precision. */
const SQRT_BITS = 160n;

/** Square root of a non-negative rational: exact when it is rational, else to 160 bits. */
export function sqrt(a: Rational): Rational {
  if (a.num < 0n) throw new RangeError("square root of a negative number");
  const scaled = a.num * a.den;
  const root = integerSqrt(scaled);
  if (root * root === scaled) return { num: root, den: a.den };
  return { num: integerSqrt(scaled << (2n * SQRT_BITS)), den: a.den << SQRT_BITS };
}

/** Newton's method from above: `floor(sqrt(n))`. */
function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

/** The double next to `a`, to within one unit in the last place. */
export function toNumber(a: Rational): number {
  if (a.num === 0n) return 0;
  const magnitude = a.num < 0n ? -a.num : a.num;
  const shift = bitLength(magnitude) - bitLength(a.den) - 64;
  const quotient =
    shift >= 0 ? magnitude / (a.den << BigInt(shift)) : (magnitude << BigInt(-shift)) / a.den;
  const value = scaleByPowerOfTwo(Number(quotient), shift);
  return a.num < 0n ? -value : value;
}

/** `value * 2^exponent`, in two steps so that the power itself cannot overflow or vanish. */
function scaleByPowerOfTwo(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}

function bitLength(value: bigint): number {
  return value.toString(16).length * 4;
}
