import { fail } from "../../../diagnostics.js";
import { sameShape } from "../../../graph/nodes.js";
import { composeOrders, transposedOrder } from "../../../graph/views.js";
import { badAttribute, showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { transpose } from "../tensor.js";
import { emitReshape } from "./shape.js";
import { bindSum } from "./sums.js";

/** Emits a reshape to the same shape, which a pass drops, so that names stay the file's. */
export function emitIdentity(node: NodeView, build: GraphBuilder): void {
  const value = node.unfinished(0);
  if (value.pending !== undefined) {
    build.bind(node.outputName(), value);
    return;
  }
  emitReshape(node, build, node.runtime(0).shape);
}

/** Without `perm` the axes are reversed. */
function permutationOf(node: NodeView, rank: number): readonly number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const permutation = node.ints("perm") ?? axes.toReversed();
  if (
    !sameShape(
      permutation.toSorted((a, b) => a - b),
      axes,
    )
  ) {
    fail(
      badAttribute(node.origin, "perm", `${showShape(permutation)} is no order of ${rank} axes`),
    );
  }
  return permutation;
}

function translateTranspose(node: NodeView, build: GraphBuilder): void {
  const { shape, pending } = node.unfinished(0);
  if (pending?.kind === "sum") {
    const permutation = permutationOf(node, shape.length);
    const axes = transposedOrder(shape, permutation);
    const terms = pending.terms.map((term) => ({
      ...term,
      order: composeOrders(term.order, axes),
    }));
    const turned = permutation.map((axis) => shape[axis] ?? 1);
    bindSum(node, build, turned, { ...pending, terms });
    return;
  }
  const x = node.runtime(0);
  const permutation = permutationOf(node, x.shape.length);
  build.emit(
    {
      kind: "transpose",
      origin: node.origin,
      input: x.name,
      output: node.outputName(),
      permutation,
    },
    { shape: permutation.map((axis) => x.shape[axis] ?? 1), type: x.type },
  );
}

/** At inference Dropout passes its input on (opset 12 and later can say otherwise). */
function demandInference(node: NodeView): void {
  if (node.optionalConstant(2)?.data[0] ?? 0) {
    node.unsupported(
      "drops elements (training_mode is set)",
      "Export the model in evaluation mode.",
    );
  }
}

export const MOVE: OperatorTable = {
  Transpose: {
    limits: "any",
    translate: translateTranspose,
    evaluate: (node) => {
      const tensor = node.constant(0);
      return transpose(tensor, permutationOf(node, tensor.shape.length));
    },
  },
  Identity: {
    limits: "any",
    translate: emitIdentity,
    evaluate: (node) => node.constant(0),
  },
  Dropout: {
    limits: "at inference, where it does nothing; the mask is not made",
    translate: (node, build) => {
      demandInference(node);
      emitIdentity(node, build);
    },
    evaluate: (node) => {
      demandInference(node);
      return node.constant(0);
    },
  },
};
