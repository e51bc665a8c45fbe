import type { Window } from "../../../graph/types.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { axesOf } from "./shape.js";
import { addPads, NO_PADS, planeOf } from "./window.js";

/** Zeros around height and width, or length: not a node of the Graph, but more padding for the Conv after it. */
function translatePad(node: NodeView, build: GraphBuilder): void {
  const x = node.padded(0);
  planeOf(node, x.shape);
  const pads = padsOf(node, x.shape.length);
  build.bind(node.outputName(), { ...x, pads: addPads(x.pads ?? NO_PADS, pads) });
}

/** `pads` holds the begin of each axis, then the end of each; all axes unless `axes` says which. */
function padsOf(node: NodeView, rank: number): Window["pads"] {
  const mode = node.string("mode", "constant");
  if (mode !== "constant") node.unsupported(`pads by ${mode}`);
  const value = node.value(2) === null ? node.float("value", 0) : node.scalar(2);
  if (value !== 0) node.unsupported(`pads with ${value}`);
  const written = node.integers("pads", 1) ?? [];
  const axes = axesOf(node, rank, 3) ?? Array.from({ length: rank }, (_, axis) => axis);
  if (written.length !== 2 * axes.length) {
    node.misfit(`pads ${showShape(written)} for ${axes.length} axes`);
  }
  const around = (axis: number): readonly [begin: number, end: number] => {
    const index = axes.indexOf(axis);
    return index < 0 ? [0, 0] : [written[index] ?? 0, written[index + axes.length] ?? 0];
  };
  const planeOnly = [...around(0), ...around(1)].every((pad) => pad === 0);
  if (!planeOnly || written.some((pad) => pad < 0)) {
    node.unsupported(`pads by ${showShape(written)}; only height and width, or length, can grow`);
  }
  // A signal's only axis is the width.
  const [top, bottom] = rank === 3 ? [0, 0] : around(2);
  const [left, right] = around(rank - 1);
  return { top, left, bottom, right };
}

export const PAD: OperatorTable = {
  Pad: {
    limits: "zeros around height and width, or length, straight before a Conv",
    translate: translatePad,
  },
};
