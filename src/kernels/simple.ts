import { elementCount, type Layer, type Requantization } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { kernelName, operandName } from "./library.js";
import { requantizeCode } from "./requantize.js";
import { scratchBytes, tableBytes } from "./size.js";
import type { Kernel, KernelCode, LayerShape, Scratch } from "./types.js";
import { windowStruct } from "./window.js";

interface Refusal<K extends Layer["kind"]> {
  readonly refuses?: (layer: Extract<Layer, { kind: K }>) => string | null;
}

/** A kernel for layers without weights, named after their kind unless there are several. */
export function simpleKernel<K extends Layer["kind"]>(
  kind: K,
  instructions: (layer: Extract<Layer, { kind: K }>, shape: LayerShape, target: Target) => number,
  code: (layer: Extract<Layer, { kind: K }>, shape: LayerShape) => KernelCode,
  { name = kind, refuses = () => null }: Partial<Pick<Kernel, "name">> & Refusal<K> = {},
): Kernel {
  const own = (shape: LayerShape): Extract<Layer, { kind: K }> => {
    if (!isKind(shape.layer, kind)) throw new Error(`not a ${kind} layer`);
    return shape.layer;
  };
  return {
    name,
    packing: null,
    isFor: ({ layer }) => layer.kind === kind,
    refuses: (shape) => refuses(own(shape)),
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
      structs: [
        windowStruct(layer.window, input, shape.output),
        { suffix: "margins", type: "tritc_margins", fields: { ...layer.margins } },
        ...requantize.structs,
      ],
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
  (layer, shape) => pointwiseCode(layer.requantization, shape, layer.period, null),
);

const product = simpleKernel(
  "product",
  (layer, shape) => {
    const requantize = requantizeCode(layer.requantization, shape.output.type, 1).instructions;
    return elementCount(shape.output) * (12 + requantize);
  },
  (layer, shape) => {
    const [zeroA, zeroB] = layer.zeros;
    const { channels } = shape.output;
    const combine = `product(acc, acc_b, ${channels}, ${zeroA}, ${zeroB});`;
    return pointwiseCode(layer.requantization, shape, channels, combine);
  },
);

/** A position at a time: operands to 32 bits, what combines them into `acc`, then the outputs. */
function pointwiseCode(
  rule: Requantization,
  { inputs, output }: LayerShape,
  channels: number,
  combine: string | null,
): KernelCode {
  const positions = elementCount(output) / channels;
  const requantize = requantizeCode(rule, output.type, channels);
  const operands = inputs.map((input, i) => ({
    input,
    x: operandName(i),
    acc: i === 0 ? "acc" : "acc_b",
  }));
  const moving = operands.filter(({ input }) => elementCount(input) > channels);
  return {
    uses: [
      ...operands.map(({ input }) => ({ file: "widen" as const, type: input.type })),
      ...(combine === null ? [] : [{ file: "product" as const }]),
      ...requantize.uses,
    ],
    tables: requantize.tables,
    structs: requantize.structs,
    scratch: operands.map(({ acc }): Scratch => ({ name: acc, type: "int32", elements: channels })),
    template: "elementwise",
    view: {
      widen: operands
        .map(
          ({ input, x, acc }) => `${kernelName("widen", input.type)}(${x}, ${channels}, ${acc});`,
        )
        .join("\n        "),
      combine: combine ?? "",
      advance: moving.map(({ x }) => `${x} += ${channels};`).join("\n        "),
      channels,
      positions,
      requantize: requantize.call,
    },
  };
}

export const SIMPLE_KERNELS: readonly Kernel[] = [sumPool, maxPool, elementwise, product];
