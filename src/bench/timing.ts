import { NONE, type Registers } from "./registers.js";

/** What an instruction is to a pipeline; `kind_names` of firmware/bench/counter.c. */
export type Kind =
  | "alu"
  | "alu-shifted"
  | "multiply"
  | "multiply-add"
  | "dsp-multiply"
  | "dsp-alu"
  | "long-multiply"
  | "long-multiply-add"
  | "divide"
  | "load"
  | "load-multiple"
  | "store"
  | "store-indexed"
  | "store-multiple"
  | "branch"
  | "call"
  | "jump"
  | "it"
  | "nop"
  | "system"
  | "loop-start"
  | "loop-end"
  | "fp"
  | "fp-multiply-add"
  | "fp-divide"
  | "fp-load"
  | "fp-store"
  | "vector-alu"
  | "vector-multiply"
  | "vector-load"
  | "vector-store"
  | "vector-predicate"
  | "vector-move";

/** What the models of cores look at. */
export interface Timing {
  readonly kind: Kind;
  /** 32-bit registers that a multiple load or store moves. */
  readonly transfers: number;
  readonly reads: Registers;
  readonly writes: Registers;
  /** Those of `reads` that make its address. */
  readonly base: Registers;
  readonly updatesBase: boolean;
}

/** An instruction as objdump writes it, in pieces. */
export interface Written {
  /** Without a width (`.n`, `.w`) or element type (`.s8`). */
  readonly name: string;
  readonly operands: string;
  readonly first: Registers;
  /** Those of all operands but the first. */
  readonly rest: Registers;
  readonly parts: readonly string[];
}

/** A timing, of which most instructions need only a few fields. */
export function timing(kind: Kind, fields: Partial<Timing> = {}): Timing {
  return {
    kind,
    transfers: 1,
    reads: NONE,
    writes: NONE,
    base: NONE,
    updatesBase: false,
    ...fields,
  };
}

/** Whether a load or store leaves its address in the base register. */
export function updatesBase(operands: string): boolean {
  return /!$|\],/.test(operands.trim());
}
