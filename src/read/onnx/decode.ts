import onnxProto, { type onnx } from "onnx-proto";
import { fail } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import { damagedOnnx, duplicateTensor, elementType, unknownFormat } from "../diagnostics.js";
import { looksLikeOnnx } from "../format.js";

/** The parts of a ModelProto (onnx.proto) that reading needs, in plain types. */
export interface FileModel {
  /** Operator set version by domain; the default domain is "". */
  readonly opsets: ReadonlyMap<string, number>;
  readonly nodes: readonly FileNode[];
  readonly initializers: ReadonlyMap<string, onnx.ITensorProto>;
  /** Graph inputs that are not initialisers (files of IR version 3 list those as well). */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** `domain.name` of the functions the file defines. */
  readonly functions: ReadonlySet<string>;
}

export interface FileNode {
  readonly op: string;
  readonly domain: string;
  readonly origin: Origin;
  /** An empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, onnx.IAttributeProto>;
}

export interface ValueInfo {
  readonly name: string;
  /** TensorProto.DataType; null if the value is not a tensor or has no type. */
  readonly type: number | null;
  /** A string is an open dimension by its name, or "?". Null: the file gives no shape. */
  readonly dims: readonly (number | string)[] | null;
}

/** An int64 field as protobufjs gives it. */
export type Int64 = number | { toNumber(): number } | null | undefined;

export function toNumber(value: Int64): number {
  if (value === null || value === undefined) return 0;
  return typeof value === "number" ? value : value.toNumber();
}

/** @throws DiagnosticError if the bytes are not a whole ModelProto */
export function decodeModel(bytes: Uint8Array): FileModel {
  const model = decodeBytes(bytes);
  const { graph } = model;
  if (graph === null || graph === undefined) {
    return fail(looksLikeOnnx(bytes) ? damagedOnnx("there is no graph in it") : unknownFormat());
  }
  const initializers = new Map<string, onnx.ITensorProto>();
  for (const tensor of graph.initializer ?? []) {
    const name = tensor.name ?? "";
    if (initializers.has(name))
      fail(duplicateTensor(name, ["an initialiser", "another initialiser"]));
    initializers.set(name, tensor);
  }
  for (const { values } of graph.sparseInitializer ?? []) {
    fail(elementType(values?.name ?? "", "sparse"));
  }
  return {
    opsets: new Map(
      model.opsetImport.map((o) => [defaultDomain(o.domain ?? ""), toNumber(o.version)]),
    ),
    nodes: (graph.node ?? []).map(fileNode),
    initializers,
    inputs: (graph.input ?? []).map(valueInfo).filter(({ name }) => !initializers.has(name)),
    outputs: (graph.output ?? []).map(valueInfo),
    functions: new Set(model.functions.map((f) => operatorName(f.domain ?? "", f.name ?? ""))),
  };
}

function decodeBytes(bytes: Uint8Array): onnx.ModelProto {
  try {
    return onnxProto.onnx.ModelProto.decode(bytes);
  } catch (error) {
    // protobufjs throws plain errors for bytes that are no message: too short, or wrong wire types.
    const detail = error instanceof Error ? error.message : String(error);
    return fail(looksLikeOnnx(bytes) ? damagedOnnx(detail) : unknownFormat());
  }
}

function fileNode(node: onnx.INodeProto, index: number): FileNode {
  const op = node.opType ?? "";
  const domain = defaultDomain(node.domain ?? "");
  const name = node.name ?? "";
  return {
    op,
    domain,
    origin: { op: operatorName(domain, op), name: name === "" ? `${op}_${index}` : name },
    inputs: node.input ?? [],
    outputs: node.output ?? [],
    attributes: new Map((node.attribute ?? []).map((a) => [a.name ?? "", a])),
  };
}

/** `ai.onnx` is the default domain's other name. */
function defaultDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

/** `Conv`, `onnx.brevitas.Quant`. */
export function operatorName(domain: string, op: string): string {
  return domain === "" ? op : `${domain}.${op}`;
}

function valueInfo(value: onnx.IValueInfoProto): ValueInfo {
  const tensor = value.type?.tensorType;
  return {
    name: value.name ?? "",
    type: tensor?.elemType ?? null,
    dims: tensor?.shape?.dim?.map(dimension) ?? null,
  };
}

/** Sizes below 1 are what some exporters write for "any". */
function dimension(dim: onnx.TensorShapeProto.IDimension): number | string {
  const size = toNumber(dim.dimValue);
  if (size > 0) return size;
  const name = dim.dimParam ?? "";
  return name === "" ? "?" : name;
}
