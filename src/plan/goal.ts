/**
 * What a plan is for.
 * - `speed`: the fewest cycles.
 * - `size`: the least flash, but for a few bytes that would cost much time.
 * - `smallest`: the least flash, whatever the time.
 * - `balanced`: the fewest cycles in at most `BALANCED` times the flash of `size`.
 */
export const OPTIMIZATIONS = ["balanced", "speed", "size", "smallest"] as const;

export type Optimization = (typeof OPTIMIZATIONS)[number];

export const BALANCED = 1.5;

/** What to choose kernels by. Limits are inclusive; null where there is none. */
export interface Goal {
  readonly optimize: Optimization;
  /** Bytes of tables and of code that is the layers' own. */
  readonly maxFlash: number | null;
  /** Bytes of the arena. */
  readonly maxRam: number | null;
  /** Estimated cycles of one inference. */
  readonly maxCycles: number | null;
  /** Whether products may use the multiplier; without, only additions and subtractions. */
  readonly multiply: boolean;
}

export const DEFAULT_GOAL: Goal = {
  optimize: "balanced",
  maxFlash: null,
  maxRam: null,
  maxCycles: null,
  multiply: true,
};

/** The options of `tritc compile` that ask for it, without those that it has anyway. */
export function goalOptions(goal: Goal): readonly string[] {
  const { optimize, maxFlash, maxRam, maxCycles, multiply } = goal;
  return [
    ...(optimize === DEFAULT_GOAL.optimize ? [] : [`--optimize ${optimize}`]),
    ...(maxFlash === null ? [] : [`--max-flash ${maxFlash}`]),
    ...(maxRam === null ? [] : [`--max-ram ${maxRam}`]),
    ...(maxCycles === null ? [] : [`--max-cycles ${maxCycles}`]),
    ...(multiply ? [] : ["--no-multiply"]),
  ];
}
