import { basename, dirname } from "node:path";
import { hashOf, load } from "../compile.js";
import { checkArrayFileName, formatArray } from "../io/arrays.js";
import { readModelFile } from "../io/files.js";
import { readInputs } from "../io/inputs.js";
import { writeFiles } from "../io/output.js";
import { integerOutputs, modelOutputs } from "../io/outputs.js";
import { plural } from "../report/format.js";
import { simulateText } from "../report/simulate.js";
import { simulateAll } from "../simulate/batch.js";
import { addCalibrationOptions, type CalibrationFlags, calibrationOf } from "./calibration.js";
import { uninterrupted } from "./interrupt.js";
import { examples, notEmpty, wholeNumber } from "./options.js";
import { startProgress } from "./progress.js";
import type { AddCommand, Io, Outcome } from "./types.js";

interface Options extends CalibrationFlags {
  readonly inputs: string;
  readonly outputs: string;
  readonly integer?: boolean;
  readonly count?: number;
}

export const addSimulate: AddCommand = (program, io, run) => {
  addCalibrationOptions(program.command("simulate"))
    .summary("run a model on this computer, with integers, as the generated C does")
    .description(
      "Runs the integer network on every input, and writes what the model would give: real " +
        "numbers in its own output shape, before any ArgMax or TopK.\n\n" +
        "Inputs are a .npy file, or a .npz file (x.npz, or x.npz:member where it holds several " +
        "arrays): the model's own input type and shape with the batch axis first. Axes of size 1 " +
        "may be left out, and each input may also be flat.",
    )
    .argument("<model>", "model file")
    .requiredOption("-i, --inputs <file>", ".npy or .npz file of inputs")
    .requiredOption("-o, --outputs <file>", ".npy or .npz file to write", notEmpty)
    .option("--integer", "write the network's raw integers, in their own type and order")
    .option("--count <number>", "take only the first inputs", wholeNumber(1))
    .addHelpText(
      "after",
      examples([
        "tritc simulate model.onnx --inputs images.npy --outputs logits.npy",
        "tritc simulate model.onnx --inputs mnist.npz:x_test --outputs raw.npy --integer",
      ]),
    )
    .action((model: string, options: Options) => run(() => simulate(model, options, io)));
};

async function simulate(path: string, options: Options, io: Io): Promise<Outcome> {
  checkArrayFileName(options.outputs);
  const model = readModelFile(path);
  const { network, calibration, remarks } = load(model, calibrationOf(options));
  const inputs = readInputs(network, options.inputs, options.count);
  const progress = startProgress(io, `simulating ${plural(inputs.count, "input")}`);
  const samples = await simulateAll(network, inputs, (done, total) =>
    progress.say(`simulating ${plural(total, "input")}: ${Math.floor((100 * done) / total)} %`),
  ).finally(() => progress.end());
  const inOrderOf = options.integer === true ? integerOutputs : modelOutputs;
  const outputs = inOrderOf(network, samples);
  const bytes = formatArray(options.outputs, "outputs", outputs.data, outputs.shape);
  const files = new Map([[basename(options.outputs), bytes]]);
  uninterrupted(io, () => writeFiles(dirname(options.outputs), files, io.outputFs));
  const report = {
    model: { file: model.name, hash: hashOf(model.bytes) },
    inputs: { file: options.inputs, count: inputs.count },
    outputs: { file: options.outputs, type: outputs.type, shape: outputs.shape },
    calibration,
  };
  return { text: simulateText(report), json: report, remarks };
}
