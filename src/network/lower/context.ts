import { Diagnostics } from "../../diagnostics.js";
import type { Constant, Graph, Origin } from "../../graph/types.js";
import type { Head, InputEncoding, TensorId } from "../types.js";
import { type FoundWeights, findWeights, type NoWeights } from "../weights.js";
import type { DraftLayer, DraftTensor } from "./draft.js";
import type { FloatValue, Value } from "./value.js";

/** The state of one lowering: what has been built so far. Lives for one call of `lower`. */
export class LoweringContext {
  readonly diagnostics = new Diagnostics();
  readonly tensors: DraftTensor[] = [];
  readonly layers: DraftLayer[] = [];
  private readonly values = new Map<string, Value>();
  private readonly foundWeights = new Map<string, FoundWeights | NoWeights>();
  /** The network's input, once its integer form is known. */
  input: { readonly tensor: TensorId; readonly encoding: InputEncoding } | null = null;
  /** What the model file computes from the network's output, on the host only. */
  head: { readonly kind: Head; readonly input: string } | null = null;

  private readonly floats = new Map<string, FloatValue>();

  /** Additions `x + (q - x)` that were taken for q. */
  readonly straightThrough: Origin[] = [];

  constructor(readonly graph: Graph) {}

  addTensor(tensor: DraftTensor): TensorId {
    this.tensors.push(tensor);
    return this.tensors.length - 1;
  }

  tensor(id: TensorId): DraftTensor {
    const tensor = this.tensors[id];
    if (tensor === undefined) throw new RangeError(`no tensor ${id}`);
    return tensor;
  }

  value(name: string): Value | undefined {
    return this.values.get(name);
  }

  setValue(name: string, value: Value): void {
    this.values.set(name, value);
  }

  /** What the model's float32 operators make of a tensor, where that is known already. */
  float(name: string): FloatValue | undefined {
    return this.floats.get(name);
  }

  /** It is the tensor's value, unless it has an exact one. */
  setFloat(name: string, value: FloatValue): void {
    this.floats.set(name, value);
    if (!this.values.has(name)) this.values.set(name, value);
  }

  constant(name: string): Constant {
    const constant = this.graph.constants.get(name);
    if (constant === undefined) throw new Error(`no constant ${name}`);
    return constant;
  }

  /** The integers in a constant that a layer multiplies by, or why there are none. */
  weights(name: string): FoundWeights | NoWeights {
    const known = this.foundWeights.get(name);
    if (known !== undefined) return known;
    const found = findWeights(this.constant(name));
    this.foundWeights.set(name, found);
    return found;
  }

  shapeOf(name: string): readonly number[] {
    const info = this.graph.tensors.get(name);
    if (info === undefined) throw new Error(`no tensor ${name}`);
    return info.shape;
  }
}

/** A list of origins without repetitions, in order. */
export function mergeOrigins(...lists: readonly (readonly Origin[])[]): Origin[] {
  const seen = new Set<string>();
  return lists.flat().filter((origin) => {
    const key = `${origin.op}\n${origin.name}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
