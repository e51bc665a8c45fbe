import type { Target } from "../../targets/index.js";
import type { KernelFile } from "../library.js";
import type { Block } from "./block.js";
import {
  type Line,
  THUMB_REACH,
  THUMB_ROW_BYTES,
  THUMB_ROWS,
  type ThumbLevel,
  thumbBytes,
  thumbLines,
  thumbSums,
  thumbWork,
} from "./thumb.js";

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
    lines: (block) => thumbLines(block, level),
    bytes: (block) => thumbBytes(block, level),
    work: (block) => thumbWork(block, level),
  };
}

const THUMB1 = thumb("v6-M");
const THUMB2 = thumb("v7-M");

/** Null where there is no generator for the core. ARMv6-M and ARMv8-M Baseline have no UMULL. */
export function isaOf({ compiler, features }: Target): Isa | null {
  if (compiler.tool !== "arm-gcc") return null;
  return features.longMultiply ? THUMB2 : THUMB1;
}
