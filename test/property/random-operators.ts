import type { Quantizer, UnaryFunction } from "../../src/graph/types.js";
import type { GraphBuilder } from "../support/graph-builder.js";
import { chance, type Random } from "../support/random.js";

/** Where an operator is added: after a tensor that a quantiser made, and before the next one. */
export interface Spot {
  readonly builder: GraphBuilder;
  readonly random: Random;
  readonly name: string;
  /** Whether the integer that means 0 exists and may fill gaps. */
  readonly padded: boolean;
}

type Operator = (spot: Spot) => string;

/** Operators beside convolutions and pools; each gives a real tensor of the same rank. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  unary: ({ builder, random, name }) => builder.unary(name, drawFunction(random)),
  prelu: ({ builder, random, name }) => {
    const channels = builder.shape(name)[1] ?? 1;
    const slopes = Array.from({ length: channels }, () => random.pick([0, 0.25, 0.1, 1, -0.5]));
    const shape = builder.shape(name).length === 4 ? [channels, 1, 1] : [channels];
    return builder.prelu(name, slopes, shape);
  },
  gated: ({ builder, name }) =>
    builder.binary("mul", name, builder.unary(name, { name: "sigmoid" })),
  squared: ({ builder, name }) => {
    const positive = builder.relu(name);
    return builder.binary("mul", positive, positive);
  },
  excited: ({ builder, random, name }) => {
    const kind = random.pick(["mul", "sub", "add"] as const);
    return builder.binary(kind, name, largest(builder, name));
  },
  concat: ({ builder, random, name }) =>
    builder.concat(
      random.pick([
        [name, name],
        [builder.relu(name), name],
        [name, name, name],
      ]),
      1,
    ),
  moved: ({ builder, random, name, padded }) => {
    const lists = builder.shape(name).map((extent, axis) => {
      if (axis === 0 || chance(random, 0.4)) return null;
      return drawIndices(random, extent, padded);
    });
    return builder.gather(name, lists);
  },
  transposed: ({ builder, random, name, padded }) => {
    const [, channels = 1, ...image] = builder.shape(name);
    if (image.length < 2 || !padded) return builder.relu(name);
    const strides = [random.integer(1, 3), random.integer(1, 3)] as const;
    const shape = [channels, random.integer(1, 4), random.integer(1, 3), random.integer(1, 3)];
    const outputPadding = [
      random.integer(0, strides[0] - 1),
      random.integer(0, strides[1] - 1),
    ] as const;
    const weights = Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) =>
      i === 0 ? 1 : random.integer(-1, 1),
    );
    return builder.convTranspose(name, shape, weights, { strides, outputPadding });
  },
};

/** Those that no double computes exactly. */
const ROUNDED: readonly string[] = ["unary", "prelu", "gated"];

/** One of the operators after the tensor, and whether doubles compute it exactly. */
export function drawOperator(spot: Spot): { name: string; exact: boolean } {
  const kind = spot.random.pick(Object.keys(OPERATORS));
  const name = OPERATORS[kind]?.(spot);
  if (name === undefined) throw new RangeError("no operator");
  return { name, exact: !ROUNDED.includes(kind) };
}

function drawFunction(random: Random): UnaryFunction {
  return random.pick<UnaryFunction>([
    { name: "sigmoid" },
    { name: "tanh" },
    { name: "silu" },
    { name: "hardSwish" },
    { name: "softplus" },
    { name: "mish" },
    { name: "abs" },
    { name: "gelu", approximate: random.pick(["none", "tanh"]) },
    { name: "leakyRelu", alpha: 0.1 },
    { name: "elu", alpha: 1 },
    { name: "hardSigmoid", alpha: 0.2, beta: 0.5 },
    { name: "power", exponent: 2 },
  ]);
}

/** The largest element of each channel, at every position of an image. */
function largest(builder: GraphBuilder, name: string): string {
  const [, , height, width] = builder.shape(name);
  if (height === undefined || width === undefined) return builder.relu(name);
  return builder.maxPool(name, { kernel: [height, width] });
}

/** A slice, the reverse, each element twice, or one with gaps around it. */
function drawIndices(random: Random, extent: number, gaps: boolean): number[] {
  const all = Array.from({ length: extent }, (_, i) => i);
  const start = random.integer(0, extent - 1);
  return random.pick([
    all.slice(start),
    all.slice(0, start + 1),
    all.toReversed(),
    all.flatMap((i) => [i, i]),
    gaps ? [-1, ...all, -1, -1] : all,
  ]);
}

/** FINN's thresholds, one list for all channels or one for each of `channels` along axis 1. */
export function drawThresholds(random: Random, channels: number, unit: number): Quantizer {
  const count = random.pick([1, 2, 3, 7, 15, 30]);
  const lists = chance(random, 0.5) ? channels : 1;
  const values = Array.from({ length: lists }, () =>
    Array.from({ length: count }, () => random.integer(-64, 64) * unit).sort((a, b) => a - b),
  ).flat();
  const [base, step] = random.pick([
    [0, 1],
    [-1, 2],
    [-8, 1],
  ]);
  return {
    kind: "thresholds",
    values: Float64Array.from(values),
    count,
    axis: lists > 1 ? 1 : null,
    base: base ?? 0,
    step: step ?? 1,
  };
}
