import { DiagnosticError, Diagnostics, fail } from "../../diagnostics.js";
import { cycle, duplicateTensor, nodeLabel, undefinedTensor } from "../diagnostics.js";
import type { FileModel, FileNode } from "./decode.js";

type Makers = ReadonlyMap<string, FileNode | "given">;

/**
 * The nodes that the output depends on, every node after those it reads from: in the file's order
 * where that is such an order. ONNX demands it, but tools that edit models break it.
 *
 * @throws DiagnosticError for tensors made twice or never, and for circles
 */
export function liveNodes(model: FileModel, output: string): readonly FileNode[] {
  const makers = makersOf(model);
  const root = makers.get(output) ?? fail(undefinedTensor(output, "the list of outputs"));
  if (root === "given") return [];
  const sorted = sortedFrom(root, makers);
  const live = new Set(sorted);
  const inFileOrder = model.nodes.filter((node) => live.has(node));
  return isSorted(inFileOrder, makers) ? inFileOrder : sorted;
}

/** Depth first, with a stack of its own: networks may be deeper than the call stack. */
function sortedFrom(root: FileNode, makers: Makers): FileNode[] {
  const lost = new Map<string, FileNode>();
  const state = new Map<FileNode, "open" | "done">([[root, "open"]]);
  const sorted: FileNode[] = [];
  const path = [{ node: root, next: 0 }];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const name = top.node.inputs[top.next++];
    if (name === undefined) {
      state.set(top.node, "done");
      sorted.push(top.node);
      path.pop();
      continue;
    }
    const maker = name === "" ? "given" : makers.get(name);
    if (maker === undefined) lost.set(name, top.node);
    if (maker === undefined || maker === "given" || state.get(maker) === "done") continue;
    if (state.get(maker) === "open")
      failCycle(
        path.map(({ node }) => node),
        maker,
      );
    state.set(maker, "open");
    path.push({ node: maker, next: 0 });
  }
  if (lost.size > 0) {
    const found = [...lost].map(([name, { origin }]) => undefinedTensor(name, nodeLabel(origin)));
    throw new DiagnosticError(found);
  }
  return sorted;
}

/** `path` leads from readers to makers, and reaches `again` a second time. */
function failCycle(path: readonly FileNode[], again: FileNode): never {
  const circle = [...path.slice(path.indexOf(again)), again].reverse();
  return fail(cycle(circle.map(({ origin }) => nodeLabel(origin))));
}

function isSorted(nodes: readonly FileNode[], makers: Makers): boolean {
  const done = new Set<FileNode>();
  return nodes.every((node) => {
    done.add(node);
    return node.inputs.every((name) => {
      const maker = makers.get(name);
      return maker === undefined || maker === "given" || done.has(maker);
    });
  });
}

/** Who makes each tensor; "given" for inputs and initialisers. */
function makersOf(model: FileModel): Makers {
  const makers = new Map<string, FileNode | "given">();
  const found = new Diagnostics();
  const add = (name: string, maker: FileNode | "given"): void => {
    const other = makers.get(name);
    if (other !== undefined) found.add(duplicateTensor(name, [describe(other), describe(maker)]));
    makers.set(name, maker);
  };
  for (const name of model.initializers.keys()) add(name, "given");
  for (const { name } of model.inputs) add(name, "given");
  for (const node of model.nodes) {
    for (const name of node.outputs) {
      if (name !== "") add(name, node);
    }
  }
  found.throwIfErrors();
  return makers;
}

function describe(maker: FileNode | "given"): string {
  return maker === "given" ? "an input or initialiser" : nodeLabel(maker.origin);
}
