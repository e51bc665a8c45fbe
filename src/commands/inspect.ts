import { hashOf, load } from "../compile.js";
import { readModelFile } from "../io/files.js";
import { networkFacts } from "../report/facts.js";
import { inspectText } from "../report/inspect.js";
import { addCalibrationOptions, type CalibrationFlags, calibrationOf } from "./calibration.js";
import { examples } from "./options.js";
import type { AddCommand, Outcome } from "./types.js";

export const addInspect: AddCommand = (program, _io, run) => {
  addCalibrationOptions(program.command("inspect"))
    .summary("show what a model file means as an integer network")
    .description(
      "Shows the network that a model file means: its layers, the kind of weights that each " +
        "holds, the range of each accumulator, and how exact each requantisation is.",
    )
    .argument("<model>", "model file")
    .addHelpText(
      "after",
      examples(["tritc inspect model.onnx", "tritc inspect model.onnx --json | jq .network.total"]),
    )
    .action((model: string, options: CalibrationFlags) => run(async () => inspect(model, options)));
};

function inspect(path: string, options: CalibrationFlags): Outcome {
  const model = readModelFile(path);
  const { network, calibration, remarks } = load(model, calibrationOf(options));
  const report = {
    model: { file: model.name, hash: hashOf(model.bytes) },
    network: networkFacts(network),
    calibration,
  };
  return { text: inspectText(report), json: report, remarks };
}
