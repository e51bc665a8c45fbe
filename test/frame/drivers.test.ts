import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { temporaryFolder } from "../commands/run.js";
import { describeWith } from "../verify/toolchains.js";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const ARDUINO = path("../platformio/standin/core");

const PINS = "PWDN RESET XCLK SDA SCL D0 D1 D2 D3 D4 D5 D6 D7 VSYNC HREF PCLK".split(" ");

interface Core {
  /** Folder of test/platformio/stubs. */
  readonly stubs: string;
  readonly defines: readonly string[];
}

const ESP32 = { stubs: "esp32", defines: ["ARDUINO_ARCH_ESP32"] };
const MBED = { stubs: "mbed", defines: ["ARDUINO_ARCH_MBED"] };

/** Every file that only a board's own core can build, with each core that builds it. */
const FILES: readonly (readonly [file: string, format: string, core: Core])[] = [
  ["camera_esp32.cpp", "TRITC_GRAY8", ESP32],
  ["camera_arduino.cpp", "TRITC_GRAY8", MBED],
  [
    "camera_arduino.cpp",
    "TRITC_RGB565BE",
    { ...MBED, defines: [...MBED.defines, "ARDUINO_NICLA_VISION"] },
  ],
  ["camera_ov767x.cpp", "TRITC_GRAY8", MBED],
  ["camera_ov767x.cpp", "TRITC_YUYV", MBED],
  ["camera_hm01b0.cpp", "TRITC_GRAY8", MBED],
  ["system_arduino.cpp", "TRITC_GRAY8", ESP32],
  ["system_arduino.cpp", "TRITC_GRAY8", { ...ESP32, defines: [...ESP32.defines, "STUB_IDF=5"] }],
  ["system_arduino.cpp", "TRITC_GRAY8", MBED],
  ["system_arduino.cpp", "TRITC_GRAY8", { stubs: "stm32", defines: ["ARDUINO_ARCH_STM32"] }],
  ["system_arduino.cpp", "TRITC_GRAY8", { stubs: "teensy", defines: ["__IMXRT1062__"] }],
];

/** The vendors' headers are not here: stubs declare what their documentation does. */
describeWith(["gcc"], "drivers", () => {
  it.each(FILES)("%s (%s) compiles without a warning against %o", (file, format, core) => {
    expect(existsSync(ARDUINO)).toBe(true);
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "board_config.h"),
      [
        "#define CAMERA_WIDTH 160u\n#define CAMERA_HEIGHT 120u\n",
        `#define CAMERA_FORMAT ${format}\n`,
        ...PINS.map((pin, i) => `#define CAMERA_PIN_${pin} ${i}\n`),
      ].join(""),
    );
    const { status, stderr } = spawnSync("g++", [
      ...["-std=gnu++14", "-fsyntax-only", "-DARDUINO=10800"],
      ...["-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror"],
      ...core.defines.map((define) => `-D${define}`),
      ...[`-I${path("../../firmware/app")}`, `-I${path("../../firmware/frame")}`, `-I${folder}`],
      ...["-isystem", path(`../platformio/stubs/${core.stubs}`), "-isystem", ARDUINO],
      ...["-isystem", path("../platformio/libraries/Arduino_OV767X/src")],
      path(`../../firmware/app/${file}`),
    ]);
    expect(stderr.toString()).toBe("");
    expect(status).toBe(0);
  });
});
