import type { Shape } from "../../../graph/types.js";
import { movesTo } from "../../../graph/views.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { RuntimeValue, Term } from "../value.js";

/** The tensor of a term, seen in its order and in that shape. */
export function emitView(
  node: NodeView,
  build: GraphBuilder,
  { of, order }: Pick<Term, "of" | "order">,
  shape: Shape,
): RuntimeValue {
  const { origin } = node;
  let current = of;
  for (const { shape: next, permutation } of movesTo(of.shape, order, shape)) {
    const output = build.fresh(`${node.outputName()}.view`);
    const move =
      permutation === undefined
        ? { kind: "reshape" as const }
        : { kind: "transpose" as const, permutation };
    const info = { shape: next, type: of.type };
    current = build.emit({ ...move, origin, input: current.name, output }, info);
  }
  return current;
}
