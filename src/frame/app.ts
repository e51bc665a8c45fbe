import { assetText } from "../assets.js";
import { fail } from "../diagnostics.js";
import { floatLiteral } from "../emit/literals.js";
import { fingerprintOf } from "../emit/serial.js";
import { render } from "../emit/templates.js";
import type { FileMap } from "../emit/types.js";
import { elementCount, type Network, tensorAt } from "../network/types.js";
import { VERSION } from "../version.js";
import * as say from "./diagnostics.js";

/** What reads the camera: `camera_<driver>` in firmware/app. `serial`: a workstation sends frames. */
export type CameraDriver = "esp32" | "arduino" | "ov767x" | "hm01b0" | "serial";

const DRIVERS: Readonly<Record<CameraDriver, string>> = {
  esp32: "camera_esp32.cpp",
  arduino: "camera_arduino.cpp",
  ov767x: "camera_ov767x.cpp",
  hm01b0: "camera_hm01b0.cpp",
  serial: "camera_serial.c",
};

const FILES = [
  "app.c",
  "app_act.c",
  "app_act.h",
  "app_camera.h",
  "app_config.h",
  "app_line.c",
  "app_line.h",
  "app_smooth.c",
  "app_smooth.h",
  "app_system.h",
  "system_arduino.cpp",
  "system_other.c",
] as const;

/**
 * The camera application for a model: all of it but `board_config.h`, the compiled model and its
 * `frameFiles`. `labels` name the classes, in the model's order; numbers do where there are none.
 * Throws `usage/no-classes` or `usage/class-names`.
 */
export function appFiles(
  network: Network,
  name: string,
  driver: CameraDriver,
  labels: readonly string[] | null,
): FileMap {
  return new Map([
    ...[...FILES, DRIVERS[driver]].map(
      (file) => [file, assetText(`firmware/app/${file}`)] as const,
    ),
    ["app_model.h", appModel(network, name, labels)],
  ]);
}

function appModel(network: Network, name: string, labels: readonly string[] | null): string {
  const { output } = network;
  const tensor = tensorAt(network, output.tensor);
  const elements = elementCount(tensor);
  const inOrder = output.source === null || output.source.every((place, i) => place === i);
  if (!inOrder || tensor.channels !== elements || elements > MOST_CLASSES) {
    fail(say.noClasses(output.shape));
  }
  const single = elements === 1;
  const classes = single ? 2 : elements;
  const names = labels ?? Array.from({ length: classes }, (_, i) => `${i}`);
  if (names.length !== classes) fail(say.classNames(names.length, classes));
  const float = tensor.type === "float32";
  return render("frame/app_model.h.hbs", {
    name,
    upper: name.toUpperCase(),
    version: VERSION,
    fingerprint: fingerprintOf(network),
    classes,
    labels: names.map((label) => `        ${stringLiteral(label)}, \\`).join("\n"),
    single,
    threshold: float ? floatLiteral(0) : zeroOf(network),
    float,
    scoreIndex: single ? "0" : "seen",
  });
}

/** Class numbers fit 16 bits. */
const MOST_CLASSES = 65_535;

/** The largest integer of the output whose real number is not above 0. Throws `usage/no-classes`. */
function zeroOf({ output }: Network): number {
  const { scale, offset } = output.real ?? { scale: 1, offset: 0 };
  return scale > 0 ? Math.floor(-offset / scale) + 0 : fail(say.noClasses(output.shape));
}

/** ASCII; two question marks would begin a trigraph. */
function stringLiteral(text: string): string {
  const ascii = text.replace(/[^\x20-\x7e]/g, "?").replace(/[\\"]/g, "\\$&");
  return `"${ascii.replaceAll("??", "?\\?")}"`;
}
