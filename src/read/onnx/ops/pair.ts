import type { IntegerType, Quantizer } from "../../../graph/types.js";
import type { GraphBuilder } from "../builder.js";
import type { Affine } from "../fold/quantize.js";
import type { NodeView } from "../node-view.js";
import type { RuntimeValue } from "../value.js";

/** Integers that stand for themselves. */
export const UNIT: Affine = { scale: Float32Array.of(1), zero: Float32Array.of(0), axis: null };

/** A quantiser whose result is real: a quantise node, then a dequantise node. */
export function emitPair(
  node: NodeView,
  build: GraphBuilder,
  { name, shape }: RuntimeValue,
  quantizer: Quantizer,
  type: IntegerType,
  affine: Affine,
  output = node.outputName(),
): RuntimeValue {
  const { origin } = node;
  const integers = build.fresh(`${output}.integers`);
  build.emit(
    { kind: "quantize", origin, input: name, quantizer, output: integers },
    { shape, type },
  );
  return build.emit(
    { kind: "dequantize", origin, input: integers, ...affine, output },
    { shape, type: "real" },
  );
}
