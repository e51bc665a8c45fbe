import { type Diagnostic, DiagnosticError, fail } from "../diagnostics.js";
import { constantsOf } from "../graph/nodes.js";
import type { Graph } from "../graph/types.js";
import {
  emptyFile,
  nodeLabel,
  otherFormatThanOnnx,
  strangeArchive,
  weightRule,
} from "./diagnostics.js";
import { otherFormat } from "./format.js";
import { isHdf5 } from "./hdf5/index.js";
import { isList, type Json, parseJson } from "./json.js";
import { readKerasArchive, readKerasHdf5, readKerasJson } from "./keras/index.js";
import { LIMITS } from "./limits.js";
import { readNpz } from "./npz/index.js";
import { readOnnx } from "./onnx/index.js";
import type { ReadResult } from "./result.js";
import { isSafetensors } from "./safetensors/file.js";
import { ARCHITECTURE, readArchitecture, readSafetensors } from "./safetensors/index.js";
import { type Archive, isZip, openZip } from "./zip.js";

export type { LoadExternal } from "./onnx/external.js";
export type { ReadResult } from "./result.js";

/**
 * Reads a model file; its content says what format it is in, never its name. Touches no disk.
 *
 * @param bytes the whole file; the Graph's constants may share its memory, so leave it unchanged
 * @param file what to call the file in diagnostics
 * @param loadExternal bytes of a file in the model's folder, by its path relative to that folder
 *   with forward slashes; undefined if there is none. Asked for large ONNX models only, never for
 *   a path that leads out of the folder.
 * @throws DiagnosticError, with codes `read/...`, for anything that is wrong with the file
 */
export function readModel(
  bytes: Uint8Array,
  file: string,
  loadExternal: (location: string) => Uint8Array | undefined,
): ReadResult {
  try {
    const { graph, remarks } = read(bytes, file, loadExternal);
    const all = [...remarks, ...weightRules(graph)];
    return { graph, remarks: all.map((d) => ({ ...d, where: { file, ...d.where } })) };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError(
      error.diagnostics.map((d) => ({ ...d, where: { file, ...d.where } })),
    );
  }
}

function read(
  bytes: Uint8Array,
  file: string,
  loadExternal: (location: string) => Uint8Array | undefined,
): ReadResult {
  if (bytes.length === 0) fail(emptyFile());
  const json = jsonObject(bytes);
  if (json?.class_name !== undefined) return readKerasJson(json, file, loadExternal);
  if (json?.format === ARCHITECTURE) return readArchitecture(json, file, loadExternal);
  if (isSafetensors(bytes)) return readSafetensors(bytes, file, loadExternal);
  const other = otherFormat(bytes);
  if (other !== null) fail(otherFormatThanOnnx(other.name, other.hint));
  if (isZip(bytes)) return readArchive(openZip(bytes));
  if (isHdf5(bytes)) return readKerasHdf5(bytes, file, loadExternal);
  return readOnnx(bytes, loadExternal);
}

/** By which rules latent weights became integers: the user should know, and be able to object. */
function weightRules({ nodes, constants }: Graph): Diagnostic[] {
  const layers = new Map<string, string[]>();
  for (const node of nodes) {
    for (const name of constantsOf(node)) {
      const rule = constants.get(name)?.rule;
      if (rule === undefined) continue;
      const own = layers.get(rule) ?? [];
      layers.set(rule, own);
      own.push(nodeLabel(node.origin));
    }
  }
  return [...layers].map(([rule, own]) => weightRule(rule, own));
}

/** The object that the file is, if it is JSON. */
function jsonObject(bytes: Uint8Array): { readonly [key: string]: Json } | null {
  if (bytes[0] !== 0x7b || bytes.length > LIMITS.jsonBytes) return null;
  const json = parseJson(new TextDecoder().decode(bytes));
  return json !== undefined && json !== null && typeof json === "object" && !isList(json)
    ? json
    : null;
}

function readArchive(archive: Archive): ReadResult {
  const { names } = archive;
  if (names.some((name) => name.endsWith(".npy"))) return readNpz(archive);
  if (names.includes("config.json")) return readKerasArchive(archive);
  return fail(strangeArchive(names));
}
