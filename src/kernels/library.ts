import { assetText } from "../assets.js";
import type { IntegerStorage, StorageType } from "../network/types.js";
import type { ScratchType } from "./types.js";

/**
 * The files of `firmware/kernels`, in the order in which the generated C contains them: what a file
 * needs comes before it.
 */
const FILES = [
  "thumb",
  "apart",
  "half",
  "word_of",
  "number_of",
  "signed_half",
  "lanes",
  "helium",
  "window",
  "float32",
  "sqrt",
  "round",
  "margins",
  "part",
  "taps",
  "gather",
  "gather_transposed",
  "copy_signed",
  "signed_patch",
  "telescoped",
  "taps_inside",
  "max_pool16",
  "sum_pool4",
  "expand_taps",
  "depthwise16",
  "helium_out",
  "acle",
  "dsp",
  "halves",
  "patch",
  "expand",
  "dual",
  "dual_begin",
  "dual_pair",
  "dual_fours",
  "dual_dense",
  "dual_block",
  "dual_starts",
  "dual_direct",
  "dual_single",
  "dual_rows",
  "expand_pair",
  "dual_positions",
  "window_inside",
  "dual_window",
  "window_pair",
  "byte_rows",
  "byte_dense",
  "byte_positions",
  "nibble_rows",
  "nibble_dense",
  "nibble_positions",
  "plane_row",
  "plane_taps",
  "plane_sums",
  "multiply_long",
  "triples",
  "triples_sums",
  "triples_alone",
  "triples_taps",
  "triples_row",
  "add_lanes",
  "triples_tile",
  "triples_conv",
  "triples_fill",
  "rows_ternary",
  "rows_base3",
  "rows_binary",
  "rows_int4",
  "rows_int8",
  "popcount",
  "popcount_binary",
  "popcount_ternary",
  "eight_bits",
  "pack_bits",
  "window_bits",
  "lut4_rows",
  "lut4_table",
  "lut4",
  "lut4_rows8",
  "lut4_wide",
  "lut_binary",
  "pairs",
  "pairs_row",
  "pairs_fill",
  "lut_pairs",
  "word_at",
  "sparse_tile",
  "sparse_tile8",
  "lanes_add",
  "sparse_codes",
  "sparse_expand",
  "sliding",
  "sum_pool",
  "max_pool",
  "fill",
  "copy_runs",
  "copy_part",
  "lookup",
  "thresholds_reached",
  "thresholds_search",
  "shift_even32",
  "shift_even64",
  "clamp32",
  "clamp64",
  "saturate",
  "twins",
  "twin_row",
  "straight_thumb1",
  "straight_thumb2",
  "straight_rv32i",
  "straight_rv32e",
  "straight_sums",
] as const;

export type KernelFile = (typeof FILES)[number];

/**
 * A file of the library, for elements of one type where it is written for any, or of two where what
 * it writes has a type of its own.
 */
export interface KernelUse {
  readonly file: KernelFile;
  readonly type?: StorageType;
  readonly output?: StorageType;
}

const NEEDS: Partial<Record<KernelFile, readonly KernelFile[]>> = {
  gather: ["window"],
  gather_transposed: ["window"],
  lut4_rows: ["thumb", "half"],
  lut4_table: ["word_of"],
  lut4: ["lut4_rows"],
  lut4_wide: ["lut4_rows8"],
  lut_binary: ["half", "word_of"],
  copy_signed: ["helium"],
  signed_patch: ["window"],
  telescoped: ["helium"],
  expand_taps: ["helium"],
  max_pool16: ["helium", "window", "taps_inside"],
  sum_pool4: ["helium", "window", "margins", "taps", "taps_inside"],
  depthwise16: ["helium", "window", "taps_inside"],
  helium_out: ["helium"],
  lut_pairs: ["thumb", "apart", "pairs"],
  pairs_row: ["pairs", "word_of"],
  pairs_fill: ["pairs", "word_of"],
  sparse_tile: ["thumb", "word_at"],
  sparse_tile8: ["word_at"],
  lanes: ["signed_half"],
  lanes_add: ["lanes"],
  sparse_expand: ["sparse_codes"],
  sliding: ["word_of", "sparse_codes"],
  sum_pool: ["window", "margins", "taps"],
  copy_runs: ["part"],
  copy_part: ["part"],
  max_pool: ["window"],
  round: ["float32"],
  twin_row: ["twins"],
  dsp: ["acle"],
  halves: ["dsp"],
  patch: ["window"],
  dual: ["dsp"],
  dual_fours: ["dual"],
  dual_begin: ["dual"],
  dual_pair: ["dual"],
  dual_dense: ["dual_fours", "dual_pair"],
  dual_block: ["dual"],
  dual_starts: ["dual"],
  dual_direct: ["dual_begin"],
  dual_single: ["dual"],
  dual_rows: ["dual_begin", "dual_pair"],
  dual_positions: ["dual_rows"],
  window_inside: ["window"],
  dual_window: ["window_inside"],
  window_pair: ["window_inside"],
  byte_rows: ["dsp", "number_of"],
  byte_dense: ["byte_rows"],
  byte_positions: ["byte_rows"],
  nibble_rows: ["dsp"],
  nibble_dense: ["nibble_rows", "number_of"],
  nibble_positions: ["nibble_rows", "number_of"],
  popcount: ["acle"],
  popcount_binary: ["popcount"],
  popcount_ternary: ["popcount"],
  pack_bits: ["eight_bits"],
  window_bits: ["window"],
  plane_row: ["window"],
  plane_taps: ["window"],
  plane_sums: ["dsp", "window"],
  triples: ["multiply_long"],
  triples_taps: ["window"],
  add_lanes: ["acle"],
  triples_tile: ["thumb", "triples"],
  triples_alone: ["triples"],
  triples_sums: ["triples"],
  triples_conv: ["triples_tile", "triples_alone", "add_lanes", "signed_half"],
  triples_fill: ["triples", "window"],
  triples_row: ["triples", "window"],
};

const SUFFIX: Record<StorageType, string> = {
  int8: "i8",
  uint8: "u8",
  int16: "i16",
  int32: "i32",
  float32: "f32",
};

/** The C type of an element. */
export function cType(type: ScratchType): CType {
  return type === "float32" ? "float" : `${type}_t`;
}

export type CType = `${IntegerStorage | "uint32"}_t` | "float";

/** Name of a library function for elements of a type, e.g. `gather_u8`, or two: `copy_u8_i16`. */
export function kernelName(file: KernelFile, type: StorageType, output?: StorageType): string {
  return `${file}_${suffixOf(type, output)}`;
}

function suffixOf(type: StorageType, output: StorageType | undefined): string {
  return output === undefined ? SUFFIX[type] : `${SUFFIX[type]}_${SUFFIX[output]}`;
}

/** The C name of a layer's operand: x, x_b, x_c and so on. */
export function operandName(index: number): string {
  if (index === 0) return "x";
  return `x_${"bcdefghijklmnopqrstuvwxyz"[index - 1] ?? index}`;
}

/** The C text of everything in use, each function once for each of its types. */
export function librarySource(uses: readonly KernelUse[]): string {
  const wanted = new Map<KernelFile, Map<string, KernelUse>>();
  const want = (use: KernelUse): void => {
    const { file, type, output } = use;
    const forms = wanted.get(file) ?? new Map<string, KernelUse>();
    if (type !== undefined) forms.set(`${type} ${output ?? ""}`, use);
    wanted.set(file, forms);
    for (const need of NEEDS[file] ?? []) want({ file: need });
  };
  uses.forEach(want);
  return FILES.flatMap((file) => {
    const forms = wanted.get(file);
    if (forms === undefined) return [];
    const text = assetText(`firmware/kernels/${file}.h`);
    if (forms.size === 0) return [text];
    return [...forms.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { type, output }]) => (type === undefined ? text : instantiate(text, type, output)));
  }).join("\n");
}

function instantiate(text: string, type: StorageType, output: StorageType | undefined): string {
  return text
    .replace(/\bx_t\b/g, cType(type))
    .replace(/\by_t\b/g, cType(output ?? type))
    .replace(/\b([a-z][a-z0-9_]*?)_(?:[xy]|xy)\(/g, `$1_${suffixOf(type, output)}(`);
}
