import { fail } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import { pick } from "../channels.js";
import {
  type IntegerTensor,
  integerTensor,
  type Layer,
  type Network,
  type NetworkInput,
  type NetworkOutput,
  type Range,
  type Tensor,
  type TensorId,
  type Weights,
} from "../types.js";
import { accumulatorOverflow, fallingSteps } from "./diagnostics.js";
import { type Draft, type DraftLayer, draftInputs, type Rule } from "./draft.js";
import { layerNames, tellingOrigin } from "./names.js";
import { storageFor } from "./nodes/quantize.js";
import { accumulatorRanges, hull, poolRanges, productRange } from "./ranges.js";
import { type RuleIntegers, sumIntegers, unaryIntegers } from "./rules.js";

type OutputPlan = Omit<NetworkOutput, "real"> & {
  readonly real: NetworkOutput["real"] | "scores";
};

/**
 * The last step of lowering: in the order of execution, proves the range of every tensor and turns
 * each exact rule into integer constants for that range. Tensors that no layer uses any more are
 * left out.
 */
export function encodeDraft(draft: Draft, input: NetworkInput, output: OutputPlan): Network {
  const encoder = new Encoder(draft);
  encoder.defineInput(input.tensor);
  const names = layerNames(draft.layers);
  const layers = draft.layers.map((layer, i) => encoder.encode(layer, pick(names, i)));
  return {
    input: { ...input, tensor: encoder.idOf(input.tensor) },
    output: {
      ...output,
      tensor: encoder.idOf(output.tensor),
      real:
        output.real === "scores"
          ? { scale: 2 ** -encoder.fractionBits(output.tensor), offset: 0 }
          : output.real,
    },
    tensors: encoder.tensors,
    layers,
  };
}

/** Leaves room in int32 for the difference of two accumulators, as branch-free comparisons form. */
const LARGEST_ACCUMULATOR = 2 ** 30 - 1;

class Encoder {
  readonly tensors: Tensor[] = [];
  private readonly ids = new Map<TensorId, TensorId>();
  private readonly scoreBits = new Map<TensorId, number>();

  constructor(private readonly draft: Draft) {}

  idOf(draftId: TensorId): TensorId {
    const id = this.ids.get(draftId);
    if (id === undefined) throw new Error(`tensor ${draftId} is used before it is made`);
    return id;
  }

  fractionBits(draftId: TensorId): number {
    return this.scoreBits.get(draftId) ?? 0;
  }

  defineInput(draftId: TensorId): void {
    const tensor = this.draft.tensors[draftId];
    if (tensor?.float32) this.defineFloat(draftId);
    else if (tensor?.declared) this.define(draftId, tensor.declared.range);
    else throw new Error("the input has no type");
  }

  private defineFloat(draftId: TensorId): TensorId {
    const tensor = this.draft.tensors[draftId];
    if (tensor === undefined) throw new Error(`no tensor ${draftId}`);
    const { height, width, channels } = tensor;
    return this.add(draftId, { height, width, channels, type: "float32" });
  }

  private define(draftId: TensorId, range: Range): TensorId {
    const tensor = this.draft.tensors[draftId];
    if (tensor === undefined) throw new Error(`no tensor ${draftId}`);
    const { height, width, channels, declared } = tensor;
    const type = declared?.type ?? storageFor(range);
    return this.add(draftId, { height, width, channels, range, type });
  }

  private add(draftId: TensorId, tensor: Tensor): TensorId {
    this.tensors.push(tensor);
    this.ids.set(draftId, this.tensors.length - 1);
    return this.tensors.length - 1;
  }

  private integersOf(draftId: TensorId): IntegerTensor {
    return integerTensor(this.tensors[this.idOf(draftId)]);
  }

  encode(layer: DraftLayer, name: string): Layer {
    const { origins } = layer;
    const base = { name, origins };
    if (layer.kind === "pointwise" || layer.kind === "reduce") return this.encodeFloat(layer, base);
    const inputs = draftInputs(layer).map((id) => this.integersOf(id));
    const input = pick(inputs, 0);
    switch (layer.kind) {
      case "conv":
      case "conv-transpose":
      case "dense": {
        const padded =
          layer.kind === "conv-transpose" ||
          (layer.kind === "conv" && Object.values(layer.window.pads).some((p) => p > 0));
        const ranges = accumulatorRanges(layer.weights, input.range, layer.zero, padded);
        const made = this.integers(layer, ranges, layer.weights);
        const { weights, accumulators } = flip(layer.weights, ranges, made.flipped);
        const common = {
          ...base,
          input: this.idOf(layer.input),
          output: this.define(layer.output, made.range),
          zero: layer.zero,
          weights,
          accumulators,
          requantization: made.requantization,
        };
        return layer.kind === "dense"
          ? { ...common, kind: "dense", positions: layer.positions }
          : { ...common, kind: layer.kind, window: layer.window, groups: layer.groups };
      }
      case "sum-pool": {
        const ranges = [poolRanges(layer.window, layer.multiple, input.range, layer.zero)];
        const made = this.integers(layer, ranges, null);
        return {
          ...base,
          kind: "sum-pool",
          input: this.idOf(layer.input),
          output: this.define(layer.output, made.range),
          zero: layer.zero,
          window: layer.window,
          multiple: layer.multiple,
          margins: layer.margins,
          accumulators: ranges,
          requantization: made.requantization,
        };
      }
      case "max-pool":
        return {
          ...base,
          kind: "max-pool",
          input: this.idOf(layer.input),
          output: this.define(layer.output, input.range),
          window: layer.window,
        };
      case "gather": {
        const { kind, view, parts, fill } = layer;
        const range = hull(inputs.map((tensor) => tensor.range));
        const filled = { low: Math.min(range.low, fill), high: Math.max(range.high, fill) };
        return {
          ...base,
          kind,
          inputs: layer.inputs.map((id) => this.idOf(id)),
          output: this.define(layer.output, filled),
          view: { height: view.height, width: view.width, channels: view.channels },
          parts,
          fill,
        };
      }
      case "lookup": {
        const { kind, columns, table } = layer;
        const low = table.reduce((a, b) => Math.min(a, b), 127);
        const high = table.reduce((a, b) => Math.max(a, b), -128);
        return {
          ...base,
          kind,
          input: this.idOf(layer.input),
          output: this.define(layer.output, { low, high }),
          columns,
          table,
        };
      }
      case "product": {
        const [a, b] = layer.inputs;
        const ranges = [
          productRange(this.integersOf(a).range, this.integersOf(b).range, layer.zeros),
        ];
        const made = this.integers(layer, ranges, null);
        return {
          ...base,
          kind: "product",
          inputs: [this.idOf(a), this.idOf(b)],
          output: this.define(layer.output, made.range),
          zeros: layer.zeros,
          accumulators: ranges,
          requantization: made.requantization,
        };
      }
      case "elementwise": {
        const ranges = inputs.map((t) => t.range);
        const made =
          ranges.length === 1
            ? this.integers(layer, ranges, null)
            : sumIntegers(layer.rule, ranges);
        this.scoreBits.set(layer.output, made.fractionBits);
        return {
          ...base,
          kind: "elementwise",
          inputs: layer.inputs.map((id) => this.idOf(id)),
          output: this.define(layer.output, made.range),
          period: layer.period,
          requantization: made.requantization,
        };
      }
      default:
        return layer satisfies never;
    }
  }

  /** Programs are complete from the start; only what they quantise to has a range to declare. */
  private encodeFloat(
    layer: DraftLayer & { readonly kind: "pointwise" | "reduce" },
    base: { readonly name: string; readonly origins: readonly Origin[] },
  ): Layer {
    const inputs = layer.inputs.map((id) => this.idOf(id));
    const declared = this.draft.tensors[layer.output]?.declared ?? null;
    const output =
      declared === null
        ? this.defineFloat(layer.output)
        : this.define(layer.output, declared.range);
    return { ...layer, ...base, inputs, output };
  }

  /** The layer's rule for one operand, whose range is proved for each channel. */
  private integers(
    { rule, output, origins }: DraftLayer & { rule: Rule | null },
    ranges: readonly Range[],
    weights: Weights | null,
  ): RuleIntegers {
    const { low, high } = hull(ranges);
    const origin = tellingOrigin(origins);
    if (origin !== undefined && Math.max(-low, high) > LARGEST_ACCUMULATOR) {
      fail(accumulatorOverflow(origin, low, high));
    }
    const last = origins.at(-1) ?? { op: "Layer", name: "" };
    const made = unaryIntegers(rule, ranges, weights);
    if (made === null) return fail(fallingSteps(last, high - low + 1));
    this.scoreBits.set(output, made.fractionBits);
    return made;
  }
}

function flip(
  weights: Weights,
  ranges: readonly Range[],
  flipped: readonly boolean[],
): { weights: Weights; accumulators: readonly Range[] } {
  if (!flipped.includes(true)) return { weights, accumulators: ranges };
  const values = weights.values.map((w, i) =>
    flipped[Math.floor(i / weights.perOutput)] === true ? -w : w,
  );
  return {
    weights: { ...weights, values },
    accumulators: ranges.map((r, c) => (flipped[c] === true ? { low: -r.high, high: -r.low } : r)),
  };
}
