import { levelCode, narrowestType } from "../../../graph/levels.js";
import type { Quantizer } from "../../../graph/types.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { tensorOf } from "../tensor.js";
import type { RuntimeValue } from "../value.js";

type Lists = Pick<Quantizer & { kind: "thresholds" }, "values" | "count" | "axis">;

/**
 * The axis of the channels. QONNX's default was NCHW, whatever the rank, and later became a guess by
 * rank: those two differ where there are 3 axes.
 */
function channelAxis(node: NodeView, rank: number): number {
  const layout = node.string("data_layout", "");
  if (layout === "") {
    return rank === 3 ? node.unsupported("has no data_layout, for a tensor of 3 axes") : 1;
  }
  const axis = layout.indexOf("C");
  if (axis < 0 || axis >= rank) node.unsupported(`has data_layout ${layout} for ${rank} axes`);
  return axis;
}

/** Thresholds [lists, count], for all channels or for each, in ascending order. */
function thresholdLists(node: NodeView, x: RuntimeValue): Lists {
  const { shape, data } = node.constant(1);
  const [lists = 0, count = 0, ...more] = shape;
  const name = `${node.inputName(1)} ${showShape(shape)}`;
  if (more.length > 0 || lists < 1 || count < 1) {
    node.unsupported(`${name} must be thresholds [channels or 1, at least 1]`);
  }
  const axis = lists === 1 ? null : channelAxis(node, x.shape.length);
  if (axis !== null && lists !== x.shape[axis]) {
    node.misfit(`thresholds ${name} along axis ${axis} of ${x.name} ${showShape(x.shape)}`);
  }
  const values = Float64Array.from(data);
  if (values.some(Number.isNaN)) node.unsupported(`${name} has a threshold that is not a number`);
  for (let i = 0; i < lists; i++) values.subarray(i * count, (i + 1) * count).sort();
  return { values, count, axis };
}

function translateMultiThreshold(node: NodeView, build: GraphBuilder): void {
  const { origin } = node;
  const x = node.real(0);
  const { shape } = x;
  const lists = thresholdLists(node, x);
  const scale = node.float("out_scale", 1);
  const bias = node.float("out_bias", 0);
  if (!(scale > 0 && Number.isFinite(scale))) node.unsupported(`has out_scale ${scale}`);
  if (!Number.isFinite(bias)) node.unsupported(`has out_bias ${bias}`);
  const { unit, base, step, rest } = levelCode(scale, bias);
  const highest = base + step * lists.count;
  const type = narrowestType(base, highest) ?? node.unsupported(`has levels ${base} to ${highest}`);
  const quantizer = { kind: "thresholds", ...lists, base, step } as const;
  const output = node.outputName();
  const integers = build.fresh(`${output}.integers`);
  build.emit(
    { kind: "quantize", origin, input: x.name, quantizer, output: integers },
    { shape, type },
  );
  const levels = rest === 0 ? output : build.fresh(`${output}.levels`);
  const affine = { scale: Float32Array.of(unit), zero: Float32Array.of(0), axis: null };
  build.emit(
    { kind: "dequantize", origin, input: integers, ...affine, output: levels },
    { shape, type: "real" },
  );
  if (rest === 0) return;
  const constant = build.constant(build.fresh(`${output}.bias`), tensorOf("float32", [], [rest]));
  build.emit(
    {
      kind: "arithmetic",
      origin,
      operation: "add",
      input: levels,
      constant,
      constantFirst: false,
      output,
    },
    { shape, type: "real" },
  );
}

/** FINN's own quantiser (qonnx.custom_op.general.multithreshold). */
export const MULTI_THRESHOLD: OperatorTable = {
  MultiThreshold: {
    limits: "constant thresholds, positive out_scale; at run time at most 16 bits",
    translate: translateMultiThreshold,
  },
};
