/** What a static proof is given and what it finds out. */

import type { Environment } from "../verify/probe.js";

/** Sizes and alignments of C types, as Frama-C names them; both are little-endian. */
export type Machine = "gcc_x86_32" | "gcc_x86_64";

/** One property that the analyser could not prove. */
export interface Alarm {
  /** File of the generated C, or `proof.c` where a stated range does not hold. */
  readonly file: string;
  readonly line: number;
  /** In the analyser's words, e.g. `signed overflow`. */
  readonly kind: string;
  /** What would have to hold, in ACSL. */
  readonly property: string;
  /** Index of the layer under analysis. */
  readonly layer: number;
}

/** The result of one analysis that ran to its end. */
export interface Proof {
  readonly target: string;
  readonly machine: Machine;
  readonly analyser: string;
  readonly proved: boolean;
  readonly alarms: readonly Alarm[];
  /** Layers of whose sums the analysis lost the ranges, and took the compiler's. */
  readonly assumed: readonly AssumedSums[];
  readonly seconds: number;
}

export interface AssumedSums {
  readonly layer: string;
  readonly kernel: string;
}

export interface ProveOptions {
  /** Longest time for one analysis of a layer, in milliseconds. Default ten minutes. */
  readonly timeoutMs?: number;
  /** Folder to work in, kept with all that is in it. Default: a temporary one, removed. */
  readonly workDir?: string;
  /** How many analyses run side by side. Default: one for each processor. */
  readonly parallel?: number;
  /** Called with the number of layers whose analysis has ended. */
  readonly onLayer?: (done: number) => void;
  readonly signal?: AbortSignal;
  readonly env?: Environment;
}
