import { basename } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Method } from "../calibrate/index.js";
import { type CalibrationOptions, shellWord } from "../compile.js";
import { readCalibration } from "../io/calibration.js";
import { notEmpty, numberOrThree, positiveOrThree, wholeNumber } from "./options.js";

/** Options that every command which lowers a model shares. */
export interface CalibrationFlags extends Choices {
  readonly calibrate?: string;
}

interface Choices {
  readonly calibrationMethod: Method;
  readonly calibrationPercentile: number;
  readonly calibrationCount: number;
  readonly imageMean: readonly number[];
  readonly imageStd: readonly number[];
}

const DEFAULTS: Choices = {
  calibrationMethod: "minmax",
  calibrationPercentile: 99.99,
  calibrationCount: 512,
  imageMean: [0],
  imageStd: [1],
};

const METHODS: readonly Method[] = ["minmax", "percentile", "mse"];

/** Adds them, for models whose activations have no quantisers. */
export function addCalibrationOptions(command: Command): Command {
  return command
    .option(
      "--calibrate <inputs>",
      "choose 8-bit scales for float activations by these inputs: .npy, .npz, a folder of .npy or images",
      notEmpty,
    )
    .addOption(
      new Option("--calibration-method <method>", "how to choose scales")
        .choices(METHODS)
        .default(DEFAULTS.calibrationMethod),
    )
    .option(
      "--calibration-percentile <p>",
      "per cent of the elements that `percentile` covers",
      percentile,
      DEFAULTS.calibrationPercentile,
    )
    .option(
      "--calibration-count <number>",
      "calibrate with this many of the inputs, evenly spaced",
      wholeNumber(1),
      DEFAULTS.calibrationCount,
    )
    .option(
      "--image-mean <numbers>",
      "of calibration images: (pixel / 255 - mean) / std",
      numberOrThree,
      DEFAULTS.imageMean,
    )
    .option(
      "--image-std <numbers>",
      "one number, or one for each channel: 0.5,0.5,0.5",
      positiveOrThree,
      DEFAULTS.imageStd,
    );
}

/** What the flags ask for; nothing without `--calibrate`. */
export function calibrationOf(flags: CalibrationFlags): CalibrationOptions | undefined {
  const { calibrate, calibrationMethod, calibrationPercentile, calibrationCount } = flags;
  if (calibrate === undefined) return undefined;
  const scaling = { mean: flags.imageMean, std: flags.imageStd };
  return {
    method: calibrationMethod,
    percentile: calibrationPercentile,
    commandOptions: commandOptions(calibrate, flags),
    read: (input) => readCalibration(calibrate, calibrationCount, scaling, input),
  };
}

/** What to write behind `tritc compile` for the same scales: the file, and all that is not default. */
function commandOptions(path: string, flags: Choices): string {
  const choices = [
    ["--calibration-method", "calibrationMethod"],
    ["--calibration-percentile", "calibrationPercentile"],
    ["--calibration-count", "calibrationCount"],
    ["--image-mean", "imageMean"],
    ["--image-std", "imageStd"],
  ] as const;
  const changed = choices.flatMap(([option, key]) => {
    const value = String(flags[key]);
    return value === String(DEFAULTS[key]) ? [] : [`${option} ${value}`];
  });
  return [`--calibrate ${shellWord(basename(path))}`, ...changed].join(" ");
}

function percentile(text: string): number {
  const value = Number(text);
  if (text !== "" && value > 50 && value <= 100) return value;
  throw new InvalidArgumentError("It must be a number above 50, at most 100.");
}
