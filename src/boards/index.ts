import { fail } from "../diagnostics.js";
import * as say from "./diagnostics.js";
import { BOARDS } from "./table.js";
import type { Board } from "./types.js";

export { BOARDS } from "./table.js";
export type * from "./types.js";

const MOST_SUGGESTED = 3;

/** The board of that id. Throws `usage/unknown-board`, which names the nearest ids. */
export function findBoard(id: string): Board {
  return BOARDS.find((board) => board.id === id) ?? fail(say.unknownBoard(id, nearestTo(id)));
}

function nearestTo(id: string): string[] {
  const wanted = plain(id);
  const distances = BOARDS.map((board) => ({ id: board.id, distance: distanceOf(board, wanted) }));
  return distances
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_SUGGESTED)
    .map((near) => near.id);
}

/** People leave out dashes and underscores, or know a part of the name only. */
function distanceOf({ id, name }: Board, wanted: string): number {
  const spellings = [plain(id), plain(name)];
  const within =
    wanted.length > 2 && spellings.some((s) => s.includes(wanted) || wanted.includes(s));
  return within ? 0 : Math.min(...spellings.map((spelling) => editDistance(spelling, wanted)));
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Levenshtein's: characters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, charA] of [...a].entries()) {
    const row = [i + 1];
    for (const [j, charB] of [...b].entries()) {
      const replaced = (previous[j] ?? 0) + (charA === charB ? 0 : 1);
      row.push(Math.min(replaced, (previous[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
