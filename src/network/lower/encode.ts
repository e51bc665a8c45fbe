import { fail } from "../../diagnostics.js";
import type { Origin } from "../../graph/types.js";
import { toNumber } from "../rational.js";
import { encodeSteps, perChannel, signedBits } from "../requantize.js";
import { encodeScores, extentOf } from "../scores.js";
import { type Levels, levelsOf, type StepFunction, stepFunction } from "../steps.js";
import { encodeSum, type SumRule } from "../sums.js";
import type {
  Layer,
  Network,
  NetworkInput,
  NetworkOutput,
  Range,
  Requantization,
  Tensor,
  TensorId,
  Weights,
} from "../types.js";
import { accumulatorOverflow } from "./diagnostics.js";
import { type Draft, type DraftLayer, draftInputs, type Rule } from "./draft.js";
import { layerNames } from "./names.js";
import { storageFor } from "./nodes/quantize.js";
import { accumulatorRanges, poolRanges } from "./ranges.js";
import { agrees, float32Level, replayLevels } from "./replay.js";
import { pick } from "./value.js";

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
  const names = layerNames(draft.layers.map((l) => l.origins));
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

interface Encoded {
  readonly requantization: Requantization;
  readonly range: Range;
  /** Output channels whose weights change sign, so that their step function rises. */
  readonly flipped: readonly boolean[];
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
    const declared = this.draft.tensors[draftId]?.declared;
    if (declared === undefined || declared === null) throw new Error("the input has no type");
    this.define(draftId, declared.range);
  }

  private define(draftId: TensorId, range: Range): TensorId {
    const tensor = this.draft.tensors[draftId];
    if (tensor === undefined) throw new Error(`no tensor ${draftId}`);
    const { height, width, channels, declared } = tensor;
    this.tensors.push({
      height,
      width,
      channels,
      range,
      type: declared?.type ?? storageFor(range),
    });
    this.ids.set(draftId, this.tensors.length - 1);
    return this.tensors.length - 1;
  }

  private tensorOf(draftId: TensorId): Tensor {
    const tensor = this.tensors[this.idOf(draftId)];
    if (tensor === undefined) throw new Error(`no tensor ${draftId}`);
    return tensor;
  }

  encode(layer: DraftLayer, name: string): Layer {
    const { origins } = layer;
    const base = { name, origins };
    const inputs = draftInputs(layer).map((id) => this.tensorOf(id));
    const input = pick(inputs, 0);
    switch (layer.kind) {
      case "conv":
      case "dense": {
        const padded = layer.kind === "conv" && Object.values(layer.window.pads).some((p) => p > 0);
        const ranges = accumulatorRanges(layer.weights, input.range, layer.zero, padded);
        const made = this.requantize(layer.rule, ranges, layer.output, origins, layer.weights);
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
        return layer.kind === "conv"
          ? { ...common, kind: "conv", window: layer.window, groups: layer.groups }
          : { ...common, kind: "dense", positions: layer.positions };
      }
      case "sum-pool": {
        const ranges = [poolRanges(layer.window, layer.multiple, input.range, layer.zero)];
        const made = this.requantize(layer.rule, ranges, layer.output, origins, null);
        return {
          ...base,
          kind: "sum-pool",
          input: this.idOf(layer.input),
          output: this.define(layer.output, made.range),
          zero: layer.zero,
          window: layer.window,
          multiple: layer.multiple,
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
      case "gather":
        return {
          ...base,
          kind: "gather",
          input: this.idOf(layer.input),
          output: this.define(layer.output, input.range),
          source: layer.source,
        };
      case "elementwise": {
        const made =
          inputs.length === 1
            ? this.requantize(layer.rule, [input.range], layer.output, origins, null)
            : this.combine(
                layer.rule,
                inputs.map((t) => t.range),
                layer.output,
              );
        return {
          ...base,
          kind: "elementwise",
          inputs: layer.inputs.map((id) => this.idOf(id)),
          output: this.define(layer.output, made.range),
          requantization: made.requantization,
        };
      }
      default:
        return layer satisfies never;
    }
  }

  /** One operand: exact step functions over each channel's range. */
  private requantize(
    rule: Rule | null,
    ranges: readonly Range[],
    output: TensorId,
    origins: readonly Origin[],
    weights: Weights | null,
  ): Encoded {
    const whole = hull(ranges);
    const [origin] = origins;
    if (origin !== undefined && Math.max(-whole.low, whole.high) > LARGEST_ACCUMULATOR) {
      fail(accumulatorOverflow(origin, whole.low, whole.high));
    }
    const flipped: boolean[] = [];
    if (rule === null) return { requantization: { kind: "none" }, range: whole, flipped };
    if (rule.kind !== "quantize") return this.combine(rule, [whole], output, ranges);
    const count = Math.max(rule.sums.length, rule.channels?.length ?? 1, ranges.length);
    const steps: StepFunction[] = [];
    for (let c = 0; c < count; c++) {
      const levels = levelsOf(rule.quantizer, rule.channels === null ? 0 : pick(rule.channels, c));
      const sum = pick(rule.sums, c);
      const step = stepFunction({ ...sum, scale: pick(sum.scales, 0) }, levels, pick(ranges, c));
      const turn = step.direction === -1 && weights !== null && canFlip(weights);
      flipped.push(turn);
      steps.push(turn ? { ...step, direction: 1 } : step);
    }
    const levels = levelsOf(rule.quantizer, 0);
    const table = replayTable(rule, steps, whole);
    if (table !== null) return { ...table, flipped };
    const code = { base: levels.base, step: levels.step, levels: levels.max - levels.min + 1 };
    const reached = hull(steps.map((s) => ({ low: s.low, high: s.low + s.first.length })));
    const range = {
      low: levels.base + levels.step * reached.low,
      high: levels.base + levels.step * reached.high,
    };
    return { requantization: encodeSteps(steps, code), range, flipped };
  }

  /** Sums of operands, clamps and scores: the same line for every value of the operands. */
  private combine(
    rule: Rule,
    operands: readonly Range[],
    output: TensorId,
    channelRanges?: readonly Range[],
  ): Encoded {
    switch (rule.kind) {
      case "line":
        return { ...lineCode(rule, pick(operands, 0)), flipped: [] };
      case "scores": {
        const ranges = channelRanges?.map((r) => [r]) ?? [operands];
        const sums = ranges.length > 1 ? spread(rule.sums, ranges.length) : rule.sums;
        const scores = encodeScores(sums, ranges);
        this.scoreBits.set(output, scores.fractionBits);
        return { requantization: scores.requantization, range: scores.range, flipped: [] };
      }
      case "quantize": {
        const count = Math.max(rule.sums.length, rule.channels?.length ?? 1);
        const sums = spread(rule.sums, count);
        const levels = Array.from({ length: count }, (_, c) =>
          levelsOf(rule.quantizer, rule.channels === null ? 0 : pick(rule.channels, c)),
        );
        const requantization = encodeSum(sums, [operands], levels);
        const range = hull(sums.map((sum, c) => reachedBy(sum, operands, pick(levels, c))));
        return { requantization, range, flipped: [] };
      }
      default:
        return rule satisfies never;
    }
  }
}

function spread(sums: readonly SumRule[], count: number): SumRule[] {
  return Array.from({ length: count }, (_, c) => pick(sums, c));
}

/** Levels, as stored, that a sum over these operand ranges can reach, found on the safe side. */
function reachedBy(sum: SumRule, operands: readonly Range[], levels: Levels): Range {
  const extent = extentOf(sum, operands);
  const slack = 1e-9 * Math.max(Math.abs(extent.low), Math.abs(extent.high));
  const low = levelNear(extent.low - slack, levels);
  const high = levelNear(extent.high + slack, levels);
  return { low: levels.base + levels.step * low, high: levels.base + levels.step * high };
}

function levelNear(value: number, levels: Levels): number {
  let low = levels.min;
  let high = levels.max;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const { at } = levels.breakPoint(middle);
    if (value >= toNumber(at)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function hull(ranges: readonly Range[]): Range {
  return {
    low: Math.min(...ranges.map((r) => r.low)),
    high: Math.max(...ranges.map((r) => r.high)),
  };
}

/** Operands with more values than this get constants, not tables. */
const LARGEST_TABLE = 1024;

/**
 * The outputs that the model's own float32 arithmetic gives, as a table; null where it is not known,
 * or where exact arithmetic gives the same.
 */
function replayTable(
  rule: Rule & { kind: "quantize" },
  steps: readonly StepFunction[],
  range: Range,
): { requantization: Requantization; range: Range } | null {
  const { replay, quantizer } = rule;
  const size = range.high - range.low + 1;
  if (replay === null || size > LARGEST_TABLE) return null;
  const replayed = steps.map((_, c) => {
    const index = rule.channels === null ? 0 : pick(rule.channels, c);
    const level = float32Level(quantizer, index, levelsOf(quantizer, index));
    return replayLevels((x) => level(replay(x, c)), range);
  });
  if (steps.every((step, c) => agrees(step, pick(replayed, c), range))) return null;
  const { base, step } = levelsOf(quantizer, 0);
  const values = Int32Array.from(
    replayed.flatMap((list) => Array.from(list, (n) => base + step * n)),
  );
  return {
    requantization: { kind: "table", low: range.low, size, values, exactness: { kind: "exact" } },
    range: { low: Math.min(...values), high: Math.max(...values) },
  };
}

/** Negating -128 or -8 would leave the type; trits and signs have no such value. */
function canFlip(weights: Weights): boolean {
  return weights.kind === "ternary" || weights.kind === "binary";
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

function lineCode(rule: Rule & { kind: "line" }, input: Range) {
  const { multipliers, offsets, shift, low, high, exactness } = rule;
  const channels = Math.max(...[multipliers, offsets, low, high].map((list) => list.length));
  const reached: Range[] = [];
  let largest = 0;
  for (let c = 0; c < channels; c++) {
    const ends = [input.low, input.high].map((x) => x * pick(multipliers, c) + pick(offsets, c));
    largest = Math.max(largest, Math.abs(pick(offsets, c)), ...ends.map(Math.abs));
    const clamp = (x: number) => Math.min(pick(high, c), Math.max(pick(low, c), x));
    const levels = ends.map((p) => clamp(Math.floor(p / 2 ** shift)));
    reached.push({ low: Math.min(...levels), high: Math.max(...levels) });
  }
  const requantization: Requantization = {
    kind: "fixed-point",
    multipliers: [perChannel(multipliers)],
    offsets: perChannel(offsets),
    shift,
    tieBand: 0,
    low: perChannel(low),
    high: perChannel(high),
    base: 0,
    step: 1,
    bits: signedBits(largest),
    exactness,
  };
  return { requantization, range: hull(reached) };
}
