import { type Diagnostic, DiagnosticError } from "../../diagnostics.js";
import { nodeLabel, noInput, type Unsupported, unsupportedOperators } from "../diagnostics.js";
import { GraphBuilder } from "./builder.js";
import type { FileModel, FileNode } from "./decode.js";
import type { ModelInput } from "./ends.js";
import { demandApart, type LoadExternal } from "./external.js";
import { readTensor } from "./initializers.js";
import { NodeView } from "./node-view.js";
import type { Operator } from "./operator.js";
import { findOperator, UNREAD_OPERATORS } from "./operators.js";
import { demandSize } from "./tensor.js";
import { UnsupportedForm, type Value } from "./value.js";

/**
 * Turns the nodes, in their order, into a Graph: computes those whose inputs are constants and
 * translates the others. What is wrong with any of them is gathered and thrown together; nodes
 * behind a faulty one are only looked at by name.
 */
export function translate(
  model: FileModel,
  nodes: readonly FileNode[],
  input: ModelInput,
  output: string,
  load: LoadExternal,
): GraphBuilder {
  demandApart([...model.initializers.values()]);
  const readers = readersOf(nodes);
  const taken = new Set([
    ...model.initializers.keys(),
    ...model.inputs.map(({ name }) => name),
    ...model.nodes.flatMap((node) => node.outputs),
  ]);
  const build = new GraphBuilder(taken, readers, output, input.fixedBatch);
  const { name, shape, type } = input;
  demandSize(shape, name);
  build.tensors.set(name, { shape, type });
  build.bind(name, { kind: "runtime", name, shape, type });
  const problems = new Problems();
  const reading: Reading = { model, build, problems, load };
  const left = new Map([...readers].map(([name, list]) => [name, list.length]));
  for (const node of nodes) {
    for (const name of node.inputs) readInitializer(name, reading);
    translateNode(node, reading);
    if (build.isFull) break;
    for (const name of node.inputs) {
      const count = (left.get(name) ?? 0) - 1;
      left.set(name, count);
      if (count === 0) build.release(name);
    }
  }
  demandPlainOutput(build, nodes, problems);
  problems.throwIfAny();
  return build;
}

function readersOf(nodes: readonly FileNode[]): Map<string, FileNode[]> {
  const readers = new Map<string, FileNode[]>();
  for (const node of nodes) {
    for (const name of node.inputs) {
      const list = readers.get(name);
      if (list === undefined) readers.set(name, [node]);
      else list.push(node);
    }
  }
  return readers;
}

/** What is wrong with the nodes: all unsupported ones become one diagnostic. */
class Problems {
  private readonly unsupported: Unsupported[] = [];
  private readonly others: Diagnostic[] = [];

  addUnsupported(node: FileNode, reason: string, hint?: string): void {
    this.unsupported.push({ origin: node.origin, reason, hint });
  }

  add(error: DiagnosticError, node?: FileNode): void {
    const own = node === undefined ? {} : { node: nodeLabel(node.origin) };
    this.others.push(...error.diagnostics.map((d) => ({ ...d, where: { ...own, ...d.where } })));
  }

  throwIfAny(): void {
    const listed = this.unsupported.length === 0 ? [] : [unsupportedOperators(this.unsupported)];
    const all = [...listed, ...this.others];
    if (all.length > 0) throw new DiagnosticError(all);
  }
}

/** What every step of a translation works with. */
interface Reading {
  readonly model: FileModel;
  readonly build: GraphBuilder;
  readonly problems: Problems;
  readonly load: LoadExternal;
}

/** Initialisers are read when a node first needs them, so that unused ones cost nothing. */
function readInitializer(name: string, { model, build, problems, load }: Reading): void {
  const proto = model.initializers.get(name);
  if (proto === undefined || build.value(name) !== undefined) return;
  try {
    build.bind(name, { kind: "constant", tensor: readTensor(proto, name, load) });
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    problems.add(error);
    build.bind(name, { kind: "unknown", runtime: false });
  }
}

function translateNode(node: FileNode, { model, build, problems, load }: Reading): void {
  const values = node.inputs.map((name) => (name === "" ? null : (build.value(name) ?? null)));
  const operator = findOperator(node.domain, node.op);
  if (operator === undefined) {
    problems.addUnsupported(node, ...unknownOperator(node, model));
  } else if (values.some((value) => value?.kind === "unknown")) {
    if (operator.translate === undefined && elementsAtRuntime(operator, values)) {
      problems.addUnsupported(node, ON_CONSTANTS_ONLY);
    }
  } else {
    try {
      const opset = model.opsets.get(node.domain) ?? 1;
      apply(operator, new NodeView(node, opset, values, load), values, build);
      demandOutputs(node, build);
    } catch (error) {
      if (error instanceof UnsupportedForm) problems.addUnsupported(node, error.reason, error.hint);
      else if (error instanceof DiagnosticError) problems.add(error, node);
      else throw error;
    }
  }
  // Whatever was not made is unknown from here on.
  const runtime = elementsAtRuntime(operator, values);
  for (const name of node.outputs) {
    if (build.value(name) === undefined) build.bind(name, { kind: "unknown", runtime });
  }
}

const ON_CONSTANTS_ONLY = "is only supported on constants; here it works on run-time tensors";

function isRuntime(value: Value | null): boolean {
  return value?.kind === "runtime" || (value?.kind === "unknown" && value.runtime);
}

/** Whether the node's elements depend on the input. */
function elementsAtRuntime(
  operator: Operator | undefined,
  values: readonly (Value | null)[],
): boolean {
  const needs = operator?.needs;
  return values.some((value, i) => isRuntime(value) && (needs === undefined || needs.includes(i)));
}

function apply(
  operator: Operator,
  view: NodeView,
  values: readonly (Value | null)[],
  build: GraphBuilder,
): void {
  const { evaluate, expand, limits, translate } = operator;
  if (expand !== undefined) view.unsupported(`is not in the form that is ${limits}`);
  const ready = !elementsAtRuntime(operator, values);
  if (ready && evaluate !== undefined) {
    build.bindComputed(view.outputName(), evaluate(view));
  } else if (translate !== undefined && !ready) {
    translate(view, build);
  } else {
    view.unsupported(ready ? "has only constant inputs, and is not computed" : ON_CONSTANTS_ONLY);
  }
}

/** Optional outputs, such as Dropout's mask, are not made: nobody may read them. */
function demandOutputs(node: FileNode, build: GraphBuilder): void {
  for (const [index, name] of node.outputs.entries()) {
    const wanted = name === build.output || build.readersOf(name).length > 0;
    if (name !== "" && wanted && build.value(name) === undefined) {
      throw new UnsupportedForm(`its output ${index}, ${name}, is used`, undefined);
    }
  }
}

/** The output must be a run-time tensor, and whole: no padding left over. */
function demandPlainOutput(
  build: GraphBuilder,
  nodes: readonly FileNode[],
  problems: Problems,
): void {
  const value = build.value(build.output);
  if (value?.kind === "constant") problems.add(new DiagnosticError([noInput()]));
  const maker = nodes.find((node) => node.outputs.includes(build.output));
  if (value?.kind === "runtime" && value.pads !== undefined && maker !== undefined) {
    problems.addUnsupported(maker, "pads the model's output; only a Conv takes over padding");
  }
  if (value?.kind === "runtime" && value.pending !== undefined && maker !== undefined) {
    problems.addUnsupported(maker, "leaves the model's output unfinished");
  }
}

function unknownOperator(
  { domain, op, origin }: FileNode,
  model: FileModel,
): [reason: string, hint?: string] {
  if (model.functions.has(origin.op)) {
    return [
      "is a function defined in the file",
      "Inline functions first: onnx.inliner.inline_local_functions(model).",
    ];
  }
  const reason = `is not an operator that tritc reads${domain === "" ? "" : ` from ${domain}`}`;
  const hint = UNREAD_OPERATORS[op];
  return hint === undefined ? [reason] : [reason, hint];
}
