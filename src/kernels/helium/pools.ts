import type { IntegerTensor, MaxPoolLayer, SumPoolLayer } from "../../network/types.js";
import { aheadOfWindow } from "../ahead.js";
import { kernelName } from "../library.js";
import { type RequantizeFunction, requantizeFunction } from "../requantize.js";
import { inputOf } from "../shape.js";
import { scratchBytes, tableBytes } from "../size.js";
import type { Kernel, KernelCode, LayerShape } from "../types.js";
import { windowStruct } from "../window.js";

type PoolLayer = MaxPoolLayer | SumPoolLayer;

function poolOf({ layer }: LayerShape): PoolLayer {
  if (layer.kind === "max-pool" || layer.kind === "sum-pool") return layer;
  throw new Error("not a pool");
}

/** A pool whose window is read where it stands, vectors of channels at a time. */
function poolKernel(
  kind: PoolLayer["kind"],
  lanes: 4 | 16,
  { position, tap }: { readonly position: number; readonly tap: number },
  code: (shape: LayerShape) => KernelCode,
): Kernel {
  return {
    name: `helium-${kind}`,
    packing: null,
    isFor: ({ layer }) => layer.kind === kind,
    refuses: (shape, target) => {
      if (!target.features.mve) return "needs Helium";
      const { type } = inputOf(shape);
      return type === "int8" || type === "uint8" ? null : `takes bytes, not ${type}`;
    },
    cost: (shape) => {
      const made = code(shape);
      const { channels, height, width } = shape.output;
      const [rows, columns] = poolOf(shape).window.kernel;
      const vectors = Math.ceil(channels / lanes);
      const requantize = outputsCost(made.requantize, channels);
      const instructions =
        height * width * (position + vectors * (7 + rows * tap * (1 + columns)) + requantize);
      return {
        tableBytes: tableBytes(made),
        codeBytes: 0,
        scratchBytes: scratchBytes(made.scratch),
        instructions,
        cycles: 1.15 * instructions,
      };
    },
    code,
    ahead: (shape) => [aheadOfWindow(poolOf(shape).window, inputOf(shape), shape.output, 0)],
  };
}

/** Estimated instructions of a position's outputs. */
function outputsCost(requantize: RequantizeFunction | null, channels: number): number {
  if (requantize === null) return 0;
  const scalar = requantize.lanes === null ? channels : channels % 4;
  return 12 * Math.floor((channels - scalar) / 4) + (5 + requantize.instructions) * scalar;
}

const isSigned = ({ type }: IntegerTensor): 0 | 1 => (type === "int8" ? 1 : 0);

function maxPoolCode(shape: LayerShape): KernelCode {
  const { window } = poolOf(shape);
  const input = inputOf(shape);
  const pool = kernelName("max_pool16", input.type);
  return {
    uses: [{ file: "max_pool16", type: input.type }],
    tables: [],
    structs: [windowStruct(window, input, shape.output)],
    scratch: [],
    requantize: null,
    template: "whole",
    view: { call: `${pool}(x, &{layer}_window, ${isSigned(input)}, y);` },
  };
}

function sumPoolCode(shape: LayerShape): KernelCode {
  const layer = poolOf(shape);
  if (layer.kind !== "sum-pool") throw new Error("not a sum pool");
  const input = inputOf(shape);
  const { channels, height, width } = shape.output;
  return {
    uses: [{ file: "sum_pool4", type: input.type }, { file: "helium_out" }],
    tables: [],
    structs: [
      windowStruct(layer.window, input, shape.output),
      { suffix: "margins", type: "tritc_margins", fields: { ...layer.margins } },
    ],
    scratch: [{ name: "acc", type: "int32", elements: 4 * Math.ceil(channels / 4) }],
    requantize: requantizeFunction({
      rule: layer.requantization,
      output: shape.output.type,
      operands: [layer.accumulators],
      bias: null,
      // Lanes have 32 bits.
      longMultiply: false,
      constants: shape.constants,
    }),
    vectors: "int32",
    template: "sum_pool4",
    view: {
      pool: kernelName("sum_pool4", input.type),
      isSigned: isSigned(input),
      zero: layer.zero,
      multiple: layer.multiple,
      channels,
      outHeight: height,
      outWidth: width,
    },
  };
}

export const POOL_KERNELS: readonly Kernel[] = [
  poolKernel("max-pool", 16, { position: 16, tap: 2 }, maxPoolCode),
  poolKernel("sum-pool", 4, { position: 35, tap: 4 }, sumPoolCode),
];
