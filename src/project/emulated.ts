import { assetText } from "../assets.js";
import type { Board } from "../boards/index.js";
import { type EmulatedMachine, findTarget, type Target } from "../targets/index.js";
import { toolOf } from "../targets/tools.js";

/** The platform that runs programs in QEMU, as it comes with a project. */

const FOLDER = "platforms/tritc_qemu";

const FILES = [
  "platform.json",
  "builder/main.py",
  "support/host.h",
  "support/program.h",
  "support/program.c",
  "support/program.ld",
  "support/line.c",
  "support/semihosting.c",
  "support/cortex_m.c",
  "support/riscv.c",
] as const;

/** What the emulated targets of `verify` have in place of a C library. */
const LIBRARY = { "include/string.h": "include/string.h", "string.c": "string.c" } as const;

/** The files of `platforms/tritc_qemu`, with the entry of one board. */
export function emulatedPlatform(board: Board): ReadonlyMap<string, string> {
  return new Map([
    ...FILES.map((file) => [`${FOLDER}/${file}`, assetText(`firmware/emulated/${file}`)] as const),
    ...Object.entries(LIBRARY).map(
      ([to, from]) => [`${FOLDER}/support/${to}`, assetText(`firmware/harness/${from}`)] as const,
    ),
    [`${FOLDER}/boards/${board.id}.json`, boardJson(board)],
  ]);
}

/** An entry of PlatformIO's own format: https://docs.platformio.org/en/latest/platforms/creating_board.html */
function boardJson(board: Board): string {
  const target = findTarget(board.target);
  const machine = machineOf(target);
  const entry = {
    name: board.name,
    vendor: "QEMU",
    url: "https://www.qemu.org/docs/master/",
    frameworks: [],
    build: {
      mcu: target.id,
      f_cpu: `${machine.clockHz}L`,
      compiler: commandOf(target.compiler.tool),
      core_flags: target.compiler.flags.join(" "),
      emulator: commandOf(machine.kind),
      emulator_flags: machineFlags(machine).join(" "),
      rom: hex(machine.rom.origin),
      ram: hex(machine.ram.origin),
      uart: hex(uartOf(machine).address),
      uart_kind: uartOf(machine).kind,
      stack_size: machine.stackSize,
    },
    upload: { maximum_size: machine.rom.length, maximum_ram_size: machine.ram.length },
  };
  return `${JSON.stringify(entry, null, 2)}\n`;
}

/** The command, an argument a line, that runs a board's test program with its text on the terminal. */
export function qemuCommand(board: Board): readonly string[] {
  const machine = machineOf(findTarget(board.target));
  return [
    commandOf(machine.kind),
    ...machineFlags(machine),
    ...["-chardev", "stdio,id=host,signal=off"],
    ...["-kernel", `\${platformio.build_dir}/${board.id}/firmware.elf`],
  ];
}

/** Every instruction takes 2^6 ns of the emulated time, on any computer. */
const ICOUNT = ["-icount", "shift=6"] as const;

function machineFlags({ name, cpu }: EmulatedMachine): string[] {
  return [
    ...["-M", name, ...(cpu === null ? [] : ["-cpu", cpu])],
    ...["-bios", "none", "-nographic", "-monitor", "none", "-serial", "chardev:host"],
    ...["-semihosting-config", "enable=on,target=native", ...ICOUNT],
  ];
}

/** A serial line of an emulated board: kinds are those of firmware/emulated/support/line.c. */
export interface Uart {
  readonly kind: "TRITC_UART_CMSDK" | "TRITC_UART_NRF51" | "TRITC_UART_16550";
  readonly address: number;
}

/** By the name of QEMU's machine: hw/arm/mps2.c, mps2-tz.c (secure addresses), nrf51_soc.c, virt.c. */
const UARTS: Readonly<Record<string, Uart>> = {
  "mps2-an385": { kind: "TRITC_UART_CMSDK", address: 0x40004000 },
  "mps2-an386": { kind: "TRITC_UART_CMSDK", address: 0x40004000 },
  "mps2-an500": { kind: "TRITC_UART_CMSDK", address: 0x40004000 },
  "mps2-an505": { kind: "TRITC_UART_CMSDK", address: 0x50200000 },
  "mps3-an547": { kind: "TRITC_UART_CMSDK", address: 0x59303000 },
  microbit: { kind: "TRITC_UART_NRF51", address: 0x40002000 },
  virt: { kind: "TRITC_UART_16550", address: 0x10000000 },
};

export function uartOf({ name }: EmulatedMachine): Uart {
  const uart = UARTS[name];
  if (uart === undefined) throw new Error(`the serial line of machine ${name} is not known`);
  return uart;
}

function machineOf({ id, machine }: Target): EmulatedMachine {
  if (machine.kind === "host") throw new Error(`target ${id} is not emulated`);
  return machine;
}

function commandOf(tool: Parameters<typeof toolOf>[0]): string {
  const [command] = toolOf(tool).commands;
  if (command === undefined) throw new Error(`tool ${tool} has no command`);
  return command;
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(8, "0")}`;
}
