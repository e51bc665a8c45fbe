import { createHash } from "node:crypto";
import { fewInputs, notNeeded } from "./calibrate/diagnostics.js";
import { type Calibration, calibrate, type ScaleChoice } from "./calibrate/index.js";
import { type Diagnostic, DiagnosticError } from "./diagnostics.js";
import { emitC, type FileMap, type Measured, type Provenance } from "./emit/index.js";
import type { Graph, TensorInfo } from "./graph/types.js";
import type { CalibrationInputs } from "./io/calibration.js";
import { KERNELS, type Kernel } from "./kernels/index.js";
import { lower } from "./network/lower/index.js";
import type { Network } from "./network/types.js";
import { DEFAULT_GOAL, type Goal, goalOptions, type Plan, plan } from "./plan/index.js";
import { readModel } from "./read/index.js";
import { type Facts, factsOf } from "./report/facts.js";
import type { Target } from "./targets/index.js";
import { VERSION } from "./version.js";

/** A model as it lies on disk. */
export interface ModelFile {
  /** File name for diagnostics and provenance, without folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Contents of a file that the model keeps weights in, by its location in the model file. */
  readonly external: (location: string) => Uint8Array | undefined;
}

/** Inputs to choose the scales of float activations by, and how. */
export interface CalibrationOptions extends ScaleChoice {
  /** Reads them, once the shape and type of the model's input are known. */
  readonly read: (input: TensorInfo) => CalibrationInputs;
  /** Options of `tritc compile` that ask for this: they stand in the generated files. */
  readonly commandOptions: string;
}

export interface CompileOptions {
  /** Prefix of every C symbol and of the files; has passed `checkModelName`. */
  readonly name: string;
  readonly target: Target;
  /** What kernels are chosen by; the default where left out. */
  readonly goal?: Goal;
  /** Kernels to choose from; all where left out. */
  readonly kernels?: readonly Kernel[];
  /** For models with float activations; such models are refused without. */
  readonly calibration?: CalibrationOptions;
}

export interface Compiled {
  readonly name: string;
  readonly provenance: Provenance;
  readonly network: Network;
  readonly plan: Plan;
  readonly facts: Facts;
  readonly calibration: Calibrated | null;
  /** The generated C. */
  readonly files: FileMap;
  readonly remarks: readonly Diagnostic[];
}

/** What a model file means, first in floating point and then in integers. */
export interface Loaded {
  readonly graph: Graph;
  readonly network: Network;
  /** How scales were chosen; null where the model has its own. */
  readonly calibration: Calibrated | null;
  readonly remarks: readonly Diagnostic[];
}

/** A calibration, and what it was made from. */
export interface Calibrated extends Calibration {
  /** Name of the file or folder of inputs, and SHA-256 of its contents. */
  readonly file: string;
  readonly hash: string;
  /** Options of `tritc compile` that choose the same scales again. */
  readonly commandOptions: string;
}

/**
 * Reads a model file and lowers it to integers, after calibration where that is needed. The graph is
 * the model's own. Throws `DiagnosticError`.
 */
export function load(model: ModelFile, calibration?: CalibrationOptions): Loaded {
  const { graph, remarks: read } = readModel(model.bytes, model.name, model.external);
  // Lowering knows nodes, not files.
  const located = (d: Diagnostic): Diagnostic => ({
    ...d,
    where: { file: model.name, ...d.where },
  });
  try {
    const lowered =
      calibration === undefined
        ? { ...lower(graph), calibration: null }
        : lowerCalibrated(graph, model.name, calibration);
    return { ...lowered, graph, remarks: [...read, ...lowered.remarks.map(located)] };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError(error.diagnostics.map(located));
  }
}

/** A model that lowers as it is needs no calibration, and gets none. */
function lowerCalibrated(
  graph: Graph,
  file: string,
  options: CalibrationOptions,
): Omit<Loaded, "graph"> {
  try {
    const { network, remarks } = lower(graph);
    return { network, calibration: null, remarks: [...remarks, notNeeded(file)] };
  } catch (error) {
    const ternary = (d: Diagnostic): boolean => d.code !== "lower/not-ternary";
    if (!(error instanceof DiagnosticError && error.diagnostics.every(ternary))) throw error;
  }
  const info = graph.tensors.get(graph.input);
  if (info === undefined) throw new Error("a graph has an input");
  const { name, hash, inputs } = options.read(info);
  const { graph: quantized, calibration, remarks } = calibrate(graph, inputs, options);
  const lowered = lower(quantized);
  const few = inputs.count < FEWEST_INPUTS ? [fewInputs(name, inputs.count)] : [];
  return {
    network: lowered.network,
    calibration: { ...calibration, file: name, hash, commandOptions: options.commandOptions },
    remarks: [...few, ...remarks, ...lowered.remarks],
  };
}

/** Fewer calibration inputs than this get a warning. */
const FEWEST_INPUTS = 16;

/** The whole way from a model file to C. Pure: nothing is written. Throws `DiagnosticError`. */
export function compile(model: ModelFile, options: CompileOptions): Compiled {
  const { network, calibration, remarks } = load(model, options.calibration);
  return { ...generate(network, model, options, calibration), remarks };
}

/** The second half of the way: C for a network that `load` gave for the model file. */
export function generate(
  network: Network,
  model: ModelFile,
  { name, target, goal = DEFAULT_GOAL, kernels = KERNELS }: CompileOptions,
  calibration: Calibrated | null = null,
): Compiled {
  const planned = plan(network, target, { ...goal, kernels });
  const provenance = {
    source: model.name,
    hash: hashOf(model.bytes),
    command: [
      `tritc compile ${shellWord(model.name)} --target ${target.id} --name ${name}`,
      ...goalOptions(goal),
      ...(calibration === null ? [] : [calibration.commandOptions]),
    ].join(" "),
    version: VERSION,
    ...(calibration === null ? {} : { calibration }),
  };
  const files = emitC(planned, name, provenance);
  const facts = factsOf(planned);
  return { name, provenance, network, plan: planned, facts, calibration, files, remarks: [] };
}

/** The same C, with what was measured of it in its header. */
export function withMeasured(compiled: Compiled, measured: Measured): Compiled {
  const { plan, name } = compiled;
  const command = `${compiled.provenance.command} --measure`;
  const provenance = { ...compiled.provenance, command };
  return { ...compiled, provenance, files: emitC(plan, name, provenance, measured) };
}

/** A file name as one word of a command line. */
export function shellWord(text: string): string {
  return /^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** SHA-256 in hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
