import { fromFloat16Bits, roundToBfloat16, roundToFloat16 } from "./numeric.js";

/** Where the elements of a tensor are kept while it is read. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

interface ElementFormat {
  /** TensorProto.DataType (onnx.proto). */
  readonly code: number;
  /** Bits an element takes in raw_data; below 8, elements fill a byte from its low bits. */
  readonly bits: number;
  readonly fractional: boolean;
  /** Array for `length` elements. Numbers stored in it are rounded or wrapped as the type says. */
  readonly allocate: (length: number) => NumberArray;
  /** Elements from little-endian raw_data; may share its memory. */
  readonly fromBytes: (bytes: Uint8Array, length: number) => NumberArray;
  /** Makes any number one of the type, where storing it in the array does not do so. */
  readonly round?: (x: number) => number;
}

/**
 * The element types that are read. 64-bit integers are kept as doubles: those in models are sizes
 * and indices, far below 2^53, and the end markers of Slice, for which the nearest double will do.
 */
export const ELEMENT_TYPES = {
  float32: plain(1, true, Float32Array),
  uint8: plain(2, false, Uint8Array),
  int8: plain(3, false, Int8Array),
  uint16: plain(4, false, Uint16Array),
  int16: plain(5, false, Int16Array),
  int32: plain(6, false, Int32Array),
  int64: {
    code: 7,
    bits: 64,
    fractional: false,
    allocate: (length) => new Float64Array(length),
    fromBytes: (bytes) => Float64Array.from(view(bytes, BigInt64Array), Number),
    round: Math.trunc,
  },
  bool: { ...plain(9, false, Uint8Array), round: (x) => (x === 0 ? 0 : 1) },
  float16: {
    code: 10,
    bits: 16,
    fractional: true,
    allocate: (length) => new Float32Array(length),
    fromBytes: (bytes) => Float32Array.from(view(bytes, Uint16Array), fromFloat16Bits),
    round: roundToFloat16,
  },
  float64: plain(11, true, Float64Array),
  uint32: plain(12, false, Uint32Array),
  uint64: {
    code: 13,
    bits: 64,
    fractional: false,
    allocate: (length) => new Float64Array(length),
    fromBytes: (bytes) => Float64Array.from(view(bytes, BigUint64Array), Number),
    round: Math.trunc,
  },
  bfloat16: {
    code: 16,
    bits: 16,
    fractional: true,
    allocate: (length) => new Float32Array(length),
    fromBytes: (bytes) =>
      new Float32Array(Uint32Array.from(view(bytes, Uint16Array), (bits) => bits << 16).buffer),
    round: roundToBfloat16,
  },
  uint4: packed(21, 4, false),
  int4: packed(22, 4, true),
  uint2: packed(25, 2, false),
  int2: packed(26, 2, true),
} as const satisfies Readonly<Record<string, ElementFormat>>;

export type ElementType = keyof typeof ELEMENT_TYPES;

/** TensorProto.DataType of types that are not read, for diagnostics. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  8: "string",
  14: "complex64",
  15: "complex128",
  17: "float8e4m3fn",
  18: "float8e4m3fnuz",
  19: "float8e5m2",
  20: "float8e5m2fnuz",
  23: "float4e2m1",
  24: "float8e8m0",
  27: "float6e2m3",
  28: "float6e3m2",
};

export function elementFormat(type: ElementType): ElementFormat {
  return ELEMENT_TYPES[type];
}

/** Rounds a number as the type does before it is used further, without storing it. */
export function roundingOf(type: ElementType): (x: number) => number {
  return elementFormat(type).round ?? (type === "float32" ? Math.fround : (x) => x);
}

/** Least and greatest number of an integer type. */
export function integerRange(type: ElementType): readonly [min: number, max: number] {
  const { bits } = ELEMENT_TYPES[type];
  return type.startsWith("u") || type === "bool"
    ? [0, 2 ** bits - 1]
    : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

/** The element type of a TensorProto.DataType; null if it is not read. */
export function elementTypeOf(code: number): ElementType | null {
  return TYPES_BY_CODE.get(code) ?? null;
}

/** What to call a TensorProto.DataType in a message. */
export function elementTypeName(code: number): string {
  return elementTypeOf(code) ?? OTHER_TYPES[code] ?? `number ${code}, which ONNX does not define`;
}

const TYPES_BY_CODE: ReadonlyMap<number, ElementType> = new Map(
  typeNames(ELEMENT_TYPES).map((type) => [ELEMENT_TYPES[type].code, type]),
);

function typeNames<K extends string>(table: Readonly<Record<K, unknown>>): K[] {
  const names: K[] = [];
  for (const name in table) names.push(name);
  return names;
}

interface ArrayMaker<A> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): A;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
}

function plain<A extends NumberArray>(
  code: number,
  fractional: boolean,
  maker: ArrayMaker<A>,
): ElementFormat {
  return {
    code,
    bits: 8 * maker.BYTES_PER_ELEMENT,
    fractional,
    allocate: (length) => new maker(length),
    fromBytes: (bytes) => view(bytes, maker),
  };
}

/** ONNX packs int4 and int2 with the first element in the lowest bits of the first byte. */
function packed(code: number, bits: number, signed: boolean): ElementFormat {
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const signBit = signed ? 1 << (bits - 1) : 0;
  const wrap = (x: number): number => ((x & mask) ^ signBit) - signBit;
  return {
    code,
    bits,
    fractional: false,
    allocate: (length) => new Int8Array(length),
    fromBytes: (bytes, length) => {
      const elements = new Int8Array(length);
      for (let i = 0; i < length; i++) {
        const byte = bytes[Math.floor(i / perByte)] ?? 0;
        elements[i] = wrap(byte >> (bits * (i % perByte)));
      }
      return elements;
    },
    round: wrap,
  };
}

/** The bytes as an array of numbers: in place where they are aligned, otherwise a copy. */
function view<A>(bytes: Uint8Array, maker: ArrayMaker<A>): A {
  const length = bytes.byteLength / maker.BYTES_PER_ELEMENT;
  if (bytes.byteOffset % maker.BYTES_PER_ELEMENT === 0) {
    return new maker(bytes.buffer, bytes.byteOffset, length);
  }
  return new maker(new Uint8Array(bytes).buffer, 0, length);
}
