import { withCounter } from "../bench/counter.js";
import { notEmulated } from "../bench/diagnostics.js";
import { drawnInputs } from "../bench/inputs.js";
import { benchmark } from "../bench/measure.js";
import { type Compiled, compile, hashOf } from "../compile.js";
import { type Diagnostic, fail } from "../diagnostics.js";
import { suggestModelName } from "../emit/index.js";
import { readModelFile } from "../io/files.js";
import { readInputs } from "../io/inputs.js";
import { type BenchTarget, benchTarget, benchText } from "../report/bench.js";
import { type Configuration, configurationList } from "../verify/index.js";
import { requireToolchain } from "../verify/toolchain.js";
import { addCalibrationOptions, type CalibrationFlags, calibrationOf } from "./calibration.js";
import { addGoalOptions, type GoalFlags, goalOf } from "./goal.js";
import { interruptible } from "./interrupt.js";
import { examples, wholeNumber } from "./options.js";
import { startProgress } from "./progress.js";
import type { AddCommand, Io, Outcome } from "./types.js";

interface Options extends CalibrationFlags, GoalFlags {
  readonly target: string;
  readonly inputs?: string;
  readonly count?: number;
}

const SEED = 1;

export const addBench: AddCommand = (program, io, run) => {
  addGoalOptions(addCalibrationOptions(program.command("bench")))
    .summary("count instructions and estimate cycles, layer by layer")
    .description(
      "Compiles a model for each target, runs it on the emulated core, and says what one inference " +
        "takes: instructions exactly, cycles estimated from the published timings of Cortex-M " +
        "cores, in all and for each layer. Built with -O3 unless the target says otherwise.",
    )
    .argument("<model>", "model file")
    .option(
      "-t, --target <targets>",
      "emulated cores, separated by commas, e.g. cortex-m4,cortex-m4:Os; see `tritc targets`",
      "cortex-m4",
    )
    .option("-i, --inputs <file>", ".npy or .npz file of inputs (default: one that is drawn)")
    .option("--count <number>", "how many inputs (default: 1)", wholeNumber(1))
    .addHelpText(
      "after",
      examples([
        "tritc bench model.onnx --target cortex-m0plus,cortex-m4",
        "tritc bench model.onnx --target cortex-m7:O2 --inputs images.npy --count 10 --json",
      ]),
    )
    .action((model: string, options: Options) => run(() => bench(model, options, io)));
};

async function bench(path: string, options: Options, io: Io): Promise<Outcome> {
  const configurations = wanted(options.target);
  const { inputs: file = null, count = 1 } = options;
  const model = readModelFile(path);
  const calibration = calibrationOf(options);
  const compiledFor = ({ target }: Configuration): Compiled =>
    compile(model, {
      name: suggestModelName(model.name),
      target,
      goal: goalOf(options),
      ...(calibration === undefined ? {} : { calibration }),
    });
  const progress = startProgress(io, "looking for tools");
  try {
    return await interruptible(io, async (signal) => {
      // Before the first of them has taken its time.
      for (const each of configurations) await requireToolchain(each, io.env);
      return withCounter(io.env, signal, async (counter) => {
        const targets: BenchTarget[] = [];
        const remarks: Diagnostic[] = [];
        for (const each of configurations) {
          progress.say(`${each.id}: compiling and running`);
          const compiled = compiledFor(each);
          const { network, facts } = compiled;
          const inputs =
            file === null ? drawnInputs(network, SEED, count) : readInputs(network, file, count);
          const found = await benchmark(compiled, inputs, each, counter, { env: io.env, signal });
          targets.push(benchTarget(each.id, facts, found));
          // What is to say of the model is the same for every target.
          if (remarks.length === 0) remarks.push(...compiled.remarks);
        }
        const report = {
          model: { file: model.name, hash: hashOf(model.bytes) },
          inputs: { file, count },
          targets,
        };
        return { text: benchText(report), json: report, remarks };
      });
    });
  } finally {
    progress.end();
  }
}

/** Of sets of targets those that are emulated. Throws `usage/cannot-bench` where another one is named. */
function wanted(text: string): Configuration[] {
  const names = text.split(",").map((name) => name.trim());
  const found = configurationList(text).filter(
    ({ id, target }) => target.machine.kind !== "host" || names.includes(id),
  );
  for (const { id, target } of found) if (target.machine.kind === "host") fail(notEmulated(id));
  return found.map(fastest);
}

/** At -O3, where nothing else is asked for: so are the libraries built that people compare with. */
function fastest(configuration: Configuration): Configuration {
  const { id, target } = configuration;
  return id === target.id
    ? { ...configuration, id: `${id}:O3`, optimization: "-O3" }
    : configuration;
}
