import onnxProto, { type onnx } from "onnx-proto";

/** Builds ONNX models for tests, message by message, without Python. */

const { ModelProto } = onnxProto.onnx;

/** TensorProto.DataType, those that tests use. */
export const TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
  float8e4m3fn: 17,
  uint4: 21,
  int4: 22,
  uint2: 25,
  int2: 26,
} as const;

export type TypeName = keyof typeof TYPES;

export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: onnx.ITensorProto };

export interface ModelParts {
  readonly inputs: readonly onnx.IValueInfoProto[];
  readonly nodes: readonly onnx.INodeProto[];
  /** Names, or values with a shape. */
  readonly outputs: readonly (string | onnx.IValueInfoProto)[];
  readonly initializers?: Readonly<Record<string, onnx.ITensorProto>>;
  /** Of the default domain; null leaves opset_import out. */
  readonly opset?: number | null;
  readonly functions?: readonly onnx.IFunctionProto[];
}

/** A whole model, encoded. */
export function model(parts: ModelParts): Uint8Array {
  const { inputs, nodes, outputs, initializers = {}, opset = 13, functions = [] } = parts;
  const message: onnx.IModelProto = {
    irVersion: 8,
    opsetImport: opset === null ? [] : [{ domain: "", version: opset }],
    graph: {
      name: "test",
      node: [...nodes],
      input: [...inputs],
      output: outputs.map((output) => (typeof output === "string" ? { name: output } : output)),
      initializer: Object.entries(initializers).map(([name, tensor]) => ({ ...tensor, name })),
    },
    functions: [...functions],
  };
  // A copy with an offset of its own: the encoder's buffer may be a part of a pool.
  return Uint8Array.from(ModelProto.encode(message).finish());
}

/** An input or output; a dimension is a size, a name, or null for one without either. */
export function value(
  name: string,
  shape: readonly (number | string | null)[],
  type: TypeName = "float32",
): onnx.IValueInfoProto {
  const dim = shape.map((size) => {
    if (typeof size === "number") return { dimValue: size };
    return size === null ? {} : { dimParam: size };
  });
  return { name, type: { tensorType: { elemType: TYPES[type], shape: { dim } } } };
}

/** `operator` is an operator type, or `domain:type`. */
export function node(
  operator: string,
  inputs: readonly string[],
  outputs: string | readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
  name = "",
): onnx.INodeProto {
  const [domain, opType] = operator.includes(":") ? operator.split(":") : ["", operator];
  return {
    domain: domain ?? "",
    opType: opType ?? "",
    name,
    input: [...inputs],
    output: typeof outputs === "string" ? [outputs] : [...outputs],
    attribute: Object.entries(attributes).map(([key, attribute]) => attributeOf(key, attribute)),
  };
}

function attributeOf(name: string, attribute: Attribute): onnx.IAttributeProto {
  if (typeof attribute === "number") return { name, type: 2, i: attribute };
  if (typeof attribute === "string") {
    return { name, type: 3, s: new TextEncoder().encode(attribute) };
  }
  if ("float" in attribute) return { name, type: 1, f: attribute.float };
  if ("floats" in attribute) return { name, type: 6, floats: [...attribute.floats] };
  if ("tensor" in attribute) return { name, type: 4, t: attribute.tensor };
  return { name, type: 7, ints: [...attribute] };
}

/** A tensor with its elements in raw_data. Packed and 16-bit float types take bytes instead. */
export function tensor(
  type: TypeName,
  shape: readonly number[],
  values: ArrayLike<number>,
): onnx.ITensorProto {
  return { dataType: TYPES[type], dims: [...shape], rawData: rawBytes(type, values) };
}

export function floats(shape: readonly number[], values: ArrayLike<number>): onnx.ITensorProto {
  return tensor("float32", shape, values);
}

/** A vector of int64, as shapes and axes are. */
export function ints(...values: readonly number[]): onnx.ITensorProto {
  return tensor("int64", [values.length], values);
}

export function scalar(value: number, type: TypeName = "float32"): onnx.ITensorProto {
  return tensor(type, [], [value]);
}

/** A tensor whose data is in a file beside the model. */
export function external(
  shape: readonly number[],
  entries: Readonly<Record<string, string>>,
): onnx.ITensorProto {
  return {
    dataType: TYPES.float32,
    dims: [...shape],
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  };
}

function rawBytes(type: TypeName, values: ArrayLike<number>): Uint8Array {
  switch (type) {
    case "float32":
      return bytesOf(Float32Array.from(values));
    case "float64":
      return bytesOf(Float64Array.from(values));
    case "int8":
      return bytesOf(Int8Array.from(values));
    case "uint16":
    case "float16":
    case "bfloat16":
      return bytesOf(Uint16Array.from(values));
    case "int16":
      return bytesOf(Int16Array.from(values));
    case "int32":
      return bytesOf(Int32Array.from(values));
    case "int64":
      return bytesOf(BigInt64Array.from(Array.from(values), BigInt));
    default:
      return Uint8Array.from(values);
  }
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
