import { ROUND } from "../../../graph/rounding.js";
import type { Rounding } from "../../../graph/types.js";
import type { GraphBuilder } from "../builder.js";
import { mapElements } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { Operator, OperatorTable } from "../operator.js";
import type { RuntimeValue } from "../value.js";
import { isMeasured } from "./measured.js";
import { emitPair, narrowestType, UNIT } from "./pair.js";

/** Least and greatest value that a clip leaves. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export const UNBOUNDED: Bounds = {
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
};

/**
 * Quantisers spelled out, `Clip(Round(x / s)) * s` or `Round(Clip(x / s)) * s`: between a rounding
 * and a clip, whichever comes first, reals become integers. A rounding without a clip before it
 * waits for the one behind it.
 */
function translateRounding(node: NodeView, build: GraphBuilder, mode: Rounding): void {
  const x = node.real(0);
  if (isMeasured(build, x)) {
    // The scale is measured at run time (BitNet): rounded in float32, not at fixed break points.
    if (mode !== "half-even") node.unsupported("rounds what was scaled by a measured number");
    const { origin } = node;
    const output = node.outputName();
    build.emit({ kind: "round", origin, input: x.name, output }, { shape: x.shape, type: "real" });
    return;
  }
  const maker = build.maker(x.name);
  const { low, high } = maker?.kind === "clip" ? maker : UNBOUNDED;
  const round = ROUND[mode];
  bindRounded(node, build, x, mode, { low: round(low), high: round(high) });
}

/** Clips a tensor whose rounding is pending. */
export function clipRounded(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  rounded: Bounds & { readonly mode: Rounding },
  bounds: Bounds,
): void {
  const clamp = (level: number): number => Math.min(Math.max(level, bounds.low), bounds.high);
  const [low, high] = [clamp(rounded.low), clamp(rounded.high)];
  for (const bound of [low, high]) {
    if (Number.isFinite(bound) && !Number.isInteger(bound)) {
      node.unsupported(`clips rounded numbers at ${bound}, which is no integer`);
    }
  }
  bindRounded(node, build, x, rounded.mode, { low, high });
}

function bindRounded(
  node: NodeView,
  build: GraphBuilder,
  x: RuntimeValue,
  mode: Rounding,
  { low, high }: Bounds,
): void {
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    build.bind(node.outputName(), { ...x, pending: { kind: "rounding", mode, low, high } });
    return;
  }
  const type = narrowestType(low, high) ?? node.unsupported(`has levels ${low} to ${high}`);
  const quantizer = {
    kind: "uniform",
    ...UNIT,
    zeroAdded: "after-rounding",
    min: low,
    max: high,
    rounding: mode,
  } as const;
  emitPair(node, build, x, quantizer, type, UNIT);
}

function rounding(mode: Rounding): Operator {
  const round = ROUND[mode];
  return {
    limits:
      "at run time with a Clip straight before or after it, whose bounds are at most 16 bits wide",
    translate: (node, build) => translateRounding(node, build, mode),
    evaluate: (node) => {
      const x = node.constant(0);
      return mapElements(node, x, x.type, round);
    },
  };
}

export const ROUNDING: OperatorTable = {
  Round: rounding("half-even"),
  Floor: rounding("floor"),
  Ceil: rounding("ceil"),
};
