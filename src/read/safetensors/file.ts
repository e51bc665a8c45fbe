import { fail } from "../../diagnostics.js";
import { damagedFile, tooLargeFile } from "../diagnostics.js";
import { Fields, parseJson } from "../json.js";
import { LIMITS } from "../limits.js";
import { type ElementType, elementFormat } from "../onnx/element-types.js";
import { demandSize, type Tensor } from "../onnx/tensor.js";
import { UnsupportedForm } from "../unsupported.js";

/** The tensors of a safetensors file, read when they are asked for. */
export interface TensorFile {
  readonly names: readonly string[];
  /** Undefined if there is none of that name. */
  readonly tensor: (name: string) => Tensor | undefined;
}

const DTYPES: Readonly<Record<string, ElementType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  U16: "uint16",
  U32: "uint32",
  BOOL: "bool",
};

/** An 8-byte little-endian length of the JSON header that follows. */
export function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0;
}

/**
 * Opens a file of https://github.com/huggingface/safetensors#format: the header's length, the header
 * (name to dtype, shape and data_offsets) and the data. Offsets are checked before data is touched.
 *
 * @throws DiagnosticError `read/damaged-file`, `read/too-large`
 */
export function openSafetensors(bytes: Uint8Array): TensorFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) fail(damaged("it is cut off"));
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > LIMITS.jsonBytes) fail(tooLargeFile("the header", length));
  if (8 + length > bytes.length) fail(damaged("its header is cut off"));
  const header = parseJson(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const data = bytes.subarray(8 + length);
  try {
    const fields = Fields.of(header, "a header");
    const names = fields.keys.filter((name) => name !== "__metadata__");
    if (names.length > LIMITS.entries) fail(tooLargeFile("the list of tensors", names.length));
    const places = new Map(names.map((name) => [name, placeOf(fields, name, data.length)]));
    refuseOverlaps(places);
    return {
      names,
      tensor: (name) => {
        const place = places.get(name);
        return place === undefined ? undefined : tensorAt(place, data, name);
      },
    };
  } catch (error) {
    if (error instanceof UnsupportedForm) return fail(damaged(`it ${error.reason}`));
    throw error;
  }
}

interface Place {
  readonly type: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

function placeOf(header: Fields, name: string, size: number): Place {
  const fields = header.fields(name);
  const [start, end, ...more] = fields.wholes("data_offsets", 2, 0);
  const shape = fields.list("shape").map(Number);
  const inside = start !== undefined && end !== undefined && start <= end && end <= size;
  if (!inside || more.length > 0) {
    return fail(damaged(`${JSON.stringify(name.slice(0, 80))} lies outside of it`));
  }
  const dtype = fields.text("dtype");
  return { type: dtype, shape, start, end };
}

function refuseOverlaps(places: ReadonlyMap<string, Place>): void {
  const sorted = [...places].toSorted(([, a], [, b]) => a.start - b.start || a.end - b.end);
  for (const [i, [name, place]] of sorted.entries()) {
    const [other, before] = sorted[i - 1] ?? [name, null];
    if (before !== null && before.end > place.start) {
      fail(damaged(`the tensors ${other.slice(0, 80)} and ${name.slice(0, 80)} overlap`));
    }
  }
}

function tensorAt(
  { type: dtype, shape, start, end }: Place,
  data: Uint8Array,
  name: string,
): Tensor {
  const type = Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : undefined;
  if (type === undefined) return fail(damaged(`${name} is of type ${dtype}, which is not read`));
  const size = demandSize(shape, name);
  const format = elementFormat(type);
  if ((size * format.bits) / 8 !== end - start) {
    fail(
      damaged(`${name} has ${end - start} bytes for the shape [${shape.join(", ")}] of ${dtype}`),
    );
  }
  return { type, shape, data: format.fromBytes(data.subarray(start, end), size) };
}

function damaged(detail: string) {
  return damagedFile("safetensors file", detail);
}
