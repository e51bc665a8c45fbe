import type { CameraDriver } from "../frame/app.js";
import type { PixelFormat } from "../frame/formats.js";

/** What is known about a board that `tritc new` makes projects for. Plain data: a new board is a new row. */
export interface Board {
  /** The id that PlatformIO knows the board by, and that `--board` takes. */
  readonly id: string;
  /** For people, e.g. `AI Thinker ESP32-CAM`. */
  readonly name: string;
  readonly platform: Platform;
  /** Id of the target whose kernels suit the core. */
  readonly target: string;
  readonly mhz: number;
  readonly flash: Memory;
  /** Static data only: what the linker places. */
  readonly ram: Memory;
  /** Its camera, or null: frames then come over the serial line. */
  readonly camera: Camera | null;
  readonly led: Led | null;
  /** Options of the board's environment in platformio.ini beyond those that every board has. */
  readonly options: Readonly<Record<string, string>>;
  /** What to connect, a sentence a line. */
  readonly wiring: readonly string[];
  /** What a person has to do before or during an upload, a sentence a line. */
  readonly upload: readonly string[];
  /** What tritc's own tests do not check of this board. */
  readonly unchecked: readonly string[];
}

/** Where PlatformIO has the board from. */
export type Platform =
  /** A platform of PlatformIO's registry, with its version; programs are Arduino sketches. */
  | { readonly kind: "arduino"; readonly name: string; readonly version: string }
  /** The platform that comes with the project and runs programs in QEMU. */
  | { readonly kind: "emulated" };

/** Bytes of one memory. */
export interface Memory {
  /** All that a program may take: the board's own limit, or less where its framework reserves some. */
  readonly limit: number;
  /** Estimate of what the framework and the application take of it. */
  readonly framework: number;
}

export interface Led {
  /** As Arduino's `pinMode` takes it. */
  readonly pin: number | "LED_BUILTIN";
  readonly activeLow: boolean;
}

export interface Camera {
  readonly driver: Exclude<CameraDriver, "serial">;
  readonly sensor: string;
  /** What the driver gives networks that see grey, and those that see colours; null: grey, too. */
  readonly gray: PixelFormat;
  readonly color: PixelFormat | null;
  /** Whether a frame lies in the memory that `ram` is, or on a heap beside it. */
  readonly frameInRam: boolean;
  /** Pins by the names that the driver uses; empty where its library knows the board's. */
  readonly pins: Readonly<Record<string, number>>;
  /** Libraries that the driver needs from PlatformIO's registry. */
  readonly libraries: readonly string[];
}
