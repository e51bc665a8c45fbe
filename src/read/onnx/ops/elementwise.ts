import { mapElements, zipElements } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import type { Tensor } from "../tensor.js";
import { translatePower } from "./functions.js";

/** What exporters spell out weight quantisers and shapes with: computed while reading. */
const LIMITS = "on constants";

function unary(f: (x: number) => number): Operator {
  return {
    limits: LIMITS,
    evaluate: (node) => {
      const x = node.constant(0);
      return mapElements(node, x, x.type, f);
    },
  };
}

/** The base gives the result's type; the exponent may have another. */
function power(node: NodeView): Tensor {
  const base = node.constant(0);
  return zipElements(node, base, node.constant(1), base.type, Math.pow);
}

export const ELEMENTWISE: OperatorTable = {
  Log: unary(Math.log),
  Pow: { limits: "a constant exponent", evaluate: power, translate: translatePower },
};
