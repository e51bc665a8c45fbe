import { elementCount, integerTensor, type Layer, type Range } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { aheadOfElements, aheadOfWindow } from "./ahead.js";
import { coreOf, dualIssue, PORTABLE_CYCLES } from "./core.js";
import { kernelName, operandName } from "./library.js";
import { type RequantizeFunction, requantizeFunction } from "./requantize.js";
import { scratchBytes, tableBytes } from "./size.js";
import type { Kernel, KernelCode, LayerShape } from "./types.js";
import { windowStruct } from "./window.js";

interface Own<K extends Layer["kind"]> {
  readonly refuses?: (layer: Extract<Layer, { kind: K }>) => string | null;
  /** Cycles of an instruction, estimated, on a core that starts two at a time. */
  readonly dualCycles?: number;
  readonly ahead?: (
    layer: Extract<Layer, { kind: K }>,
    shape: LayerShape,
  ) => readonly (number | null)[];
}

/** A kernel for layers without weights, named after their kind unless there are several. */
export function simpleKernel<K extends Layer["kind"]>(
  kind: K,
  instructions: (layer: Extract<Layer, { kind: K }>, shape: LayerShape, target: Target) => number,
  code: (layer: Extract<Layer, { kind: K }>, shape: LayerShape, target: Target) => KernelCode,
  {
    name = kind,
    refuses = () => null,
    ahead = () => [],
    dualCycles = 0.85,
  }: Partial<Pick<Kernel, "name">> & Own<K> = {},
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
      const made = code(own(shape), shape, target);
      const count = instructions(own(shape), shape, target);
      return {
        tableBytes: tableBytes(made),
        codeBytes: 0,
        scratchBytes: scratchBytes(made.scratch),
        instructions: count,
        cycles: (dualIssue(target) ? dualCycles : PORTABLE_CYCLES) * count,
      };
    },
    code: (shape, target) => code(own(shape), shape, target),
    ahead: (shape) => ahead(own(shape), shape),
  };
}

/** One instruction shifts and adds, multiplies and adds, or clamps. */
function isThumb2(target: Target): boolean {
  return coreOf(target) === "armv7-m";
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
  (layer, shape, target) => {
    const { window } = layer;
    const { instructions } = functionOf(layer, shape, target, [layer.accumulators]);
    const taps = window.kernel[0] * window.kernel[1];
    return (
      elementCount(shape.output) *
      (isThumb2(target) ? 3 * taps + 0.6 * instructions : 5 * taps + instructions)
    );
  },
  (layer, shape, target) => {
    const input = firstInput(shape);
    const { channels, height, width } = shape.output;
    return {
      uses: [{ file: "sum_pool", type: input.type }],
      tables: [],
      requantize: functionOf(layer, shape, target, [layer.accumulators]),
      structs: [
        windowStruct(layer.window, input, shape.output),
        { suffix: "margins", type: "tritc_margins", fields: { ...layer.margins } },
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
      },
    };
  },
  { ahead: ({ window }, shape) => [aheadOfWindow(window, firstInput(shape), shape.output, 0)] },
);

const maxPool = simpleKernel(
  "max-pool",
  ({ window }, shape, target) => {
    const perTap = isThumb2(target) ? 3.7 : 5.1;
    return elementCount(shape.output) * (10 + perTap * window.kernel[0] * window.kernel[1]);
  },
  (layer, shape) => {
    const input = firstInput(shape);
    return {
      uses: [{ file: "max_pool", type: input.type }],
      tables: [],
      structs: [windowStruct(layer.window, input, shape.output)],
      scratch: [],
      requantize: null,
      template: "whole",
      view: { call: `${kernelName("max_pool", input.type)}(x, &{layer}_window, y);` },
    };
  },
  { ahead: ({ window }, shape) => [aheadOfWindow(window, firstInput(shape), shape.output, 0)] },
);

const elementwise = simpleKernel(
  "elementwise",
  (layer, shape, target) => {
    const { instructions } = functionOf(layer, shape, target, rangesOf(shape));
    const read = 1.3 * layer.inputs.length;
    return elementCount(shape.output) * (read + (isThumb2(target) ? 0.4 : 1) * instructions);
  },
  (layer, shape, target) =>
    elementwiseCode(
      functionOf(layer, shape, target, rangesOf(shape)),
      shape,
      layer.period,
      shape.inputs.map((_, i) => elementOf(i)).join(", "),
    ),
  { ahead: (_, shape) => aheadOfOperands(shape), dualCycles: 0.55 },
);

const product = simpleKernel(
  "product",
  (layer, shape, target) => {
    const { instructions } = functionOf(layer, shape, target, [layer.accumulators]);
    return elementCount(shape.output) * (10 + instructions);
  },
  (layer, shape, target) =>
    elementwiseCode(
      functionOf(layer, shape, target, [layer.accumulators]),
      shape,
      shape.output.channels,
      layer.zeros.map((zero, i) => `(${lessZero(elementOf(i), zero)})`).join(" * "),
    ),
  { ahead: (_, shape) => aheadOfOperands(shape) },
);

function aheadOfOperands({ inputs, output }: LayerShape): readonly (number | null)[] {
  return inputs.map((input) => aheadOfElements(input, output));
}

function functionOf(
  { requantization }: Extract<Layer, { kind: "elementwise" | "product" | "sum-pool" }>,
  { output }: LayerShape,
  { features: { longMultiply } }: Target,
  operands: readonly (readonly Range[])[],
): RequantizeFunction {
  return requantizeFunction({
    rule: requantization,
    output: output.type,
    operands,
    bias: null,
    longMultiply,
  });
}

function rangesOf({ inputs }: LayerShape): readonly (readonly Range[])[] {
  return inputs.map((input) => [integerTensor(input).range]);
}

export function elementOf(operand: number): string {
  return `(int32_t)${operandName(operand)}[c]`;
}

export function lessZero(element: string, zero: number): string {
  if (zero === 0) return element;
  return zero > 0 ? `${element} - ${zero}` : `${element} + ${-zero}`;
}

/** `channels` elements at a time, so that each finds its channel's constants. */
function elementwiseCode(
  requantize: RequantizeFunction,
  { inputs, output }: LayerShape,
  channels: number,
  element: string,
): KernelCode {
  const moving = inputs
    .map((input, i) => ({ input, x: operandName(i) }))
    .filter(({ input }) => elementCount(input) > channels);
  return {
    uses: [],
    tables: [],
    structs: [],
    scratch: [],
    requantize,
    template: "elementwise",
    view: {
      element,
      advance: moving.map(({ x }) => `${x} += ${channels};`).join("\n        "),
      channels,
      positions: elementCount(output) / channels,
    },
  };
}

export const SIMPLE_KERNELS: readonly Kernel[] = [sumPool, maxPool, elementwise, product];
