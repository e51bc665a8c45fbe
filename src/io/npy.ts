import { dump, parse } from "npyjs";
import { fail } from "../diagnostics.js";
import * as say from "./diagnostics.js";

/** Element types by their numpy names. */
export type ElementType =
  | "bool"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float16"
  | "float32"
  | "float64";

export type NumberData =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** A numpy array: row-major, false and true as 0 and 1. */
export interface NumberArray {
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly data: NumberData;
}

const TYPES: Readonly<Record<string, ElementType>> = {
  b1: "bool",
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

/** NPY_MAXDIMS of numpy 2. Without a bound, a header of a million axes would take hours. */
const MOST_AXES = 64;

/** The first bytes of every .npy file. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * The array in a .npy file (numpy's format 1 to 3; little-endian). Column-major data is put in
 * row-major order. Throws `usage/damaged-array` or `usage/array-type`.
 */
export function parseNpy(bytes: Uint8Array, file: string): NumberArray {
  const { data, dtype, shape, fortranOrder } = parseWithLibrary(bytes, file);
  if (shape.length > MOST_AXES) {
    fail(say.damagedArray(file, `it has ${shape.length} axes; numpy knows ${MOST_AXES}`));
  }
  const type = TYPES[dtype] ?? fail(say.arrayType(file, dtype));
  const elements = shape.reduce((product, size) => product * size, 1);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    fail(say.damagedArray(file, `its shape is ${say.showShape(shape)}`));
  }
  const numbers = toNumbers(data, file);
  if (numbers.length !== elements) {
    const problem =
      numbers.length < elements ? "it is cut off" : "there is more than its shape says";
    const has = `${numbers.length} elements instead of ${elements}`;
    fail(say.damagedArray(file, `${problem}: ${has}, the product of ${say.showShape(shape)}`));
  }
  return { shape, type, data: fortranOrder ? rowMajor(numbers, shape) : numbers };
}

function parseWithLibrary(bytes: Uint8Array, file: string) {
  try {
    return parse(new Uint8Array(bytes).buffer);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const type = /^Unsupported dtype: (.*)$/.exec(reason)?.[1];
    if (type !== undefined) fail(say.arrayType(file, type));
    // The library's typed arrays throw range errors: the bytes are too few, or end inside an element.
    const cut = error instanceof RangeError ? "its end is missing, or it was altered" : reason;
    return fail(say.damagedArray(file, cut));
  }
}

/** The library gives booleans as a list, and 64-bit integers as BigInt. */
function toNumbers(data: unknown, file: string): NumberData {
  if (Array.isArray(data)) return Uint8Array.from(data, (value) => (value === true ? 1 : 0));
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Float64Array.from(data, (value, index) => {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : fail(say.hugeInteger(file, index));
    });
  }
  if (isNumberData(data)) return data;
  return fail(say.arrayType(file, "unknown"));
}

function isNumberData(data: unknown): data is NumberData {
  return ArrayBuffer.isView(data) && !(data instanceof DataView);
}

/** Column-major elements in row-major order. */
function rowMajor(data: NumberData, shape: readonly number[]): NumberData {
  const result = data.slice();
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  const index = shape.map(() => 0);
  for (let i = 0; i < result.length; i++) {
    result[i] = data[index.reduce((at, k, axis) => at + k * (strides[axis] ?? 0), 0)] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      index[axis] = next < (shape[axis] ?? 0) ? next : 0;
      if (next < (shape[axis] ?? 0)) break;
    }
  }
  return result;
}

/** A .npy file. The same array gives the same bytes. */
export function formatNpy(data: NumberData, shape: readonly number[]): Uint8Array {
  return new Uint8Array(dump(data, [...shape]));
}
