import { Diagnostics, fail } from "../../diagnostics.js";
import { cycle, duplicateTensor, nodeLabel, undefinedTensor } from "../diagnostics.js";
import type { FileModel, FileNode } from "./decode.js";

/**
 * The nodes that the given outputs depend on, every node after those it reads from: in the file's
 * order where that is such an order. ONNX demands it, but tools that edit models break it.
 *
 * @throws DiagnosticError for tensors made twice or never, and for circles
 */
export function liveNodes(model: FileModel, outputs: readonly string[]): readonly FileNode[] {
  const makers = makersOf(model);
  const problems = new Diagnostics();
  const state = new Map<FileNode, "open" | "done">();
  const sorted: FileNode[] = [];

  /** Depth first, with a stack of its own: networks may be deeper than the call stack. */
  const visit = (root: FileNode): void => {
    const path: { node: FileNode; next: number }[] = [{ node: root, next: 0 }];
    state.set(root, "open");
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const name = top.node.inputs[top.next++];
      if (name === undefined) {
        state.set(top.node, "done");
        sorted.push(top.node);
        path.pop();
        continue;
      }
      if (name === "") continue;
      const maker = makers.get(name);
      if (maker === undefined) problems.add(undefinedTensor(name, nodeLabel(top.node.origin)));
      if (maker === undefined || maker === "given") continue;
      const seen = state.get(maker);
      if (seen === "open") {
        const start = path.findIndex(({ node }) => node === maker);
        const circle = [...path.slice(start).map(({ node }) => node), maker].reverse();
        fail(cycle(circle.map(({ origin }) => nodeLabel(origin))));
      }
      if (seen === undefined) {
        state.set(maker, "open");
        path.push({ node: maker, next: 0 });
      }
    }
  };

  for (const output of outputs) {
    const maker = makers.get(output);
    if (maker === undefined) problems.add(undefinedTensor(output, "the list of outputs"));
    else if (maker !== "given" && !state.has(maker)) visit(maker);
  }
  problems.throwIfErrors();
  const inFileOrder = model.nodes.filter((node) => state.has(node));
  return isSorted(inFileOrder, makers) ? inFileOrder : sorted;
}

function isSorted(
  nodes: readonly FileNode[],
  makers: ReadonlyMap<string, FileNode | "given">,
): boolean {
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
function makersOf(model: FileModel): ReadonlyMap<string, FileNode | "given"> {
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
