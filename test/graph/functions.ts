import type { UnaryFunction } from "../../src/graph/types.js";

/** The functions of `unary` nodes by other formulas than the compiler's, where there are some. */
export function functionOf(fn: UnaryFunction): (x: number) => number {
  switch (fn.name) {
    case "sigmoid":
      return sigmoid;
    case "tanh":
      return (x) => 2 * sigmoid(2 * x) - 1;
    case "silu":
      return (x) => x * sigmoid(x);
    case "hardSwish":
      return (x) => (x <= -3 ? 0 : x >= 3 ? x : (x * (x + 3)) / 6);
    case "softplus":
      return (x) => (x > 30 ? x : Math.log(1 + Math.exp(x)));
    case "softsign":
      return (x) => x / (1 + Math.abs(x));
    case "mish":
      return (x) => {
        const e = (1 + Math.exp(x)) ** 2;
        return (x * (e - 1)) / (e + 1);
      };
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
      return fn.approximate === "none"
        ? (x) => (x / 2) * (1 + erf(x / Math.sqrt(2)))
        : (x) => x * sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3));
    case "leakyRelu":
      return (x) => Math.max(x, 0) + fn.alpha * Math.min(x, 0);
    case "elu":
      return (x) => (x >= 0 ? x : fn.alpha * (Math.exp(x) - 1));
    case "celu":
      return (x) => Math.max(0, x) + Math.min(0, fn.alpha * (Math.exp(x / fn.alpha) - 1));
    case "thresholdedRelu":
      return (x) => (x > fn.alpha ? x : 0);
    case "selu":
      return (x) => fn.gamma * (x > 0 ? x : fn.alpha * Math.exp(x) - fn.alpha);
    case "hardSigmoid":
      return (x) => Math.max(0, Math.min(1, fn.alpha * x + fn.beta));
    case "power":
      return (x) => x ** fn.exponent;
    default:
      return fn satisfies never;
  }
}

function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/** The integral of `2 / sqrt(pi) * exp(-t^2)` by Simpson's rule, to some 1e-14. */
export function erf(x: number): number {
  const steps = 4000;
  const end = Math.min(Math.abs(x), 6);
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const t = (end * i) / steps;
    sum += Math.exp(-t * t) * (i === 0 || i === steps ? 1 : i % 2 === 0 ? 2 : 4);
  }
  return ((Math.sign(x) * 2) / Math.sqrt(Math.PI)) * sum * (end / steps / 3);
}
