import { elementCount, type Layer } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { kernelName } from "./library.js";
import { requantizeCode } from "./requantize.js";
import { scratchBytes, tableBytes } from "./size.js";
import type { Kernel, KernelCode, LayerShape, Scratch } from "./types.js";
import { windowStruct } from "./window.js";

/** A kernel for layers without weights; there is one for each kind. */
export function simpleKernel<K extends Layer["kind"]>(
  kind: K,
  instructions: (layer: Extract<Layer, { kind: K }>, shape: LayerShape, target: Target) => number,
  code: (layer: Extract<Layer, { kind: K }>, shape: LayerShape) => KernelCode,
): Kernel {
  const own = (shape: LayerShape): Extract<Layer, { kind: K }> => {
    if (!isKind(shape.layer, kind)) throw new Error(`not a ${kind} layer`);
    return shape.layer;
  };
  return {
    name: kind,
    packing: null,
    isFor: ({ layer }) => layer.kind === kind,
    refuses: () => null,
    cost: (shape, target) => {
      const made = code(own(shape), shape);
      return {
        tableBytes: tableBytes(made),
        scratchBytes: scratchBytes(made.scratch),
        instructions: instructions(own(shape), shape, target),
      };
    },
    code: (shape) => code(own(shape), shape),
  };
}

function isKind<K extends Layer["kind"]>(
  layer: Layer,
  kind: K,
): layer is Extract<Layer, { kind: K }> {
  return layer.kind === kind;
}

function firstInput({ inputs }: LayerShape) {
  const [input] = inputs;
  if (input === undefined) throw new Error("every layer has an input");
  return input;
}

const sumPool = simpleKernel(
  "sum-pool",
  (layer, shape) => {
    const { window } = layer;
    const requantize = requantizeCode(layer.requantization, shape.output.type, 1).instructions;
    return elementCount(shape.output) * (5 * window.kernel[0] * window.kernel[1] + requantize);
  },
  (layer, shape) => {
    const input = firstInput(shape);
    const { channels, height, width } = shape.output;
    const requantize = requantizeCode(layer.requantization, shape.output.type, channels);
    return {
      uses: [{ file: "sum_pool", type: input.type }, ...requantize.uses],
      tables: requantize.tables,
      structs: [windowStruct(layer.window, input, shape.output), ...requantize.structs],
      scratch: [{ name: "acc", type: "int32", elements: channels }],
      template: "pool",
      view: {
        pool: kernelName("sum_pool", input.type),
        zero: layer.zero,
        multiple: layer.multiple,
        channels,
        outHeight: height,
        outWidth: width,
        requantize: requantize.call,
      },
    };
  },
);

const maxPool = simpleKernel(
  "max-pool",
  ({ window }, shape) =>
    elementCount(shape.output) * (10 + 7 * window.kernel[0] * window.kernel[1]),
  (layer, shape) => {
    const input = firstInput(shape);
    return {
      uses: [{ file: "max_pool", type: input.type }],
      tables: [],
      structs: [windowStruct(layer.window, input, shape.output)],
      scratch: [],
      template: "whole",
      view: { call: `${kernelName("max_pool", input.type)}(x, &{layer}_window, y);` },
    };
  },
);

const elementwise = simpleKernel(
  "elementwise",
  (layer, shape) => {
    const requantize = requantizeCode(layer.requantization, shape.output.type, 1).instructions;
    return elementCount(shape.output) * (3 * layer.inputs.length + requantize);
  },
  (layer, shape) => {
    const { channels } = shape.output;
    const requantize = requantizeCode(layer.requantization, shape.output.type, channels);
    const operands = shape.inputs.map((input, i) => ({ input, ...OPERANDS[i === 0 ? 0 : 1] }));
    const scratch = operands.map(
      ({ acc }): Scratch => ({ name: acc, type: "int32", elements: channels }),
    );
    return {
      uses: [
        ...operands.map(({ input }) => ({ file: "widen" as const, type: input.type })),
        ...requantize.uses,
      ],
      tables: requantize.tables,
      structs: requantize.structs,
      scratch,
      template: "elementwise",
      view: {
        widen: operands
          .map(
            ({ input, x, acc }) => `${kernelName("widen", input.type)}(${x}, ${channels}, ${acc});`,
          )
          .join("\n        "),
        advance: operands.map(({ x }) => `${x} += ${channels};`).join("\n        "),
        channels,
        positions: elementCount(shape.output) / channels,
        requantize: requantize.call,
      },
    };
  },
);

/** C names of the first and second operand, and of their widened copies. */
const OPERANDS = [
  { x: "x", acc: "acc" },
  { x: "x_b", acc: "acc_b" },
] as const;

const gather = simpleKernel(
  "gather",
  (_, shape) => 5 * elementCount(shape.output),
  ({ source }) => ({
    uses: [],
    tables: [
      {
        suffix: "source",
        type: source.length > 65536 ? "uint32_t" : "uint16_t",
        values: source,
        comment: "Where each output element comes from.",
      },
    ],
    structs: [],
    scratch: [],
    template: "gather",
    view: { count: source.length },
  }),
);

export const SIMPLE_KERNELS: readonly Kernel[] = [sumPool, maxPool, elementwise, gather];
