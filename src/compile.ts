import { createHash } from "node:crypto";
import { type Diagnostic, DiagnosticError } from "./diagnostics.js";
import { emitC, type FileMap, type Measured, type Provenance } from "./emit/index.js";
import type { Graph } from "./graph/types.js";
import { lower } from "./network/lower/index.js";
import type { Network } from "./network/types.js";
import { type Plan, plan } from "./plan/index.js";
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

export interface CompileOptions {
  /** Prefix of every C symbol and of the files; has passed `checkModelName`. */
  readonly name: string;
  readonly target: Target;
}

export interface Compiled {
  readonly name: string;
  readonly provenance: Provenance;
  readonly network: Network;
  readonly plan: Plan;
  readonly facts: Facts;
  /** The generated C. */
  readonly files: FileMap;
  readonly remarks: readonly Diagnostic[];
}

/** What a model file means, first in floating point and then in integers. */
export interface Loaded {
  readonly graph: Graph;
  readonly network: Network;
  readonly remarks: readonly Diagnostic[];
}

/** Reads a model file and lowers it to integers. Throws `DiagnosticError`. */
export function load(model: ModelFile): Loaded {
  const read = readModel(model.bytes, model.name, model.external);
  // Lowering knows nodes, not files.
  const located = (d: Diagnostic): Diagnostic => ({
    ...d,
    where: { file: model.name, ...d.where },
  });
  try {
    const { network, remarks } = lower(read.graph);
    return { graph: read.graph, network, remarks: [...read.remarks, ...remarks.map(located)] };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError(error.diagnostics.map(located));
  }
}

/** The whole way from a model file to C. Pure: nothing is written. Throws `DiagnosticError`. */
export function compile(model: ModelFile, options: CompileOptions): Compiled {
  const { network, remarks } = load(model);
  return { ...generate(network, model, options), remarks };
}

/** The second half of the way: C for a network that `load` gave for the model file. */
export function generate(
  network: Network,
  model: ModelFile,
  { name, target }: CompileOptions,
): Compiled {
  const planned = plan(network, target);
  const provenance = {
    source: model.name,
    hash: hashOf(model.bytes),
    command: `tritc compile ${shellWord(model.name)} --target ${target.id} --name ${name}`,
    version: VERSION,
  };
  const files = emitC(planned, name, provenance);
  return { name, provenance, network, plan: planned, facts: factsOf(planned), files, remarks: [] };
}

/** The same C, with what was measured of it in its header. */
export function withMeasured(compiled: Compiled, measured: Measured): Compiled {
  const { plan, name } = compiled;
  const command = `${compiled.provenance.command} --measure`;
  const provenance = { ...compiled.provenance, command };
  return { ...compiled, provenance, files: emitC(plan, name, provenance, measured) };
}

/** A file name as one word of a command line. */
function shellWord(text: string): string {
  return /^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** SHA-256 in hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
