import { evaluator } from "../../graph/functions.js";
import type { UnaryFunction } from "../../graph/types.js";
import { zip } from "../channels.js";
import { type Rational, sign } from "../rational.js";
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
  /** 1 where it rises with the element, -1 where it falls, for all channels or each. */
  readonly directions: Directions;
  /** No value is smaller. */
  readonly floor: number;
}

/** Null where it is not known that a function never turns back. */
export type Directions = readonly (1 | -1)[] | null;

export const RISING: Directions = [1];

/** `f` of a curve's values; the channel tells lists of constants apart. */
export interface Step {
  readonly apply: (value: number, channel: number) => number;
  readonly lists: number;
  /** Of `apply`, for values of at least the curve's floor. */
  readonly directions: Directions;
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
    directions: times(curve.directions, step.directions),
    floor: step.floor,
  };
}

function times(a: Directions, b: Directions): Directions {
  return a && b && zip(a, b, (x, y) => (x === y ? 1 : -1));
}

/** A line with these slopes: constants rise as well as anything. */
export function directionsOf(slopes: readonly Rational[]): Directions {
  const directions = slopes.map((slope) => (sign(slope) < 0 ? -1 : 1));
  return directions.every((d) => d === directions[0]) ? directions.slice(0, 1) : directions;
}

/** Whether all channels go the same way. */
export function allGo(directions: Directions, way: 1 | -1): boolean {
  return directions?.every((direction) => direction === way) ?? false;
}

/** Two curves of the same element, combined. */
export function combine(a: Curve, b: Curve, operation: "add" | "sub" | "mul"): Curve {
  const f = OPERATIONS[operation];
  const [ra, rb] = [a.replay, b.replay];
  const rises = operation === "add" && allGo(a.directions, 1) && allGo(b.directions, 1);
  return {
    value: (element, c) => f(a.value(element, c), b.value(element, c)),
    replay: ra && rb && ((element, c) => Math.fround(f(ra(element, c), rb(element, c)))),
    lists: Math.max(a.lists, b.lists),
    directions: rises ? RISING : null,
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
  const rises = risesFrom(fn, floor);
  return {
    apply,
    lists: 1,
    directions: rises ? RISING : null,
    floor: rises ? low : lowestOf(fn),
    replayed: true,
  };
}

/** Whether the function rises, for arguments of at least `floor`. */
function risesFrom(fn: UnaryFunction, floor: number): boolean {
  switch (fn.name) {
    case "sigmoid":
    case "tanh":
    case "erf":
    case "exp":
    case "softplus":
    case "softsign":
    case "sqrt":
      return true;
    case "leakyRelu":
    case "elu":
    case "celu":
    case "thresholdedRelu":
      return fn.alpha >= 0;
    case "selu":
      return fn.alpha >= 0 && fn.gamma >= 0;
    case "hardSigmoid":
      return fn.alpha >= 0;
    case "abs":
    case "silu":
    case "hardSwish":
    case "mish":
    case "gelu":
      return floor >= 0;
    case "power":
      if (fn.exponent <= 0) return false;
      return floor >= 0 || fn.exponent % 2 === 1;
    case "reciprocal":
      return false;
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
