import type { onnx } from "onnx-proto";
import { fail } from "../../diagnostics.js";
import {
  externalLocation,
  externalOverlap,
  missingExternalData,
  tensorSize,
} from "../diagnostics.js";
import { toNumber } from "./decode.js";

/**
 * The bytes of a file that lies beside the model, by its location relative to the model's folder,
 * with forward slashes; undefined if there is no such file.
 */
export type LoadExternal = (location: string) => Uint8Array | undefined;

/** The same callback, asked only once for each file. */
export function loadOnce(load: LoadExternal): LoadExternal {
  const loaded = new Map<string, Uint8Array | undefined>();
  return (location) => {
    if (!loaded.has(location)) loaded.set(location, load(location));
    return loaded.get(location);
  };
}

/** TensorProto.DataLocation. */
const EXTERNAL = 1;

export function isExternal(proto: onnx.ITensorProto): boolean {
  return proto.dataLocation === EXTERNAL;
}

interface Place {
  readonly location: string;
  readonly start: number;
  /** To the end of the file without it. */
  readonly length: number | undefined;
}

function placeOf(proto: onnx.ITensorProto): Place {
  const entries = new Map((proto.externalData ?? []).map((e) => [e.key ?? "", e.value ?? ""]));
  const length = entries.get("length");
  return {
    location: entries.get("location") ?? "",
    start: Number(entries.get("offset") ?? 0),
    length: length === undefined ? undefined : Number(length),
  };
}

/**
 * Tensors may share all of their bytes, as tied weights do; where one begins inside another, offsets
 * are wrong.
 *
 * @throws DiagnosticError for the first such tensor
 */
export function demandApart(protos: readonly onnx.ITensorProto[]): void {
  const places = protos.filter(isExternal).map((proto) => {
    const { location, start, length = Number.POSITIVE_INFINITY } = placeOf(proto);
    return { name: proto.name ?? "", location, start, end: start + length };
  });
  places.sort((a, b) => a.start - b.start || a.end - b.end);
  const last = new Map<string, (typeof places)[number]>();
  for (const place of places) {
    const { name, location, start, end } = place;
    const before = last.get(location);
    last.set(location, place);
    if (before === undefined || start >= before.end) continue;
    if (start !== before.start || end !== before.end) {
      fail(externalOverlap(name, before.name, location));
    }
  }
}

/** @throws DiagnosticError for a file that is missing, too short or outside the model's folder */
export function externalBytes(
  proto: onnx.ITensorProto,
  name: string,
  load: LoadExternal,
): Uint8Array {
  const { start, length, ...said } = placeOf(proto);
  const location = insideFolder(said.location, name);
  const file = load(location);
  if (file === undefined) return fail(missingExternalData(name, location));
  const end = length === undefined ? file.byteLength : start + length;
  if (!(start >= 0 && start <= end && end <= file.byteLength)) {
    const place = `bytes ${start} to ${end} of ${JSON.stringify(location)}`;
    const shape = (proto.dims ?? []).map(toNumber);
    fail(tensorSize(name, shape, `the data is at ${place}, which has ${file.byteLength} bytes`));
  }
  return file.subarray(start, end);
}

/** A model must not make its reader open any file of the machine: only the model's folder. */
function insideFolder(location: string, name: string): string {
  const parts = location.split("/").filter((part) => part !== "." && part !== "");
  const outside =
    parts.length === 0 ||
    location.startsWith("/") ||
    parts.includes("..") ||
    /[\\:\0]/.test(location);
  return outside ? fail(externalLocation(name, location)) : parts.join("/");
}
