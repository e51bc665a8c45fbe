import type { Comparison } from "../float/compare.js";
import { integer, percent, plural } from "./format.js";

/** What `verify --float` found. */
export interface FloatReport extends Comparison {
  /** What ran the float model. */
  readonly reference: string;
  /** Scales were chosen by calibration: outputs are near those of the float model, not equal. */
  readonly calibrated: boolean;
  /** False where outputs differ, float32 rounding does not explain it, and the network claims to be exact. */
  readonly agrees: boolean;
}

export function floatText(report: FloatReport): string[] {
  const { inputs, different, rounding, sameClass, correct, step, calibrated } = report;
  const equal = inputs - different;
  const unexplained = different - rounding;
  const largest = Number(report.largest.toPrecision(3));
  const noise = report.signalToNoise;
  return [
    "",
    `float model (${report.reference}) against the simulator, ${plural(inputs, "input")}`,
    ...(sameClass === null
      ? []
      : [`  same class         ${integer(sameClass)} of ${integer(inputs)}`]),
    ...(calibrated
      ? []
      : [
          `  equal outputs      ${integer(equal)} of ${integer(inputs)}` +
            (rounding === 0 ? "" : `; ${integer(rounding)} differ by float32 rounding`) +
            (unexplained === 0 ? "" : `; ${integer(unexplained)} differ otherwise`) +
            (different === 0 ? "" : `; the first is input ${report.firstDifferent}`),
          `  different elements ${integer(report.elementsDifferent)} of ${integer(report.elements)}`,
        ]),
    `  largest difference ${largest}` +
      (step === null || largest === 0 ? "" : `, ${Number((largest / step).toPrecision(3))} steps`),
    ...(noise === null ? [] : [`  signal to noise    ${noise.toFixed(1)} dB`]),
    ...(correct === null
      ? []
      : [
          `  right labels       ${percent(correct.float / inputs, 2)} float, ` +
            `${percent(correct.integer / inputs, 2)} integer`,
        ]),
  ];
}
