import { sameShape } from "../../../graph/nodes.js";
import type { Window } from "../../../graph/types.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { demandSize } from "../tensor.js";
import type { RuntimeValue } from "../value.js";
import { axesOf } from "./shape.js";
import { emitTaking } from "./taking.js";
import { addPads, NO_PADS } from "./window.js";

/** How many elements an axis grows by at either end; negative where it shrinks. */
type Growth = readonly [begin: number, end: number];

/**
 * Zeros around height and width, or length, that only convolutions read are no node of the Graph but
 * more padding for those. Any other padding takes elements, or the constant, where it needs them.
 */
function translatePad(node: NodeView, build: GraphBuilder): void {
  const x = node.padded(0);
  const growth = growthOf(node, x.shape.length);
  const mode = node.string("mode", "constant");
  const value = node.value(2) === null ? node.float("value", 0) : node.scalar(2);
  const pads = mode === "constant" && value === 0 ? planePads(growth) : null;
  if (pads !== null && onlyConvsRead(build, node.outputName())) {
    build.bind(node.outputName(), { ...x, pads: addPads(x.pads ?? NO_PADS, pads) });
    return;
  }
  const from = x.pads === undefined ? x : grown(node, build, x, x.pads);
  const grownShape = growth.map(([begin, end], axis) => (from.shape[axis] ?? 1) + begin + end);
  demandSize(
    grownShape.map((extent) => Math.max(0, extent)),
    node.outputName(),
  );
  const indices = growth.map(([begin, end], axis) =>
    begin === 0 && end === 0 ? null : paddedIndices(node, mode, from.shape[axis] ?? 1, begin, end),
  );
  emitTaking(node, build, from, indices, node.outputName(), value);
}

function onlyConvsRead(build: GraphBuilder, name: string): boolean {
  if (name === build.output) return false;
  return build.readersOf(name).every(({ op, inputs, outputs: [output = ""] }) => {
    const first = inputs.indexOf(name) === 0 && inputs.lastIndexOf(name) === 0;
    return first && (op === "Conv" || (op === "Pad" && onlyConvsRead(build, output)));
  });
}

/** The zeros that an earlier Pad left to a convolution, as elements. */
function grown(
  node: NodeView,
  build: GraphBuilder,
  { pads: _pads, ...x }: RuntimeValue,
  { top, left, bottom, right }: Window["pads"],
): RuntimeValue {
  const rank = x.shape.length;
  const indices = x.shape.map((extent, axis) => {
    if (axis === rank - 1) return paddedIndices(node, "constant", extent, left, right);
    return axis === 2 ? paddedIndices(node, "constant", extent, top, bottom) : null;
  });
  return emitTaking(node, build, x, indices, build.fresh(`${x.name}.padded`));
}

function paddedIndices(
  node: NodeView,
  mode: string,
  extent: number,
  begin: number,
  end: number,
): Int32Array {
  const length = extent + begin + end;
  const place = PLACES[mode] ?? node.unsupported(`pads by ${mode}`);
  if (length < 1) node.misfit(`an axis of ${extent} elements padded by ${begin} and ${end}`);
  if (mode === "reflect" && Math.max(begin, end) >= extent) {
    node.unsupported(`reflects ${Math.max(begin, end)} of ${extent} elements`);
  }
  return Int32Array.from({ length }, (_, i) => place(i - begin, extent));
}

/** The element that stands at a position beyond either end; -1 is the constant (ONNX Pad). */
const PLACES: Readonly<Record<string, (position: number, extent: number) => number>> = {
  constant: (position, extent) => (position >= 0 && position < extent ? position : -1),
  edge: (position, extent) => Math.min(Math.max(position, 0), extent - 1),
  reflect: (position, extent) =>
    position < 0 ? -position : position < extent ? position : 2 * (extent - 1) - position,
  wrap: (position, extent) => ((position % extent) + extent) % extent,
};

/** `pads` holds the begin of each axis, then the end of each; all axes unless `axes` says which. */
function growthOf(node: NodeView, rank: number): Growth[] {
  const written = node.integers("pads", 1) ?? [];
  const axes = axesOf(node, rank, 3) ?? Array.from({ length: rank }, (_, axis) => axis);
  if (written.length !== 2 * axes.length) {
    node.misfit(`pads ${showShape(written)} for ${axes.length} axes`);
  }
  return Array.from({ length: rank }, (_, axis): Growth => {
    const index = axes.indexOf(axis);
    return index < 0 ? [0, 0] : [written[index] ?? 0, written[index + axes.length] ?? 0];
  });
}

/** Padding of height and width, or length, alone; null if an axis shrinks or another one grows. */
function planePads(growth: readonly Growth[]): Window["pads"] | null {
  const rank = growth.length;
  if (rank !== 3 && rank !== 4) return null;
  const [batch, channels, ...plane] = growth;
  const still = [batch, channels].every((pads) => sameShape(pads ?? [], [0, 0]));
  if (!still || plane.flat().some((pad) => pad < 0)) return null;
  // A signal's only axis is the width.
  const [top, bottom] = rank === 3 ? [0, 0] : (growth[2] ?? [0, 0]);
  const [left, right] = growth[rank - 1] ?? [0, 0];
  return { top, left, bottom, right };
}

export const PAD: OperatorTable = {
  Pad: {
    limits:
      "by a constant, reflection, the edge or around; a constant must be a value of the quantised tensor",
    translate: translatePad,
  },
};
