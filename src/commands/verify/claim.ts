import { join } from "node:path";
import {
  type Calibrated,
  type CalibrationOptions,
  generate,
  hashOf,
  load,
  type ModelFile,
} from "../../compile.js";
import { type Diagnostic, fail } from "../../diagnostics.js";
import { checkModelName, type FileMap, suggestModelName } from "../../emit/index.js";
import { frameFileNames } from "../../frame/emit.js";
import type { Graph } from "../../graph/types.js";
import { isBundle, readBundle } from "../../io/bundle.js";
import { calibratedAlready, otherVectors, plannedAlready } from "../../io/diagnostics.js";
import { kindOf, readBytes, readModelFile } from "../../io/files.js";
import { readCompiledFolder } from "../../io/manifest.js";
import type { Network } from "../../network/types.js";
import { type Goal, goalOptions } from "../../plan/index.js";
import type { ModelSource } from "../../report/inspect.js";
import type { Samples } from "../../simulate/batch.js";
import type { Target } from "../../targets/index.js";
import { firstMismatch, type Vectors } from "../../verify/index.js";

/** What is verified: a network, and C that claims to compute it. */
export interface Claim {
  readonly model: ModelSource;
  readonly name: string;
  readonly network: Network;
  readonly filesFor: (target: Target) => FileMap;
  /** Of a folder: what makes the network's input of frames, as it lies there; empty where it is not. */
  readonly frameFiles: FileMap;
  readonly remarks: readonly Diagnostic[];
  /** What a bundle brings along. */
  readonly bundled: Bundled | null;
  /** The float model, where there is one. */
  readonly float: FloatModel | null;
}

export interface FloatModel {
  readonly file: ModelFile;
  readonly graph: Graph;
  readonly calibration: Calibrated | null;
}

/** Of a bundle: what it was verified with. */
export interface Bundled {
  readonly configurations: readonly string[];
  readonly inputs: Samples;
  /** Throws `verify/other-vectors` unless the bundle expects what the simulator computes. */
  readonly check: (vectors: Vectors) => void;
}

/** How a model is to be compiled. */
export interface Wishes {
  readonly calibration: CalibrationOptions | undefined;
  readonly goal: Goal;
}

/**
 * The claim of a path: a folder of compiled C as it lies there, or a model file, whose C is made for
 * each target. `name` chooses among the models of a folder, or names what is compiled.
 */
export function claimOf(path: string, name: string | null, wishes: Wishes): Claim {
  if (kindOf(path) !== "folder") return claimOfModel(path, name, wishes);
  if (wishes.calibration !== undefined) fail(calibratedAlready(path));
  if (goalOptions(wishes.goal).length > 0) fail(plannedAlready(path));
  return isBundle(path) ? claimOfBundle(path) : claimOfFolder(path, name);
}

function claimOfBundle(folder: string): Claim {
  const bundle = readBundle(folder);
  return {
    ...bundle,
    frameFiles: new Map(),
    remarks: [],
    float: null,
    bundled: {
      configurations: bundle.configurations,
      inputs: bundle.inputs,
      check: ({ expected }) => {
        if (firstMismatch(bundle.expected, expected) !== null) fail(otherVectors(folder));
      },
    },
  };
}

function claimOfFolder(folder: string, name: string | null): Claim {
  const wanted = name === null ? null : checkModelName(name);
  const { files, remarks, ...compiled } = readCompiledFolder(folder, wanted);
  return {
    model: { file: compiled.source, hash: compiled.hash },
    name: compiled.name,
    network: compiled.network,
    filesFor: () => files,
    frameFiles: readFrameFiles(folder, compiled.name),
    remarks,
    bundled: null,
    float: null,
  };
}

function readFrameFiles(folder: string, name: string): FileMap {
  const paths = frameFileNames(name).map((file) => [file, join(folder, file)] as const);
  if (!paths.every(([, path]) => kindOf(path) === "file")) return new Map();
  return new Map(
    paths.map(([file, path]) => [file, Buffer.from(readBytes(path)).toString("utf8")]),
  );
}

function claimOfModel(
  path: string,
  wanted: string | null,
  { calibration: options, goal }: Wishes,
): Claim {
  const model: ModelFile = readModelFile(path);
  const name = wanted === null ? suggestModelName(model.name) : checkModelName(wanted);
  const { graph, network, calibration, remarks } = load(model, options);
  const made = new Map<string, FileMap>();
  return {
    model: { file: model.name, hash: hashOf(model.bytes) },
    name,
    network,
    filesFor: (target) => {
      const files =
        made.get(target.id) ?? generate(network, model, { name, target, goal }, calibration).files;
      made.set(target.id, files);
      return files;
    },
    frameFiles: new Map(),
    remarks,
    bundled: null,
    float: { file: model, graph, calibration },
  };
}
