import type { Target } from "../targets/index.js";

/** Cores that the costs of kernels differ by. */
export type Core = "armv6-m" | "armv7-m" | "risc-v" | "xtensa" | "host";

export function coreOf({ compiler, features }: Target): Core {
  switch (compiler.tool) {
    case "arm-gcc":
      return features.divide ? "armv7-m" : "armv6-m";
    case "riscv-gcc":
      return "risc-v";
    case "xtensa-gcc":
    case "esp32-gcc":
      return "xtensa";
    case "cc":
      return "host";
    default:
      return compiler.tool satisfies never;
  }
}

/** Cycles of an instruction of portable C, estimated, on cores that take one or two for each. */
export const PORTABLE_CYCLES = 1.3;

/** Whether the core starts two instructions in a cycle. */
export function dualIssue({ compiler }: Target): boolean {
  return compiler.flags.includes("-mcpu=cortex-m7");
}
