import { assetText } from "../assets.js";
import type { IntegerStorage, StorageType } from "../network/types.js";

/**
 * The files of `firmware/kernels`, in the order in which the generated C contains them: what a file
 * needs comes before it.
 */
const FILES = [
  "window",
  "float32",
  "sqrt",
  "round",
  "fixed",
  "gather",
  "rows_ternary",
  "rows_binary",
  "rows_int4",
  "rows_int8",
  "sum_pool",
  "max_pool",
  "widen",
  "store",
  "thresholds",
  "table",
  "round32",
  "round64",
  "fixed32",
  "fixed64",
  "sum_fixed64",
] as const;

export type KernelFile = (typeof FILES)[number];

/** A file of the library, for elements of one type where it is written for any. */
export interface KernelUse {
  readonly file: KernelFile;
  readonly type?: StorageType;
}

const NEEDS: Partial<Record<KernelFile, readonly KernelFile[]>> = {
  gather: ["window"],
  sum_pool: ["window"],
  max_pool: ["window"],
  round: ["float32"],
  round32: ["fixed"],
  round64: ["fixed"],
  fixed32: ["fixed", "round32"],
  fixed64: ["fixed", "round64"],
  sum_fixed64: ["fixed", "round64"],
};

const SUFFIX: Record<StorageType, string> = {
  int8: "i8",
  uint8: "u8",
  int16: "i16",
  int32: "i32",
  float32: "f32",
};

/** The C type of an element. */
export function cType(type: StorageType): CType {
  return type === "float32" ? "float" : `${type}_t`;
}

export type CType = `${IntegerStorage}_t` | "float";

/** Name of a library function for elements of a type, e.g. `gather_u8`. */
export function kernelName(file: KernelFile, type: StorageType): string {
  return `${file}_${SUFFIX[type]}`;
}

/** The C text of everything in use, each function once for each of its types. */
export function librarySource(uses: readonly KernelUse[]): string {
  const wanted = new Map<KernelFile, Set<StorageType>>();
  const want = ({ file, type }: KernelUse): void => {
    const types = wanted.get(file) ?? new Set();
    if (type !== undefined) types.add(type);
    wanted.set(file, types);
    for (const need of NEEDS[file] ?? []) want({ file: need });
  };
  uses.forEach(want);
  return FILES.flatMap((file) => {
    const types = wanted.get(file);
    if (types === undefined) return [];
    const text = assetText(`firmware/kernels/${file}.h`);
    if (types.size === 0) return [text];
    return [...types].sort().map((type) => instantiate(text, type));
  }).join("\n");
}

function instantiate(text: string, type: StorageType): string {
  return text
    .replace(/\b[xy]_t\b/g, cType(type))
    .replace(/\b([a-z][a-z0-9_]*)_[xy]\(/g, `$1_${SUFFIX[type]}(`);
}
