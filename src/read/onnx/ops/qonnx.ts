import { fail } from "../../../diagnostics.js";
import { narrowestType } from "../../../graph/levels.js";
import { roundHalfEven } from "../../../graph/rounding.js";
import type { Rounding, Shape } from "../../../graph/types.js";
import { badAttribute } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import {
  type Affine,
  affineOf,
  broadcastParameter,
  dequantizeElements,
  quantizeElements,
} from "../fold/quantize.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import type { Tensor } from "../tensor.js";
import { emitPair, UNIT } from "./pair.js";

/** QONNX rounding modes (IntQuant, version 1); at run time those that a Graph has. */
const ROUNDING: Readonly<
  Record<string, { readonly apply: (x: number) => number; readonly mode?: Rounding }>
> = {
  ROUND: { apply: roundHalfEven, mode: "half-even" },
  HALF_EVEN: { apply: roundHalfEven, mode: "half-even" },
  FLOOR: { apply: Math.floor, mode: "floor" },
  CEIL: { apply: Math.ceil, mode: "ceil" },
  DOWN: { apply: Math.trunc, mode: "toward-zero" },
  ROUND_TO_ZERO: { apply: Math.trunc, mode: "toward-zero" },
  UP: { apply: (x) => Math.sign(x) * Math.ceil(Math.abs(x)) },
  HALF_UP: { apply: (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5) },
  HALF_DOWN: { apply: (x) => Math.sign(x) * Math.ceil(Math.abs(x) - 0.5) },
};

/** Quant(x, scale, zero point, bit width) with its levels. */
interface QuantForm {
  readonly affine: Affine;
  readonly levels: readonly [min: number, max: number] | "bipolar";
}

function quantForm(node: NodeView, shape: Shape): QuantForm {
  const scale = broadcastParameter(node, node.constant(1), shape, node.inputName(1));
  const zero = broadcastParameter(node, node.constant(2), shape, node.inputName(2));
  const affine = affineOf(node, scale, zero, { scale: node.inputName(1), zero: node.inputName(2) });
  const bits = bitsOf(node, 3);
  const signed = node.flag("signed", true);
  // One signed bit is what old exporters wrote for -1 and +1, and how qonnx runs it.
  if (bits === 1 && signed) {
    if (affine.zero.some((z) => z !== 0)) node.unsupported("has one signed bit and a zero point");
    return { affine, levels: "bipolar" };
  }
  const levels = levelsOf(bits, signed, node.flag("narrow", false));
  if (levels[1] >= 2 ** 31)
    node.unsupported(`has levels up to ${levels[1]}; at most 32 bits are read`);
  return { affine, levels };
}

/** Least and greatest integer of a QONNX type. */
export function levelsOf(
  bits: number,
  signed: boolean,
  narrow: boolean,
): [min: number, max: number] {
  const dropped = narrow ? 1 : 0;
  if (signed) return [-(2 ** (bits - 1)) + dropped, 2 ** (bits - 1) - 1];
  return [0, 2 ** bits - 1 - dropped];
}

/** The bit width that input `index` holds. */
export function bitsOf(node: NodeView, index: number): number {
  const { data } = node.constant(index);
  const [bits = 0] = data;
  if (data.some((other) => other !== bits))
    node.unsupported("has bit widths that differ by channel");
  if (!Number.isInteger(bits) || bits < 1) {
    fail(badAttribute(node.origin, "bitwidth", `is ${bits}; it must be a positive integer`));
  }
  return bits;
}

function roundingOf(node: NodeView) {
  const name = node.string("rounding_mode", "ROUND").toUpperCase();
  return { name, ...(ROUNDING[name] ?? node.unsupported(`rounds by ${name}`)) };
}

function evaluateQuant(node: NodeView): Tensor {
  const x = node.constant(0);
  const { affine, levels } = quantForm(node, x.shape);
  if (levels === "bipolar") return bipolar(x, affine);
  const { apply, name } = roundingOf(node);
  const [min, max] = levels;
  const rule = `${node.origin.op}: s * clip(round(w / s + z), ${min}, ${max}), rounding mode ${name}`;
  const integers = quantizeElements(x, affine, (scaled, zero) =>
    apply(Math.min(Math.max(Math.fround(scaled + zero), min), max)),
  );
  return { ...dequantizeElements(integers, x.shape, x.type, affine), rule };
}

function bipolar(x: Tensor, affine: Affine): Tensor {
  const signs = quantizeElements(x, affine, (scaled) => (scaled >= 0 ? 1 : -1));
  const rule = "BipolarQuant: w >= 0 ? s : -s";
  return { ...dequantizeElements(signs, x.shape, x.type, affine), rule };
}

function translateQuant(node: NodeView, build: GraphBuilder): void {
  const x = node.real(0);
  const { affine, levels } = quantForm(node, x.shape);
  if (levels === "bipolar") {
    emitPair(node, build, x, { kind: "bipolar" }, "int8", affine);
    return;
  }
  const [min, max] = levels;
  const { mode, name } = roundingOf(node);
  const rounding = mode ?? node.unsupported(`rounds by ${name} at run time`);
  const quantizer = {
    kind: "uniform",
    ...affine,
    zeroAdded: "before-rounding",
    min,
    max,
    rounding,
  } as const;
  const type =
    narrowestType(min, max) ?? node.unsupported(`has levels ${min} to ${max} at run time`);
  emitPair(node, build, x, quantizer, type, affine);
}

function bipolarAffine(node: NodeView, shape: Shape): Affine {
  const scale = broadcastParameter(node, node.constant(1), shape, node.inputName(1));
  const names = { scale: node.inputName(1), zero: "" };
  return affineOf(node, scale, { values: UNIT.zero, axis: null }, names);
}

const QUANT: Operator = {
  limits:
    "constant scale, zero point and bit width, along one axis at most; at run time at most 16 bits and no rounding by UP, HALF_UP or HALF_DOWN",
  translate: translateQuant,
  evaluate: evaluateQuant,
};

export const QONNX: OperatorTable = {
  Quant: QUANT,
  IntQuant: QUANT,
  BipolarQuant: {
    limits: "constant scale, along one axis at most",
    translate: (node, build) => {
      const x = node.real(0);
      emitPair(node, build, x, { kind: "bipolar" }, "int8", bipolarAffine(node, x.shape));
    },
    evaluate: (node) => {
      const x = node.constant(0);
      return bipolar(x, bipolarAffine(node, x.shape));
    },
  },
};

/** ONNX Sign is a quantiser to -1, 0 and 1 whose result is real. */
export const SIGN: OperatorTable = {
  Sign: {
    limits: "any",
    translate: (node, build) => {
      emitPair(node, build, node.real(0), { kind: "sign" }, "int8", UNIT);
    },
    evaluate: (node) => {
      const { type, shape, data } = node.constant(0);
      return { type, shape, data: data.map(Math.sign) };
    },
  },
};
