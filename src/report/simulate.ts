import type { Calibrated } from "../compile.js";
import { calibrationText } from "./calibration.js";
import { plural, shape } from "./format.js";
import type { ModelSource } from "./inspect.js";

/** What `simulate --json` prints, besides the fields that all commands have. */
export interface SimulateReport {
  readonly model: ModelSource;
  readonly inputs: { readonly file: string; readonly count: number };
  readonly outputs: {
    readonly file: string;
    /** Element type by its numpy name. */
    readonly type: string;
    readonly shape: readonly number[];
  };
  readonly calibration: Calibrated | null;
}

export function simulateText({ inputs, outputs, calibration }: SimulateReport): string {
  const what = `${outputs.type} ${shape(outputs.shape)}`;
  const done = `simulated ${plural(inputs.count, "input")}: wrote ${what} to ${outputs.file}`;
  return calibration === null ? done : `${calibrationText(calibration)}\n\n${done}`;
}
