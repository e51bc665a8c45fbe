import { accumulatorRanges, poolRanges, productRange } from "../../src/network/lower/ranges.js";
import {
  elementCount,
  type IntegerTensor,
  type Layer,
  type Tensor,
  type TensorId,
} from "../../src/network/types.js";
import { chance, type Random } from "../support/random.js";
import { drawProgram, drawStore } from "./draw-float.js";
import { drawGather } from "./draw-gather.js";
import { drawRule } from "./draw-rule.js";
import { drawWeights } from "./draw-weights.js";
import { commonMultiple, drawMargins, drawWindow } from "./draw-window.js";
import { STORAGE } from "./prove.js";

/** What a layer is drawn for: the tensors so far, and the one it reads first. */
export interface Place<T extends Tensor> {
  readonly random: Random;
  readonly tensors: readonly Tensor[];
  readonly input: TensorId;
  readonly tensor: T;
  readonly base: Pick<Layer, "name" | "origins" | "output">;
}

/** A layer for a place, which may fit or not; null where its kind cannot stand there. */
type DrawLayer = (place: Place<Tensor>) => Layer | null;

/** For kinds that only read integers. */
function onIntegers(drawn: (place: Place<IntegerTensor>) => Layer): DrawLayer {
  return ({ tensor, ...place }) => (tensor.type === "float32" ? null : drawn({ ...place, tensor }));
}

export const DRAW_LAYER: Readonly<Record<Layer["kind"], DrawLayer>> = {
  conv: onIntegers((place) => {
    const window = drawWindow(place.random, place.tensor, true);
    const padded = Object.values(window.pads).some((p) => p > 0);
    return { ...place.base, kind: "conv", window, ...drawConv(place, window.kernel, padded) };
  }),
  "conv-transpose": onIntegers((place) => {
    const window = drawWindow(place.random, place.tensor, true);
    const made = drawConv(place, window.kernel, true);
    return { ...place.base, kind: "conv-transpose", window, ...made };
  }),
  dense: onIntegers(({ random, tensor, input, base }) => {
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
  }),
  "sum-pool": onIntegers(({ random, tensor, input, base }) => {
    const window = drawWindow(random, tensor, false);
    const zero = drawZero(random, tensor);
    const margins = drawMargins(random, window);
    const multiple = chance(random, 0.5) ? commonMultiple(window, margins, tensor) : 0;
    const accumulators = [poolRanges(window, multiple, tensor.range, zero)];
    const requantization = drawRule(random, [accumulators], tensor.channels);
    const pool = { window, zero, margins, multiple, accumulators, requantization };
    return { ...base, kind: "sum-pool", input, ...pool };
  }),
  "max-pool": onIntegers(({ random, tensor, input, base }) => ({
    ...base,
    kind: "max-pool",
    input,
    window: drawWindow(random, tensor, false),
  })),
  elementwise: onIntegers(({ random, tensors, tensor, input, base }) => {
    const inputs = [input, ...(chance(random, 0.6) ? drawPartner(random, tensors, tensor) : [])];
    const operands = inputs.map((id) => [integersAt(tensors, id)?.range ?? STORAGE.int8]);
    const single = inputs.length === 1 && chance(random, 0.3);
    const period = single ? elementCount(tensor) : tensor.channels;
    const requantization = drawRule(random, operands, period);
    return { ...base, kind: "elementwise", inputs, period, requantization };
  }),
  product: onIntegers(({ random, tensors, tensor, input, base }) => {
    const [id = input] = drawPartner(random, tensors, tensor);
    const partner = integersAt(tensors, id) ?? tensor;
    const zeros = [drawZero(random, tensor), drawZero(random, partner)] as const;
    const accumulators = [productRange(tensor.range, partner.range, zeros)];
    const requantization = drawRule(random, [accumulators], tensor.channels);
    const inputs = [input, id] as const;
    return { ...base, kind: "product", inputs, zeros, accumulators, requantization };
  }),
  gather: onIntegers(({ random, tensors, tensor, input, base }) => {
    const others = [...tensors.keys()].filter((id) => integersAt(tensors, id) !== null);
    const inputs = [input, ...(chance(random, 0.5) ? [random.pick(others)] : [])];
    const sources = inputs.flatMap((id) => integersAt(tensors, id) ?? []);
    const fill = random.pick([0, tensor.range.low, random.integer(-128, 127)]);
    return { ...base, kind: "gather", inputs, fill, ...drawGather(random, sources) };
  }),
  lookup: onIntegers(({ random, input, base }) => {
    const columns = random.integer(1, 3);
    const rows = random.pick([1, 2, 5, 100]);
    const most = random.pick([1, 127]);
    const table = Int8Array.from({ length: rows * columns }, () => random.integer(-most, most));
    return { ...base, kind: "lookup", input, columns, table };
  }),
  pointwise: (place) => {
    const inputs = drawOperands(place);
    const program = drawProgram(place.random, operandsAt(place.tensors, inputs));
    return { ...place.base, kind: "pointwise", inputs, program, store: drawStore(place.random) };
  },
  reduce: (place) => {
    const { random, tensor, base } = place;
    const inputs = drawOperands(place);
    const program = drawProgram(random, operandsAt(place.tensors, inputs));
    const reduction = random.pick(["sum", "max"] as const);
    const stride = chance(random, 0.3) ? Math.max(2, tensor.channels) : 1;
    // Conformed to the tensor with the layer.
    return { ...base, kind: "reduce", inputs, program, reduction, count: 1, stride };
  },
};

function drawConv(
  { random, tensor, input }: Place<IntegerTensor>,
  [tall, wide]: readonly [number, number],
  padded: boolean,
) {
  const depthwise = tensor.channels > 1 && chance(random, 0.35);
  const groups = depthwise
    ? tensor.channels
    : random.pick(divisors(tensor.channels).filter((n) => n < 5));
  const most = groups > 2 ? 2 : 7;
  const outputs = groups * (depthwise && chance(random, 0.5) ? 1 : random.integer(1, most));
  const weights = drawWeights(random, outputs, (tall * wide * tensor.channels) / groups);
  const zero = drawZero(random, tensor);
  const accumulators = accumulatorRanges(weights, tensor.range, zero, padded);
  const requantization = drawRule(random, [accumulators], outputs);
  return { input, zero, weights, groups, accumulators, requantization };
}

/** A zero point that the tensor's type can hold. */
function drawZero(random: Random, { type, range }: IntegerTensor): number {
  const zeros = [0, 0, range.low, range.high, random.integer(range.low, range.high)];
  const ends = [STORAGE[type].low, STORAGE[type].high];
  return random.pick(zeros.concat(type === "int32" ? [] : ends));
}

/** A tensor to be combined with another, or with one element for each of its channels. */
function drawPartner(
  random: Random,
  tensors: readonly Tensor[],
  { height, width, channels }: Tensor,
): TensorId[] {
  const partners = [...tensors.keys()].filter((id) => {
    const other = integersAt(tensors, id);
    if (other === null || other.channels !== channels) return false;
    return (other.height === height && other.width === width) || other.height * other.width === 1;
  });
  return partners.length === 0 ? [] : [random.pick(partners)];
}

/** The tensor, and perhaps others as large, or with an element for each of its rows. */
function drawOperands({ random, tensors, tensor, input }: Place<Tensor>): TensorId[] {
  const elements = elementCount(tensor);
  const rows = tensor.height * tensor.width;
  const others = [...tensors.entries()]
    .filter(([, other]) => [1, rows, elements].includes(elementCount(other)))
    .map(([id]) => id);
  const more = chance(random, 0.5) && others.length > 0 ? [random.pick(others)] : [];
  return [input, ...more];
}

function operandsAt(tensors: readonly Tensor[], ids: readonly TensorId[]): Tensor[] {
  return ids.flatMap((id) => tensors[id] ?? []);
}

function integersAt(tensors: readonly Tensor[], id: TensorId): IntegerTensor | null {
  const tensor = tensors[id];
  return tensor === undefined || tensor.type === "float32" ? null : tensor;
}

function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}
