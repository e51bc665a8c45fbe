import type { Window } from "../../src/graph/types.js";
import { accumulatorRanges, poolRanges } from "../../src/network/lower/ranges.js";
import { elementCount, type Layer, type Tensor, type TensorId } from "../../src/network/types.js";
import { forEachWindow } from "../../src/simulate/windows.js";
import { chance, type Random } from "../support/random.js";
import { conform } from "./conform.js";
import { drawRule } from "./draw-rule.js";
import { drawWeights } from "./draw-weights.js";
import { STORAGE } from "./prove.js";

/** What a layer is drawn for: the tensors so far, and the one it reads first. */
export interface Place {
  readonly random: Random;
  readonly tensors: readonly Tensor[];
  readonly input: TensorId;
  readonly tensor: Tensor;
  readonly base: Pick<Layer, "name" | "origins" | "output">;
}

/** A layer of that kind; not every one fits its place or keeps the limits. */
type DrawLayer = (place: Place) => Layer;

const NO_RULE = { kind: "none" } as const;

export const DRAW_LAYER: Readonly<Record<Layer["kind"], DrawLayer>> = {
  conv: ({ random, tensor, input, base }) => {
    const window = drawWindow(random, tensor, true);
    const depthwise = chance(random, 0.25);
    const groups = depthwise
      ? tensor.channels
      : random.pick(divisors(tensor.channels).filter((n) => n < 5));
    const outputs = groups * random.integer(1, groups > 2 ? 2 : 7);
    const [tall, wide] = window.kernel;
    const weights = drawWeights(random, outputs, (tall * wide * tensor.channels) / groups);
    const zero = drawZero(random, tensor);
    const padded = Object.values(window.pads).some((p) => p > 0);
    const accumulators = accumulatorRanges(weights, tensor.range, zero, padded);
    const requantization = drawRule(random, [accumulators], outputs);
    const kind = "conv";
    return { ...base, kind, input, zero, weights, window, groups, accumulators, requantization };
  },
  dense: ({ random, tensor, input, base }) => {
    const elements = elementCount(tensor);
    const positions = chance(random, 0.5) ? 1 : random.pick(divisors(elements));
    const outputs = random.pick([1, 2, 3, 4, 5, 8, 10, 17]);
    const weights = drawWeights(random, outputs, elements / positions);
    const zero = drawZero(random, tensor);
    const accumulators = accumulatorRanges(weights, tensor.range, zero, false);
    const requantization = drawRule(random, [accumulators], outputs);
    return {
      ...base,
      kind: "dense",
      input,
      zero,
      weights,
      positions,
      accumulators,
      requantization,
    };
  },
  "sum-pool": ({ random, tensor, input, base }) => {
    const window = { ...drawWindow(random, tensor, false), dilations: [1, 1] } as const;
    const zero = drawZero(random, tensor);
    const multiple = chance(random, 0.5) ? commonMultiple(window, tensor) : 0;
    const accumulators = [poolRanges(window, multiple, tensor.range, zero)];
    const requantization = drawRule(random, [accumulators], tensor.channels);
    return {
      ...base,
      kind: "sum-pool",
      input,
      zero,
      window,
      multiple,
      accumulators,
      requantization,
    };
  },
  "max-pool": ({ random, tensor, input, base }) => ({
    ...base,
    kind: "max-pool",
    input,
    window: drawWindow(random, tensor, false),
  }),
  elementwise: ({ random, tensors, tensor, input, base }) => {
    const partners = [...tensors.keys()].filter((id) => sameShape(tensors[id], tensor));
    const inputs = chance(random, 0.6) ? [input, random.pick(partners)] : [input];
    const operands = inputs.map((id) => [tensors[id]?.range ?? STORAGE.int8]);
    const requantization = drawRule(random, operands, tensor.channels);
    return { ...base, kind: "elementwise", inputs, requantization };
  },
  gather: ({ random, tensor, input, base }) => {
    const elements = elementCount(tensor);
    const count = random.pick([elements, elements, random.integer(1, 2 * elements)]);
    const source = Int32Array.from({ length: count }, (_, i) =>
      random.pick([elements - 1 - (i % elements), random.integer(0, elements - 1)]),
    );
    return { ...base, kind: "gather", input, source };
  },
};

/** A layer of that kind where its own input type says which zeros there are. */
function drawZero(random: Random, { type, range }: Tensor): number {
  const zeros = [0, 0, range.low, range.high, random.integer(range.low, range.high)];
  const ends = [STORAGE[type].low, STORAGE[type].high];
  return random.pick(zeros.concat(type === "int32" ? [] : ends));
}

function drawWindow(random: Random, tensor: Tensor, wholePads: boolean): Window {
  const axis = (extent: number) => {
    const kernel = Math.min(random.pick([1, 1, 2, 3, 3, 5, extent]), extent + 2);
    const dilation = chance(random, 0.2) ? random.integer(1, 3) : 1;
    const span = (kernel - 1) * dilation + 1;
    const most = wholePads ? span : span - 1;
    const least = Math.max(0, span - extent);
    const pad = () => (chance(random, 0.5) || least > 0 ? random.integer(0, most) : 0);
    return { kernel, dilation, stride: random.pick([1, 1, 1, 2, 3, 7]), pads: [pad(), pad()] };
  };
  const [rows, columns] = [axis(tensor.height), axis(tensor.width)];
  const [top = 0, bottom = 0] = rows.pads;
  const [left = 0, right = 0] = columns.pads;
  return {
    kernel: [rows.kernel, columns.kernel],
    strides: [rows.stride, columns.stride],
    dilations: [rows.dilation, columns.dilation],
    pads: { top, left, bottom, right },
  };
}

/** Of how many elements lie under the window, wherever it stands; 0 where it does not fit. */
function commonMultiple(window: Window, tensor: Tensor): number {
  const range = STORAGE.int32;
  const base = { name: "", origins: [], output: 0, input: 0 };
  const rule = { zero: 0, multiple: 0, accumulators: [range], requantization: NO_RULE };
  const pool = conform({ ...base, ...rule, kind: "sum-pool", window }, [tensor]);
  if (pool === null) return 0;
  let multiple = 1;
  forEachWindow(window, tensor, { ...tensor, ...pool.output }, ({ top, bottom, left, right }) => {
    const count = (bottom - top) * (right - left);
    multiple = (multiple * count) / greatestDivisor(multiple, count);
  });
  return multiple;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}

function sameShape(a: Tensor | undefined, b: Tensor): boolean {
  return a?.height === b.height && a.width === b.width && a.channels === b.channels;
}
