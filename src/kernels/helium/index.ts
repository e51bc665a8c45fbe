import type { Kernel } from "../types.js";
import { telescoped } from "./telescoped.js";

/** Kernels for cores with Helium, the vector instructions of a Cortex-M55. */
export const HELIUM_KERNELS: readonly Kernel[] = [telescoped];
