import { type Diagnostic, errorDiagnostic, fail } from "../diagnostics.js";
import type { EmulatedMachine, IsaFeatures, Target } from "./types.js";

export type { EmulatedMachine, IsaFeatures, Machine, MemoryRegion, Target } from "./types.js";

const KIB = 1024;
const MIB = 1024 * KIB;

const NO_EXTRAS: IsaFeatures = {
  dsp: false,
  mve: false,
  longMultiply: true,
  divide: true,
  unalignedAccess: true,
  fpu: "none",
};

/** The MPS2 boards with ARMv7-M cores differ in nothing that matters here but the core. */
function mps2(name: string): EmulatedMachine {
  return {
    kind: "qemu-arm",
    name,
    cpu: null,
    rom: { origin: 0x00000000, length: 4 * MIB },
    ram: { origin: 0x20000000, length: 4 * MIB },
    stackSize: 16 * KIB,
    clockHz: 25_000_000,
  };
}

/** `-misa-spec=2.2`: later ones want `_zicsr` spelt out, and then find no library of the core. */
function riscv(isa: string, abi: string): string[] {
  return [`-march=${isa}`, "-misa-spec=2.2", `-mabi=${abi}`, "-mcmodel=medany"];
}

/** QEMU's own RISC-V board. mcycle counts the nanoseconds of its emulated time. */
function virt(cpu: string): EmulatedMachine {
  return {
    kind: "qemu-riscv32",
    name: "virt",
    cpu,
    rom: { origin: 0x80000000, length: 4 * MIB },
    // Away from ROM, so that what lies below the stack can be made to fault.
    ram: { origin: 0x80c00000, length: 4 * MIB },
    stackSize: 16 * KIB,
    clockHz: 1_000_000_000,
  };
}

/** Every target, the workstation first, then by size of core. */
export const TARGETS: readonly Target[] = [
  {
    id: "native",
    description: "this computer",
    features: NO_EXTRAS,
    compiler: { tool: "cc", flags: [] },
    machine: { kind: "host" },
  },
  {
    id: "cortex-m0",
    description: "Arm Cortex-M0 (ARMv6-M)",
    features: { ...NO_EXTRAS, longMultiply: false, divide: false, unalignedAccess: false },
    compiler: { tool: "arm-gcc", flags: ["-mcpu=cortex-m0", "-mthumb"] },
    // The only ARMv6-M machine of QEMU. It has no unmapped memory that faults, and little RAM.
    machine: {
      kind: "qemu-arm",
      name: "microbit",
      cpu: null,
      rom: { origin: 0x00000000, length: 256 * KIB },
      ram: { origin: 0x20000000, length: 16 * KIB },
      stackSize: 2 * KIB,
      clockHz: 16_000_000,
    },
  },
  {
    id: "cortex-m0plus",
    description: "Arm Cortex-M0+ (ARMv6-M)",
    features: { ...NO_EXTRAS, longMultiply: false, divide: false, unalignedAccess: false },
    compiler: { tool: "arm-gcc", flags: ["-mcpu=cortex-m0plus", "-mthumb"] },
    // An ARMv7-M core runs ARMv6-M code as it is, and this board has room for any model.
    machine: mps2("mps2-an385"),
  },
  {
    id: "cortex-m3",
    description: "Arm Cortex-M3 (ARMv7-M)",
    features: NO_EXTRAS,
    compiler: { tool: "arm-gcc", flags: ["-mcpu=cortex-m3", "-mthumb"] },
    machine: mps2("mps2-an385"),
  },
  {
    id: "cortex-m4",
    description: "Arm Cortex-M4F (ARMv7E-M, DSP, single-precision FPU)",
    features: { ...NO_EXTRAS, dsp: true, fpu: "single" },
    compiler: {
      tool: "arm-gcc",
      flags: ["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"],
    },
    machine: mps2("mps2-an386"),
  },
  {
    id: "cortex-m7",
    description: "Arm Cortex-M7F (ARMv7E-M, DSP, double-precision FPU)",
    features: { ...NO_EXTRAS, dsp: true, fpu: "double" },
    compiler: {
      tool: "arm-gcc",
      flags: ["-mcpu=cortex-m7", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-d16"],
    },
    machine: mps2("mps2-an500"),
  },
  {
    id: "cortex-m33",
    description: "Arm Cortex-M33F (ARMv8-M, DSP, single-precision FPU)",
    features: { ...NO_EXTRAS, dsp: true, fpu: "single" },
    compiler: {
      tool: "arm-gcc",
      flags: ["-mcpu=cortex-m33", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16"],
    },
    machine: {
      kind: "qemu-arm",
      name: "mps2-an505",
      cpu: null,
      rom: { origin: 0x10000000, length: 4 * MIB },
      ram: { origin: 0x38000000, length: 4 * MIB },
      stackSize: 16 * KIB,
      clockHz: 20_000_000,
    },
  },
  {
    id: "cortex-m55",
    description: "Arm Cortex-M55 (ARMv8.1-M, DSP, Helium, double-precision FPU)",
    features: { ...NO_EXTRAS, dsp: true, mve: true, fpu: "double" },
    compiler: { tool: "arm-gcc", flags: ["-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"] },
    machine: {
      kind: "qemu-arm",
      name: "mps3-an547",
      cpu: null,
      rom: { origin: 0x00000000, length: 512 * KIB },
      ram: { origin: 0x21000000, length: 2 * MIB },
      stackSize: 16 * KIB,
      clockHz: 32_000_000,
    },
  },
  {
    id: "rv32ec",
    description: "RISC-V RV32EC (CH32V003)",
    features: { ...NO_EXTRAS, longMultiply: false, divide: false, unalignedAccess: false },
    compiler: { tool: "riscv-gcc", flags: riscv("rv32ec", "ilp32e") },
    // 16 registers and no multiplication: code for more than this core has faults.
    machine: virt("rv32,i=false,e=true,m=false,a=false,f=false,d=false,h=false"),
  },
  {
    id: "rv32imc",
    description: "RISC-V RV32IMC (ESP32-C3)",
    features: { ...NO_EXTRAS, longMultiply: false, unalignedAccess: false },
    compiler: { tool: "riscv-gcc", flags: riscv("rv32imc", "ilp32") },
    machine: virt("rv32,a=false,f=false,d=false"),
  },
  {
    id: "lx106",
    description: "Xtensa LX106 (ESP8266; the base instructions of the ESP32)",
    features: { ...NO_EXTRAS, longMultiply: false, divide: false, unalignedAccess: false },
    compiler: { tool: "xtensa-gcc", flags: ["-mtext-section-literals", "-mlongcalls"] },
    machine: {
      kind: "qemu-xtensa",
      name: "sim",
      cpu: "lx106",
      rom: { origin: 0x50000000, length: 4 * MIB },
      ram: { origin: 0x60000000, length: 4 * MIB },
      stackSize: 16 * KIB,
      clockHz: 40_000_000,
    },
  },
  {
    id: "esp32",
    description: "Xtensa LX6 (ESP32), on Espressif's QEMU; not exercised by tritc's own tests",
    features: { ...NO_EXTRAS, unalignedAccess: false, fpu: "single" },
    compiler: {
      tool: "esp32-gcc",
      flags: ["-mabi=call0", "-mtext-section-literals", "-mlongcalls"],
    },
    // Its QEMU loads a program into instruction RAM and jumps to its entry (hw/xtensa/esp32.c).
    machine: {
      kind: "qemu-esp32",
      name: "esp32",
      cpu: null,
      rom: { origin: 0x40080000, length: 128 * KIB },
      ram: { origin: 0x3ffb0000, length: 192 * KIB },
      stackSize: 16 * KIB,
      clockHz: 40_000_000,
    },
    optional: true,
  },
];

/** The target of that id. Throws `usage/unknown-target`. */
export function findTarget(id: string): Target {
  return TARGETS.find((target) => target.id === id) ?? fail(unknownTarget(id));
}

function unknownTarget(id: string): Diagnostic {
  return errorDiagnostic(
    "usage/unknown-target",
    {},
    `there is no target "${id}"`,
    `choose one of ${TARGETS.map((target) => target.id).join(", ")}`,
  );
}
