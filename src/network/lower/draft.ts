import type { Origin, Quantizer, Window } from "../../graph/types.js";
import type { FloatProgram, FloatReduction, FloatStore } from "../float.js";
import type { SumRule } from "../lines.js";
import type {
  Exactness,
  GatherLayer,
  IntegerStorage,
  LookupLayer,
  ProductLayer,
  Range,
  TensorId,
  Weights,
} from "../types.js";
import type { Curve } from "./curve.js";
import type { Extent } from "./layout.js";
import type { Replay } from "./replay.js";

/**
 * The network while it is being lowered: layers whose requantisation is still an exact rule over
 * real numbers. Ranges and integer constants come last, when every consumer is known.
 */
export interface DraftTensor extends Extent {
  /** Set where the model itself fixes the values: the input, and what a quantiser makes. */
  readonly declared: { readonly range: Range; readonly type: IntegerStorage } | null;
  /** Set where it holds float32; nothing is then declared. */
  readonly float32?: true;
}

/** What to do with a layer's accumulator (or an elementwise layer's operands). */
export type Rule =
  /** Round the real value to the quantiser's levels. `channels[c]` is its index for channel c. */
  | {
      readonly kind: "quantize";
      readonly sums: readonly SumRule[];
      readonly quantizer: Quantizer;
      readonly channels: readonly number[] | null;
      /** The float32 arithmetic that leads here, where it is known; it then decides. */
      readonly replay: Replay | null;
    }
  /** Round a function of the accumulator; as `quantize`, unless `rounded` to a grid of tritc's own. */
  | {
      readonly kind: "curve";
      readonly curve: Curve;
      /** The node to blame where no table or step function holds it. */
      readonly origin: Origin;
      readonly quantizer: Quantizer;
      readonly channels: readonly number[] | null;
      readonly rounded: boolean;
    }
  /**
   * `clamp((sum of x_i * multipliers[i] + offset) >> shift, low, high)`, for all channels or each.
   */
  | {
      readonly kind: "line";
      readonly shift: number;
      readonly multipliers: readonly (readonly number[])[];
      readonly offsets: readonly number[];
      readonly low: readonly number[];
      readonly high: readonly number[];
      readonly exactness: Exactness;
    }
  /** Real outputs for people: int32 on a common scale. */
  | { readonly kind: "scores"; readonly sums: readonly SumRule[] };

interface DraftBase {
  readonly origins: readonly Origin[];
  readonly output: TensorId;
}

interface Accumulating extends DraftBase {
  readonly input: TensorId;
  readonly zero: number;
  /** Null: the accumulator itself is the output. */
  readonly rule: Rule | null;
}

export type DraftLayer =
  | (Accumulating & {
      readonly kind: "conv" | "conv-transpose";
      readonly weights: Weights;
      readonly window: Window;
      readonly groups: number;
    })
  | (Accumulating & {
      readonly kind: "dense";
      readonly weights: Weights;
      readonly positions: number;
    })
  | (Accumulating & {
      readonly kind: "sum-pool";
      readonly window: Window;
      readonly multiple: number;
      readonly margins: Window["pads"];
    })
  | (DraftBase & { readonly kind: "max-pool"; readonly input: TensorId; readonly window: Window })
  | (DraftBase & {
      readonly kind: "elementwise";
      readonly inputs: readonly TensorId[];
      readonly period: number;
      readonly rule: Rule;
    })
  | (DraftBase & {
      readonly kind: "pointwise";
      readonly inputs: readonly TensorId[];
      readonly program: FloatProgram;
      readonly store: FloatStore;
    })
  | (DraftBase & {
      readonly kind: "reduce";
      readonly inputs: readonly TensorId[];
      readonly program: FloatProgram;
      readonly reduction: FloatReduction;
      readonly count: number;
      readonly stride: number;
    })
  | (DraftBase & Pick<ProductLayer, "kind" | "inputs" | "zeros"> & { readonly rule: Rule | null })
  | (DraftBase & Pick<GatherLayer, "kind" | "inputs" | "view" | "parts" | "fill">)
  | (DraftBase & Pick<LookupLayer, "kind" | "input" | "columns" | "table">);

export interface Draft {
  readonly tensors: readonly DraftTensor[];
  readonly layers: readonly DraftLayer[];
}

export function draftInputs(layer: DraftLayer): readonly TensorId[] {
  return "inputs" in layer ? layer.inputs : [layer.input];
}

/** The layers that the kept tensors depend on: a value in float32 may have an exact twin in vain. */
export function usedLayers(
  layers: readonly DraftLayer[],
  kept: ReadonlySet<TensorId>,
): readonly DraftLayer[] {
  const wanted = new Set(kept);
  const used = layers.toReversed().filter((layer) => {
    if (!wanted.has(layer.output)) return false;
    for (const id of draftInputs(layer)) wanted.add(id);
    return true;
  });
  return used.reverse();
}

/**
 * Gives each accumulator's only consumer, where that is a step function of it alone, to the layer
 * that makes the accumulator: the 32-bit tensor between them then never exists.
 */
export function fuseRules(draft: Draft, kept: ReadonlySet<TensorId>): Draft {
  const uses = new Map<TensorId, number>();
  for (const layer of draft.layers) {
    for (const id of draftInputs(layer)) uses.set(id, (uses.get(id) ?? 0) + 1);
  }
  const makers = new Map<TensorId, number>();
  const layers: (DraftLayer | null)[] = [];
  for (const layer of draft.layers) {
    const fused = fuse(layer, layers, makers, uses, kept, draft.tensors);
    if (fused !== null) {
      layers[fused.at] = fused.layer;
      makers.set(layer.output, fused.at);
      continue;
    }
    makers.set(layer.output, layers.length);
    layers.push(layer);
  }
  return { tensors: draft.tensors, layers: layers.filter((l) => l !== null) };
}

function fuse(
  layer: DraftLayer,
  layers: readonly (DraftLayer | null)[],
  makers: ReadonlyMap<TensorId, number>,
  uses: ReadonlyMap<TensorId, number>,
  kept: ReadonlySet<TensorId>,
  tensors: readonly DraftTensor[],
): { at: number; layer: DraftLayer } | null {
  if (layer.kind !== "elementwise" || layer.inputs.length !== 1) return null;
  const [input] = layer.inputs;
  if (input === undefined || uses.get(input) !== 1 || kept.has(input)) return null;
  const at = makers.get(input);
  const maker = at === undefined ? undefined : layers[at];
  if (at === undefined || maker === undefined || maker === null) return null;
  if (maker.kind === "elementwise" || !("rule" in maker) || maker.rule !== null) return null;
  // A rule for each element, not for each channel, is no rule for the accumulators of a channel.
  if (tensors[input]?.channels !== layer.period) return null;
  const origins = [...maker.origins, ...layer.origins];
  return { at, layer: { ...maker, rule: layer.rule, output: layer.output, origins } };
}
