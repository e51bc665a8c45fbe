import type { Needs } from "../boards/fit.js";
import type { Board } from "../boards/index.js";
import type { Compiled } from "../compile.js";
import type { Samples } from "../simulate/batch.js";

/** The applications that a project can have. */
export const APPS = ["serial", "bench"] as const;
export type App = (typeof APPS)[number];

/** All that the files of a project are made from. */
export interface ProjectParts {
  readonly board: Board;
  readonly app: App;
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
