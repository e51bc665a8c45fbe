import { evaluator } from "../../../graph/functions.js";
import { sameShape } from "../../../graph/nodes.js";
import type { HeadNode, Shape } from "../../../graph/types.js";
import type { GraphBuilder } from "../builder.js";
import { mapElements } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import type { RuntimeValue } from "../value.js";
import { emitUnary } from "./functions.js";

/** Nodes that may stand between a head and the output: none changes what a host must compute. */
const TRANSPARENT: ReadonlySet<string> = new Set(["Identity", "Dropout", "Cast"]);
/** Nodes whose choice of a class is the same before and after Softmax. */
const CHOICES: ReadonlySet<string> = new Set(["ArgMax", "TopK"]);

/** Heads run on the host, after the network: nothing of the network may follow one. */
function demandEnd(node: NodeView, build: GraphBuilder, output: string, choices = false): void {
  if (leadsToEnd(build, output, choices)) return;
  node.unsupported("is followed by other nodes; it is only supported at the end of the network");
}

/** Whether nothing but transparent nodes, and choices if allowed, lies behind the tensor. */
function leadsToEnd(build: GraphBuilder, tensor: string, choices: boolean): boolean {
  const names = [tensor];
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    const readers = build.readersOf(name);
    if (name === build.output && readers.length > 0) return false;
    for (const { domain, op, outputs } of readers) {
      if (domain !== "") return false;
      if (choices && CHOICES.has(op)) continue;
      if (!TRANSPARENT.has(op)) return false;
      names.push(...outputs);
    }
  }
  return true;
}

/** Softmax and LogSoftmax before opset 13 take all axes from `axis` on as one. */
function translateSoftmax(
  node: NodeView,
  build: GraphBuilder,
  kind: "softmax" | "logSoftmax",
): void {
  const x = node.real(0);
  demandEnd(node, build, node.outputName(), true);
  const axis = node.axis("axis", node.opset < 13 ? 1 : -1, x.shape.length);
  if (node.opset < 13 && x.shape.slice(axis + 1).some((extent) => extent !== 1)) {
    node.unsupported("normalises over several axes at once (opset below 13)");
  }
  emitHead(node, build, x, kind, axis, x.shape);
}

function translateSigmoid(node: NodeView, build: GraphBuilder): void {
  const x = node.real(0);
  if (!leadsToEnd(build, node.outputName(), false)) {
    emitUnary(node, build, x, { name: "sigmoid" });
    return;
  }
  if (x.shape.length === 0) node.unsupported("works on a tensor without axes");
  emitHead(node, build, x, "sigmoid", x.shape.length - 1, x.shape);
}

function translateArgMax(node: NodeView, build: GraphBuilder): void {
  demandEnd(node, build, node.outputName());
  if (node.flag("select_last_index", false)) node.unsupported("takes the last of equal elements");
  const real = node.real(0);
  const axis = node.axis("axis", 0, real.shape.length);
  const x = beforeSoftmax(build, real, axis);
  const shape = node.flag("keepdims", true) ? x.shape.with(axis, 1) : x.shape.toSpliced(axis, 1);
  emitHead(node, build, x, "argMax", axis, shape, "int32");
}

/** Outputs are the values and their indices; the file's output says which of them is wanted. */
function translateTopK(node: NodeView, build: GraphBuilder): void {
  const [values, indices] = [node.outputName(0), node.outputName(1)];
  const wantsIndices = indices === build.output || build.readersOf(indices).length > 0;
  const output = wantsIndices ? indices : values;
  demandEnd(node, build, output);
  if (!node.flag("largest", true)) node.unsupported("selects the smallest elements");
  const real = node.real(0);
  const axis = node.axis("axis", -1, real.shape.length);
  const x = wantsIndices ? beforeSoftmax(build, real, axis) : real;
  const k = node.value(1) === null ? node.int("k", 1) : node.scalar(1);
  const extent = x.shape[axis] ?? 1;
  if (!(k >= 1 && k <= extent)) node.misfit(`the ${k} largest of ${extent} elements`);
  const type = wantsIndices ? "int32" : "real";
  emitHead(node, build, x, "topK", axis, x.shape.with(axis, k), type, output);
}

/** Softmax keeps the order along its axis, so a choice after it is a choice before it. */
function beforeSoftmax(build: GraphBuilder, x: RuntimeValue, axis: number): RuntimeValue {
  let maker = build.maker(x.name);
  while (maker?.kind === "reshape") maker = build.maker(maker.input);
  if (maker?.kind !== "softmax" && maker?.kind !== "logSoftmax") return x;
  const before = build.value(maker.input);
  if (before?.kind !== "runtime" || maker.axis !== axis) return x;
  return sameShape(before.shape, x.shape) ? before : x;
}

function emitHead(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  kind: HeadNode["kind"],
  axis: number,
  shape: Shape,
  type: "real" | "int32" = "real",
  output = node.outputName(),
): void {
  build.emit({ kind, origin: node.origin, input: x.name, output, axis }, { shape, type });
}

const AT_THE_END = "at the end of the network";

export const HEADS: OperatorTable = {
  Softmax: {
    limits: AT_THE_END,
    translate: (node, build) => translateSoftmax(node, build, "softmax"),
  },
  LogSoftmax: {
    limits: AT_THE_END,
    translate: (node, build) => translateSoftmax(node, build, "logSoftmax"),
  },
  Sigmoid: {
    limits: `${AT_THE_END}, or where a quantiser follows`,
    translate: translateSigmoid,
    evaluate: (node) => {
      const x = node.constant(0);
      return mapElements(node, x, x.type, evaluator({ name: "sigmoid" }));
    },
  },
  ArgMax: { limits: `${AT_THE_END}; the first of equal elements`, translate: translateArgMax },
  TopK: { limits: `${AT_THE_END}; the largest, values or indices`, translate: translateTopK },
};
