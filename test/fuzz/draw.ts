import type { IntegerStorage, Layer, Network, Range, Tensor } from "../../src/network/types.js";
import { chance, type Random, seeded } from "../support/random.js";
import type { Extent } from "./conform.js";
import { DRAW_LAYER } from "./draw-layers.js";
import { fitLayer, fitNetwork, networkOf } from "./fit.js";
import { STORAGE } from "./prove.js";

/** Most kernels are for convolutions. */
const KINDS = [
  ...(Object.keys(DRAW_LAYER) as readonly Layer["kind"][]),
  ...(["conv", "conv", "conv", "conv"] as const),
];

/** What brings wide inputs to the limit of accumulators. */
const SUMMING = ["dense", "dense", "conv", "sum-pool", "elementwise"] as const;

/** Names of nodes are other people's: they end comments and begin trigraphs. */
const NODE_NAMES = ["/fuzz", "a */ b", "??/", "back\\slash", "two\nlines", "%d %s", "é"];

const MOST_LAYERS = 5;
const MOST_TRIES = 20;

/**
 * A small valid network, the same for the same seed: any layers in any order, with the numbers at
 * which arithmetic breaks more often than chance would have them.
 */
export function drawNetwork(seed: number): Network {
  const random = warmed(seed);
  for (;;) {
    const network = attempt(random);
    if (network !== null) return network;
  }
}

/** The first numbers of neighbouring seeds are alike. */
function warmed(seed: number): Random {
  const random = seeded(seed);
  for (let i = 0; i < 8; i++) random.next();
  return random;
}

function attempt(random: Random): Network | null {
  const tensors: Tensor[] = [drawInput(random)];
  const layers: Layer[] = [];
  const wanted = random.integer(1, MOST_LAYERS);
  for (let i = 0; i < wanted; i++) {
    const made = drawLayer(random, tensors, layers.length);
    if (made === null) continue;
    layers.push(made.layer);
    tensors.push(made.output);
  }
  return layers.length === 0 ? null : fitNetwork(networkOf(tensors, layers));
}

/** Kinds that seldom fit get as many tries as they need, within reason. */
function drawLayer(random: Random, tensors: readonly Tensor[], index: number) {
  const wide = tensors.length === 1 && tensors[0]?.type === "int32";
  const kind = random.pick(wide ? SUMMING : KINDS);
  const base = {
    name: `${kind.replaceAll("-", "_")}_${index}`,
    origins: [{ op: "Fuzz", name: random.pick(NODE_NAMES) }],
    output: tensors.length,
  };
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const last = tensors.length - 1;
    const input = chance(random, 0.8) ? last : random.integer(0, last);
    const tensor = tensors[input];
    if (tensor === undefined) continue;
    const layer = DRAW_LAYER[kind]({ random, tensors, input, tensor, base });
    const type = random.pick(["int8", "int8", "uint8", "int16", "int32"] as const);
    const made = layer && fitLayer(layer, tensors, { type, extent: drawExtent(random, tensor) });
    if (made) return made;
  }
  return null;
}

/** Something like what a transposed convolution makes. */
function drawExtent(random: Random, { height, width, channels }: Tensor): Extent {
  const grown = (extent: number): number => extent * random.integer(1, 3) + random.integer(-2, 3);
  return { height: grown(height), width: grown(width), channels };
}

function drawInput(random: Random): Tensor {
  const image = chance(random, 0.65);
  const side = (): number => random.pick([1, 2, 3, 4, 5, 7]);
  const [height, width] = image ? [side(), side()] : [1, 1];
  const channels = image
    ? random.pick([1, 2, 3, 4, 5, 8, 16])
    : random.pick([1, 3, 4, 7, 8, 9, 16, 17, 31, 33, 65]);
  const extent = { height, width, channels };
  const type = random.pick([
    ...(["int8", "int8", "int8", "uint8", "uint8", "uint8"] as const),
    ...(["int16", "int32", "int32", "float32"] as const),
  ]);
  if (type === "float32") return { ...extent, type };
  return { ...extent, type, range: drawRange(random, type, height * width * channels) };
}

function drawRange(random: Random, type: IntegerStorage, elements: number): Range {
  const { low } = STORAGE[type];
  const codes = random.integer(Math.max(low, -128), 127);
  const few = { low: codes, high: random.integer(codes, 127) };
  const ternary = low < 0 ? { low: -1, high: 1 } : { low: 0, high: 1 };
  if (type !== "int32") return random.pick([STORAGE[type], STORAGE[type], ternary, few]);
  // Sums over all elements just keep the limit of accumulators, or break it.
  const brim = Math.floor((2 ** 30 - 1) / (elements * random.pick([1, 1, 8, 128])));
  const brims = { low: -brim, high: brim };
  return random.pick([brims, brims, few, { low: -(2 ** 30) + 1, high: 2 ** 30 - 1 }]);
}
