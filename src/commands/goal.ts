import { type Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_GOAL, type Goal, OPTIMIZATIONS, type Optimization } from "../plan/index.js";

/** Options that every command which makes C of a model shares. */
export interface GoalFlags {
  readonly optimize: Optimization;
  readonly maxFlash?: number;
  readonly maxRam?: number;
  readonly maxCycles?: number;
  readonly multiply: boolean;
}

/** Adds them: what kernels are chosen by. */
export function addGoalOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--optimize <goal>", "what to choose kernels by (see docs/planner.md)")
        .choices(OPTIMIZATIONS)
        .default(DEFAULT_GOAL.optimize),
    )
    .option("--max-flash <bytes>", "most flash for tables and code of layers, e.g. 96K", bytes)
    .option("--max-ram <bytes>", "most RAM for the arena, e.g. 20K", bytes)
    .option("--max-cycles <number>", "most cycles of one inference, estimated", cycles)
    .option("--no-multiply", "only kernels that add and subtract, for cores that multiply slowly");
}

export function goalOf({ optimize, maxFlash, maxRam, maxCycles, multiply }: GoalFlags): Goal {
  return {
    optimize,
    maxFlash: maxFlash ?? null,
    maxRam: maxRam ?? null,
    maxCycles: maxCycles ?? null,
    multiply,
  };
}

function bytes(text: string): number {
  const [, digits = "", unit = ""] = /^(\d+)([KkMm]?)$/.exec(text) ?? [];
  const factor = { "": 1, k: 1024, m: 1024 * 1024 }[unit.toLowerCase()];
  const value = Number(digits) * (factor ?? 1);
  if (digits !== "" && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError(
    "It must be a number of bytes; K and M stand for 1024 and 1024 K.",
  );
}

function cycles(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?(e\d+)?$/i.test(text) && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number of cycles, e.g. 2500000 or 2.5e6.");
}
