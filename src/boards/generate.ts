import { type Compiled, generate, type Loaded, type ModelFile } from "../compile.js";
import { DiagnosticError } from "../diagnostics.js";
import type { Goal } from "../plan/index.js";
import { findTarget } from "../targets/index.js";
import { checkFit, goalOn } from "./fit.js";
import type { Board } from "./types.js";

/**
 * C for the core of a board, with kernels that leave room in its memories. Throws
 * `plan/too-big-for-board` where no kernels do.
 */
export function generateFor(
  board: Board,
  { network, calibration, remarks }: Loaded,
  model: ModelFile,
  { name, goal }: { readonly name: string; readonly goal: Goal },
): Compiled {
  const made = (chosen: Goal): Compiled => ({
    ...generate(
      network,
      model,
      { name, target: findTarget(board.target), goal: chosen },
      calibration,
    ),
    remarks,
  });
  try {
    return made(goalOn(board, goal));
  } catch (error) {
    if (!isOfBoard(error, goal)) throw error;
    const smallest = made({ ...goal, optimize: "smallest" });
    checkFit(board, smallest.plan, smallest.facts);
    return smallest;
  }
}

/** Whether a limit could not be kept that is the board's, not the user's. */
function isOfBoard(error: unknown, { maxFlash, maxRam }: Goal): boolean {
  if (!(error instanceof DiagnosticError)) return false;
  return error.diagnostics.every(
    ({ code }) =>
      (code === "plan/max-flash" && maxFlash === null) ||
      (code === "plan/max-ram" && maxRam === null),
  );
}
