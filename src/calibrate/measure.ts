import { createEvaluator, type FloatArray } from "../float/evaluate.js";
import { scoresOf } from "../float/reference.js";
import type { Graph } from "../graph/types.js";
import type { ModelInputs } from "../simulate/batch.js";
import { quantizedName } from "./insert.js";
import { LEVELS, type Scale } from "./scale.js";

/** What one quantiser costs, on inputs that its scale was not chosen from where there are enough. */
export interface TensorCost {
  readonly tensor: string;
  readonly type: Scale["type"];
  readonly scale: number;
  readonly zero: number;
  /** Share of elements beyond the range of its levels, 0 to 1. */
  readonly saturated: number;
  /** Decibels of the float tensor over what this quantiser alone adds; null: nothing. */
  readonly ownSignalToNoise: number | null;
  /** The same over all that quantisers up to and with this one add. */
  readonly signalToNoise: number | null;
}

export interface Costs {
  readonly tensors: readonly TensorCost[];
  readonly output: {
    readonly signalToNoise: number | null;
    readonly inputs: number;
    /** Inputs for which both choose the same class; null where the output is no scores of classes. */
    readonly sameClass: number | null;
  };
}

/** Compares a Graph with its calibrated self, tensor by tensor. */
export function measureCosts(
  original: Graph,
  calibrated: Graph,
  scales: ReadonlyMap<string, Scale>,
  { count, data }: ModelInputs,
): Costs {
  const [a, b] = [original, calibrated].map((graph) => createEvaluator(graph, "float32"));
  if (a === undefined || b === undefined) throw new Error("two graphs, two evaluators");
  const size = data.length / count;
  const name = scoresOf(original);
  const output = new Noise();
  const noises = new Map([...scales.keys()].map((tensor) => [tensor, new Noise()]));
  const own = new Map([...scales].map(([tensor, scale]) => [tensor, new OwnNoise(scale)]));
  const shape = original.tensors.get(name)?.shape ?? [];
  const classes = shape.filter((extent) => extent > 1).length === 1;
  let sameClass = 0;
  for (let i = 0; i < count; i++) {
    const input = data.subarray(i * size, (i + 1) * size);
    a.run(input);
    b.run(input);
    for (const [tensor, noise] of noises) {
      const values = valuesOf(a.values, tensor);
      noise.add(values, valuesOf(b.values, quantizedName(tensor)));
      own.get(tensor)?.add(values);
    }
    const [x, y] = [valuesOf(a.values, name), valuesOf(b.values, name)];
    output.add(x, y);
    if (largest(x) === largest(y)) sameClass++;
  }
  return {
    tensors: [...scales].map(([tensor, scale]) => ({
      tensor,
      ...scale,
      saturated: own.get(tensor)?.saturated ?? 0,
      ownSignalToNoise: own.get(tensor)?.decibels ?? null,
      signalToNoise: noises.get(tensor)?.decibels ?? null,
    })),
    output: {
      signalToNoise: output.decibels,
      inputs: count,
      sameClass: classes ? sameClass : null,
    },
  };
}

class Noise {
  private signal = 0;
  private noise = 0;

  add(values: FloatArray, changed: FloatArray): void {
    for (let i = 0; i < values.length; i++) this.count(values[i] ?? 0, changed[i] ?? 0);
  }

  count(value: number, changed: number): void {
    this.signal += value ** 2;
    this.noise += (value - changed) ** 2;
  }

  get decibels(): number | null {
    return this.noise === 0 ? null : 10 * Math.log10(this.signal / this.noise);
  }
}

/** The error of one quantiser on the float tensor itself, and what it clips. */
class OwnNoise {
  private readonly noise = new Noise();
  private clipped = 0;
  private total = 0;

  constructor(private readonly scale: Scale) {}

  add(values: FloatArray): void {
    const { type, scale, zero } = this.scale;
    const { low, high } = LEVELS[type];
    for (const value of values) {
      const level = Math.round(value / scale) + zero;
      const kept = Math.min(high, Math.max(low, level));
      if (kept !== level) this.clipped++;
      this.noise.count(value, (kept - zero) * scale);
    }
    this.total += values.length;
  }

  get saturated(): number {
    return this.clipped / this.total;
  }

  get decibels(): number | null {
    return this.noise.decibels;
  }
}

function valuesOf(values: ReadonlyMap<string, FloatArray>, tensor: string): FloatArray {
  const found = values.get(tensor);
  if (found === undefined) throw new Error(`no tensor ${tensor}`);
  return found;
}

function largest(values: FloatArray): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  }
  return best;
}
