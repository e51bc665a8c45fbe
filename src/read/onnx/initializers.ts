import type { onnx } from "onnx-proto";
import { fail } from "../../diagnostics.js";
import { elementType, tensorSize } from "../diagnostics.js";
import { type Int64, toNumber } from "./decode.js";
import {
  type ElementType,
  elementFormat,
  elementTypeName,
  elementTypeOf,
  type NumberArray,
} from "./element-types.js";
import { externalBytes, isExternal, type LoadExternal } from "./external.js";
import { demandSize, type Tensor } from "./tensor.js";

/**
 * The tensor a TensorProto holds, wherever its data is. Shares memory with the file where the
 * elements are aligned.
 *
 * @param name what to call the tensor in diagnostics
 * @throws DiagnosticError for types that are not read, data that does not fill the shape, and
 *   external data that is missing or outside the model's folder
 */
export function readTensor(proto: onnx.ITensorProto, name: string, load: LoadExternal): Tensor {
  const code = proto.dataType ?? 0;
  const type = elementTypeOf(code);
  if (type === null) return fail(elementType(name, elementTypeName(code)));
  const shape = (proto.dims ?? []).map(toNumber);
  const size = demandSize(shape, name);
  const bytes = bytesOf(proto, name, load);
  const data =
    bytes === null ? typedData(proto, type, size) : rawData(bytes, type, size, name, shape);
  if (data.length !== size) {
    fail(tensorSize(name, shape, `the shape has ${size} elements, the data ${data.length}`));
  }
  return { type, shape, data };
}

function rawData(
  bytes: Uint8Array,
  type: ElementType,
  size: number,
  name: string,
  shape: readonly number[],
): NumberArray {
  const format = elementFormat(type);
  const needed = Math.ceil((size * format.bits) / 8);
  if (bytes.byteLength !== needed) {
    const detail = `the shape needs ${needed} bytes of ${type}, the data has ${bytes.byteLength}`;
    fail(tensorSize(name, shape, detail));
  }
  return format.fromBytes(bytes, size);
}

/** Raw bytes inside the model or beside it; null if the typed fields hold the data. */
function bytesOf(proto: onnx.ITensorProto, name: string, load: LoadExternal): Uint8Array | null {
  if (isExternal(proto)) return externalBytes(proto, name, load);
  const { rawData } = proto;
  return rawData === null || rawData === undefined || rawData.length === 0 ? null : rawData;
}

/** Typed fields, by element type (comments of TensorProto in onnx.proto). */
function typedData(proto: onnx.ITensorProto, type: ElementType, size: number): NumberArray {
  switch (type) {
    case "float32":
      return Float32Array.from(proto.floatData ?? []);
    case "float64":
      return Float64Array.from(proto.doubleData ?? []);
    case "int64":
      return Float64Array.from(proto.int64Data ?? [], int64ToNumber);
    case "uint32":
      return Uint32Array.from(proto.uint64Data ?? [], int64ToNumber);
    case "uint64":
      return Float64Array.from(proto.uint64Data ?? [], int64ToNumber);
    case "uint8":
    case "bool":
      return Uint8Array.from(proto.int32Data ?? []);
    case "int8":
      return Int8Array.from(proto.int32Data ?? []);
    case "uint16":
      return Uint16Array.from(proto.int32Data ?? []);
    case "int16":
      return Int16Array.from(proto.int32Data ?? []);
    case "int32":
      return Int32Array.from(proto.int32Data ?? []);
    case "float16":
    case "bfloat16":
      return bitPatterns(Uint16Array.from(proto.int32Data ?? []), type);
    case "uint4":
    case "int4":
    case "uint2":
    case "int2":
      return packedBytes(Uint8Array.from(proto.int32Data ?? []), type, size);
    default:
      return type satisfies never;
  }
}

/** Each int32 of the field holds the 16 bits of one element. */
function bitPatterns(bits: Uint16Array, type: ElementType): NumberArray {
  return elementFormat(type).fromBytes(new Uint8Array(bits.buffer), bits.length);
}

/** Each int32 of the field holds one byte of packed elements. */
function packedBytes(bytes: Uint8Array, type: ElementType, size: number): NumberArray {
  const { bits, fromBytes } = elementFormat(type);
  // Too few bytes must not look like zeros: the caller compares the length with the shape.
  return fromBytes(bytes, Math.min(size, (bytes.length * 8) / bits));
}

function int64ToNumber(value: Int64): number {
  return toNumber(value);
}
