import onnxProto, { type onnx } from "onnx-proto";
import { toNumber } from "../read/onnx/decode.js";

const { AttributeProto, TensorProto } = onnxProto.onnx;

/** Ranks of the model's tensors by name, where they are known. */
export type RankOf = (tensor: string) => number | undefined;

/**
 * The nodes of an ONNX graph with QONNX's and FINN's own operators written in standard ones, in
 * float32 as the qonnx package runs them, so that any runtime can run them. Constants that this takes
 * are added to `graph.initializer`. What cannot be written so stays as it is.
 */
export function standardNodes(graph: onnx.IGraphProto, rankOf: RankOf): onnx.INodeProto[] {
  const writer = new Writer(graph);
  return (graph.node ?? []).flatMap((node) => {
    switch (node.opType) {
      case "Quant":
      case "IntQuant":
        return quant(node, writer) ?? [node];
      case "BipolarQuant":
        return bipolar(node, writer);
      case "MultiThreshold":
        return multiThreshold(node, writer, rankOf) ?? [node];
      default:
        return [node];
    }
  });
}

/** Makes nodes one after another, with names of their own, and keeps the constants they read. */
class Writer {
  private made = 0;
  private nodes: onnx.INodeProto[] = [];
  private readonly initializers: onnx.ITensorProto[];
  private readonly constants = new Map<string, onnx.ITensorProto>();

  constructor(graph: onnx.IGraphProto) {
    this.initializers = graph.initializer ?? [];
    graph.initializer = this.initializers;
    for (const tensor of this.initializers) this.constants.set(tensor.name ?? "", tensor);
    for (const { opType, output, attribute } of graph.node ?? []) {
      const value = attribute?.find(({ name }) => name === "value")?.t;
      if (opType === "Constant" && value) this.constants.set(output?.[0] ?? "", value);
    }
  }

  /** Numbers of a constant of the file, whose own types are those that small constants have. */
  constant(name: string): { readonly shape: number[]; readonly data: number[] } | null {
    const tensor = this.constants.get(name);
    if (tensor === undefined || tensor.dataLocation === 1) return null;
    const shape = (tensor.dims ?? []).map(toNumber);
    const data = numbersOf(tensor);
    return data === null ? null : { shape, data };
  }

  scalar(value: number): string {
    return this.tensor([], [value]);
  }

  tensor(dims: number[], floatData: number[]): string {
    const name = this.fresh();
    this.initializers.push({ name, dims, dataType: TensorProto.DataType.FLOAT, floatData });
    return name;
  }

  int64s(values: number[]): string {
    const name = this.fresh();
    const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    const { INT64 } = TensorProto.DataType;
    this.initializers.push({ name, dims: [values.length], dataType: INT64, rawData });
    return name;
  }

  emit(opType: string, input: string[], attribute: onnx.IAttributeProto[] = []): string {
    const output = this.fresh();
    this.nodes.push({ opType, input, output: [output], attribute });
    return output;
  }

  float(input: string): string {
    const to = { name: "to", type: AttributeProto.AttributeType.INT, i: 1 };
    return this.emit("Cast", [input], [to]);
  }

  /** The nodes made since the last time; the last of them makes `output`. */
  finish(output: string): onnx.INodeProto[] {
    const { nodes } = this;
    this.nodes = [];
    const last = nodes.at(-1);
    if (last !== undefined) last.output = [output];
    return nodes;
  }

  private fresh(): string {
    return `tritc.standard.${this.made++}`;
  }
}

function numbersOf({
  dataType,
  rawData,
  floatData,
  int64Data,
}: onnx.ITensorProto): number[] | null {
  const { FLOAT, INT64 } = TensorProto.DataType;
  const bytes = rawData?.length ? Uint8Array.from(rawData).buffer : null;
  if (dataType === FLOAT)
    return [...(bytes === null ? (floatData ?? []) : new Float32Array(bytes))];
  if (dataType !== INT64) return null;
  return bytes === null
    ? (int64Data ?? []).map(toNumber)
    : [...new BigInt64Array(bytes)].map(Number);
}

function textOf(node: onnx.INodeProto, name: string, otherwise: string): string {
  const bytes = node.attribute?.find((a) => a.name === name)?.s;
  return bytes ? new TextDecoder().decode(bytes) : otherwise;
}

function numberOf(node: onnx.INodeProto, name: string, otherwise: number): number {
  const attribute = node.attribute?.find((a) => a.name === name);
  if (attribute === undefined) return otherwise;
  return attribute.type === AttributeProto.AttributeType.FLOAT
    ? (attribute.f ?? 0)
    : toNumber(attribute.i);
}

/** `(round(clip(x / scale + zero, min, max)) - zero) * scale`. */
function quant(node: onnx.INodeProto, writer: Writer): onnx.INodeProto[] | null {
  const [x = "", scaleName = "", zeroName = "", bitsName = ""] = node.input ?? [];
  const bits = writer.constant(bitsName)?.data[0];
  if (bits === undefined) return null;
  const signed = numberOf(node, "signed", 1) !== 0;
  if (bits === 1 && signed) return bipolar(node, writer);
  const narrow = numberOf(node, "narrow", 0) !== 0 ? 1 : 0;
  const low = signed ? -(2 ** (bits - 1)) + narrow : 0;
  const high = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1 - narrow;
  const scale = writer.float(scaleName);
  const zero = writer.float(zeroName);
  const position = writer.emit("Add", [writer.emit("Div", [x, scale]), zero]);
  const above = writer.emit("Max", [position, writer.scalar(low)]);
  const inside = writer.emit("Min", [above, writer.scalar(high)]);
  const rounded = round(inside, textOf(node, "rounding_mode", "ROUND").toUpperCase(), writer);
  if (rounded === null) return null;
  writer.emit("Mul", [writer.emit("Sub", [rounded, zero]), scale]);
  return writer.finish(node.output?.[0] ?? "");
}

function round(x: string, mode: string, writer: Writer): string | null {
  const outwards = (f: (magnitude: string) => string): string =>
    writer.emit("Mul", [writer.emit("Sign", [x]), f(writer.emit("Abs", [x]))]);
  const half = (operation: string, magnitude: string) =>
    writer.emit(operation, [magnitude, writer.scalar(0.5)]);
  switch (mode) {
    case "ROUND":
    case "HALF_EVEN":
      return writer.emit("Round", [x]);
    case "FLOOR":
      return writer.emit("Floor", [x]);
    case "CEIL":
      return writer.emit("Ceil", [x]);
    case "DOWN":
    case "ROUND_TO_ZERO":
      return outwards((m) => writer.emit("Floor", [m]));
    case "UP":
      return outwards((m) => writer.emit("Ceil", [m]));
    case "HALF_UP":
      return outwards((m) => writer.emit("Floor", [half("Add", m)]));
    case "HALF_DOWN":
      return outwards((m) => writer.emit("Ceil", [half("Sub", m)]));
    default:
      return null;
  }
}

/** `x >= 0 ? scale : -scale`. */
function bipolar(node: onnx.INodeProto, writer: Writer): onnx.INodeProto[] {
  const [x = "", scale = ""] = node.input ?? [];
  const negative = writer.float(writer.emit("Less", [x, writer.scalar(0)]));
  const signs = writer.emit("Add", [
    writer.emit("Mul", [negative, writer.scalar(-2)]),
    writer.scalar(1),
  ]);
  writer.emit("Mul", [signs, writer.float(scale)]);
  return writer.finish(node.output?.[0] ?? "");
}

/** `out_scale * #{thresholds <= x} + out_bias`, the comparisons along an axis of their own. */
function multiThreshold(
  node: onnx.INodeProto,
  writer: Writer,
  rankOf: RankOf,
): onnx.INodeProto[] | null {
  const [x = "", name = ""] = node.input ?? [];
  const thresholds = writer.constant(name);
  const rank = rankOf(x) ?? rankOf(node.output?.[0] ?? "");
  if (thresholds === null || rank === undefined) return null;
  const [lists = 1, count = 1] = thresholds.shape;
  const layout = textOf(node, "data_layout", "NCHW");
  const axis = Math.max(1, layout.indexOf("C"));
  const dims = Array.from({ length: rank + 1 }, (_, i) => (i === axis ? lists : 1));
  dims[rank] = count;
  const shape = writer.int64s([...Array.from({ length: rank }, () => 0), 1]);
  const column = writer.emit("Reshape", [x, shape]);
  const below = writer.emit("Less", [column, writer.tensor(dims, thresholds.data)]);
  const reached = writer.float(writer.emit("Not", [below]));
  const ones = writer.tensor(
    [count],
    Array.from({ length: count }, () => 1),
  );
  const counted = writer.emit("MatMul", [reached, ones]);
  const scaled = writer.emit("Mul", [counted, writer.scalar(numberOf(node, "out_scale", 1))]);
  writer.emit("Add", [scaled, writer.scalar(numberOf(node, "out_bias", 0))]);
  return writer.finish(node.output?.[0] ?? "");
}
