import { roomIn } from "../boards/fit.js";
import type { Board } from "../boards/index.js";
import { integer } from "./format.js";
import { left, right, table } from "./table.js";

/** What `boards --json` prints, besides the fields that all commands have. */
export interface BoardsReport {
  readonly boards: readonly Board[];
}

const COLUMNS = [
  left("board"),
  left("what"),
  left("core"),
  right("MHz"),
  right("flash KB"),
  right("RAM KB"),
  left("camera"),
];

/** Memories are what a board leaves to a network. */
export function boardsText({ boards }: BoardsReport): string {
  const rows = boards.map((board) => [
    board.id,
    board.name,
    board.target,
    integer(board.mhz),
    integer(roomIn(board.flash) / 1024),
    integer(roomIn(board.ram) / 1024),
    board.camera?.sensor ?? "",
  ]);
  return table(COLUMNS, rows);
}
