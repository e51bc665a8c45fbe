import type { EmulatedMachine } from "../targets/index.js";

/** What the emulator of a core needs that the others do not: all that is not in the target's row. */
export interface Platform {
  /** Files of firmware/harness that are for this platform; `main.c` and the like are for all. */
  readonly sources: readonly string[];
  /** Flags for the harness only. */
  readonly flags: readonly string[];
  /** Name of an exception by the number that the harness reports. */
  readonly exceptions: Readonly<Record<number, string>>;
}

const XTENSA: Platform = {
  sources: [
    "xtensa_simcall.c",
    "xtensa_start.c",
    "xtensa_measure.c",
    "xtensa_arithmetic.c",
    "xtensa_float.c",
  ],
  flags: [],
  // Xtensa Instruction Set Architecture, EXCCAUSE.
  exceptions: {
    0: "IllegalInstruction",
    1: "Syscall",
    2: "InstructionFetchError",
    3: "LoadStoreError",
    6: "IntegerDivideByZero",
    9: "LoadStoreAlignment",
    12: "InstructionDataError",
    13: "LoadStoreDataError",
    14: "InstructionAddressError",
    15: "LoadStoreAddressError",
    20: "InstructionFetchProhibited",
    28: "LoadProhibited",
    29: "StoreProhibited",
  },
};

export const PLATFORMS: Readonly<Record<EmulatedMachine["kind"], Platform>> = {
  "qemu-arm": {
    sources: ["semihosting.c", "cortex_m_start.c", "cortex_m_measure.c"],
    flags: ["-masm-syntax-unified"],
    // Armv8-M Architecture Reference Manual, exception numbers.
    exceptions: {
      2: "NMI",
      3: "HardFault",
      4: "MemManage",
      5: "BusFault",
      6: "UsageFault",
      7: "SecureFault",
    },
  },
  "qemu-riscv32": {
    sources: ["semihosting.c", "riscv_start.c", "riscv_measure.c"],
    flags: [],
    // RISC-V Privileged Architecture, mcause.
    exceptions: {
      0: "InstructionAddressMisaligned",
      1: "InstructionAccessFault",
      2: "IllegalInstruction",
      3: "Breakpoint",
      4: "LoadAddressMisaligned",
      5: "LoadAccessFault",
      6: "StoreAddressMisaligned",
      7: "StoreAccessFault",
    },
  },
  "qemu-xtensa": XTENSA,
  "qemu-esp32": XTENSA,
};
