import { sizeOf } from "../../src/graph/nodes.js";
import type {
  AveragePoolNode,
  ConvNode,
  ConvTransposeNode,
  Graph,
  GraphNode,
  MaxPoolNode,
  Quantizer,
  ReduceNode,
  Shape,
} from "../../src/graph/types.js";
import { windowed } from "../../src/graph/window.js";
import { functionOf } from "./functions.js";

/**
 * The Graph's meaning in double precision, written for clarity: what tests compare readings with.
 * Every tensor by name, for one input.
 */
export function evaluate(graph: Graph, input: ArrayLike<number>): Map<string, Float64Array> {
  const values = new Map<string, Float64Array>([[graph.input, Float64Array.from(input)]]);
  for (const node of graph.nodes) values.set(node.output, compute(node, graph, values));
  return values;
}

/** The value of the graph's output. */
export function outputOf(graph: Graph, input: ArrayLike<number>): Float64Array {
  return known(evaluate(graph, input).get(graph.output));
}

function compute(node: GraphNode, graph: Graph, values: Map<string, Float64Array>): Float64Array {
  const value = (name: string): Float64Array => known(values.get(name));
  const shapeOf = (name: string): Shape => known(graph.tensors.get(name)).shape;
  const constant = (name: string): ArrayLike<number> => known(graph.constants.get(name)).data;
  if (node.kind === "concat") {
    const parts = node.inputs.map((name) => ({ data: value(name), shape: shapeOf(name) }));
    return concat(parts, node.axis, shapeOf(node.output));
  }
  if ("inputs" in node) {
    const [a, b] = node.inputs.map((name) =>
      broadcast({ data: value(name), shape: shapeOf(name) }, shapeOf(node.output)),
    );
    return known(a).map((x, i) => {
      const y = at(known(b), i);
      return { add: x + y, sub: x - y, mul: x * y, div: x / y }[node.kind];
    });
  }
  const x = value(node.input);
  const shape = shapeOf(node.input);
  const channel = (axis: number | null, i: number): number =>
    axis === null ? 0 : Math.floor(i / sizeOf(shape.slice(axis + 1))) % at(shape, axis);
  switch (node.kind) {
    case "conv":
      return conv(node, x, shape, shapeOf(node.output), constant);
    case "dense": {
      const outputs = at(shapeOf(node.output), shape.length - 1);
      const inputs = at(shape, shape.length - 1);
      const weight = constant(node.weight);
      return Float64Array.from({ length: (x.length / inputs) * outputs }, (_, i) => {
        const o = i % outputs;
        const row = ((i - o) / outputs) * inputs;
        let sum = node.bias === null ? 0 : at(constant(node.bias), o);
        for (let k = 0; k < inputs; k++) sum += at(x, row + k) * at(weight, o * inputs + k);
        return sum;
      });
    }
    case "maxPool":
    case "averagePool":
      return pool(node, x, shape);
    case "convTranspose":
      return convTranspose(node, x, shape, shapeOf(node.output), constant);
    case "embedding": {
      const columns = at(shapeOf(node.output), shape.length);
      return Float64Array.from({ length: x.length * columns }, (_, i) =>
        at(constant(node.table), at(x, Math.floor(i / columns)) * columns + (i % columns)),
      );
    }
    case "unary":
      return x.map(functionOf(node.function));
    case "prelu": {
      const slope = broadcast(known(graph.constants.get(node.slope)), shape);
      return x.map((v, i) => (v < 0 ? v * at(slope, i) : v));
    }
    case "gather": {
      const out = shapeOf(node.output);
      return Float64Array.from({ length: sizeOf(out) }, (_, i) => {
        let from = 0;
        for (const [axis, extent] of out.entries()) {
          const index = Math.floor(i / sizeOf(out.slice(axis + 1))) % extent;
          const taken = node.indices[axis]?.[index] ?? index;
          if (taken < 0) return node.fill;
          from = from * at(shape, axis) + taken;
        }
        return at(x, from);
      });
    }
    case "clip":
      return x.map((v) => Math.min(Math.max(v, node.low), node.high));
    case "arithmetic": {
      const c = broadcast(known(graph.constants.get(node.constant)), shape);
      return x.map((v, i) => {
        const [a, b] = node.constantFirst ? [at(c, i), v] : [v, at(c, i)];
        return { add: a + b, sub: a - b, mul: a * b, div: a / b }[node.operation];
      });
    }
    case "batchNorm": {
      const [gamma, beta, mean, variance] = [node.gamma, node.beta, node.mean, node.variance].map(
        constant,
      );
      return x.map((v, i) => {
        const c = channel(1, i);
        const deviation = Math.sqrt(at(known(variance), c) + node.epsilon);
        return ((v - at(known(mean), c)) / deviation) * at(known(gamma), c) + at(known(beta), c);
      });
    }
    case "round":
      return x.map(ROUND["half-even"]);
    case "reduce":
      return reduce(node, x, shape);
    case "quantize":
      return x.map((v, i) => quantize(v, node.quantizer, (axis) => channel(axis, i)));
    case "dequantize":
      return x.map((q, i) => {
        const c = channel(node.axis, i);
        return (q - oneOrEach(node.zero, c)) * oneOrEach(node.scale, c);
      });
    case "reshape":
      return x;
    case "transpose": {
      const out = shapeOf(node.output);
      const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
      return Float64Array.from({ length: x.length }, (_, i) => {
        const from = out.reduce((sum, extent, axis) => {
          const index = Math.floor(i / sizeOf(out.slice(axis + 1))) % extent;
          return sum + index * at(strides, at(node.permutation, axis));
        }, 0);
        return at(x, from);
      });
    }
    case "softmax":
    case "logSoftmax":
    case "sigmoid":
    case "argMax":
    case "topK":
      return head(node.kind, x, shapeOf(node.output));
    default:
      return node satisfies never;
  }
}

function reduce({ reduction, axes }: ReduceNode, x: Float64Array, shape: Shape): Float64Array {
  const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const groups: number[][] = Array.from({ length: sizeOf(kept) }, () => []);
  const place = broadcast({ shape: kept, data: Float64Array.from(groups.keys()) }, shape);
  for (const [i, value] of x.entries()) known(groups[at(place, i)]).push(value);
  return Float64Array.from(groups, (values) => {
    if (reduction === "max") return Math.max(...values);
    const sum = values.reduce((a, b) => a + b, 0);
    return reduction === "mean" ? sum / values.length : sum;
  });
}

function conv(
  { weight, bias, window, groups }: ConvNode,
  x: Float64Array,
  [, channels = 1, height = 1, width = 1]: Shape,
  [, outputs = 1, outHeight = 1, outWidth = 1]: Shape,
  constant: (name: string) => ArrayLike<number>,
): Float64Array {
  const [kh, kw] = window.kernel;
  const perGroup = channels / groups;
  const w = constant(weight);
  return Float64Array.from({ length: outputs * outHeight * outWidth }, (_, i) => {
    const ox = i % outWidth;
    const oy = Math.floor(i / outWidth) % outHeight;
    const o = Math.floor(i / (outWidth * outHeight));
    const first = Math.floor(o / (outputs / groups)) * perGroup;
    let sum = bias === null ? 0 : at(constant(bias), o);
    for (let c = 0; c < perGroup; c++) {
      for (let ky = 0; ky < kh; ky++) {
        for (let kx = 0; kx < kw; kx++) {
          const iy = oy * window.strides[0] + ky * window.dilations[0] - window.pads.top;
          const ix = ox * window.strides[1] + kx * window.dilations[1] - window.pads.left;
          if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
          sum +=
            at(x, ((first + c) * height + iy) * width + ix) *
            at(w, ((o * perGroup + c) * kh + ky) * kw + kx);
        }
      }
    }
    return sum;
  });
}

function convTranspose(
  { weight, bias, window, groups }: ConvTransposeNode,
  x: Float64Array,
  [, channels = 1, height = 1, width = 1]: Shape,
  [, outputs = 1, outHeight = 1, outWidth = 1]: Shape,
  constant: (name: string) => ArrayLike<number>,
): Float64Array {
  const w = constant(weight);
  const [kh, kw] = window.kernel;
  const perGroup = outputs / groups;
  const y = Float64Array.from({ length: outputs * outHeight * outWidth }, (_, i) =>
    bias === null ? 0 : at(constant(bias), Math.floor(i / (outHeight * outWidth))),
  );
  for (let c = 0; c < channels; c++) {
    const first = Math.floor(c / (channels / groups)) * perGroup;
    for (let o = 0; o < perGroup; o++) {
      for (let place = 0; place < height * width * kh * kw; place++) {
        const kx = place % kw;
        const ky = Math.floor(place / kw) % kh;
        const ix = Math.floor(place / (kw * kh)) % width;
        const iy = Math.floor(place / (kw * kh * width));
        const oy = iy * window.strides[0] + ky * window.dilations[0] - window.pads.top;
        const ox = ix * window.strides[1] + kx * window.dilations[1] - window.pads.left;
        if (oy < 0 || oy >= outHeight || ox < 0 || ox >= outWidth) continue;
        const to = ((first + o) * outHeight + oy) * outWidth + ox;
        const value = at(x, (c * height + iy) * width + ix);
        y[to] = at(y, to) + value * at(w, ((c * perGroup + o) * kh + ky) * kw + kx);
      }
    }
  }
  return y;
}

function concat(
  parts: readonly { readonly data: Float64Array; readonly shape: Shape }[],
  axis: number,
  out: Shape,
): Float64Array {
  const outer = sizeOf(out.slice(0, axis));
  const rows = Array.from({ length: outer }, (_, o) =>
    parts.flatMap(({ data }) => {
      const run = data.length / outer;
      return Array.from(data.subarray(o * run, (o + 1) * run));
    }),
  );
  return Float64Array.from(rows.flat());
}

function pool(node: MaxPoolNode | AveragePoolNode, x: Float64Array, shape: Shape): Float64Array {
  const [, channels = 1, height = 1, width = 1] = shape;
  const { kernel, strides, dilations, pads } = node.window;
  const [outHeight, outWidth] = windowed([height, width], node.window);
  return Float64Array.from({ length: channels * outHeight * outWidth }, (_, i) => {
    const ox = i % outWidth;
    const oy = Math.floor(i / outWidth) % outHeight;
    const c = Math.floor(i / (outWidth * outHeight));
    const seen: number[] = [];
    for (let ky = 0; ky < kernel[0]; ky++) {
      for (let kx = 0; kx < kernel[1]; kx++) {
        const iy = oy * strides[0] + ky * dilations[0] - pads.top;
        const ix = ox * strides[1] + kx * dilations[1] - pads.left;
        if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
        seen.push(at(x, (c * height + iy) * width + ix));
      }
    }
    if (node.kind === "maxPool") return Math.max(...seen);
    const inside = (axis: 0 | 1, origin: number, size: number, end: number, overhang: number) =>
      Array.from({ length: kernel[axis] }, (_, k) => origin + k * dilations[axis]).filter(
        (place) => place < size + end - overhang,
      ).length;
    const count = node.countPadding
      ? inside(0, oy * strides[0] - pads.top, height, pads.bottom, node.overhang[0]) *
        inside(1, ox * strides[1] - pads.left, width, pads.right, node.overhang[1])
      : seen.length;
    return seen.reduce((a, b) => a + b, 0) / count;
  });
}

function quantize(
  x: number,
  quantizer: Quantizer,
  channel: (axis: number | null) => number,
): number {
  switch (quantizer.kind) {
    case "bipolar":
      return x >= 0 ? 1 : -1;
    case "sign":
      return Math.sign(x);
    case "uniform": {
      const c = channel(quantizer.axis);
      const zero = oneOrEach(quantizer.zero, c);
      const scaled = x / oneOrEach(quantizer.scale, c);
      const round = ROUND[quantizer.rounding];
      const q =
        quantizer.zeroAdded === "before-rounding" ? round(scaled + zero) : round(scaled) + zero;
      return Math.min(Math.max(q, quantizer.min), quantizer.max);
    }
    case "thresholds": {
      const { values, count, base, step, axis, open } = quantizer;
      const from = values.length === count ? 0 : channel(axis) * count;
      const reached = (t: number, j: number): boolean => (open?.[j] ? x > t : x >= t);
      return base + step * values.slice(from, from + count).filter(reached).length;
    }
    default:
      return quantizer satisfies never;
  }
}

const ROUND = {
  "half-even": (x: number): number => {
    const nearest = Math.round(x);
    return Math.abs(x - Math.trunc(x)) === 0.5 ? 2 * Math.round(x / 2) : nearest;
  },
  floor: Math.floor,
  ceil: Math.ceil,
  "toward-zero": Math.trunc,
} as const;

/** Heads of a vector: the other axes have size 1. */
function head(kind: string, x: Float64Array, shape: Shape): Float64Array {
  const sum = x.reduce((total, v) => total + Math.exp(v), 0);
  switch (kind) {
    case "softmax":
      return x.map((v) => Math.exp(v) / sum);
    case "logSoftmax":
      return x.map((v) => v - Math.log(sum));
    case "sigmoid":
      return x.map((v) => 1 / (1 + Math.exp(-v)));
    default: {
      const order = [...x.keys()].sort((a, b) => at(x, b) - at(x, a) || a - b);
      return Float64Array.from(order.slice(0, sizeOf(shape)));
    }
  }
}

function broadcast(
  { data, shape: from }: { readonly data: ArrayLike<number>; readonly shape: Shape },
  to: Shape,
): Float64Array {
  return Float64Array.from({ length: sizeOf(to) }, (_, i) => {
    let index = 0;
    for (const [axis, extent] of from.entries()) {
      const position = axis + to.length - from.length;
      const step = Math.floor(i / sizeOf(to.slice(position + 1))) % at(to, position);
      index = index * extent + (extent === 1 ? 0 : step);
    }
    return at(data, index);
  });
}

function oneOrEach(values: Float32Array, channel: number): number {
  return at(values, values.length === 1 ? 0 : channel);
}

function at(values: ArrayLike<number>, index: number): number {
  return known(values[index]);
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a value that should be there is not");
  return value;
}
