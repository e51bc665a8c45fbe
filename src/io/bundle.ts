import { readdirSync } from "node:fs";
import { join } from "node:path";
import { hashOf } from "../compile.js";
import { fail } from "../diagnostics.js";
import { checkModelName, type FileMap } from "../emit/index.js";
import { deserializeNetwork, NotANetwork } from "../network/serialize.js";
import { elementCount, type Network, type StorageType, tensorAt } from "../network/types.js";
import type { ModelSource } from "../report/inspect.js";
import { type Samples, storageArray } from "../simulate/batch.js";
import type { Target } from "../targets/index.js";
import { BUNDLE } from "../verify/bundle.js";
import { decodeTensor, ELEMENT_SIZE, littleEndian } from "../verify/index.js";
import * as say from "./diagnostics.js";
import { kindOf, listFolder, readBytes } from "./files.js";

/** A bundle that was found unchanged. */
export interface Bundle {
  readonly model: ModelSource;
  readonly name: string;
  readonly network: Network;
  readonly configurations: readonly string[];
  readonly filesFor: (target: Target) => FileMap;
  readonly inputs: Samples;
  /** As bits, like `Vectors.expected`. */
  readonly expected: Int32Array;
}

export function isBundle(folder: string): boolean {
  return kindOf(join(folder, BUNDLE.manifest)) === "file";
}

/** Throws `verify/edited-bundle` when a file is not as it was written, `read/damaged-bundle`. */
export function readBundle(folder: string): Bundle {
  checkManifest(folder);
  const about = aboutOf(folder);
  const network = networkOf(folder);
  const input = tensorAt(network, network.input.tensor);
  const output = tensorAt(network, network.output.tensor);
  const inputs = readBytes(join(folder, BUNDLE.inputs));
  const expected = readBytes(join(folder, BUNDLE.expected));
  const elements = expected.length / ELEMENT_SIZE[output.type];
  const size = elementCount(input) * ELEMENT_SIZE[input.type];
  return {
    ...about,
    network,
    filesFor: (target) => filesOf(folder, about, target),
    inputs: samplesOf(input.type, inputs, Math.floor(inputs.length / size)),
    expected: decodeTensor(expected, 0, elements, output.type),
  };
}

/** Elements as they lie in a file, little-endian, to an array of their own type. */
function samplesOf(type: StorageType, bytes: Uint8Array, count: number): Samples {
  const values = storageArray(type, bytes.length / ELEMENT_SIZE[type]);
  new Uint8Array(values.buffer).set(littleEndian(bytes, ELEMENT_SIZE[type]));
  return { count, values };
}

/** Changed, missing and added files alike; what `run.sh` builds does not count. */
function checkManifest(folder: string): void {
  const lines = textOf(folder, BUNDLE.manifest).split("\n").slice(0, -1);
  const listed = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  const changed = [...listed].flatMap(([file, hash]) => {
    const path = join(folder, file);
    return kindOf(path) === "file" && hashOf(readBytes(path)) === hash ? [] : [file];
  });
  const added = filesIn(folder).filter(
    (file) => !listed.has(file) && file !== BUNDLE.manifest && !file.startsWith("build/"),
  );
  if (changed.length + added.length > 0) fail(say.editedBundle(folder, [...changed, ...added]));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length))
    .map((file) => file.replaceAll("\\", "/"));
}

function textOf(folder: string, file: string): string {
  return Buffer.from(readBytes(join(folder, file))).toString("utf8");
}

interface About {
  readonly model: ModelSource;
  readonly name: string;
  readonly configurations: readonly string[];
  readonly models: Readonly<Record<string, string>>;
}

function aboutOf(folder: string): About {
  const fields: unknown = JSON.parse(textOf(folder, BUNDLE.about));
  if (!isAbout(fields)) {
    return fail(say.damagedBundle(folder, `${BUNDLE.about} lacks fields, or is of another format`));
  }
  const { name, models, report } = fields;
  const { file, hash } = report.model;
  return {
    model: { file, hash },
    name: checkModelName(name),
    configurations: Object.keys(models),
    models,
  };
}

interface AboutFields {
  readonly format: 1;
  readonly name: string;
  readonly models: Readonly<Record<string, string>>;
  readonly report: { readonly model: ModelSource };
}

function isAbout(value: unknown): value is AboutFields {
  if (typeof value !== "object" || value === null) return false;
  const { format, name, models, report } = value as Partial<AboutFields>;
  return (
    format === 1 &&
    typeof name === "string" &&
    typeof models === "object" &&
    Object.values(models).every((path) => /^models\/[\w-]+$/.test(path)) &&
    typeof report?.model?.file === "string"
  );
}

function networkOf(folder: string): Network {
  try {
    return deserializeNetwork(textOf(folder, BUNDLE.network));
  } catch (error) {
    if (!(error instanceof NotANetwork) && !(error instanceof SyntaxError)) throw error;
    return fail(say.damagedBundle(folder, `${BUNDLE.network} holds no network`));
  }
}

/** The C that was bundled for the target; for another one, that of the first configuration. */
function filesOf(folder: string, { models }: About, { id }: Target): FileMap {
  const own = Object.entries(models).find(([configuration]) => configuration.split(":")[0] === id);
  const place = own?.[1] ?? Object.values(models)[0];
  if (place === undefined) return fail(say.damagedBundle(folder, "it has no configurations"));
  return new Map(
    listFolder(join(folder, place)).map((file) => [file, textOf(folder, `${place}/${file}`)]),
  );
}
