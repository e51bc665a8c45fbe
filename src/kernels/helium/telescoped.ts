import {
  type ConvLayer,
  type DenseLayer,
  elementCount,
  type Weights,
} from "../../network/types.js";
import type { Target } from "../../targets/index.js";
import { kernelName } from "../library.js";
import { picture } from "../picture.js";
import { requantizeFunction } from "../requantize.js";
import { aheadOf } from "../rows.js";
import { inputOf } from "../shape.js";
import { scratchBytes, tableBytes } from "../size.js";
import type { Kernel, KernelCode, LayerShape, Scratch } from "../types.js";
import { windowStruct } from "../window.js";
import { biasOf, largestCode, shiftOf } from "./codes.js";
import { CHUNK, TELESCOPED, telescopedBlocks, telescopedBytes } from "./packing.js";

/**
 * Rows of trits, four a byte, against vectors of 16 inputs (Helium). The C is in
 * `firmware/kernels/telescoped.h`.
 */
export const telescoped: Kernel = {
  name: "telescoped",
  packing: TELESCOPED,
  isFor: ({ layer }) =>
    (layer.kind === "conv" || layer.kind === "dense") &&
    (layer.weights.kind === "ternary" || layer.weights.kind === "binary"),
  refuses: (shape, target) => {
    if (!target.features.mve) return "needs Helium";
    const { type } = inputOf(shape);
    if (type !== "int8" && type !== "uint8") return `takes bytes, not ${type}`;
    return sumsOverflow(shape) ? "sums of four rows would leave 32 bits" : null;
  },
  cost,
  code,
  ahead: (shape) => [aheadOf(shape)],
};

type TelescopedLayer = ConvLayer | DenseLayer;

function layerOf({ layer }: LayerShape): TelescopedLayer {
  if (layer.kind === "conv" || layer.kind === "dense") return layer;
  throw new Error("a layer without weights");
}

/** Largest sum of a byte's magnitude over a block: 85 for each input, whatever the weights are. */
function sumsOverflow(shape: LayerShape): boolean {
  const { weights, zero } = layerOf(shape);
  return 2 * 85 * largestCode(inputOf(shape), zero) * weights.perOutput >= 2 ** 31;
}

function requantizeOf(shape: LayerShape) {
  const layer = layerOf(shape);
  return requantizeFunction({
    rule: layer.requantization,
    output: shape.output.type,
    operands: [layer.accumulators],
    bias: biasOf(layer, shiftOf(inputOf(shape))),
    // Lanes have 32 bits.
    longMultiply: false,
    constants: shape.constants,
  });
}

/** Where the inputs of a position stand already as the kernel wants them: signed, in whole vectors. */
interface Direct {
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

function directPlaces(shape: LayerShape): Direct | null {
  const layer = layerOf(shape);
  const input = inputOf(shape);
  if (layer.weights.perOutput % CHUNK !== 0 || shiftOf(input) !== 0) return null;
  if (layer.kind === "dense") {
    const { perOutput } = layer.weights;
    return { rows: 1, columns: layer.positions, rowStep: 0, columnStep: perOutput };
  }
  const { kernel, strides, pads } = layer.window;
  const pointwise =
    [...kernel, layer.groups].every((n) => n === 1) && Object.values(pads).every((p) => p === 0);
  if (!pointwise) return null;
  return {
    rows: shape.output.height,
    columns: shape.output.width,
    rowStep: strides[0] * input.width * input.channels,
    columnStep: strides[1] * input.channels,
  };
}

function code(shape: LayerShape): KernelCode {
  const layer = layerOf(shape);
  const input = inputOf(shape);
  const { weights } = layer;
  const groups = layer.kind === "conv" ? layer.groups : 1;
  const groupOutputs = weights.outputs / groups;
  const groupBytes = telescopedBytes(groupOutputs, weights.perOutput);
  const blocks = telescopedBlocks(groupOutputs);
  const direct = directPlaces(shape);
  const shift = shiftOf(input);
  const gather = gatherOf(shape, shift);
  // The last block of the last group writes whole vectors.
  const acc: Scratch = {
    name: "acc",
    type: "int32",
    elements: (groups - 1) * groupOutputs + 4 * blocks,
  };
  const patch: Scratch = {
    name: "patch",
    type: "int8",
    elements: Math.ceil(weights.perOutput / CHUNK) * CHUNK,
  };
  return {
    uses: [{ file: "telescoped" }, { file: "helium_out" }, ...(direct === null ? gather.uses : [])],
    tables: [
      {
        suffix: "weights",
        type: "uint8_t",
        length: groups * groupBytes,
        values: () => packGroups(weights, groups),
        comment: `${weights.outputs} rows of ${weights.perOutput}, ${TELESCOPED.legend}.`,
        picture: picture(weights),
      },
    ],
    structs: direct === null ? gather.structs : [],
    scratch: direct === null ? [patch, acc] : [acc],
    requantize: requantizeOf(shape),
    vectors: "int32",
    template: "telescoped",
    view: {
      ...(direct ?? gather.places),
      direct: direct !== null,
      cast: input.type === "int8" ? "" : "(const int8_t *)(const void *)",
      gather: gather.call,
      grouped: groups > 1,
      groups,
      groupOutputs,
      groupBytes,
      inputs: weights.perOutput,
      blocks,
      outputs: weights.outputs,
    },
  };
}

/** What copies the inputs of one position to `patch`, as signed bytes. */
function gatherOf(shape: LayerShape, shift: number) {
  const layer = layerOf(shape);
  const input = inputOf(shape);
  const copies = { file: "copy_signed" as const, type: input.type };
  if (layer.kind === "dense") {
    const { perOutput } = layer.weights;
    return {
      uses: [copies],
      call: `${kernelName("copy_signed", input.type)}(&x[column * ${perOutput}], ${perOutput}, ${shift}, patch);`,
      structs: [],
      places: { rows: 1, columns: layer.positions, rowStep: 0, columnStep: 0 },
    };
  }
  const count = input.channels / layer.groups;
  const first = layer.groups > 1 ? `group * ${count}` : "0";
  return {
    uses: [copies, { file: "signed_patch" as const, type: input.type }],
    call: `${kernelName("signed_patch", input.type)}(x, &{layer}_window, row, column, ${first}, ${count}, ${layer.zero - shift}, ${shift}, patch);`,
    structs: [windowStruct(layer.window, input, shape.output)],
    places: { rows: shape.output.height, columns: shape.output.width, rowStep: 0, columnStep: 0 },
  };
}

/** Each group's rows fill blocks of their own. */
function packGroups(weights: Weights, groups: number): Uint8Array {
  const outputs = weights.outputs / groups;
  const bytes = telescopedBytes(outputs, weights.perOutput);
  const all = new Uint8Array(groups * bytes);
  for (let g = 0; g < groups; g++) {
    const values = weights.values.subarray(
      g * outputs * weights.perOutput,
      (g + 1) * outputs * weights.perOutput,
    );
    all.set(TELESCOPED.pack({ ...weights, outputs, values }), g * bytes);
  }
  return all;
}

function cost(shape: LayerShape, _target: Target) {
  const made = code(shape);
  const layer = layerOf(shape);
  const { weights } = layer;
  const groups = layer.kind === "conv" ? layer.groups : 1;
  const positions = elementCount(shape.output) / weights.outputs;
  const chunks = Math.ceil(weights.perOutput / CHUNK);
  const blocks = groups * telescopedBlocks(weights.outputs / groups);
  const lanes = made.requantize?.lanes !== null;
  const vector = Math.floor(weights.outputs / 4);
  const scalar = lanes ? weights.outputs % 4 : weights.outputs;
  const patches = directPlaces(shape) === null ? groups * (30 + 3 * chunks) : 0;
  const perOutput = (made.requantize?.instructions ?? 0) + 5;
  const requantize = (lanes ? 14 * vector : 0) + perOutput * scalar;
  return {
    tableBytes: tableBytes(made),
    codeBytes: 0,
    scratchBytes: scratchBytes(made.scratch),
    instructions:
      positions * (20 + patches + blocks * (9 * chunks + (chunks > 4 ? 14 : 6)) + requantize),
    cycles:
      positions *
      (25 +
        1.3 * patches +
        blocks * ((chunks > 4 ? 9 : 8) * chunks + (chunks > 4 ? 18 : 8)) +
        requantize),
  };
}
