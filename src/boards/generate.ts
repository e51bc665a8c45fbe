import { type Compiled, generate, type Loaded, type ModelFile } from "../compile.js";
import { DiagnosticError } from "../diagnostics.js";
import type { Goal } from "../plan/index.js";
import { findTarget } from "../targets/index.js";
import { checkFit, goalOn, type Needs, needsOf } from "./fit.js";
import type { Board } from "./types.js";

export interface BoardOptions {
  /** Prefix of every C symbol and of the files; has passed `checkModelName`. */
  readonly name: string;
  readonly goal: Goal;
  /** Bytes of RAM that the application takes besides what the table of boards counts for it. */
  readonly appRam: number;
}

/** C for a board, and what of its memories the network and the application take. */
export interface CompiledForBoard extends Compiled {
  readonly needs: Needs;
}

/**
 * C for the core of a board, with kernels that leave room in its memories. Throws
 * `plan/too-big-for-board` where no kernels do.
 */
export function generateFor(
  board: Board,
  { network, calibration, remarks }: Loaded,
  model: ModelFile,
  { name, goal, appRam }: BoardOptions,
): CompiledForBoard {
  const made = (chosen: Goal): CompiledForBoard => {
    const options = { name, target: findTarget(board.target), goal: chosen };
    const compiled = generate(network, model, options, calibration);
    const { flash, ram } = needsOf(compiled.plan, compiled.facts);
    const needs = { flash, ram: ram + appRam };
    checkFit(board, compiled.plan, needs);
    return { ...compiled, remarks, needs };
  };
  try {
    return made(goalOn(board, network, appRam, goal));
  } catch (error) {
    if (!isOfBoard(error, goal)) throw error;
    return made({ ...goal, optimize: "smallest" });
  }
}

/** Whether a limit could not be kept that is the board's, not the user's. */
function isOfBoard(error: unknown, { maxFlash, maxRam }: Goal): boolean {
  if (!(error instanceof DiagnosticError)) return false;
  return error.diagnostics.every(
    ({ code }) =>
      code === "plan/too-big-for-board" ||
      (code === "plan/max-flash" && maxFlash === null) ||
      (code === "plan/max-ram" && maxRam === null),
  );
}
