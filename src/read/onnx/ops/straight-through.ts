import { sameShape } from "../../../graph/nodes.js";
import type { GraphBuilder } from "../builder.js";
import type { FileNode } from "../decode.js";
import type { NodeView } from "../node-view.js";
import { isMeasured } from "./measured.js";

/**
 * Straight-through estimators leave `x + (q - x)`, or `x - (x - q)`, in a network: q, whose gradient
 * in training is that of x. The difference is not computed but waits for the node that undoes it.
 */
export function deferDifference(node: NodeView, build: GraphBuilder): boolean {
  if (!node.isRuntime(0) || !node.isRuntime(1)) return false;
  // In float32 the sum is not exact; what becomes of it is for lowering to say.
  const [q, x] = [node.runtime(0), node.runtime(1)];
  if (!sameShape(q.shape, x.shape) || isMeasured(build, q) || isMeasured(build, x)) return false;
  const [minuend, subtrahend] = [node.inputName(0), node.inputName(1)];
  const undoes = ({ op, inputs: [first, second] }: FileNode, difference: string): boolean =>
    op === "Add"
      ? first === subtrahend || second === subtrahend
      : op === "Sub" && first === minuend && second === difference;
  const names = [node.outputName()];
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    const readers = build.readersOf(name);
    if (readers.length === 0) return false;
    for (const reader of readers) {
      // PyTorch's detach.
      if (reader.op === "Identity") names.push(reader.outputs[0] ?? "");
      else if (!undoes(reader, name)) return false;
    }
  }
  build.bind(node.outputName(), { ...q, pending: { kind: "difference", minus: x } });
  return true;
}

/** Whether the node adds a pending difference back, and thereby is the one of its operands. */
export function cancelDifference(node: NodeView, build: GraphBuilder): boolean {
  for (const index of [0, 1]) {
    const value = node.value(index);
    if (value?.kind !== "runtime" || value.pending?.kind !== "difference") continue;
    const { pending, ...minuend } = value;
    const kept = node.op === "Add" ? minuend : pending.minus;
    build.emit(
      { kind: "reshape", origin: node.origin, input: kept.name, output: node.outputName() },
      { shape: kept.shape, type: kept.type },
    );
    return true;
  }
  return false;
}
