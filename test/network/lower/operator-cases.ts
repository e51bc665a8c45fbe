import type { Graph, UnaryFunction } from "../../../src/graph/types.js";
import { GraphBuilder, uniform } from "../../support/graph-builder.js";
import { seeded } from "../../support/random.js";

const INT8 = uniform(0.0371, { zero: 3 });
const UINT8 = uniform(0.0127, { zero: 7, min: 0, max: 255 });
const NARROW = uniform(0.31, { min: -4, max: 3 });

const FUNCTIONS: readonly UnaryFunction[] = [
  { name: "sigmoid" },
  { name: "tanh" },
  { name: "silu" },
  { name: "hardSwish" },
  { name: "softplus" },
  { name: "softsign" },
  { name: "mish" },
  { name: "erf" },
  { name: "exp" },
  { name: "abs" },
  { name: "gelu", approximate: "none" },
  { name: "gelu", approximate: "tanh" },
  { name: "leakyRelu", alpha: 0.1 },
  { name: "elu", alpha: 1.3 },
  { name: "celu", alpha: 0.7 },
  { name: "selu", alpha: 1.6732632, gamma: 1.050701 },
  { name: "hardSigmoid", alpha: 0.2, beta: 0.5 },
  { name: "thresholdedRelu", alpha: 0.4 },
  { name: "power", exponent: 2 },
  { name: "power", exponent: 3 },
];

/** Functions that rise everywhere work on accumulators too. */
const RISING = new Set(["sigmoid", "tanh", "softplus", "leakyRelu", "elu", "selu", "hardSigmoid"]);

function trits(count: number, seed = 1): number[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => random.integer(-1, 1));
}

/** int8 [1, 4, 5, 6] through a ternary convolution, quantised again. */
function image(): [g: GraphBuilder, x: string, sums: string] {
  const g = new GraphBuilder([1, 4, 5, 6], "int8");
  const x = g.dequantize("x", 0.041, 5);
  const weights = trits(4 * 4 * 9);
  const sums = g.conv(x, [4, 4, 3, 3], weights, { pads: [1, 1, 1, 1], bias: [0.2, -1, 0, 3] });
  return [g, x, sums];
}

/** The same, stored. */
function stored(): [g: GraphBuilder, x: string, y: string] {
  const [g, x, sums] = image();
  return [g, x, g.requantize(sums, uniform(0.052, { zero: -4 }))];
}

function vector(): [g: GraphBuilder, x: string, sums: string] {
  const g = new GraphBuilder([1, 12], "uint8");
  const x = g.dequantize("x", 0.0113, 120);
  return [g, x, g.dense(x, [8, 12], trits(96), trits(8, 2))];
}

function named(fn: UnaryFunction): string {
  const { name, ...parameters } = fn;
  return [name, ...Object.values(parameters)].join(" ");
}

const CURVES = FUNCTIONS.map((fn): [string, () => Graph] => [
  `${named(fn)} of a stored tensor`,
  () => {
    const [g, , y] = stored();
    g.quantize(g.unary(y, fn), INT8);
    return g.build();
  },
]);

const SUMS = FUNCTIONS.filter(({ name }) => RISING.has(name)).flatMap(
  (fn): [string, () => Graph][] =>
    [INT8, NARROW].map((quantizer, i) => [
      `${named(fn)} of accumulators to ${i === 0 ? "8" : "3"} bits`,
      () => {
        const [g, , sums] = image();
        g.quantize(g.unary(sums, fn), quantizer);
        return g.build();
      },
    ]),
);

type Case = () => Graph;

function case_(make: () => [g: GraphBuilder, output: string], quantizer = INT8): Case {
  return () => {
    const [g, output] = make();
    g.quantize(output, quantizer);
    return g.build();
  };
}

export const OPERATOR_CASES: Readonly<Record<string, () => Graph>> = {
  "a transposed tensor and its convolution, added and scaled by channel": () => {
    const g = new GraphBuilder([1, 4, 6, 7], "int8");
    const x = g.transpose(g.dequantize("x", 0.125), [0, 2, 3, 1]);
    const sum = g.sum(x, g.conv(x, [6, 6, 1, 1], trits(36)));
    const scales = [0.5, 0.25, 1, 0.3, 0.7, 2];
    return g.build(g.quantize(g.arithmetic("mul", sum, scales, [6, 1, 1]), INT8));
  },
  ...Object.fromEntries(CURVES),
  ...Object.fromEntries(SUMS),
  "squared relu of accumulators": case_(() => {
    const [g, , sums] = image();
    const relu = g.relu(sums);
    return [g, g.binary("mul", relu, relu)];
  }),
  "square root behind a relu": case_(() => {
    const [g, , y] = stored();
    return [g, g.unary(g.relu(y), { name: "sqrt" })];
  }),
  "x * sigmoid(x), spelled out": case_(() => {
    const [g, , y] = stored();
    return [g, g.binary("mul", y, g.unary(y, { name: "sigmoid" }))];
  }),
  "gelu, spelled out": case_(() => {
    const [g, , y] = stored();
    const erf = g.unary(g.arithmetic("div", y, Math.SQRT2), { name: "erf" });
    const gate = g.arithmetic("add", erf, 1);
    return [g, g.arithmetic("mul", g.binary("mul", y, gate), 0.5)];
  }),
  "gelu by tanh, spelled out": case_(() => {
    const [g, , y] = stored();
    const cube = g.unary(y, { name: "power", exponent: 3 });
    const inner = g.binary("add", y, g.arithmetic("mul", cube, 0.044715));
    const tanh = g.unary(g.arithmetic("mul", inner, 0.7978845608), { name: "tanh" });
    return [g, g.binary("mul", g.arithmetic("mul", y, 0.5), g.arithmetic("add", tanh, 1))];
  }),
  "BatchNorm behind a curve": case_(() => {
    const [g, , y] = stored();
    const norm = { gamma: [0.7, -1.3, 0, 2.1], beta: [0.1, 0.2, 0.3, 0.4], mean: [1, 0, 1, 0] };
    return [g, g.batchNorm(g.unary(y, { name: "silu" }), norm)];
  }),
  "a curve, MaxPool, quantiser": case_(() => {
    const [g, , y] = stored();
    return [g, g.maxPool(g.unary(y, { name: "silu" }), { kernel: [2, 2], strides: [2, 2] })];
  }),
  "a curve of accumulators that falls": case_(() => {
    const [g, , sums] = image();
    return [g, g.unary(g.arithmetic("mul", sums, -0.3), { name: "tanh" })];
  }),
  "a curve behind gammas of both signs": case_(() => {
    const [g, , sums] = image();
    const norm = { gamma: [0.7, -1.3, 0, 2.1], beta: [0.1, 0.2, 0.3, 0.4], mean: [1, 0, 1, 0] };
    return [g, g.unary(g.batchNorm(sums, norm), { name: "leakyRelu", alpha: 0.1 })];
  }),
  "PReLU by channel": case_(() => {
    const [g, , y] = stored();
    return [g, g.prelu(y, [0.1, 0.25, -0.3, 1.5], [4, 1, 1])];
  }),
  "PReLU by channel of accumulators": case_(() => {
    const [g, , sums] = image();
    return [g, g.prelu(sums, [0.1, 0.25, 0, 1.5], [4, 1, 1])];
  }),
  "product of two tensors": case_(() => {
    const [g, x, y] = stored();
    return [g, g.binary("mul", x, y)];
  }, UINT8),
  "product with a gate for each channel": case_(() => {
    const [g, , y] = stored();
    const mean = g.requantize(g.averagePool(y, { kernel: [5, 6] }), INT8);
    const gate = g.requantize(
      g.unary(g.conv(mean, [4, 4, 1, 1], trits(16, 5)), { name: "sigmoid" }),
      uniform(1 / 256, { min: 0, max: 255 }),
    );
    return [g, g.binary("mul", gate, y)];
  }),
  "product of a tensor and a row": case_(() => {
    const [g, x, y] = stored();
    const row = g.gather(x, [null, [2], [1], null]);
    return [g, g.binary("mul", y, row)];
  }),
  "a product in a sum": case_(() => {
    const [g, x, y] = stored();
    return [g, g.binary("add", g.binary("mul", x, y), y)];
  }),
  "difference of two tensors": case_(() => {
    const [g, x, y] = stored();
    return [g, g.binary("sub", x, y)];
  }),
  "sum with a vector for each channel": case_(() => {
    const [g, , y] = stored();
    const mean = g.requantize(g.averagePool(y, { kernel: [5, 6] }), INT8);
    return [g, g.binary("add", y, mean)];
  }),
  "sum of three tensors": case_(() => {
    const [g, x, sums] = image();
    const y = g.requantize(sums, uniform(0.052));
    return [g, g.binary("add", g.binary("add", x, y), g.requantize(sums, uniform(0.11)))];
  }),
  "sum of four with one scale, then thresholds": () => {
    const [g, x] = image();
    const [a, b, c, d] = [1, 2, 3, 4].map((seed) =>
      g.requantize(g.conv(x, [4, 4, 1, 1], trits(16, seed)), uniform(0.0625)),
    );
    const sum = g.sum(g.sum(a ?? "", b ?? ""), g.sum(c ?? "", d ?? ""));
    const values = Float64Array.from([-3.1, -1, -0.5, 0, 0.3, 2, 4.5]);
    g.quantize(sum, { kind: "thresholds", values, count: 7, axis: null, base: -3, step: 1 });
    return g.build();
  },
  "sign of a sum": () => {
    const [g, x, y] = stored();
    g.quantize(g.sum(x, y), { kind: "sign" });
    return g.build();
  },
  "a curve of a sum": case_(() => {
    const [g, x, y] = stored();
    return [g, g.unary(g.sum(x, y), { name: "sigmoid" })];
  }, UINT8),
  "concatenated channels, one quantiser": case_(() => {
    const [g, x, y] = stored();
    return [g, g.concat([x, y], 1)];
  }),
  "concatenated channels into a convolution": case_(() => {
    const [g, x, sums] = image();
    const [a, b] = [uniform(0.05), uniform(0.05)].map((q) => g.requantize(sums, q));
    const c = g.requantize(
      g.conv(x, [2, 4, 1, 1], trits(8, 3), { pads: [0, 0, 0, 0] }),
      uniform(0.05),
    );
    return [g, g.conv(g.concat([a ?? "", b ?? "", c], 1), [3, 10, 2, 2], trits(120, 4))];
  }),
  "concatenated rows": case_(() => {
    const [g, x, y] = stored();
    return [g, g.concat([g.requantize(x, INT8), g.requantize(y, INT8)], 2)];
  }),
  "concatenated accumulators behind relu": case_(() => {
    const [g, x, sums] = image();
    const other = g.conv(x, [2, 4, 1, 1], trits(8, 9));
    return [g, g.concat([g.relu(sums), other, x], 1)];
  }),
  "concatenated vectors": case_(() => {
    const [g, x, sums] = vector();
    return [g, g.concat([sums, x, g.requantize(sums, NARROW)], 1)];
  }),
  "slices of every axis, backwards and in steps": case_(() => {
    const [g, , y] = stored();
    return [g, g.gather(y, [null, [3, 1], [4, 2, 0], [1, 2, 3]])];
  }),
  "a slice of accumulators": case_(() => {
    const [g, , sums] = image();
    return [g, g.gather(sums, [null, [1, 2], null, [0, 5]])];
  }),
  "nearest upsampling into a convolution": case_(() => {
    const [g, , y] = stored();
    const twice = (n: number): number[] => Array.from({ length: 2 * n }, (_, i) => i >> 1);
    const large = g.gather(y, [null, null, twice(5), twice(6)]);
    return [g, g.conv(large, [2, 4, 3, 3], trits(72, 6), { pads: [1, 1, 1, 1] })];
  }),
  "padding with zero, reflected and repeated": case_(() => {
    const [g, , y] = stored();
    const zeros = g.gather(y, [null, null, [-1, 0, 1, 2, 3, 4, -1], [0, 1, 2, 3, 4, 5, -1]]);
    const mirrored = g.gather(zeros, [null, null, [1, 0, 1, 2, 3, 4, 5, 6], null]);
    return [g, g.gather(mirrored, [null, null, null, [0, 0, 0, 1, 2, 3, 4, 5, 6, 6]])];
  }),
  "padded channels": case_(() => {
    const [g, , y] = stored();
    return [g, g.gather(y, [null, [-1, 0, 1, 2, 3, -1], null, null])];
  }),
  "a channel shuffle": case_(() => {
    const [g, , y] = stored();
    const turned = g.transpose(g.reshape(y, [1, 2, 2, 30]), [0, 2, 1, 3]);
    return [g, g.conv(g.reshape(turned, [1, 4, 5, 6]), [2, 2, 1, 1], [1, -1, 0, 1], { groups: 2 })];
  }),
  "a transposition that stays": case_(() => {
    const [g, , y] = stored();
    return [g, g.conv(g.transpose(y, [0, 2, 3, 1]), [2, 5, 2, 2], trits(40, 8))];
  }),
  "channels last: slices and concatenation": case_(() => {
    const [g, , y] = stored();
    const last = g.transpose(y, [0, 2, 3, 1]);
    const part = g.gather(last, [null, [0, 1], null, [3, 2]]);
    const other = g.gather(last, [null, [3, 4], null, [0, 1]]);
    return [g, g.concat([part, other], 3)];
  }),
  "transposed convolution, stride 2": case_(() => {
    const [g, , y] = stored();
    const options = { strides: [2, 2], pads: [1, 0, 1, 1], outputPadding: [1, 1] } as const;
    return [g, g.convTranspose(y, [4, 3, 3, 3], trits(108, 3), { ...options, bias: [1, 0, -1] })];
  }),
  "transposed convolution, groups, uneven strides, dilated": case_(() => {
    const [g, , y] = stored();
    const options = { strides: [3, 2], dilations: [2, 1], pads: [2, 1, 0, 0], groups: 2 } as const;
    return [g, g.convTranspose(y, [4, 2, 2, 3], trits(48, 3), options)];
  }),
  "mean that counts padding but not the overhang": () => {
    const [g, , y] = stored();
    const window = {
      kernel: [3, 2],
      strides: [2, 2],
      dilations: [1, 2],
      pads: { top: 1, left: 1, bottom: 2, right: 2 },
    } as const;
    const pooled = g.averagePoolNode(y, window, true, [1, 1]);
    g.quantize(pooled, INT8);
    return g.build();
  },
  "dilated mean without padding": () => {
    const [g, , y] = stored();
    const window = {
      kernel: [2, 2],
      strides: [1, 1],
      dilations: [2, 3],
      pads: { top: 1, left: 1, bottom: 1, right: 1 },
    } as const;
    g.quantize(g.averagePoolNode(y, window, false, [0, 0]), INT8);
    return g.build();
  },
  "a constant for each element": case_(() => {
    const [g, , sums] = image();
    const random = seeded(4);
    const values = Array.from({ length: 120 }, () => random.next() * 2 - 1);
    return [g, g.arithmetic("add", sums, values, [4, 5, 6])];
  }),
  "a factor for each element of a stored tensor": case_(() => {
    const [g, , y] = stored();
    const random = seeded(4);
    const values = Array.from({ length: 30 }, () => random.next() * 2 - 1);
    return [g, g.arithmetic("mul", y, values, [5, 6])];
  }),
  "a quantiser along the width": () => {
    const [g, , sums] = image();
    g.quantize(sums, uniform([0.03, 0.05, 0.07, 0.1, 0.2, 0.3], { axis: 3 }));
    return g.build();
  },
  "embeddings of row numbers": () => {
    const g = new GraphBuilder([1, 6], "int32");
    const rows = g.embedding(
      "x",
      [10, 8],
      trits(80, 2).map((t) => 0.37 * t),
    );
    g.quantize(g.dense(rows, [5, 8], trits(40, 3)), INT8);
    return g.build();
  },
  "every branch of a dense block": case_(() => {
    const [g, x, y] = stored();
    const joined = g.requantize(g.concat([x, y], 1), INT8);
    const z = g.requantize(g.conv(joined, [4, 8, 1, 1], trits(32, 2)), INT8);
    const all = g.requantize(g.concat([joined, z], 1), INT8);
    return [g, g.sum(g.conv(all, [4, 12, 1, 1], trits(48, 7)), g.binary("mul", y, z))];
  }),
  "a curve into a convolution, on a grid of its own": case_(() => {
    const [g, , y] = stored();
    return [g, g.conv(g.unary(y, { name: "silu" }), [2, 4, 1, 1], trits(8, 7))];
  }, NARROW),
  "float input through a curve": () => {
    const g = new GraphBuilder([1, 4], "real");
    const x = g.requantize(g.unary("x", { name: "tanh" }), uniform(0.02, { zero: 1 }));
    g.quantize(g.dense(x, [3, 4], trits(12, 2)), NARROW);
    return g.build();
  },
};
