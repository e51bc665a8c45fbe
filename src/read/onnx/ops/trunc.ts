import { narrowestType } from "../../../graph/levels.js";
import type { Shape } from "../../../graph/types.js";
import type { GraphBuilder } from "../builder.js";
import { affineOf, broadcastParameter } from "../fold/quantize.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { emitPair } from "./pair.js";
import { bitsOf, levelsOf } from "./qonnx.js";

/** One number of a constant input that is the same everywhere. */
function parameter(node: NodeView, index: number, shape: Shape): number {
  const { values } = broadcastParameter(node, node.constant(index), shape, node.inputName(index));
  const [first = 0] = values;
  if (values.some((value) => value !== first)) node.unsupported("truncates by channel");
  return first;
}

/** What the two versions of the operator differ in. */
interface Form {
  /** Power of two that the integers are divided by. */
  readonly shift: number;
  readonly scale: number;
  /** Subtracted from the integers that come out. */
  readonly zero: number;
  readonly levels: readonly [min: number, max: number];
}

/** Version 1: x, scale, zero point, bits in, bits out; the output keeps the input's scale. */
function firstForm(node: NodeView, scale: number, zero: number): Form {
  const [bits, kept] = [bitsOf(node, 3), bitsOf(node, 4)];
  // Whether the input is signed is not written down: both ranges fit in between.
  const levels = [levelsOf(kept, true, false)[0], levelsOf(kept, false, false)[1]] as const;
  return { shift: 2 ** (bits - kept), scale, zero, levels };
}

/** Version 2 also has the output's scale before its bits, and clips to them. */
function secondForm(node: NodeView, shape: Shape, scale: number, zero: number): Form {
  const outScale = parameter(node, 4, shape);
  const shift = 2 ** Math.round(Math.log2(outScale / scale));
  const levels = levelsOf(bitsOf(node, 5), node.flag("signed", true), node.flag("narrow", false));
  return { shift, scale: outScale, zero: zero / shift, levels };
}

/**
 * QONNX Trunc, `floor(round(x / scale + zero) / shift)`: the sums of an average pool without their
 * low bits. Both roundings are one, for a shift of at least 2: the round goes up to an even multiple
 * of the shift from half a step below it, ties included, so half a step is added before the floor.
 */
function translateTrunc(node: NodeView, build: GraphBuilder): void {
  const x = node.real(0);
  const [scale, zero] = [parameter(node, 1, x.shape), parameter(node, 2, x.shape)];
  const mode = node.string("rounding_mode", "FLOOR").toUpperCase();
  if (mode !== "FLOOR") node.unsupported(`truncates by ${mode}`);
  const form =
    node.inputCount > 5 ? secondForm(node, x.shape, scale, zero) : firstForm(node, scale, zero);
  const { shift } = form;
  if (shift < 1) node.unsupported(`truncates to more bits (by a factor of ${shift})`);
  const [min, max] = form.levels;
  const own = (values: number, zeros: number) =>
    affineOf(
      node,
      { values: Float32Array.of(values), axis: null },
      { values: Float32Array.of(zeros), axis: null },
      { scale: node.inputName(1), zero: node.inputName(2) },
    );
  const quantizer = {
    kind: "uniform",
    ...own(scale * shift, shift === 1 ? zero : (zero + 0.5) / shift),
    zeroAdded: "before-rounding",
    min,
    max,
    rounding: shift === 1 ? "half-even" : "floor",
  } as const;
  const type = narrowestType(min, max) ?? node.unsupported(`has levels ${min} to ${max}`);
  emitPair(node, build, x, quantizer, type, own(form.scale, form.zero));
}

export const TRUNC: OperatorTable = {
  Trunc: {
    limits: "at run time, rounding FLOOR; one scale, zero point and bit width for all channels",
    translate: translateTrunc,
  },
};
