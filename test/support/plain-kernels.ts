import { FLOAT_KERNELS } from "../../src/kernels/float.js";
import type { Kernel } from "../../src/kernels/index.js";
import { MOVE_KERNELS } from "../../src/kernels/moves.js";
import { ROWS_KERNELS } from "../../src/kernels/rows.js";
import { SIMPLE_KERNELS } from "../../src/kernels/simple.js";

/** The kernels whose C is plainest, for every kind of layer. */
export const PLAIN_KERNELS: readonly Kernel[] = [
  ...ROWS_KERNELS,
  ...SIMPLE_KERNELS,
  ...MOVE_KERNELS,
  ...FLOAT_KERNELS,
];
