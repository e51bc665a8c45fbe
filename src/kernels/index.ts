import { BASE3 } from "./base3.js";
import { DUAL_KERNELS } from "./dual.js";
import { DUAL_DIRECT } from "./dual-direct.js";
import { FLOAT_KERNELS } from "./float.js";
import { HELIUM_KERNELS } from "./helium/index.js";
import { LANE_KERNELS } from "./lanes.js";
import { LUT_KERNELS } from "./lut.js";
import { LUT_BINARY } from "./lut-binary.js";
import { LUT_PAIRS } from "./lut-pairs.js";
import { MOVE_KERNELS } from "./moves.js";
import { PLANES } from "./planes.js";
import { POPCOUNT_KERNELS } from "./popcount.js";
import { ROWS_KERNELS } from "./rows.js";
import { SIMPLE_KERNELS } from "./simple.js";
import { SLIDING } from "./sliding.js";
import { SPARSE_KERNELS } from "./sparse.js";
import { STRAIGHT_KERNEL } from "./straight/index.js";
import { TRIPLES } from "./triples.js";
import { TRIPLES_CONV } from "./triples-conv.js";
import type { Kernel } from "./types.js";

export type { Packing } from "./packing.js";
export * from "./types.js";

/** Every kernel. The planner asks each whether it can compute a layer, and at what cost. */
export const KERNELS: readonly Kernel[] = [
  ...HELIUM_KERNELS,
  ...ROWS_KERNELS,
  BASE3,
  ...LUT_KERNELS,
  LUT_BINARY,
  ...SPARSE_KERNELS,
  ...DUAL_KERNELS,
  DUAL_DIRECT,
  ...LANE_KERNELS,
  PLANES,
  SLIDING,
  LUT_PAIRS,
  ...POPCOUNT_KERNELS,
  TRIPLES,
  TRIPLES_CONV,
  ...SIMPLE_KERNELS,
  ...MOVE_KERNELS,
  ...FLOAT_KERNELS,
  STRAIGHT_KERNEL,
];
