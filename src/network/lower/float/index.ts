import { fail } from "../../../diagnostics.js";
import type { GraphNode, QuantizeNode } from "../../../graph/types.js";
import type { LoweringContext } from "../context.js";
import { declaredBy } from "../nodes/quantize.js";
import { lowerReshape, lowerTranspose } from "../nodes/shape.js";
import * as say from "./diagnostics.js";
import { binary, scalar } from "./expression.js";
import { computed, floatInput } from "./nodes.js";
import { lowerFloatDense } from "./product.js";
import { storeIntegers } from "./store.js";
import { quantizedTo, setFloat } from "./values.js";

/** Lowers a node whose input has no exact value, or which gives none itself. */
export function lowerFloat(context: LoweringContext, node: GraphNode): void {
  switch (node.kind) {
    case "arithmetic":
    case "clip":
    case "unary":
    case "round":
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "reduce":
    case "averagePool":
    case "maxPool":
      setFloat(context, node.output, computed(context, node), node.origin);
      break;
    case "quantize":
      lowerFloatQuantize(context, node);
      break;
    case "dense":
      lowerFloatDense(context, node);
      break;
    case "reshape":
      lowerReshape(context, node);
      break;
    case "transpose":
      lowerTranspose(context, node);
      break;
    default:
      fail(say.notInFloat(node.origin));
  }
}

function lowerFloatQuantize(context: LoweringContext, node: QuantizeNode): void {
  const value = floatInput(context, node.input);
  const { quantizer, origin } = node;
  const base = { ...value, pending: [], shape: context.shapeOf(node.output) };
  const set = (tensor: number): void =>
    context.setValue(node.output, { ...base, kind: "integer", tensor });
  switch (quantizer.kind) {
    case "bipolar":
      set(quantizedTo(context, value, { kind: "bipolar" }, declaredBy(quantizer), origin));
      break;
    case "uniform": {
      const { scale, zero: zeros, min, max, zeroAdded, rounding } = quantizer;
      const zero = zeros[0] ?? 0;
      const whole = Number.isInteger(zero) && scale.length === 1 && zeros.length === 1;
      if (!whole || rounding !== "half-even") fail(say.quantizerInFloat(origin));
      const scaled = binary("div", value.expression, scalar(scale[0] ?? 1));
      const before = zeroAdded === "before-rounding" && zero !== 0;
      const expression = before ? binary("add", scaled, scalar(zero)) : scaled;
      const rounded = { ...value, expression };
      set(storeIntegers(context, rounded, min, max, before ? 0 : zero, origin));
      break;
    }
    case "sign":
    case "thresholds":
      fail(say.quantizerInFloat(origin));
      break;
    default:
      quantizer satisfies never;
  }
}
