import type { Board, Camera, Memory } from "./types.js";

/** The boards of Espressif's chips. */

const KIB = 1024;

const ESPRESSIF = { kind: "arduino", name: "espressif32", version: "6.13.0" } as const;

/**
 * Static data of an ESP32: what Bluetooth's reservation leaves of the first data memory
 * (`dram0_0_seg` of the Arduino core's linker script); the rest of the 320 KB is heap.
 */
const ESP32_RAM: Memory = { limit: 124_580, framework: 28 * KIB };

/** The S3 and the C3 share one memory between code and data; frames and the heap need room, too. */
const SHARED_RAM: Memory = { limit: 262_144, framework: 48 * KIB };

/** Application partitions of the Arduino core's partition tables; the rest holds data and updates. */
const PARTITIONS = {
  "huge_app.csv": 3_145_728,
  "default_8MB.csv": 3_342_336,
} as const;

type Partitions = keyof typeof PARTITIONS;

const UNCHECKED = [
  "the Arduino core, its headers and its linker script: built here against stubs of the same calls",
  "esptool and the partition table",
] as const;

type Row = Pick<Board, "id" | "name" | "target" | "mhz" | "ram" | "led" | "wiring" | "upload"> & {
  readonly partitions: Partitions;
  /** Serial is the chip's own USB, which the board's entry does not say. */
  readonly nativeUsb?: true;
  /** Null without a camera. */
  readonly pins: Camera["pins"] | null;
  readonly sensor: string;
};

const NATIVE_USB = { build_flags: "-DARDUINO_USB_MODE=1 -DARDUINO_USB_CDC_ON_BOOT=1" } as const;

function espressif({ partitions, pins, sensor, nativeUsb, ...row }: Row): Board {
  const camera: Camera | null = pins && {
    driver: "esp32",
    sensor,
    gray: "gray8",
    color: "rgb565be",
    // PSRAM, or the memory beside the one that static data has.
    frameInRam: false,
    pins,
    libraries: [],
  };
  return {
    ...row,
    platform: ESPRESSIF,
    flash: { limit: PARTITIONS[partitions], framework: (pins === null ? 300 : 450) * KIB },
    camera,
    options: { "board_build.partitions": partitions, ...(nativeUsb && NATIVE_USB) },
    unchecked: camera === null ? UNCHECKED : [...UNCHECKED, "esp32-camera and the sensor itself"],
  };
}

const S3_EYE_PINS = {
  pwdn: -1,
  reset: -1,
  xclk: 15,
  sda: 4,
  scl: 5,
  d0: 11,
  d1: 9,
  d2: 8,
  d3: 10,
  d4: 12,
  d5: 18,
  d6: 17,
  d7: 16,
  vsync: 6,
  href: 7,
  pclk: 13,
};

const USB_ONLY = ["Connect the USB socket to the computer. The camera is on the board."];

const AUTO_RESET = ["The USB bridge resets the board; nothing has to be pressed."];

export const ESP32_BOARDS: readonly Board[] = [
  espressif({
    id: "esp32cam",
    name: "AI Thinker ESP32-CAM",
    target: "esp32",
    mhz: 240,
    ram: ESP32_RAM,
    partitions: "huge_app.csv",
    sensor: "OV2640",
    pins: {
      pwdn: 32,
      reset: -1,
      xclk: 0,
      sda: 26,
      scl: 27,
      d0: 5,
      d1: 18,
      d2: 19,
      d3: 21,
      d4: 36,
      d5: 39,
      d6: 34,
      d7: 35,
      vsync: 25,
      href: 23,
      pclk: 22,
    },
    led: { pin: 33, activeLow: true },
    wiring: [
      "A USB serial adapter: its TX to U0R (GPIO 3), its RX to U0T (GPIO 1), GND to GND, 5V to 5V.",
      "For an upload also GPIO 0 to GND; take it off again afterwards.",
      "With the ESP32-CAM-MB carrier board none of this is needed.",
    ],
    upload: ["Press reset with GPIO 0 at GND, then upload. The carrier board does it by itself."],
  }),
  espressif({
    id: "seeed_xiao_esp32s3",
    name: "Seeed Studio XIAO ESP32S3 Sense",
    target: "esp32",
    mhz: 240,
    ram: SHARED_RAM,
    partitions: "default_8MB.csv",
    sensor: "OV2640 or OV3660",
    pins: {
      pwdn: -1,
      reset: -1,
      xclk: 10,
      sda: 40,
      scl: 39,
      d0: 15,
      d1: 17,
      d2: 18,
      d3: 16,
      d4: 14,
      d5: 12,
      d6: 11,
      d7: 48,
      vsync: 38,
      href: 47,
      pclk: 13,
    },
    led: { pin: 21, activeLow: true },
    wiring: ["Plug the camera board onto the XIAO, and connect USB-C to the computer."],
    upload: ["Should the port be missing, hold B while you press R, then upload."],
  }),
  espressif({
    id: "freenove_esp32_s3_wroom",
    name: "Freenove ESP32-S3 WROOM",
    target: "esp32",
    mhz: 240,
    ram: SHARED_RAM,
    partitions: "default_8MB.csv",
    sensor: "OV2640",
    pins: S3_EYE_PINS,
    led: { pin: 2, activeLow: false },
    wiring: ["Connect the USB socket marked UART to the computer. The camera is on the board."],
    upload: AUTO_RESET,
  }),
  espressif({
    id: "esp32-s3-devkitc-1",
    name: "ESP32-S3-EYE",
    nativeUsb: true,
    target: "esp32",
    mhz: 240,
    ram: SHARED_RAM,
    partitions: "default_8MB.csv",
    sensor: "OV2640",
    pins: S3_EYE_PINS,
    led: { pin: 3, activeLow: false },
    wiring: [
      ...USB_ONLY,
      "PlatformIO has no entry of the ESP32-S3-EYE: this is the DevKitC-1's, with the EYE's camera pins.",
    ],
    upload: ["Should the port be missing, hold BOOT while you press RST, then upload."],
  }),
  espressif({
    id: "m5stack-timer-cam",
    name: "M5Stack Timer Camera",
    target: "esp32",
    mhz: 240,
    ram: ESP32_RAM,
    partitions: "huge_app.csv",
    sensor: "OV3660",
    pins: {
      pwdn: -1,
      reset: 15,
      xclk: 27,
      sda: 25,
      scl: 23,
      d0: 32,
      d1: 35,
      d2: 34,
      d3: 5,
      d4: 39,
      d5: 18,
      d6: 36,
      d7: 19,
      vsync: 22,
      href: 26,
      pclk: 21,
    },
    led: { pin: 2, activeLow: false },
    wiring: USB_ONLY,
    upload: AUTO_RESET,
  }),
  espressif({
    id: "esp32-c3-devkitm-1",
    name: "Espressif ESP32-C3-DevKitM-1",
    target: "rv32imc",
    mhz: 160,
    ram: SHARED_RAM,
    partitions: "huge_app.csv",
    sensor: "",
    pins: null,
    led: null,
    wiring: ["Connect the USB socket to the computer."],
    upload: AUTO_RESET,
  }),
];
