import type { FloatProgram, FloatStep, FloatStore } from "../../src/network/float.js";
import { elementCount, type Tensor } from "../../src/network/types.js";
import { chance, type Random } from "../support/random.js";

const UNARY = ["neg", "abs", "sqrt"] as const;
const BINARY = ["add", "sub", "mul", "mul", "div", "max", "min"] as const;

/** Ordinary ones, what quantisers use, and what a rounding more or less would change. */
const CONSTANTS = [0, 1, -1, 0.5, 2, 127, 1e-5, 1 / 3, 0.1, 2 ** 23, 2 ** -126, 2 ** -149, 3e38];

/** A program over every input, a few operations long; every step is read by a later one. */
export function drawProgram(random: Random, inputs: readonly Tensor[]): FloatProgram {
  const [first] = inputs;
  const steps: FloatStep[] = inputs.map((_, input) => ({ op: "operand", input }));
  // A value that nothing has read yet for each operand, combined until one is left.
  let waiting = [...steps.keys()];
  for (let more = random.integer(0, 5); more > 0 || waiting.length > 1; more--) {
    const a = waiting[0] ?? 0;
    const b = waiting[1];
    if (b === undefined && chance(random, 0.3)) steps.push({ op: random.pick(UNARY), a });
    else steps.push(drawBinary(random, a, b ?? operandFor(random, first, steps)));
    waiting = [...waiting.slice(2), steps.length - 1];
  }
  return { steps };
}

function drawBinary(random: Random, a: number, b: number): FloatStep {
  return { op: random.pick(BINARY), ...(chance(random, 0.5) ? { a, b } : { a: b, b: a }) };
}

/** An earlier step, or a new constant. */
function operandFor(random: Random, first: Tensor | undefined, steps: FloatStep[]): number {
  if (chance(random, 0.3)) return random.integer(0, steps.length - 1);
  const lengths = [1, 1, first?.channels ?? 1, first === undefined ? 1 : elementCount(first)];
  const values = Float32Array.from({ length: random.pick(lengths) }, () => drawFloat(random));
  steps.push({ op: "constant", values });
  return steps.length - 1;
}

function drawFloat(random: Random): number {
  return chance(random, 0.5)
    ? random.pick(CONSTANTS)
    : (random.next() - 0.5) * 2 ** random.integer(-12, 12);
}

export function drawStore(random: Random): FloatStore {
  const low = random.pick([-128, 0, -8, -1, -(2 ** 22) + 1]);
  return random.pick<FloatStore>([
    { kind: "float32" },
    { kind: "round", low, high: random.integer(low, 255), zero: random.pick([0, 0, -128, 5]) },
    { kind: "bipolar" },
  ]);
}
