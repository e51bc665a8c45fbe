import type { Needs } from "../boards/fit.js";
import type { Board } from "../boards/index.js";
import type { Compiled } from "../compile.js";
import type { Samples } from "../simulate/batch.js";
import type { CameraSetup } from "./camera.js";

/** The applications that a project can have. */
export const APPS = ["camera", "serial", "bench"] as const;
export type App = (typeof APPS)[number];

/** An application with what it is set up with. */
export type Application =
  | { readonly kind: "camera"; readonly setup: CameraSetup }
  | { readonly kind: "serial" }
  | { readonly kind: "bench" };

/** All that the files of a project are made from. */
export interface ProjectParts {
  readonly board: Board;
  readonly app: Application;
  readonly compiled: Compiled;
  readonly needs: Needs;
  readonly golden: Golden;
  /** The command that makes the same project again. */
  readonly command: string;
}

/** Inputs, and the outputs that they must give. */
export interface Golden {
  readonly inputs: Samples;
  readonly outputs: Samples;
}
