import { spacingOf } from "../network/spacing.js";
import {
  inputsOf,
  type Layer,
  type Network,
  type Range,
  type StorageType,
  type Tensor,
  tensorAt,
} from "../network/types.js";
import type { Target } from "../targets/index.js";
import type { CType, KernelUse } from "./library.js";
import type { Packing } from "./packing.js";
import type { RequantizeFunction } from "./requantize.js";

/** A layer with the tensors it touches: all that a kernel may look at. */
export interface LayerShape<L extends Layer = Layer> {
  readonly layer: L;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** How far apart the codes of each input lie at least, where that is known to be more than 1. */
  readonly spacings?: readonly number[];
  /** Left out: plain. */
  readonly constants?: Constants;
}

/** How the constants of channels lie in flash: ready to use, or in fewer bytes that are taken apart. */
export type Constants = "plain" | "packed";

/** What a kernel takes for one layer; instructions and cycles are estimates for one inference. */
export interface Cost {
  /** Constant tables in flash, at most: the linker shares those that are equal. */
  readonly tableBytes: number;
  /** Code in flash that exists for this layer alone: weights that are instructions. */
  readonly codeBytes: number;
  /** Working memory in the arena while the layer runs, tensors not included. */
  readonly scratchBytes: number;
  readonly instructions: number;
  /** Estimated at zero wait states. */
  readonly cycles: number;
}

/** A constant table of the generated C. */
export interface Table {
  /** What it holds; the emitter prefixes model and layer. */
  readonly suffix: string;
  readonly type: CType | "int64_t" | "uint16_t" | "uint32_t";
  readonly length: number;
  /** Made when they are written: costs are asked for more often. */
  readonly values: () => ArrayLike<number>;
  readonly comment: string;
  /** Rows of weights to draw beside the table, where they are small enough to audit by eye. */
  readonly picture?: readonly string[];
  /** The C preprocessor condition under which alone it is compiled: not on the target. */
  readonly elsewhere?: string;
}

/** A constant struct of the generated C: its fields in order, with literals or the layer's tables. */
export interface Struct {
  readonly suffix: string;
  readonly type: string;
  readonly fields: Readonly<Record<string, number | { readonly table: string }>>;
}

/** Words of lanes are no numbers, and unsigned. */
export type ScratchType = StorageType | "uint32";

/** One scratch array of the generated C, placed in the arena. */
export interface Scratch {
  readonly name: string;
  readonly type: ScratchType;
  readonly elements: number;
}

/** What the emitter needs to write one layer's function. */
export interface KernelCode {
  readonly uses: readonly KernelUse[];
  readonly tables: readonly Table[];
  readonly structs: readonly Struct[];
  readonly scratch: readonly Scratch[];
  /** The layer's `{layer}_out`, which turns accumulators into outputs; null where none is called. */
  readonly requantize: RequantizeFunction | null;
  /**
   * What `{layer}_outputs` turns into outputs, in vectors where the core has them: an array of
   * accumulators of that type. `operands`: the layer's function calls `{layer}_lanes` itself. Absent
   * where `{layer}_out` is all that the kernel calls.
   */
  readonly vectors?: "int16" | "int32" | "operands";
  /** More names that it defines, after the layer's prefix. */
  readonly defines?: readonly string[];
  /** C before the function, made when it is written, with `{layer}` for the prefix of names. */
  readonly source?: () => string;
  /** Template of the function, in `templates/layers`. */
  readonly template:
    | "telescoped"
    | "depthwise"
    | "sum_pool4"
    | "elementwise_lanes"
    | "sparse"
    | "rows"
    | "windows"
    | "dual_dense"
    | "dual_direct"
    | "dual_conv"
    | "planes"
    | "sliding"
    | "lanes_dense"
    | "lanes_conv"
    | "lut_pairs"
    | "popcount"
    | "popcount_conv"
    | "triples"
    | "triples_conv"
    | "pool"
    | "whole"
    | "elementwise"
    | "gather"
    | "float"
    | "straight-dense"
    | "straight-twins";
  /** Flat values for the template. */
  readonly view: Readonly<Record<string, string | number | boolean>>;
}

/**
 * One way to compute one kind of layer. Correctness bounds are the kernel's own: it refuses layers
 * that it cannot compute exactly.
 */
export interface Kernel {
  readonly name: string;
  readonly packing: Packing | null;
  /** It multiplies for each weight: `--no-multiply` excludes it. */
  readonly multiplies?: true;
  /** It takes much time for a little less flash: only `smallest` has it where others can do. */
  readonly leastFlash?: true;
  /** Whether it is for layers of this kind with such weights; it is asked nothing about others. */
  readonly isFor: (shape: LayerShape) => boolean;
  /** Null if it can compute a layer that it is for on this target, else why not. */
  readonly refuses: (shape: LayerShape, target: Target) => string | null;
  readonly cost: (shape: LayerShape, target: Target) => Cost;
  readonly code: (shape: LayerShape, target: Target) => KernelCode;
  /**
   * For each input where the output may begin, because what is written there has been read by then;
   * null: they must not overlap. Left out: no input may be written over. See `ahead.ts`.
   */
  readonly ahead?: (shape: LayerShape, target: Target) => readonly (Ahead | null)[];
}

/**
 * Where an output may begin, in bytes after its input's beginning (before it, where negative): at most
 * there, or exactly there.
 */
export type Ahead = number | { readonly exactly: number };

/** The tensors of a layer. */
export function shapeOf(layer: Layer, network: Network): LayerShape {
  return {
    layer,
    inputs: inputsOf(layer).map((id) => tensorAt(network, id)),
    output: tensorAt(network, layer.output),
    spacings: inputsOf(layer).map((id) => spacingOf(network, id)),
  };
}

export const BYTES: Readonly<Record<ScratchType, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
};

export function largestMagnitude({ low, high }: Range): number {
  return Math.max(Math.abs(low), Math.abs(high));
}
