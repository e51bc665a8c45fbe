import type { UnaryFunction } from "./types.js";

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
