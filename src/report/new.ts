import { type Needs, roomIn } from "../boards/fit.js";
import type { Board } from "../boards/index.js";
import type { WrittenFile } from "./compile.js";
import { bytes, plural } from "./format.js";
import type { ModelSource } from "./inspect.js";

/** What `new --json` prints, besides the fields that all commands have. */
export interface NewReport {
  readonly model: ModelSource;
  /** Prefix of the C symbols and of the files. */
  readonly name: string;
  /** As the user gave it. */
  readonly folder: string;
  /** PlatformIO's id. */
  readonly board: string;
  readonly app: string;
  readonly files: readonly WrittenFile[];
  /** How many golden vectors the tests have. */
  readonly vectors: number;
  /** Bytes of flash (its code estimated) and of RAM that the network takes. */
  readonly needs: Needs;
}

export function newText(report: NewReport, board: Board): string {
  const { folder, app, files, vectors, needs, model } = report;
  return [
    `${model.file} on ${board.name}, application "${app}"`,
    "",
    `flash  about ${bytes(needs.flash)} of the ${bytes(roomIn(board.flash))} that the board leaves to it`,
    `RAM    ${bytes(needs.ram)} of ${bytes(roomIn(board.ram))}, and the stack`,
    "",
    `wrote ${folder}: ${plural(files.length, "file")}, ${plural(vectors, "golden vector")}`,
    "",
    "next:",
    `  cd ${folder}`,
    "  pio test -e native     # the same C on this computer",
    "  pio run -t upload      # builds it, and flashes the board",
    "",
    "README.md says how to wire the board and what you should see.",
  ].join("\n");
}
