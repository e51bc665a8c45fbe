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

/** The function in doubles. */
export function evaluator(fn: UnaryFunction): (x: number) => number {
  switch (fn.name) {
    case "sigmoid":
      return sigmoid;
    case "tanh":
      return Math.tanh;
    case "silu":
      return (x) => x * sigmoid(x);
    case "hardSwish":
      return (x) => x * Math.min(1, Math.max(0, x / 6 + 0.5));
    case "softplus":
      return softplus;
    case "softsign":
      return (x) => x / (1 + Math.abs(x));
    case "mish":
      return (x) => x * Math.tanh(softplus(x));
    case "erf":
      return erf;
    case "exp":
      return Math.exp;
    case "abs":
      return Math.abs;
    case "sqrt":
      return Math.sqrt;
    case "reciprocal":
      return (x) => 1 / x;
    case "gelu":
      return fn.approximate === "tanh"
        ? (x) => 0.5 * x * (1 + Math.tanh(GELU_FACTOR * (x + 0.044715 * x * x * x)))
        : (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2));
    case "leakyRelu":
      return (x) => (x < 0 ? fn.alpha * x : x);
    case "elu":
      return (x) => (x < 0 ? fn.alpha * Math.expm1(x) : x);
    case "celu":
      return (x) => (x < 0 ? fn.alpha * Math.expm1(x / fn.alpha) : x);
    case "thresholdedRelu":
      return (x) => (x > fn.alpha ? x : 0);
    case "selu":
      return (x) => fn.gamma * (x > 0 ? x : fn.alpha * Math.expm1(x));
    case "hardSigmoid":
      return (x) => Math.min(1, Math.max(0, fn.alpha * x + fn.beta));
    case "power":
      return (x) => x ** fn.exponent;
    default:
      return fn satisfies never;
  }
}

const GELU_FACTOR = Math.sqrt(2 / Math.PI);

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** `log(1 + exp(x))` without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Beyond this erf differs from 1 by less than half a unit in the last place. */
const ERF_SATURATES = 6;

/**
 * `2 / sqrt(pi) * exp(-x^2) * sum over n of 2^n * x^(2n + 1) / (1 * 3 * ... * (2n + 1))`: all terms
 * have one sign, so that nothing cancels (NIST Digital Library of Mathematical Functions, 7.6.2).
 */
export function erf(x: number): number {
  if (Math.abs(x) >= ERF_SATURATES) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * Number.EPSILON; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
