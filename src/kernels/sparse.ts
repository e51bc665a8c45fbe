import type { Target } from "../targets/index.js";
import { aheadByChannels, aheadOfPositions, aheadOfWindow } from "./ahead.js";
import { type Core, coreOf } from "./core.js";
import { kernelName } from "./library.js";
import { readLists } from "./lists.js";
import { channelWords, type Pairs, pairsRoom, pairsStruct, pairsWords, tapsOf } from "./pairs.js";
import { requantizeOf, weightLayer } from "./rows.js";
import { scratchBytes, tableBytes } from "./size.js";
import { type SparseLists, sparseLists } from "./sparse-lists.js";
import type { Ahead, Cost, Kernel, KernelCode, LayerShape, Scratch, Table } from "./types.js";

/** Where lists come from: flash, or two bits a weight that are expanded for some outputs at a time. */
type Form = "listed" | "packed";

/** Outputs whose sums are there at a time. */
const MOST_SUMS = 64;

/** Bytes of expanded lists, where one output's do not need more. */
const MOST_LISTS = 3072;

/**
 * Sums of words that hold two columns each, of the inputs whose weight is not 0: as fast as weights are
 * sparse, without a multiplication.
 */
function sparseKernel(form: Form): Kernel {
  return {
    name: `sparse-${form}`,
    packing: null,
    isFor: ({ layer }) => "weights" in layer && layer.weights.kind === "ternary",
    refuses: (shape) => {
      const lists = sparseLists(shape);
      return typeof lists === "string" ? lists : null;
    },
    cost: (shape, target) => sparseCost(shape, target, form),
    code: (shape, target) => sparseCode(shape, target, form),
    ahead: (shape) => [aheadOf(shape, form)],
  };
}

export const SPARSE_KERNELS: readonly Kernel[] = [sparseKernel("listed"), sparseKernel("packed")];

function listsOf(shape: LayerShape): SparseLists {
  const lists = sparseLists(shape);
  if (typeof lists === "string") throw new Error(lists);
  return lists;
}

interface Bands {
  /** Outputs of a band, the last one perhaps excepted. */
  readonly size: number;
  readonly number: number;
}

/** Outputs that are made together; those of a group stay together. */
function bandsOf(shape: LayerShape, form: Form): Bands {
  const layer = weightLayer(shape);
  const { bytes } = listsOf(shape);
  const { outputs } = layer.weights;
  const groups = layer.kind === "dense" ? 1 : layer.groups;
  const longest = Math.max(...bytes.map((own) => own.reduce((sum, b) => sum + b.length, 0)));
  const most = form === "listed" ? MOST_SUMS : Math.min(32, Math.floor(MOST_LISTS / longest));
  const own = outputs / groups;
  let perGroup = Math.ceil(own / Math.max(1, Math.min(own, most)));
  while (groups > 1 && own % perGroup !== 0) perGroup++;
  return { size: Math.ceil(own / perGroup), number: groups * perGroup };
}

/** The outputs of each band, in the order in which they are made. */
function outputsByBand({ size }: Bands, outputs: number): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(outputs / size) }, (_, band) =>
    Array.from({ length: Math.min(size, outputs - band * size) }, (_, i) => band * size + i),
  );
}

/** Every list, in the order of bands, then segments, then outputs. */
function listStream({ bytes, segments }: SparseLists, bands: Bands): Uint8Array[][] {
  return outputsByBand(bands, bytes.length).map((outputs) =>
    segments.flatMap((_, s) => outputs.map((o) => bytes[o]?.[s] ?? new Uint8Array())),
  );
}

/** Weights of two bits in the order in which lists are made of them. */
export function packCodes(shape: LayerShape): Uint8Array {
  const { weights } = weightLayer(shape);
  const bytes = new Uint8Array(Math.ceil((2 * weights.values.length) / 8));
  let at = 0;
  for (const index of codeOrder(shape)) {
    const value = weights.values[index] ?? 0;
    const code = value > 0 ? 1 : value < 0 ? 2 : 0;
    bytes[at >> 2] = (bytes[at >> 2] ?? 0) | (code << (2 * (at & 3)));
    at++;
  }
  return bytes;
}

/** The inverse of `packCodes`. */
export function unpackCodes(bytes: Uint8Array, shape: LayerShape): Int8Array {
  const values = new Int8Array(weightLayer(shape).weights.values.length);
  let at = 0;
  for (const index of codeOrder(shape)) {
    const code = ((bytes[at >> 2] ?? 0) >> (2 * (at & 3))) & 3;
    values[index] = (code & 1) - (code >> 1);
    at++;
  }
  return values;
}

function* codeOrder(shape: LayerShape): Generator<number> {
  const { perOutput, outputs: all } = weightLayer(shape).weights;
  const { segments } = listsOf(shape);
  for (const outputs of outputsByBand(bandsOf(shape, "packed"), all)) {
    for (const { taps } of segments) {
      for (const o of outputs) {
        for (const { weight } of taps) yield o * perOutput + weight;
      }
    }
  }
}

/** The lists as they stand in flash. */
export function packLists(shape: LayerShape): Uint8Array {
  return Uint8Array.from(
    listStream(listsOf(shape), bandsOf(shape, "listed")).flatMap((band) =>
      band.flatMap((bytes) => [...bytes]),
    ),
  );
}

/** The inverse of `packLists`. */
export function unpackLists(bytes: Uint8Array, shape: LayerShape): Int8Array {
  const { weights } = weightLayer(shape);
  const { segments } = listsOf(shape);
  const values = new Int8Array(weights.values.length);
  let at = 0;
  for (const outputs of outputsByBand(bandsOf(shape, "listed"), weights.outputs)) {
    for (const { taps } of segments) {
      for (const o of outputs) {
        const row = values.subarray(o * weights.perOutput, (o + 1) * weights.perOutput);
        at = readLists(bytes, at, taps, row);
      }
    }
  }
  return values;
}

function aheadOf(shape: LayerShape, form: Form): Ahead | null {
  const layer = weightLayer(shape);
  const [input] = shape.inputs;
  const bands = bandsOf(shape, form);
  if (input === undefined) return null;
  const { pairs } = listsOf(shape);
  // Rows between the taps of a dilated window are read with later ones.
  const copied = pairs.window.dilations[0] === 1 ? "window" : 0;
  if (layer.kind === "conv" && layer.groups > 1 && bands.number === layer.groups)
    return aheadByChannels(layer.window, input, shape.output, copied);
  if (bands.number > 1) return null;
  return layer.kind === "conv" && pairs.window === layer.window
    ? aheadOfWindow(layer.window, input, shape.output, copied)
    : aheadOfPositions(input, shape.output, pairs.height);
}

function tableOf(shape: LayerShape, form: Form): Table {
  const { weights } = weightLayer(shape);
  const lists = listsOf(shape);
  const what = `${weights.outputs} outputs of ${weights.perOutput} weights`;
  if (form === "packed") {
    return {
      suffix: "weights",
      type: "uint8_t",
      length: Math.ceil(weights.values.length / 4),
      values: () => packCodes(shape),
      comment: `${what}, 2 bits each in the order of lists: 1 for +1, 2 for -1.`,
    };
  }
  return {
    suffix: "weights",
    type: "uint8_t",
    length: lists.bytes.flat().reduce((sum, { length }) => sum + length, 0),
    values: () => packLists(shape),
    comment: `${what}: where those of -1 are, then those of +1, as a count and distances in bytes.`,
  };
}

function sparseCode(shape: LayerShape, target: Target, form: Form): KernelCode {
  const layer = weightLayer(shape);
  const [input] = shape.inputs;
  if (input === undefined) throw new Error("a layer with weights has an input");
  const { pairs, segments } = listsOf(shape);
  const bands = bandsOf(shape, form);
  const { half, outWidth } = pairs;
  const tile = tileOf(pairs, target);
  const room = pairsRoom(pairs);
  const slack = Math.ceil(half / tile) * tile - half;
  const split = segments.length > 1;
  const packed = form === "packed";
  const own = (layer.weights.outputs * pairs.count) / pairs.channels;
  const sum = (lane: 0 | 1): string =>
    split
      ? `sums[${lane === 0 ? "2 * i" : "(2 * i) + 1"}]`
      : `${lane === 0 ? "low" : "high"}_lane(sums[i])`;
  const scratch: Scratch[] = [
    { name: "pairs", type: "uint32", elements: room + slack },
    { name: "sums", type: "uint32", elements: tile * bands.size },
  ];
  if (split) scratch.push({ name: "wide", type: "int32", elements: 2 * tile * bands.size });
  if (packed) {
    const longest = Math.max(
      ...listStream(listsOf(shape), bands).map((band) => band.reduce((n, b) => n + b.length, 0)),
    );
    scratch.push({ name: "lists", type: "uint8", elements: longest });
    scratch.push({ name: "plus", type: "uint8", elements: longestPlus(listsOf(shape)) });
  }
  return {
    uses: [
      { file: "lanes" },
      { file: "apart" },
      { file: "pairs_row", type: input.type },
      { file: "pairs_fill", type: input.type },
      { file: tile === 4 ? "sparse_tile" : "sparse_tile8" },
      ...(split ? [{ file: "lanes_add" as const }] : []),
      ...(packed ? [{ file: "sparse_expand" as const }] : []),
    ],
    tables: [tableOf(shape, form), ...(packed ? [stepsTable(listsOf(shape))] : [])],
    structs: [pairsStruct(pairs), ...(packed ? [tapsStruct(listsOf(shape))] : [])],
    scratch,
    requantize: requantizeOf(shape, target),
    template: "sparse",
    view: {
      fill: kernelName("pairs_fill", input.type),
      tile,
      // What the last visits of a row read of rows that nothing has filled yet counts for nothing.
      filled: pairsWords(pairs),
      beyond: slack === 0 ? 0 : 4 * (room + slack - pairsWords(pairs)),
      packed,
      split,
      half,
      outWidth,
      outHeight: pairs.outHeight,
      outputs: layer.weights.outputs,
      channel: pairs.count < pairs.channels ? `(first / ${own}) * ${pairs.count}` : 0,
      band: bands.size,
      evenBands: layer.weights.outputs % bands.size === 0,
      wholeTiles: half % tile === 0,
      places: half % tile === 0 ? tile : "places",
      sums: split ? "wide" : "sums",
      sum: split ? "int32_t" : "uint32_t",
      perOutput: split ? 2 * tile : tile,
      within: outWidth === 2 * half ? "" : `${outWidth - half} - column, `,
      distance: half * layer.weights.outputs,
      evenWidth: outWidth === 2 * half,
      expand: segments.map(({ channels }) => expandText(channels)).join("\n            "),
      tiles: segments
        .map(({ end }, i) => {
          // Lists that were made for the band are left alone after the last of them.
          const last = packed && i === segments.length - 1;
          const from = packed && !split ? "lists" : "list";
          return tileText(end, tile, split, last ? "(void)" : "list = ", from);
        })
        .join("\n                "),
      low: sum(0),
      high: sum(1),
    },
  };
}

/** Words that a visit takes: as many as the core has registers for. */
function tileOf({ half }: Pairs, target: Target): 4 | 8 {
  const wide = coreOf(target) === "risc-v" && !target.compiler.flags.includes("-mabi=ilp32e");
  return wide && (half % 8 === 0 || half % 8 > 4) ? 8 : 4;
}

function tileText(end: number, tile: 4 | 8, split: boolean, target: string, from: string): string {
  const name = tile === 4 ? "sparse_tile" : "sparse_tile8";
  const sums = `${target}${name}(${from}, count, &window[${end} + column], sums);`;
  return split ? `${sums}\n                lanes_add(sums, ${tile} * count, wide);` : sums;
}

function expandText(channels: number): string {
  return [
    "for (int32_t o = 0; o < count; ++o) {",
    `    end = sparse_expand(&codes, &{layer}_taps, ${channels}, end, plus);`,
    "}",
  ].join("\n            ");
}

function longestPlus({ bytes }: SparseLists): number {
  // The second list begins behind the first.
  return Math.max(1, ...bytes.flat().map((list) => list[(list[0] ?? 0) + 1] ?? 0));
}

function stepsOf({ pairs }: SparseLists): number[] {
  const taps = tapsOf(pairs);
  const perChannel = pairs.window.kernel[1];
  const first = taps[0]?.place ?? 0;
  return Array.from({ length: perChannel }, (_, i) => {
    const place = taps[i]?.place ?? 0;
    const next = i + 1 < perChannel ? (taps[i + 1]?.place ?? 0) : first - channelWords(pairs);
    return 4 * (place - next);
  });
}

function stepsTable(lists: SparseLists): Table {
  const steps = stepsOf(lists);
  return {
    suffix: "steps",
    type: "uint8_t",
    length: steps.length,
    values: () => steps,
    comment: "Bytes from each tap of a channel to the next.",
  };
}

function tapsStruct(lists: SparseLists) {
  return {
    suffix: "taps",
    type: "tritc_taps",
    fields: {
      steps: { table: "steps" },
      taps: lists.pairs.window.kernel[1],
      bytes: 4 * channelWords(lists.pairs),
    },
  };
}

type Rate = readonly [instructions: number, cycles: number];

/** Estimated for the parts of the work. */
interface Rates {
  /** Four words of one weight. */
  readonly visit: Rate;
  /** The lists of an output at a place. */
  readonly lists: Rate;
  /** An output's lanes and its place, without its requantisation. */
  readonly output: Rate;
  /** A word of two inputs. */
  readonly fill: Rate;
  /** A row's beginnings and ends, which may lie outside, and the calls for it: for each phase and one. */
  readonly row: Rate;
  /** A word that moves up a row. */
  readonly move: Rate;
  /** A code that becomes a part of a list. */
  readonly expand: Rate;
}

const RATES: Readonly<Record<Core, Rates>> = {
  "armv6-m": {
    visit: [7.6, 12.6],
    lists: [48, 62],
    output: [9, 11],
    fill: [12, 18],
    row: [95, 135],
    move: [4, 7],
    expand: [20, 27],
  },
  "armv7-m": {
    visit: [7.6, 12.6],
    lists: [36, 48],
    output: [2, 2],
    fill: [10, 14],
    row: [95, 170],
    move: [4, 6],
    expand: [14, 20],
  },
  "risc-v": {
    visit: [10.6, 10.6],
    lists: [28, 28],
    output: [9, 9],
    fill: [12, 12],
    row: [95, 95],
    move: [5, 5],
    expand: [14, 14],
  },
  xtensa: {
    visit: [13, 13],
    lists: [32, 32],
    output: [8, 8],
    fill: [14, 14],
    row: [95, 95],
    move: [5, 5],
    expand: [16, 16],
  },
  host: {
    visit: [10.6, 5],
    lists: [28, 14],
    output: [6, 3],
    fill: [12, 5],
    row: [95, 45],
    move: [5, 2],
    expand: [14, 7],
  },
};

function sparseCost(shape: LayerShape, target: Target, form: Form): Cost {
  const code = sparseCode(shape, target, form);
  const { weights } = weightLayer(shape);
  const { pairs, segments, bytes } = listsOf(shape);
  const bands = bandsOf(shape, form);
  const passes = bands.number;
  const rowWords = pairs.count * channelWords(pairs);
  const filled = passes * (pairs.outHeight * (pairs.window.kernel[0] - pairs.kept) + pairs.kept);
  const tile = tileOf(pairs, target);
  const fresh = pairs.window.kernel[0] - pairs.kept;
  const slides = 1 + (pairsRoom(pairs) / rowWords - pairs.window.kernel[0]) / fresh;
  const moved = (passes * (pairs.outHeight - 1) * pairs.kept) / slides;
  const tiles = pairs.outHeight * Math.ceil(pairs.half / tile);
  const perVisit = tile === 4 ? 1 : 1.85;
  const places = bytes.flat().reduce((sum, { length }) => sum + length - 2, 0);
  const outputs = pairs.outHeight * pairs.outWidth * weights.outputs;
  const rates = RATES[coreOf(target)];
  const requantize = requantizeOf(shape, target).instructions;
  const total = (i: 0 | 1): number =>
    Math.round(
      rowWords * (filled * rates.fill[i] + moved * rates.move[i]) +
        filled * (1 + pairs.phases) * rates.row[i] +
        tiles *
          (places * perVisit * rates.visit[i] +
            segments.length * weights.outputs * rates.lists[i]) +
        outputs * (rates.output[i] + requantize + (segments.length > 1 ? 8 * segments.length : 0)) +
        (form === "packed" ? weights.values.length * rates.expand[i] : 0),
    );
  return {
    tableBytes: tableBytes(code),
    codeBytes: 0,
    scratchBytes: scratchBytes(code.scratch),
    instructions: total(0),
    cycles: total(1),
  };
}
