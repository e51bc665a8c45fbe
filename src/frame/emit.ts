import { assetText } from "../assets.js";
import { tableText } from "../emit/literals.js";
import { commentText } from "../emit/names.js";
import { render } from "../emit/templates.js";
import type { FileMap, Provenance } from "../emit/types.js";
import { cType } from "../kernels/library.js";
import type { FrameInput } from "./pixels.js";

/** Files that every model's share. */
const SHARED = ["tritc_frame.h", "tritc_frame.c"] as const;

/** Names of the files of `frameFiles`. */
export function frameFileNames(name: string): readonly string[] {
  return [`${name}_frame.h`, `${name}_frame.c`, ...SHARED];
}

/** Bytes of struct tritc_frame on a 32-bit core. */
const STATE_BYTES = 16 * 4;

/**
 * What makes a compiled model's input of camera frames: `<name>_frame.h`, `<name>_frame.c` and the
 * files that all models share. `name` has passed `checkModelName`.
 */
export function frameFiles(
  frame: FrameInput,
  name: string,
  { version }: Pick<Provenance, "version">,
): FileMap {
  const { picture, tables, type, rule } = frame;
  const { strides, width, channels } = picture;
  const values = tables.flatMap((table) => Array.from(table));
  const table = {
    suffix: "frame_values",
    type: cType(type),
    length: values.length,
    values: () => values,
    comment: `The network's input for each 8-bit value v: ${rule}`,
  };
  const view = {
    name,
    upper: name.toUpperCase(),
    version,
    height: picture.height,
    width,
    channels,
    colours: channels === 1 ? "grey" : "red, green, blue",
    rule: commentText(rule),
    ram: STATE_BYTES + width * channels * 9,
    table: tableText(table, `${name}_frame_values`),
    rowStride: strides.row,
    place: sumText([
      ["x", strides.column],
      ["c", strides.channel],
    ]),
    index: tables.length === 1 ? "" : "c * 256u + ",
  };
  return new Map([
    [`${name}_frame.h`, render("frame/model_frame.h.hbs", view)],
    [`${name}_frame.c`, render("frame/model_frame.c.hbs", view)],
    ...SHARED.map((file) => [file, assetText(`firmware/frame/${file}`)] as const),
  ]);
}

function sumText(terms: readonly (readonly [string, number])[]): string {
  const parts = terms
    .filter(([, factor]) => factor !== 0)
    .map(([name, factor]) => (factor === 1 ? name : `${name} * ${factor}u`));
  return parts.length === 0 ? "0" : parts.join(" + ");
}
