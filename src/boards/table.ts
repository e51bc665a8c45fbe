import { TARGETS } from "../targets/index.js";
import { ESP32_BOARDS } from "./esp32.js";
import type { Board, Memory } from "./types.js";

const KIB = 1024;

const ARDUINO_API = "the Arduino core and its headers: built here against stubs of the same calls";

/** Platform versions are pinned: a project builds the same in a year. */
const STM32 = { kind: "arduino", name: "ststm32", version: "19.6.0" } as const;
const NRF52 = { kind: "arduino", name: "nordicnrf52", version: "10.11.0" } as const;
const RP2040 = { kind: "arduino", name: "raspberrypi", version: "1.19.0" } as const;
const TEENSY = { kind: "arduino", name: "teensy", version: "5.2.0" } as const;
const CH32V = { kind: "arduino", name: "ch32v", version: "1.1.0" } as const;

function memory(limit: number, framework: number): Memory {
  return { limit, framework };
}

/** What ST's Nucleo and Discovery boards have in common: they differ in core and memories. */
function st(row: Pick<Board, "id" | "name" | "target" | "mhz" | "flash" | "ram">): Board {
  return {
    ...row,
    platform: STM32,
    camera: null,
    led: { pin: "LED_BUILTIN", activeLow: false },
    options: {},
    wiring: [
      "Connect the ST-LINK USB socket to the computer: it powers, flashes and carries Serial.",
    ],
    upload: ["The ST-LINK on the board flashes it; nothing has to be pressed."],
    unchecked: [ARDUINO_API],
  };
}

const CHIPS: readonly Board[] = [
  {
    id: "nicla_vision",
    name: "Arduino Nicla Vision",
    platform: STM32,
    target: "cortex-m7",
    mhz: 480,
    flash: memory(786_432, 200 * KIB),
    ram: memory(523_624, 120 * KIB),
    camera: {
      driver: "arduino",
      sensor: "GC2145",
      gray: "rgb565be",
      color: "rgb565be",
      frameInRam: true,
      pins: {},
      libraries: [],
    },
    led: { pin: "LED_BUILTIN", activeLow: true },
    options: {},
    wiring: ["Connect the micro USB socket to the computer. The camera is on the board."],
    upload: [
      "Uploads over USB (dfu). Should the port be missing, press reset twice: the green LED pulses.",
    ],
    unchecked: [ARDUINO_API, "the Camera and GC2145 libraries and the sensor itself"],
  },
  {
    id: "portenta_h7_m7",
    name: "Arduino Portenta H7 with the Vision Shield",
    platform: STM32,
    target: "cortex-m7",
    mhz: 480,
    flash: memory(786_432, 200 * KIB),
    ram: memory(523_624, 120 * KIB),
    camera: {
      driver: "arduino",
      sensor: "HM01B0",
      gray: "gray8",
      color: null,
      frameInRam: true,
      pins: {},
      libraries: [],
    },
    led: { pin: "LED_BUILTIN", activeLow: true },
    options: {},
    wiring: [
      "Press the Vision Shield onto the two connectors below the Portenta.",
      "Connect the USB-C socket to the computer.",
    ],
    upload: [
      "Uploads over USB (dfu). Should the port be missing, press reset twice: the green LED pulses.",
    ],
    unchecked: [ARDUINO_API, "the Camera and Himax libraries and the sensor itself"],
  },
  {
    id: "nano33ble",
    name: "Arduino Nano 33 BLE (Sense) with an OV7675",
    platform: NRF52,
    target: "cortex-m4",
    mhz: 64,
    flash: memory(983_040, 120 * KIB),
    ram: memory(262_144, 60 * KIB),
    camera: {
      driver: "ov767x",
      sensor: "OV7675",
      gray: "gray8",
      color: "rgb565be",
      frameInRam: true,
      pins: {},
      libraries: ["arduino-libraries/Arduino_OV767X@0.0.2"],
    },
    led: { pin: "LED_BUILTIN", activeLow: false },
    options: {},
    wiring: [
      "With the Tiny Machine Learning Shield: plug the board and the OV7675 in; nothing else is needed.",
      "By hand: 3.3V, GND, SIOC A5, SIOD A4, VSYNC 8, HREF A1, PCLK A0, XCLK 9, D0..D7 to 10, 1, 0, 2, 3, 5, 6, 4.",
    ],
    upload: [
      "Uploads over USB. Should the port be missing, press reset twice: the orange LED pulses.",
    ],
    unchecked: [ARDUINO_API, "the Arduino_OV767X library and the sensor itself"],
  },
  {
    id: "pico",
    name: "Raspberry Pi Pico with an Arducam HM01B0",
    platform: RP2040,
    target: "cortex-m0plus",
    mhz: 133,
    flash: memory(2_097_152, 120 * KIB),
    ram: memory(270_336, 70 * KIB),
    camera: {
      driver: "hm01b0",
      sensor: "HM01B0",
      gray: "gray8",
      color: null,
      frameInRam: true,
      pins: { sda: 4, scl: 5, vsync: 16, href: 15, pclk: 14, d0: 6 },
      libraries: [],
    },
    led: { pin: "LED_BUILTIN", activeLow: false },
    options: {},
    wiring: [
      "HM01B0 to Pico: VCC to 3V3, GND to GND, SDA to GP4, SCL to GP5, VSYNC to GP16, HREF to GP15, PCLK to GP14, D0 to GP6.",
    ],
    upload: [
      "The first time hold BOOTSEL while you connect USB and copy firmware.uf2 to the drive that appears; later uploads need nothing.",
    ],
    unchecked: [ARDUINO_API, "the PIO program and the sensor itself"],
  },
  st({
    id: "nucleo_f446re",
    name: "ST Nucleo-F446RE",
    target: "cortex-m4",
    mhz: 180,
    flash: memory(524_288, 40 * KIB),
    ram: memory(131_072, 12 * KIB),
  }),
  st({
    id: "nucleo_l4r5zi",
    name: "ST Nucleo-L4R5ZI",
    target: "cortex-m4",
    mhz: 120,
    flash: memory(2_097_152, 40 * KIB),
    ram: memory(655_360, 12 * KIB),
  }),
  st({
    id: "nucleo_h743zi",
    name: "ST Nucleo-H743ZI",
    target: "cortex-m7",
    mhz: 400,
    flash: memory(2_097_152, 40 * KIB),
    ram: memory(524_288, 12 * KIB),
  }),
  st({
    id: "nucleo_u575zi_q",
    name: "ST Nucleo-U575ZI-Q",
    target: "cortex-m33",
    mhz: 160,
    flash: memory(2_097_152, 40 * KIB),
    ram: memory(786_432, 12 * KIB),
  }),
  st({
    id: "nucleo_g071rb",
    name: "ST Nucleo-G071RB",
    target: "cortex-m0plus",
    mhz: 64,
    flash: memory(131_072, 36 * KIB),
    ram: memory(36_864, 8 * KIB),
  }),
  st({
    id: "disco_f746ng",
    name: "ST Discovery F746NG",
    target: "cortex-m7",
    mhz: 216,
    flash: memory(1_048_576, 40 * KIB),
    ram: memory(327_680, 12 * KIB),
  }),
  {
    id: "teensy41",
    name: "PJRC Teensy 4.1",
    platform: TEENSY,
    target: "cortex-m7",
    mhz: 600,
    flash: memory(8_126_464, 60 * KIB),
    // Code that is not marked FLASHMEM runs from the same RAM.
    ram: memory(524_288, 160 * KIB),
    camera: null,
    led: { pin: "LED_BUILTIN", activeLow: false },
    options: {},
    wiring: ["Connect the USB socket to the computer."],
    upload: ["The Teensy Loader window opens; press the button on the board when it asks for it."],
    unchecked: [ARDUINO_API],
  },
  {
    id: "bluepill_f103c8",
    name: "Blue Pill STM32F103C8",
    platform: STM32,
    target: "cortex-m3",
    mhz: 72,
    flash: memory(65_536, 24 * KIB),
    ram: memory(20_480, 5 * KIB),
    camera: null,
    led: { pin: "LED_BUILTIN", activeLow: true },
    options: {},
    wiring: [
      "ST-LINK to the four pins at the end: 3.3V, SWDIO, SWCLK, GND.",
      "A USB serial adapter of 3.3 V: its RX to PA9, its TX to PA10, GND to GND.",
    ],
    upload: ["An ST-LINK flashes it; both BOOT jumpers at 0."],
    unchecked: [ARDUINO_API],
  },
  {
    id: "genericCH32V003F4P6",
    name: "WCH CH32V003F4P6",
    platform: CH32V,
    target: "rv32ec",
    mhz: 48,
    flash: memory(16_384, 7 * KIB),
    ram: memory(2_048, 1_200),
    camera: null,
    led: null,
    options: {},
    wiring: [
      "WCH-LinkE to the chip: SWDIO to PD1, 3V3 to VDD, GND to VSS.",
      "Its serial line: RX to PD5 (TX of the chip), TX to PD6.",
    ],
    upload: ["A WCH-LinkE flashes it."],
    unchecked: [
      "the community's Arduino core, its headers and how much flash and RAM it takes: built here against stubs",
    ],
  },
];

/** QEMU's boards, one for each target that it emulates without help. */
const EMULATED: readonly Board[] = TARGETS.flatMap(({ id, description, machine }) =>
  machine.kind === "qemu-arm" || machine.kind === "qemu-riscv32"
    ? [
        {
          id: `qemu-${id}`,
          name: `${description}, QEMU's ${machine.name}`,
          platform: { kind: "emulated" },
          target: id,
          mhz: machine.clockHz / 1_000_000,
          flash: memory(machine.rom.length, 8 * KIB),
          ram: memory(machine.ram.length, machine.stackSize + 1_500),
          camera: null,
          led: null,
          options: {},
          wiring: ["None: the board runs in QEMU."],
          upload: ["It runs the program in QEMU; Ctrl-C ends it."],
          unchecked: [],
        } satisfies Board,
      ]
    : [],
);

/** Every board, those with cameras first. */
export const BOARDS: readonly Board[] = [...ESP32_BOARDS, ...CHIPS, ...EMULATED];
