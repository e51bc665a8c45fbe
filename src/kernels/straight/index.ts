import type { Window } from "../../graph/types.js";
import type { Target } from "../../targets/index.js";
import { aheadOfPositions, aheadOfWindow } from "../ahead.js";
import { kernelName } from "../library.js";
import { ROW_PACKINGS } from "../packing.js";
import { requantizeFunction } from "../requantize.js";
import { zeroBias } from "../rows.js";
import type { Kernel, KernelCode, LayerShape, Scratch, Table } from "../types.js";
import { blockSize, blocksOf, partBounds } from "./blocks.js";
import { costOf } from "./cost.js";
import { type Geometry, geometryOf, straightLayer, type Twins } from "./geometry.js";
import { type Isa, isaOf } from "./isa.js";
import { sumsSource } from "./source.js";

/**
 * Straight-line code: the weights are the instructions, and zeros cost nothing. For one vector sums are
 * the accumulators themselves; elsewhere a word computes two positions at the same time.
 */
export const STRAIGHT_KERNEL: Kernel = {
  name: "straight",
  packing: null,
  isFor: ({ layer }) =>
    (layer.kind === "conv" || layer.kind === "dense") &&
    (layer.weights.kind === "ternary" || layer.weights.kind === "binary"),
  refuses: (shape, target) => {
    const isa = isaOf(target);
    if (isa === null) return "no straight-line code for this core";
    const type = shape.inputs[0]?.type;
    if (type !== "int8" && type !== "uint8") return "inputs are wider than 8 bits";
    return refusal(geometryOf(shape), isa);
  },
  cost: (shape, target) => {
    const isa = required(target);
    return costOf(shape, geometryOf(shape), { isa, target, code: codeOf(shape, target) });
  },
  code: (shape, target) => codeOf(shape, target),
  ahead: (shape) => [aheadOf(shape)],
};

/** A vector is copied before sums are taken, and rows are when the last of their window is due. */
function aheadOf(shape: LayerShape): number | null {
  const geometry = geometryOf(shape);
  const [input] = shape.inputs;
  if (input === undefined) return null;
  if (geometry.kind === "single") return aheadOfPositions(input, shape.output, 1);
  const { height, width, channels, outHeight, outWidth, strideHeight, padTop, dilation } = geometry;
  const pads = { top: padTop, left: 0, bottom: 0, right: 0 };
  const window: Window = {
    kernel: [geometry.layout.rows, 1],
    strides: [strideHeight, 1],
    dilations: [dilation, 1],
    pads,
  };
  const rows = { height: outHeight, width: outWidth, channels: geometry.weights.outputs };
  return aheadOfWindow(
    window,
    { ...input, height, width, channels },
    { ...shape.output, ...rows },
    "window",
  );
}

function refusal({ layout }: Geometry, isa: Isa): string | null {
  const last = layout.words.at(-1) ?? 0;
  const words = Math.max(last + (layout.groups - 1) * layout.groupWords, layout.stride);
  if (4 * words > isa.rowBytes) return "rows of inputs are longer than pointers are moved";
  if (layout.rows > isa.kernelRows) return `more than ${isa.kernelRows} kernel rows`;
  return null;
}

function required(target: Target): Isa {
  const isa = isaOf(target);
  if (isa === null) throw new Error(`no straight-line code for ${target.id}`);
  return isa;
}

function codeOf(shape: LayerShape, target: Target): KernelCode {
  const isa = required(target);
  const layer = straightLayer(shape);
  const geometry = geometryOf(shape);
  const { weights } = geometry;
  const [input] = shape.inputs;
  if (input === undefined) throw new Error("a layer with weights has an input");
  const block = blockSize(weights.outputs, isa);
  const common = {
    tables: [tritTable(geometry)],
    requantize: requantizeFunction({
      rule: layer.requantization,
      output: shape.output.type,
      operands: [layer.accumulators],
      bias: zeroBias(layer),
      longMultiply: target.features.longMultiply,
      constants: shape.constants,
    }),
    defines: ["sums", "blocks", ...blockNames(geometry, isa)],
    source: () => sumsSource(geometry, blocksOf(geometry, isa), isa),
  };
  const isaUses = [{ file: isa.file }, { file: "straight_sums" as const }];
  if (geometry.kind === "single") {
    return {
      ...common,
      uses: isaUses,
      structs: [],
      scratch: [words(weights.perOutput), sums(block)],
      template: "straight-dense",
      view: { inputs: weights.perOutput, outputs: weights.outputs, block },
    };
  }
  return {
    ...common,
    uses: [{ file: "twin_row", type: input.type }, ...isaUses],
    structs: [
      {
        suffix: "twins",
        type: "tritc_twins",
        fields: {
          width: geometry.width,
          channels: geometry.channels,
          left: geometry.padLeft,
          distance: geometry.distance,
          columns: geometry.columns,
          zero: layer.zero,
        },
      },
    ],
    scratch: [
      words(geometry.span * geometry.columns * geometry.channels),
      sums((geometry.parts.length - 1) * geometry.positions * block),
    ],
    template: "straight-twins",
    view: { ...twinsView(geometry), block, fill: kernelName("twin_row", input.type) },
  };
}

function words(elements: number): Scratch {
  return { name: "words", type: "int32", elements };
}

function sums(elements: number): Scratch {
  return { name: "sums", type: "int32", elements };
}

function twinsView(g: Twins): KernelCode["view"] {
  const { outputs } = g.weights;
  const parts = g.parts.length - 1;
  return {
    outputs,
    padTop: g.padTop,
    outHeight: g.outHeight,
    strideHeight: g.strideHeight,
    kernelHeight: g.layout.rows,
    span: g.span,
    height: g.height,
    dilation: g.dilation,
    rowWords: g.columns * g.channels,
    rowElements: g.width * g.channels,
    positions: g.positions,
    distance: g.outDistance * outputs,
    outElements: g.outWidth * outputs,
    parts: parts > 1 ? parts : 0,
  };
}

function blockNames(geometry: Geometry, isa: Isa): string[] {
  const { outputs } = geometry.weights;
  const blocks = Math.ceil(outputs / blockSize(outputs, isa));
  const parts = partBounds(geometry).length - 1;
  return Array.from({ length: blocks * parts }, (_, i) => `block${i}`);
}

/** What the assembly says, for other cores. */
function tritTable({ weights }: Geometry): Table {
  const { pack, legend } = ROW_PACKINGS.ternary;
  return {
    suffix: "trits",
    type: "uint8_t",
    length: weights.outputs * Math.ceil(weights.perOutput / 4),
    values: () => pack(weights),
    comment: `${weights.outputs} rows of ${weights.perOutput}, ${legend}.`,
    elsewhere: "!defined(TRITC_STRAIGHT)",
  };
}
