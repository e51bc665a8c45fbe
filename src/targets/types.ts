/** What is known about a core that tritc makes code for. Plain data: a new core is a new row. */
export interface Target {
  readonly id: string;
  /** For people, e.g. `Arm Cortex-M4F (ARMv7E-M)`. */
  readonly description: string;
  readonly features: IsaFeatures;
  readonly compiler: TargetCompiler;
  /** Where generated code for it runs. */
  readonly machine: Machine;
  /** Its tools are not packaged by systems: it is left out of `all` and `matrix` where they lack. */
  readonly optional?: true;
}

/** What the planner may choose kernels by. */
export interface IsaFeatures {
  /** The 16-bit SIMD instructions of ARMv7E-M (SMLAD, SXTB16, ...). */
  readonly dsp: boolean;
  /** Helium, the M-profile vector extension. */
  readonly mve: boolean;
  /** 32 x 32 -> 64 bit multiplication in one instruction. */
  readonly longMultiply: boolean;
  readonly divide: boolean;
  readonly unalignedAccess: boolean;
  readonly fpu: "none" | "single" | "double";
}

export interface TargetCompiler {
  /** Which tool compiles for this target. */
  readonly tool: "cc" | "arm-gcc" | "riscv-gcc" | "xtensa-gcc" | "esp32-gcc";
  /** Flags that choose the core; the warnings and the optimisation come on top. */
  readonly flags: readonly string[];
}

/** Where a program for the target runs: on this computer or in an emulator. */
export type Machine = { readonly kind: "host" } | EmulatedMachine;

export interface EmulatedMachine {
  /** The tool that emulates it. */
  readonly kind: "qemu-arm" | "qemu-riscv32" | "qemu-xtensa" | "qemu-esp32";
  /** QEMU's `-M`. */
  readonly name: string;
  /** QEMU's `-cpu`; null where the machine has only one. */
  readonly cpu: string | null;
  readonly rom: MemoryRegion;
  readonly ram: MemoryRegion;
  /** Bytes set aside for the stack, at the bottom of RAM. */
  readonly stackSize: number;
  /** Rate of the clock that instructions are counted by: SysTick, mcycle, CCOUNT. */
  readonly clockHz: number;
}

/** Both in bytes. */
export interface MemoryRegion {
  readonly origin: number;
  readonly length: number;
}
