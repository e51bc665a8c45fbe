/** Everything that choosing a board says. */

import { type Diagnostic, errorDiagnostic } from "../diagnostics.js";
import { bytes } from "../report/format.js";

export function unknownBoard(id: string, nearest: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "usage/unknown-board",
    {},
    `there is no board "${id}" in tritc's table`,
    `Did you mean ${nearest.join(" or ")}? \`tritc boards\` lists them all.`,
  );
}

/** One memory of a board that a network does not fit into. */
export interface Excess {
  readonly memory: "flash" | "RAM";
  readonly needed: number;
  readonly available: number;
  /** The layer that takes most of it, and how much. */
  readonly largest: { readonly layer: string; readonly bytes: number };
}

export function tooBig(
  board: string,
  { memory, needed, available, largest }: Excess,
  fitting: readonly string[],
): Diagnostic {
  const others =
    fitting.length === 0
      ? "No board of the table has room for it."
      : `It fits ${fitting.slice(0, 4).join(", ")}.`;
  const smaller = largest.bytes > needed - available ? "that layer" : "the network";
  return errorDiagnostic(
    "plan/too-big-for-board",
    { node: largest.layer },
    `the network needs ${bytes(needed)} of ${memory}, ${bytes(needed - available)} more than the ` +
      `${bytes(available)} that ${board} leaves to it; most is taken by layer "${largest.layer}" ` +
      `(${bytes(largest.bytes)})`,
    `Make ${smaller} smaller by about ${bytes(needed - available)}, or choose another board. ${others}`,
  );
}

/** The camera gives less than the network was trained on. */
export function colourBlind(board: string): Diagnostic {
  return {
    code: "plan/no-colours",
    severity: "warning",
    where: {},
    message: `the network sees red, green and blue, and the camera of ${board} only grey: it is given grey in all three`,
    hint: "Train the network on grey pictures, or choose a board whose camera sees colours.",
  };
}
