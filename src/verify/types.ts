/** What verification is given and what it finds out. */

import type { Diagnostic } from "../diagnostics.js";
import type { Environment } from "./probe.js";

/** Elements as the C stores them, little-endian. */
export interface TensorFormat {
  readonly elements: number;
  readonly type: ElementType;
}

export type ElementType = "int8" | "uint8" | "int16" | "int32" | "float32";

/** A layer whose output `<name>_trace` is called with, in a tracing build. */
export interface LayerInfo {
  readonly name: string;
  /** The nodes of the model file that it does the work of, for people. */
  readonly origin: string;
  readonly format: TensorFormat;
}

/**
 * Generated C to be tested. `sources` holds `<name>.h`, which declares `<name>_run`, and the `.c`
 * files. Compiled with `<NAME>_TRACE` defined, `<name>_run` calls `<name>_trace(layer, tensor,
 * bytes)` after each of `layers`, in order.
 */
export interface Subject {
  readonly name: string;
  /** Models whose layers are among `layers`: `<name>_trace` is called from their traces. */
  readonly parts?: readonly string[];
  readonly sources: ReadonlyMap<string, string>;
  readonly input: TensorFormat;
  readonly output: TensorFormat;
  readonly layers: readonly LayerInfo[];
  /** `<name>_input()` and `<name>_output()` are places in the model's own memory. */
  readonly inArena?: true;
}

/** What goes in and what must come out. */
export interface Vectors {
  readonly count: number;
  /** `count * input.elements` integers, stored as the C stores them; of float32, their bits. */
  readonly inputs: Int8Array | Uint8Array | Int16Array | Int32Array;
  /** `count * output.elements` integers, likewise: -0 is not 0. */
  readonly expected: Int32Array;
  /** The expected output of each layer for one vector. */
  trace(index: number): readonly Int32Array[];
}

export interface VerifyOptions {
  /** Compare the tensors of every layer on every vector, too. */
  readonly layers?: boolean;
  /** Longest time without a finished vector before a run counts as hung. Default one minute. */
  readonly timeoutMs?: number;
  /** How many of the vectors instructions are counted on; 0 leaves that out. Default 3. */
  readonly countedVectors?: number;
  /** Folder to build in, kept with all that is in it. Default: a temporary one, removed. */
  readonly workDir?: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** Where tools are looked for; default this process's environment. */
  readonly env?: Environment;
}

/** Vectors done out of those to do; `build` has no count of its own. */
export interface Progress {
  readonly stage: "build" | "run" | "count" | "trace";
  readonly done: number;
  readonly total: number;
}

/** Everything in it was measured; what a target cannot measure is null. */
export interface TargetReport {
  /** Id of the configuration. */
  readonly target: string;
  readonly toolchain: { readonly compiler: string; readonly emulator: string | null };
  readonly equal: boolean;
  /** Vectors whose outputs were compared. */
  readonly vectors: number;
  /** Vectors of which every layer's tensor was compared. */
  readonly layersCompared: number;
  readonly firstDifference: Difference | null;
  /** What the target computed, `vectors * output.elements`. */
  readonly outputs: Int32Array;
  readonly instructions: Instructions | null;
  readonly flash: Flash | null;
  readonly ram: Ram | null;
  /** Warnings, such as why there is no instruction count. */
  readonly remarks: readonly Diagnostic[];
}

/**
 * The first place where a target and the simulator disagree: an element of a layer's output, or,
 * with `layer` null, an element of the output although every layer agrees.
 */
export interface Difference {
  readonly vector: number;
  readonly layer: { readonly index: number; readonly name: string; readonly origin: string } | null;
  readonly element: number;
  readonly expected: number;
  readonly actual: number;
}

/** Instructions executed; minimum and maximum are equal where the number depends on no input. */
export interface Count {
  readonly min: number;
  readonly max: number;
}

export interface Instructions {
  /** Vectors they were counted on. */
  readonly vectors: number;
  /** One call of `<name>_run`, its return included. */
  readonly total: Count;
  /** Of each layer in a tracing build; the few instructions that pass the trace's arguments count. */
  readonly layers: readonly Count[];
}

/** Bytes. */
export interface Flash {
  /** Constant tables of the model: its `.rodata`. */
  readonly weights: number;
  /** Code of the model and of the compiler's support functions that it needs; not memcpy. */
  readonly code: number;
}

/** Bytes. */
export interface Ram {
  /** The model's static variables: the arena. */
  readonly data: number;
  /** The most stack that a call of `<name>_run` used. */
  readonly stack: number;
}
