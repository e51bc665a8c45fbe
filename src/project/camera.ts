import type { Board } from "../boards/index.js";
import { render } from "../emit/templates.js";
import type { FileMap } from "../emit/types.js";
import { appFiles, type CameraDriver } from "../frame/app.js";
import { frameFiles } from "../frame/emit.js";
import { type FrameFormat, frameBytes, PIXELS, type PixelFormat } from "../frame/formats.js";
import { type FrameInput, frameInputOf, type Normalisation } from "../frame/pixels.js";
import type { Network } from "../network/types.js";
import type { ProjectParts } from "./types.js";

/** What the camera application is set up with. */
export interface CameraSetup {
  readonly driver: CameraDriver;
  readonly format: FrameFormat;
  /** How a frame becomes the network's input. */
  readonly input: FrameInput;
  /** Names of the classes; null: their numbers. */
  readonly labels: readonly string[] | null;
}

/** What a user says of a model's pictures. */
export interface CameraOptions {
  readonly normalisation: Normalisation | null;
  readonly labels: readonly string[] | null;
}

/** Sizes that every driver knows. */
const SMALL = { width: 160, height: 120 } as const;
const LARGE = { width: 320, height: 240 } as const;

/**
 * The smallest frames that show the network all it can see. A board without a camera is sent just what
 * the network sees, since a serial line is slow. Throws what `frameInputOf` throws.
 */
export function cameraSetup(
  network: Network,
  { camera }: Board,
  { normalisation, labels }: CameraOptions,
): CameraSetup {
  const input = frameInputOf(network, normalisation);
  const { width, height, channels } = input.picture;
  if (camera === null) {
    const pixels: PixelFormat = channels === 1 ? "gray8" : "rgb888";
    return { driver: "serial", format: { pixels, width, height }, input, labels };
  }
  const size = width <= SMALL.width && height <= SMALL.height ? SMALL : LARGE;
  const pixels = channels === 1 ? camera.gray : (camera.color ?? camera.gray);
  return { driver: camera.driver, format: { pixels, ...size }, input, labels };
}

/** Whether the network sees colours and the sensor none. */
export function isColourBlind({ format, input }: CameraSetup): boolean {
  return input.picture.channels === 3 && format.pixels === "gray8";
}

/** Bytes of the board's RAM that a frame and what reads it take, beside the network's own. */
export function cameraRam({ format, input }: CameraSetup, { camera }: Board): number {
  const { width, channels } = input.picture;
  const reading = 9 * width * channels;
  if (camera === null) return reading + PIXELS.rgb888.bytes * format.width;
  return reading + (camera.frameInRam ? frameBytes(format) : 0);
}

/** What the network's library has besides: a frame's way to the network's input. */
export function frameLibrary({ input }: CameraSetup, { compiled }: ProjectParts): FileMap {
  return frameFiles(input, compiled.name, compiled.provenance);
}

/** `src`. Throws `usage/no-classes` or `usage/class-names`. */
export function cameraSources(setup: CameraSetup, { board, compiled }: ProjectParts): FileMap {
  const { network, name } = compiled;
  return new Map([
    ...appFiles(network, name, setup.driver, setup.labels),
    ["board_config.h", boardConfig(setup, board)],
  ]);
}

function boardConfig({ driver, format }: CameraSetup, { name, camera }: Board): string {
  const pins = Object.entries(camera?.pins ?? {}).map(
    ([pin, gpio]) => `#define CAMERA_PIN_${pin.toUpperCase()} ${gpio < 0 ? `(${gpio})` : gpio}`,
  );
  const lines = [
    `#define CAMERA_WIDTH ${format.width}u`,
    `#define CAMERA_HEIGHT ${format.height}u`,
    `#define CAMERA_FORMAT ${PIXELS[format.pixels].constant}`,
    ...(driver === "serial" ? ["#define CAMERA_ON_SERIAL"] : []),
    ...(pins.length > 0
      ? ["", "/* GPIO numbers; -1 where the camera has no such pin. */", ...pins]
      : []),
  ];
  const sensor = camera === null ? "frames come over the serial line" : camera.sensor;
  return render("project/board_config.h.hbs", { board: name, sensor, lines: lines.join("\n") });
}
