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
  if ([0, 1].some((index) => isMeasured(build, node.runtime(index)))) return false;
  const [minuend, subtrahend] = [node.inputName(0), node.inputName(1)];
  const undone = (difference: string): boolean => {
    const readers = build.readersOf(difference);
    return readers.length > 0 && readers.every((reader) => undoes(reader, difference));
  };
  const undoes = ({ op, inputs: [first, second], outputs }: FileNode, difference: string) => {
    switch (op) {
      case "Add":
        return first === subtrahend || second === subtrahend;
      case "Sub":
        return first === minuend && second === difference;
      case "Identity":
        // PyTorch's detach.
        return undone(outputs[0] ?? "");
      default:
        return false;
    }
  };
  if (!undone(node.outputName())) return false;
  const value = node.runtime(0);
  build.bind(node.outputName(), {
    ...value,
    pending: { kind: "difference", minus: node.runtime(1) },
  });
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
