import { broadcastShape } from "../../../graph/nodes.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import { broadcastTo, mapElements, zipElements } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import { allocate, type Tensor } from "../tensor.js";
import type { RuntimeValue } from "../value.js";
import { emitWithNumber } from "./number.js";
import { emitPair, UNIT } from "./pair.js";

const ON_CONSTANTS = "on constants";

function comparison(holds: (a: number, b: number) => boolean): Operator {
  return {
    limits: ON_CONSTANTS,
    evaluate: (node) =>
      zipElements(node, node.constant(0), node.constant(1), "bool", (a, b) =>
        holds(a, b) ? 1 : 0,
      ),
  };
}

/** The same of a run-time tensor and one number: a quantiser to 0 and 1, which a Cast keeps. */
function runtimeComparison(
  holds: (a: number, b: number) => boolean,
  relation: { readonly above: boolean; readonly atEqual: boolean },
): Operator {
  return {
    ...comparison(holds),
    limits: "of run-time tensors with one number; any on constants",
    translate: (node, build) => {
      const constantFirst = node.isConstant(0);
      const x = node.real(constantFirst ? 1 : 0);
      const bound = node.scalar(constantFirst ? 0 : 1);
      if (!Number.isFinite(bound)) node.unsupported(`compares with ${bound}`);
      const above = relation.above !== constantFirst;
      // x <= t is no more than the opposite of x > t.
      const open = above !== relation.atEqual;
      if (above) emitStep(node, build, x, bound, open, node.outputName());
      else emitOpposite(node, build, emitStep(node, build, x, bound, open));
    },
  };
}

/** 1 above the bound, 0 below it, and at it unless the step is open there. */
function emitStep(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  bound: number,
  open: boolean,
  output = build.fresh(`${node.outputName()}.above`),
): RuntimeValue {
  const step = { values: Float64Array.of(bound), count: 1, axis: null, base: 0, step: 1 } as const;
  const quantizer = { kind: "thresholds", ...step, open: [open] } as const;
  return emitPair(node, build, x, quantizer, "uint8", UNIT, output);
}

/** 1 - x */
function emitOpposite(node: NodeView, build: GraphBuilder, x: RuntimeValue): void {
  emitWithNumber(node, build, x, "sub", 1, { constantFirst: true, output: node.outputName() });
}

/** A choice between two numbers by a comparison, which is 0 or 1. */
function translateWhere(node: NodeView, build: GraphBuilder): void {
  const condition = node.real(0);
  const [yes, no] = [node.scalar(1), node.scalar(2)];
  const output = node.outputName();
  const scaled = build.fresh(`${output}.scaled`);
  const step = emitWithNumber(node, build, condition, "mul", yes - no, { output: scaled });
  emitWithNumber(node, build, step, "add", no, { output });
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

export const COMPARISON: OperatorTable = {
  And: comparison((a, b) => a !== 0 && b !== 0),
  Equal: comparison((a, b) => a === b),
  Greater: runtimeComparison((a, b) => a > b, { above: true, atEqual: false }),
  GreaterOrEqual: runtimeComparison((a, b) => a >= b, { above: true, atEqual: true }),
  Less: runtimeComparison((a, b) => a < b, { above: false, atEqual: false }),
  LessOrEqual: runtimeComparison((a, b) => a <= b, { above: false, atEqual: true }),
  Not: {
    limits: "of a comparison, or of constants",
    evaluate: (node) => {
      const x = node.constant(0);
      return mapElements(node, x, x.type, (value) => (value === 0 ? 1 : 0));
    },
    translate: (node, build) => emitOpposite(node, build, node.real(0)),
  },
  Or: comparison((a, b) => a !== 0 || b !== 0),
  Where: {
    limits: "a comparison that chooses between two numbers; any on constants",
    evaluate: where,
    translate: translateWhere,
  },
};
