import type { Weights } from "../network/types.js";

/** The product of weight row `output` with a vector of `perOutput` integers. */
export type RowProduct = (output: number, x: Int32Array) => number;

/** Chooses how to multiply: trits become lists of columns to add and to subtract. */
export function rowProduct(weights: Weights): RowProduct {
  const sparse = weights.kind === "ternary";
  return sparse ? listProduct(weights) : denseProduct(weights);
}

function denseProduct({ values, perOutput }: Weights): RowProduct {
  return (output, x) => {
    const start = output * perOutput;
    let sum = 0;
    for (let k = 0; k < perOutput; k++) sum += (values[start + k] ?? 0) * (x[k] ?? 0);
    return sum;
  };
}

/** Columns of +1, then columns of -1, of every row one after the other. */
function listProduct({ values, perOutput, outputs }: Weights): RowProduct {
  const columns = new Int32Array(values.reduce((n, w) => n + Math.abs(w), 0));
  const ends = new Int32Array(2 * outputs);
  let next = 0;
  for (let o = 0; o < outputs; o++) {
    for (const trit of [1, -1]) {
      for (let k = 0; k < perOutput; k++) {
        if (values[o * perOutput + k] === trit) columns[next++] = k;
      }
      ends[2 * o + (trit === 1 ? 0 : 1)] = next;
    }
  }
  return (output, x) => {
    const start = output === 0 ? 0 : (ends[2 * output - 1] ?? 0);
    const middle = ends[2 * output] ?? 0;
    const end = ends[2 * output + 1] ?? 0;
    let sum = 0;
    for (let i = start; i < middle; i++) sum += x[columns[i] ?? 0] ?? 0;
    for (let i = middle; i < end; i++) sum -= x[columns[i] ?? 0] ?? 0;
    return sum;
  };
}
