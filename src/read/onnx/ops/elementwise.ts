import { broadcastShape } from "../../../graph/nodes.js";
import { showShape } from "../../diagnostics.js";
import { broadcastTo, mapElements, zipElements } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import { allocate, type Tensor } from "../tensor.js";
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

function comparison(holds: (a: number, b: number) => boolean): Operator {
  return {
    limits: LIMITS,
    evaluate: (node) =>
      zipElements(node, node.constant(0), node.constant(1), "bool", (a, b) =>
        holds(a, b) ? 1 : 0,
      ),
  };
}

/** The base gives the result's type; the exponent may have another. */
function power(node: NodeView): Tensor {
  const base = node.constant(0);
  return zipElements(node, base, node.constant(1), base.type, Math.pow);
}

function where(node: NodeView): Tensor {
  const [condition, x, y] = [node.constant(0), node.constant(1), node.constant(2)];
  const both = broadcastShape(x.shape, y.shape);
  const shape = both === null ? null : broadcastShape(condition.shape, both);
  if (shape === null) {
    const shapes = [condition, x, y].map((tensor) => showShape(tensor.shape)).join(", ");
    return node.misfit(`${shapes} do not broadcast`);
  }
  const data = allocate(x.type, shape, node.outputName());
  const choose = broadcastTo(condition, shape);
  const yes = broadcastTo(x, shape);
  const no = broadcastTo(y, shape);
  for (let i = 0; i < data.length; i++) data[i] = (choose[i] ? yes[i] : no[i]) ?? 0;
  return { type: x.type, shape, data };
}

export const ELEMENTWISE: OperatorTable = {
  And: comparison((a, b) => a !== 0 && b !== 0),
  Equal: comparison((a, b) => a === b),
  Greater: comparison((a, b) => a > b),
  GreaterOrEqual: comparison((a, b) => a >= b),
  Less: comparison((a, b) => a < b),
  LessOrEqual: comparison((a, b) => a <= b),
  Log: unary(Math.log),
  Not: unary((x) => (x === 0 ? 1 : 0)),
  Or: comparison((a, b) => a !== 0 || b !== 0),
  Pow: { limits: "a constant exponent", evaluate: power, translate: translatePower },
  Where: { limits: LIMITS, evaluate: where },
};
