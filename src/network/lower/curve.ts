import { evaluator } from "../../graph/functions.js";
import type { UnaryFunction } from "../../graph/types.js";
import type { Replay } from "./replay.js";

/**
 * A function of one stored integer, for each channel, that is no line: what pointwise operators make
 * of a tensor. Values are doubles, whose errors are some 1e-15 of the largest number on the way.
 */
export interface Curve {
  readonly value: (element: number, channel: number) => number;
  /** The same as float32 runtimes compute it, where that is known; it then decides. */
  readonly replay: Replay | null;
  /** How many channels have a function of their own; 1 where all share one. */
  readonly lists: number;
  /** 1 if it rises with the element in every channel, -1 if it falls; null if that is not known. */
  readonly direction: 1 | -1 | null;
  /** No value is smaller. */
  readonly floor: number;
}

/** `f` of a curve's values; the channel tells lists of constants apart. */
export interface Step {
  readonly apply: (value: number, channel: number) => number;
  readonly lists: number;
  /** Of `apply`, for values of at least the curve's floor. */
  readonly direction: 1 | -1 | null;
  readonly floor: number;
  /** Whether runtimes compute it as one float32 operation, rounded once. */
  readonly replayed: boolean;
}

export function compose(curve: Curve, step: Step): Curve {
  const { value, replay } = curve;
  const rounded: Replay | null =
    replay && step.replayed ? (element, c) => Math.fround(step.apply(replay(element, c), c)) : null;
  return {
    value: (element, c) => step.apply(value(element, c), c),
    replay: rounded,
    lists: Math.max(curve.lists, step.lists),
    direction: times(curve.direction, step.direction),
    floor: step.floor,
  };
}

function times(a: 1 | -1 | null, b: 1 | -1 | null): 1 | -1 | null {
  if (a === null || b === null) return null;
  return a === b ? 1 : -1;
}

/** Two curves of the same element, combined. */
export function combine(a: Curve, b: Curve, operation: "add" | "sub" | "mul"): Curve {
  const f = OPERATIONS[operation];
  const [ra, rb] = [a.replay, b.replay];
  const bothRise = operation === "add" && a.direction !== null && a.direction === b.direction;
  return {
    value: (element, c) => f(a.value(element, c), b.value(element, c)),
    replay: ra && rb && ((element, c) => Math.fround(f(ra(element, c), rb(element, c)))),
    lists: Math.max(a.lists, b.lists),
    direction: bothRise ? a.direction : null,
    floor: operation === "add" ? a.floor + b.floor : Number.NEGATIVE_INFINITY,
  };
}

const OPERATIONS = {
  add: (x: number, y: number): number => x + y,
  sub: (x: number, y: number): number => x - y,
  mul: (x: number, y: number): number => x * y,
} as const;

/** A named function as a step, for values of at least `floor`. */
export function stepOf(fn: UnaryFunction, floor: number): Step {
  const apply = evaluator(fn);
  const low = Number.isFinite(floor) ? apply(floor) : limitOf(fn);
  const direction = directionOf(fn, floor);
  return {
    apply,
    lists: 1,
    direction,
    floor: direction === 1 ? low : lowestOf(fn),
    replayed: true,
  };
}

/** Where the function rises, for arguments of at least `floor`. */
function directionOf(fn: UnaryFunction, floor: number): 1 | -1 | null {
  switch (fn.name) {
    case "sigmoid":
    case "tanh":
    case "erf":
    case "exp":
    case "softplus":
    case "softsign":
    case "sqrt":
      return 1;
    case "leakyRelu":
    case "elu":
    case "celu":
    case "thresholdedRelu":
      return fn.alpha >= 0 ? 1 : null;
    case "selu":
      return fn.alpha >= 0 && fn.gamma >= 0 ? 1 : null;
    case "hardSigmoid":
      return fn.alpha >= 0 ? 1 : -1;
    case "abs":
    case "silu":
    case "hardSwish":
    case "mish":
    case "gelu":
      return floor >= 0 ? 1 : null;
    case "power":
      if (fn.exponent <= 0) return null;
      return floor >= 0 || fn.exponent % 2 === 1 ? 1 : null;
    case "reciprocal":
      return null;
    default:
      return fn satisfies never;
  }
}

/** A lower bound of all values. */
function lowestOf(fn: UnaryFunction): number {
  switch (fn.name) {
    case "abs":
      return 0;
    case "silu":
    case "mish":
    case "gelu":
    case "hardSwish":
      return -1;
    case "power":
      return fn.exponent % 2 === 0 ? 0 : Number.NEGATIVE_INFINITY;
    default:
      return Number.NEGATIVE_INFINITY;
  }
}

/** The limit at minus infinity of functions that rise everywhere. */
function limitOf(fn: UnaryFunction): number {
  switch (fn.name) {
    case "sigmoid":
    case "exp":
    case "softplus":
    case "sqrt":
    case "hardSigmoid":
      return 0;
    case "tanh":
    case "erf":
    case "softsign":
      return -1;
    default:
      return Number.NEGATIVE_INFINITY;
  }
}
