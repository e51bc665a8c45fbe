import type { Target } from "../../targets/index.js";
import type { KernelFile } from "../library.js";
import type { Block } from "./block.js";
import {
  RISCV_REACH,
  RISCV_ROW_BYTES,
  RISCV_ROWS,
  type RiscvLevel,
  riscvBytes,
  riscvLines,
  riscvSums,
  riscvWork,
} from "./riscv.js";
import {
  THUMB_REACH,
  THUMB_ROW_BYTES,
  THUMB_ROWS,
  type ThumbLevel,
  thumbBytes,
  thumbLines,
  thumbSums,
  thumbWork,
} from "./thumb.js";

/** One line of assembly, and the inputs that it is about. */
export interface Line {
  readonly text: string;
  readonly inputs: { readonly row: number; readonly words: readonly number[] } | null;
}

/** What one position of a block takes. */
export interface Work {
  readonly instructions: number;
  readonly cycles: number;
}

/** Instructions that straight-line code is made of. */
export interface Isa {
  /** The library file that says where they exist. */
  readonly file: KernelFile;
  /** Outputs of a block: registers that hold sums. */
  readonly sums: number;
  /** Words that loads reach from one base address. */
  readonly reach: number;
  /** Bytes that the base moves at most between positions. */
  readonly rowBytes: number;
  readonly kernelRows: number;
  /** What each piece of assembly begins with; null where that is nothing. */
  readonly directive: string | null;
  readonly lines: (block: Block) => Line[];
  /** Bytes of `lines`, exactly. */
  readonly bytes: (block: Block) => number;
  readonly work: (block: Block) => Work;
}

function thumb(level: ThumbLevel): Isa {
  return {
    file: level === "v6-M" ? "straight_thumb1" : "straight_thumb2",
    sums: thumbSums(level),
    reach: THUMB_REACH,
    rowBytes: THUMB_ROW_BYTES,
    kernelRows: THUMB_ROWS,
    directive: ".syntax unified",
    lines: (block) => thumbLines(block, level),
    bytes: (block) => thumbBytes(block, level),
    work: (block) => thumbWork(block, level),
  };
}

function riscv(level: RiscvLevel): Isa {
  return {
    file: level === "rv32e" ? "straight_rv32e" : "straight_rv32i",
    sums: riscvSums(level),
    reach: RISCV_REACH,
    rowBytes: RISCV_ROW_BYTES,
    kernelRows: RISCV_ROWS,
    directive: null,
    lines: (block) => riscvLines(block, level),
    bytes: (block) => riscvBytes(block, level),
    work: riscvWork,
  };
}

const THUMB1 = thumb("v6-M");
const THUMB2 = thumb("v7-M");

const RV32I = riscv("rv32i");
const RV32E = riscv("rv32e");

/** Null where there is no generator for the core. */
export function isaOf({ compiler, features }: Target): Isa | null {
  switch (compiler.tool) {
    case "arm-gcc":
      // ARMv6-M and ARMv8-M Baseline have no UMULL.
      return features.longMultiply ? THUMB2 : THUMB1;
    case "riscv-gcc":
      return compiler.flags.some((flag) => flag.startsWith("-march=rv32e")) ? RV32E : RV32I;
    case "cc":
    case "xtensa-gcc":
    case "esp32-gcc":
      return null;
    default:
      return compiler.tool satisfies never;
  }
}
