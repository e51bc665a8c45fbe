import { createHash } from "node:crypto";
import type { Network } from "./types.js";

const ARRAYS = { Int8Array, Int32Array, Float32Array, Float64Array } as const;

type ArrayName = keyof typeof ARRAYS;

/**
 * A network as JSON text, typed arrays as base64 of their little-endian bytes. Infinite break points
 * are kept inside those arrays, so nothing is lost. `deserializeNetwork` is the inverse.
 */
export function serializeNetwork(network: Network): string {
  return JSON.stringify(network, (_, value: unknown) => {
    for (const name of Object.keys(ARRAYS) as ArrayName[]) {
      if (value instanceof ARRAYS[name]) return { [name]: toBase64(value) };
    }
    return value;
  });
}

/** SHA-256 of the serialized network, in hexadecimal: equal for networks that mean the same. */
export function networkHash(network: Network): string {
  return createHash("sha256").update(serializeNetwork(network)).digest("hex");
}

/** Thrown when text is not a network that `serializeNetwork` wrote. */
export class NotANetwork extends Error {
  override readonly name = "NotANetwork";
}

export function deserializeNetwork(text: string): Network {
  const value: unknown = JSON.parse(text, (_, part: unknown) => revive(part));
  if (!isNetwork(value)) throw new NotANetwork("the fields of a network are missing");
  return value;
}

function revive(part: unknown): unknown {
  if (typeof part !== "object" || part === null) return part;
  const entries = Object.entries(part);
  const [name, data] = entries[0] ?? [];
  if (entries.length !== 1 || typeof data !== "string" || !isArrayName(name)) return part;
  const bytes = Buffer.from(data, "base64");
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return new ARRAYS[name](buffer);
}

function isArrayName(name: string | undefined): name is ArrayName {
  return name !== undefined && Object.hasOwn(ARRAYS, name);
}

function toBase64(array: Int8Array | Int32Array | Float32Array | Float64Array): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
}

function isNetwork(value: unknown): value is Network {
  if (typeof value !== "object" || value === null) return false;
  const fields: (keyof Network)[] = ["input", "output", "tensors", "layers"];
  return fields.every((field) => field in value);
}
