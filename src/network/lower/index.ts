import { type Diagnostic, DiagnosticError, fail } from "../../diagnostics.js";
import { inputsOf } from "../../graph/nodes.js";
import type { Graph, GraphNode, Origin, TensorInfo } from "../../graph/types.js";
import { sign, toNumber } from "../rational.js";
import type { IntegerStorage, Network, Range, TensorId } from "../types.js";
import { LoweringContext, mergeOrigins } from "./context.js";
import { inputNotQuantised, notTernary } from "./diagnostics.js";
import { fuseRules, usedLayers } from "./draft.js";
import { encodeDraft } from "./encode.js";
import { straightThrough } from "./float/diagnostics.js";
import { lowerFloat } from "./float/index.js";
import { needsFloat, takesFloat } from "./float/needs.js";
import { materialized, stored } from "./float/values.js";
import { inputPlace } from "./input-place.js";
import { inverse } from "./layout.js";
import { isPerTensor } from "./materialize.js";
import {
  lowerArithmetic,
  lowerBatchNorm,
  lowerClip,
  lowerPrelu,
  lowerUnary,
} from "./nodes/affine.js";
import { lowerBinary } from "./nodes/binary.js";
import { lowerEmbedding } from "./nodes/embedding.js";
import { lowerConv, lowerDense } from "./nodes/linear.js";
import { lowerConcat, lowerGather } from "./nodes/move.js";
import { lowerAveragePool, lowerMaxPool, withoutPool } from "./nodes/pool.js";
import { lowerDequantize, lowerQuantize } from "./nodes/quantize.js";
import { lowerHead, lowerReshape, lowerTranspose } from "./nodes/shape.js";
import { summed } from "./summed.js";
import { tabulated } from "./tabulate.js";
import {
  type FloatValue,
  NO_BIAS,
  NO_SCALE,
  plainOf,
  type RealValue,
  realOf,
  sumRules,
  type Value,
} from "./value.js";

export interface LowerResult {
  readonly network: Network;
  readonly remarks: readonly Diagnostic[];
}

/**
 * The integer program that a float network means. Scales are rounded here and nowhere else, and
 * every rounding is proved exact or reported (see `Exactness`). Throws a `DiagnosticError` with
 * everything that has no exact integer meaning.
 */
export function lower(graph: Graph): LowerResult {
  const context = new LoweringContext(graph);
  refuseWithoutTrits(context);
  defineInput(context);
  for (const node of graph.nodes) lowerNode(context, node);
  context.diagnostics.throwIfErrors();
  const output = defineOutput(context);
  const kept = new Set([output.tensor]);
  const draft = fuseRules(
    { tensors: context.tensors, layers: usedLayers(context.layers, kept) },
    kept,
  );
  if (context.input === null) throw new Error("the input has no encoding");
  const input = context.input;
  const info = graph.tensors.get(graph.input);
  const network = encodeDraft(
    draft,
    {
      name: graph.input,
      tensor: input.tensor,
      shape: info?.shape ?? [],
      source: inverse(inputPlace(graph).order),
      encoding: input.encoding,
    },
    { ...output, name: graph.output },
  );
  const [first, ...more] = context.straightThrough;
  if (first !== undefined) context.diagnostics.add(straightThrough([first, ...more]));
  return { network, remarks: context.diagnostics.remarks };
}

/** Nodes that depend on a node which could not be lowered are passed over, not blamed. */
function lowerNode(context: LoweringContext, node: GraphNode): void {
  if (inputsOf(node).some((name) => context.value(name) === undefined)) return;
  try {
    dispatch(context, node);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    for (const diagnostic of error.diagnostics) context.diagnostics.add(diagnostic);
  }
}

function dispatch(context: LoweringContext, node: GraphNode): void {
  if (needsFloat(context, node)) {
    lowerFloat(context, node);
    return;
  }
  switch (node.kind) {
    case "conv":
    case "convTranspose":
      lowerConv(context, node);
      break;
    case "embedding":
      lowerEmbedding(context, node);
      break;
    case "unary":
      lowerUnary(context, node);
      break;
    case "prelu":
      lowerPrelu(context, node);
      break;
    case "concat":
      lowerConcat(context, node);
      break;
    case "gather":
      lowerGather(context, node);
      break;
    case "dense":
      lowerDense(context, node);
      break;
    case "maxPool":
      lowerMaxPool(context, node);
      break;
    case "averagePool":
      lowerAveragePool(context, node);
      break;
    case "clip":
      lowerClip(context, node);
      break;
    case "arithmetic":
      lowerArithmetic(context, node);
      break;
    case "batchNorm":
      lowerBatchNorm(context, node);
      break;
    case "add":
    case "sub":
    case "mul":
      lowerBinary(context, node);
      break;
    case "div":
    case "reduce":
    case "round":
      lowerFloat(context, node);
      break;
    case "quantize":
      lowerQuantize(context, node);
      break;
    case "dequantize":
      lowerDequantize(context, node);
      break;
    case "reshape":
      lowerReshape(context, node);
      break;
    case "transpose":
      lowerTranspose(context, node);
      break;
    case "softmax":
    case "logSoftmax":
    case "sigmoid":
    case "argMax":
    case "topK":
      lowerHead(context, node);
      break;
    default:
      node satisfies never;
  }
}

function defineInput(context: LoweringContext): void {
  const { graph } = context;
  const info = graph.tensors.get(graph.input);
  if (info === undefined) throw new Error(`no tensor ${graph.input}`);
  const place = inputPlace(graph);
  const base = { shape: info.shape, ...place, pending: [] };
  if (info.type === "real" && takesFloat(graph)) {
    const tensor = context.addTensor({ ...place.extent, declared: null, float32: true });
    context.input = { tensor, encoding: { kind: "float32" } };
    context.setFloat(graph.input, stored(base, tensor));
    return;
  }
  if (info.type === "real") {
    const terms = [{ tensor: "float" as const, scales: NO_SCALE }];
    context.setValue(graph.input, { ...realOf(base, terms, NO_BIAS), replay: Math.fround });
    return;
  }
  const declared = { range: rangeOf(info.type), type: storageOf(info.type) };
  const tensor = context.addTensor({ ...place.extent, declared });
  const read = graph.nodes.find((n) => n.kind === "dequantize" && n.input === graph.input);
  const perTensor = read?.kind === "dequantize" && read.scale.length === 1 ? read : null;
  context.input = {
    tensor,
    encoding: {
      kind: "integer",
      scale: perTensor?.scale[0] ?? null,
      zero: perTensor?.zero[0] ?? 0,
    },
  };
  context.setValue(graph.input, { ...base, kind: "integer", tensor });
}

function rangeOf(type: Exclude<TensorInfo["type"], "real">): Range {
  switch (type) {
    case "int8":
      return { low: -128, high: 127 };
    case "uint8":
      return { low: 0, high: 255 };
    case "int16":
      return { low: -32768, high: 32767 };
    case "uint16":
      return { low: 0, high: 65535 };
    case "int32":
      return { low: -(2 ** 31), high: 2 ** 31 - 1 };
    default:
      return type satisfies never;
  }
}

function storageOf(type: Exclude<TensorInfo["type"], "real">): IntegerStorage {
  return type === "uint16" ? "int32" : type;
}

/** Levels of 2-bit weights; trits have three, and binary weights two. */
const MOST_LEVELS = 4;

function refuseWithoutTrits(context: LoweringContext): void {
  const layers = context.graph.nodes
    .filter((node) => "weight" in node)
    .map((node) => ({ origin: node.origin, weights: context.weights(node.weight) }));
  const few = layers.some(
    ({ weights: found }) => "weights" in found && new Set(found.weights.values).size <= MOST_LEVELS,
  );
  if (!few) fail(notTernary(layers));
}

interface DraftOutput {
  readonly tensor: TensorId;
  readonly shape: readonly number[];
  readonly source: Int32Array | null;
  readonly real: { readonly scale: number; readonly offset: number } | "scores" | null;
  readonly head: Network["output"]["head"];
}

/** Names the tensor that holds the model's output, adding a layer of scores where it needs one. */
function defineOutput(context: LoweringContext): DraftOutput {
  const name = context.head?.input ?? context.graph.output;
  const head = context.head?.kind ?? "none";
  const made = context.value(name);
  if (made === undefined) throw new Error(`tensor ${name} has no value`);
  const origin = made.pending.at(-1) ?? { op: "Output", name };
  const value = made.kind === "curve" ? tabulated(context, made, origin) : made;
  const place = { shape: value.shape, source: value.order, head };
  if (value.kind === "integer") return { ...place, tensor: value.tensor, real: null };
  if (value.kind === "float") return { ...place, tensor: floatOutput(context, value), real: null };
  const plain = plainOf(value);
  const [scale] = plain?.scales ?? [];
  const [offset] = plain?.bias ?? [];
  const direct = plain !== null && isPerTensor(plain) && scale !== undefined && sign(scale) > 0;
  if (direct && offset !== undefined) {
    describeMaker(context, plain.tensor, value);
    return {
      ...place,
      tensor: plain.tensor,
      real: { scale: toNumber(scale), offset: toNumber(offset) },
    };
  }
  return { ...place, tensor: addScores(context, value), real: "scores" };
}

/** What float32 makes of the last integers is stored; the model gives no other numbers itself. */
function floatOutput(context: LoweringContext, value: FloatValue): TensorId {
  const origin: Origin = value.pending.at(-1) ?? { op: "Output", name: context.graph.output };
  const { expression } = materialized(context, value, origin);
  if (expression.kind !== "tensor") throw new Error("a stored value is a tensor");
  return expression.tensor;
}

/** The layer that makes the output also does the affine nodes after it: it leaves them to the host. */
function describeMaker(context: LoweringContext, tensor: TensorId, value: Value): void {
  const at = context.layers.findIndex((l) => l.output === tensor);
  const layer = context.layers[at];
  if (layer === undefined) return;
  context.layers[at] = { ...layer, origins: mergeOrigins(layer.origins, value.pending) };
}

function addScores(context: LoweringContext, value: RealValue): TensorId {
  const origin: Origin = value.pending.at(-1) ?? { op: "Output", name: context.graph.output };
  const unpooled = withoutPool(context, value, origin);
  const ready = unpooled.terms.length > 2 ? summed(context, unpooled, origin) : unpooled;
  const inputs = ready.terms.map((t) =>
    t.tensor === "float" ? fail(inputNotQuantised(origin)) : t.tensor,
  );
  const [first] = inputs;
  if (first === undefined) throw new Error("a value without terms");
  const output = context.addTensor({ ...ready.extent, declared: null });
  context.layers.push({
    kind: "elementwise",
    inputs,
    period: ready.period,
    rule: { kind: "scores", sums: sumRules(ready) },
    output,
    origins: mergeOrigins(ready.pending, [origin]),
  });
  return output;
}
