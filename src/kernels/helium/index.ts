import type { Kernel } from "../types.js";
import { depthwise } from "./depthwise.js";
import { elementwise } from "./elementwise.js";
import { POOL_KERNELS } from "./pools.js";
import { telescoped } from "./telescoped.js";

/** Kernels for cores with Helium, the vector instructions of a Cortex-M55. */
export const HELIUM_KERNELS: readonly Kernel[] = [
  telescoped,
  depthwise("ternary"),
  depthwise("binary"),
  depthwise("int4"),
  depthwise("int8"),
  ...POOL_KERNELS,
  elementwise,
];
