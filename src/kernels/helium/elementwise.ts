import {
  type ElementwiseLayer,
  elementCount,
  type IntegerStorage,
  integerTensor,
  type ProductLayer,
} from "../../network/types.js";
import { aheadOfElements } from "../ahead.js";
import { operandName } from "../library.js";
import { type RequantizeFunction, requantizeFunction } from "../requantize.js";
import { elementOf, lessZero } from "../simple.js";
import { scratchBytes, tableBytes } from "../size.js";
import { BYTES, type Kernel, type KernelCode, type LayerShape } from "../types.js";

type PointLayer = ElementwiseLayer | ProductLayer;

/** Elements of one tensor, or of two, four at a time. */
export const elementwise: Kernel = {
  name: "helium-elementwise",
  packing: null,
  isFor: ({ layer }) => layer.kind === "elementwise" || layer.kind === "product",
  refuses: (shape, target) => {
    if (!target.features.mve) return "needs Helium";
    return functionOf(shape).lanes === null ? "its outputs take more than 32-bit arithmetic" : null;
  },
  cost: (shape) => {
    const made = code(shape);
    const elements = elementCount(shape.output);
    const { channels } = sweepOf(shape, functionOf(shape));
    const scalar = (channels % 4) / channels;
    const perElement = made.requantize?.instructions ?? 0;
    const instructions =
      elements *
        ((1 - scalar) * (0.8 + 0.5 * shape.inputs.length + perElement / 12) +
          scalar * (5 + perElement)) +
      (8 * elements) / channels;
    return {
      tableBytes: tableBytes(made),
      codeBytes: 0,
      scratchBytes: scratchBytes(made.scratch),
      instructions,
      cycles: 1.5 * instructions,
    };
  },
  code,
  ahead: ({ inputs, output }) => inputs.map((input) => aheadOfElements(input, output)),
};

function layerOf({ layer }: LayerShape): PointLayer {
  if (layer.kind === "elementwise" || layer.kind === "product") return layer;
  throw new Error("not an elementwise layer");
}

function functionOf(shape: LayerShape): RequantizeFunction {
  const layer = layerOf(shape);
  return requantizeFunction({
    rule: layer.requantization,
    output: shape.output.type,
    operands:
      layer.kind === "product"
        ? [layer.accumulators]
        : shape.inputs.map((input) => [integerTensor(input).range]),
    bias: null,
    // Lanes have 32 bits.
    longMultiply: false,
  });
}

/** All elements at once where no channel has constants of its own and no operand is repeated. */
function sweepOf(shape: LayerShape, { body }: RequantizeFunction) {
  const layer = layerOf(shape);
  const elements = elementCount(shape.output);
  const shared =
    body.includes("(void)channel;") &&
    shape.inputs.every((input) => elementCount(input) === elements);
  const period = layer.kind === "product" ? shape.output.channels : layer.period;
  const channels = shared ? elements : period;
  return { channels, positions: elements / channels };
}

const LOAD: Readonly<Record<IntegerStorage, (at: string) => string>> = {
  int8: (at) => `vldrbq_s32(${at})`,
  uint8: (at) => `vreinterpretq_s32_u32(vldrbq_u32(${at}))`,
  int16: (at) => `vldrhq_s32(${at})`,
  int32: (at) => `vldrwq_s32(${at})`,
};

function code(shape: LayerShape): KernelCode {
  const layer = layerOf(shape);
  const requantize = functionOf(shape);
  const { channels, positions } = sweepOf(shape, requantize);
  const loads = shape.inputs.map((input, i) =>
    LOAD[integerTensor(input).type](`&${operandName(i)}[c]`),
  );
  const zeros = layer.kind === "product" ? layer.zeros : [];
  const moving = shape.inputs
    .map((input, i) => ({ input, x: operandName(i) }))
    .filter(({ input }) => positions > 1 && elementCount(input) > channels);
  return {
    uses: [{ file: "helium_out" }],
    tables: [],
    structs: [],
    scratch: [],
    requantize,
    vectors: "operands",
    template: "elementwise_lanes",
    view: {
      size: BYTES[shape.output.type],
      elements:
        layer.kind === "product"
          ? `vmulq_s32(${loads.map((load, i) => lanesLessZero(load, zeros[i] ?? 0)).join(", ")})`
          : loads.join(", "),
      element:
        layer.kind === "product"
          ? zeros.map((zero, i) => `(${lessZero(elementOf(i), zero)})`).join(" * ")
          : shape.inputs.map((_, i) => elementOf(i)).join(", "),
      advance: moving.map(({ x }) => `${x} = &${x}[${channels}];`).join("\n        "),
      channels,
      positions,
    },
  };
}

function lanesLessZero(lanes: string, zero: number): string {
  return zero === 0 ? lanes : `vsubq_n_s32(${lanes}, ${zero})`;
}
