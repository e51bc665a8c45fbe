import { basename, join } from "node:path";
import { type Compiled, hashOf } from "../compile.js";
import { type Diagnostic, fail } from "../diagnostics.js";
import { checkModelName, type FileMap } from "../emit/index.js";
import { deserializeNetwork, serializeNetwork } from "../network/serialize.js";
import type { Network } from "../network/types.js";
import { VERSION } from "../version.js";
import * as say from "./diagnostics.js";
import { kindOf, listFolder, readBytes } from "./files.js";
import { checkNewFolder, type OutputFs, writeFiles } from "./output.js";

/** Format of the manifest; a reader refuses any other. Counts up whenever `Network` changes. */
const FORMAT = 1;

const SUFFIX = ".tritc.json";

/** Name of the manifest beside the generated C. */
export function manifestName(name: string): string {
  return name + SUFFIX;
}

/**
 * What lies beside the generated C: where it came from, what it costs (`facts`), and the network
 * that it must compute, so that `tritc verify FOLDER` needs nothing else.
 */
export function formatManifest({ network, facts, provenance, name, files }: Compiled): string {
  const text = serializeNetwork(network);
  const manifest = {
    format: FORMAT,
    tritc: VERSION,
    command: provenance.command,
    source: provenance.source,
    hash: provenance.hash,
    name,
    target: facts.target,
    files: Object.fromEntries([...files].map(([file, text]) => [file, hashOf(Buffer.from(text))])),
    facts,
    networkHash: hashOf(Buffer.from(text)),
    network: JSON.parse(text),
  };
  return `${JSON.stringify(manifest, null, 1)}\n`;
}

/** A compiled model as it lies in a folder. */
export interface CompiledFolder {
  readonly name: string;
  readonly source: string;
  readonly hash: string;
  readonly target: string;
  readonly network: Network;
  /** The generated C as it is now, edited or not. */
  readonly files: FileMap;
  /** A warning for each file that is not as tritc wrote it. */
  readonly remarks: readonly Diagnostic[];
}

/**
 * The compiled model of that name in a folder; `null` for the only one. Throws `usage/no-manifest`,
 * `usage/which-model`, `read/damaged-manifest` or `read/missing-generated-file`.
 */
export function readCompiledFolder(folder: string, name: string | null): CompiledFolder {
  const manifest = readManifest(join(folder, manifestName(name ?? onlyName(folder))));
  const files = new Map<string, string>();
  const remarks: Diagnostic[] = [];
  for (const [file, hash] of manifest.files) {
    const path = join(folder, file);
    const text = readGenerated(path);
    files.set(file, text);
    if (hashOf(Buffer.from(text)) !== hash) remarks.push(say.edited(path));
  }
  return { ...manifest, files, remarks };
}

function onlyName(folder: string): string {
  const names = listFolder(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length));
  const [only, ...others] = names;
  if (only === undefined) return fail(say.noManifest(folder));
  return others.length === 0 ? only : fail(say.whichModel(folder, names));
}

function readGenerated(path: string): string {
  if (kindOf(path) === null) fail(say.missingGenerated(path));
  return Buffer.from(readBytes(path)).toString("utf8");
}

interface Manifest extends Omit<CompiledFolder, "files" | "remarks"> {
  /** Names, and the SHA-256 of what was written. */
  readonly files: readonly (readonly [file: string, hash: unknown])[];
}

function readManifest(path: string): Manifest {
  const fields = parseObject(path) ?? fail(say.damagedManifest(path, "it is no JSON object"));
  const damaged = (reason: string) => fail(say.damagedManifest(path, reason));
  const text = (field: string): string => {
    const value = fields[field];
    return typeof value === "string" ? value : damaged(`"${field}" is not text`);
  };
  if (fields.format !== FORMAT) damaged(`its format is ${String(fields.format)}, not ${FORMAT}`);
  const network = JSON.stringify(fields.network) ?? "";
  if (hashOf(Buffer.from(network)) !== text("networkHash")) {
    damaged("its network was changed or damaged");
  }
  if (basename(path) !== manifestName(checkModelName(text("name")))) {
    damaged("it is of a model of another name");
  }
  const { files } = fields;
  if (typeof files !== "object" || files === null) damaged('"files" is not an object');
  return {
    name: text("name"),
    source: text("source"),
    hash: text("hash"),
    target: text("target"),
    network: deserializeNetwork(network),
    files: Object.entries(files ?? {}).map(([file, hash]) =>
      isPlainName(file) ? [file, hash] : damaged("a file has no plain name"),
    ),
  };
}

/** The fields of a JSON object, or null where the file holds something else. */
function parseObject(path: string): Readonly<Record<string, unknown>> | null {
  const text = Buffer.from(readBytes(path)).toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

/** A manifest must not make tritc read files elsewhere. */
function isPlainName(file: string): boolean {
  return /^[a-z0-9_]+\.[ch]$/.test(file);
}

/**
 * Writes the generated C, its manifest and `more` to a folder, all of it or nothing, and returns what
 * it wrote. Overwrites what the same model file gave before, and nothing else.
 * Throws `output/name-taken`, `output/not-ours`, and what `writeFiles` throws.
 */
export function writeCompiled(
  folder: string,
  compiled: Compiled,
  more: FileMap = new Map(),
  fs?: OutputFs,
): FileMap {
  const { name, files } = compiled;
  refuseStrangers(folder, compiled, [...files.keys(), ...more.keys()]);
  const all = new Map([...files, ...more, [manifestName(name), formatManifest(compiled)]]);
  writeFiles(folder, all, fs);
  return all;
}

/**
 * Writes a package of the compiled model (`packageFiles`), all of it or nothing. The folder is new or
 * empty, or holds what the same model file gave before. Throws `usage/folder-in-use` and what
 * `writeFiles` throws.
 */
export function writePackage(
  folder: string,
  { name, provenance }: Compiled,
  files: FileMap,
  fs?: OutputFs,
): void {
  const manifest = join(folder, "src", manifestName(name));
  const ours = kindOf(manifest) === "file" && parseObject(manifest)?.source === provenance.source;
  if (!ours) checkNewFolder(folder);
  writeFiles(folder, files, fs);
}

/** Another model of the same name, or files that tritc has not made, are not ours to replace. */
function refuseStrangers(
  folder: string,
  { name, provenance }: Compiled,
  files: readonly string[],
): void {
  const manifest = join(folder, manifestName(name));
  if (kindOf(manifest) !== "file") {
    // Models share the files whose names are tritc's own.
    for (const file of files.filter((file) => file.startsWith(name))) {
      const path = join(folder, file);
      if (kindOf(path) === "file") fail(say.notOurs(path, name));
    }
    return;
  }
  const source = parseObject(manifest)?.source;
  if (typeof source !== "string") fail(say.notOurs(manifest, name));
  if (source !== provenance.source) fail(say.nameTaken(folder, name, source, provenance.source));
}
