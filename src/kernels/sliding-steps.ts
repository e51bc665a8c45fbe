import type { ConvLayer, Tensor } from "../network/types.js";

/** A column of the input that a step reads, or that lies outside. */
export interface Column {
  readonly phase: number;
  readonly column: number;
  readonly inside: boolean;
}

export type Step = readonly Column[];

/**
 * The steps in which a kernel's rows slide over a row of the input, each over as many columns as the stride
 * passes or the kernel has. From step `number - 1` on, each completes an output.
 */
export interface SlidingSteps {
  /** Words of taps of a kernel row. */
  readonly phases: number;
  /** Steps in which an element counts for an output. */
  readonly number: number;
  /** All steps of a row. */
  readonly all: readonly Step[];
  /** Those of them that read the input alone and complete an output: from the first to before the last. */
  readonly loop: readonly [from: number, to: number];
}

export function slidingSteps({ window }: ConvLayer, input: Tensor, output: Tensor): SlidingSteps {
  const { kernel, strides, pads } = window;
  const phases = Math.min(kernel[1], strides[1]);
  const number = Math.ceil(kernel[1] / strides[1]);
  const all = Array.from({ length: output.width + number - 1 }, (_, step) =>
    Array.from({ length: phases }, (_, phase) => {
      const column = step * strides[1] + phase - pads.left;
      return { phase, column, inside: column >= 0 && column < input.width };
    }),
  );
  const inner = (step: Step): boolean => step.every(({ inside }) => inside);
  const from = all.findIndex((step, i) => i >= number - 1 && inner(step));
  if (from < 0) return { phases, number, all, loop: [all.length, all.length] };
  const after = all.findIndex((step, i) => i > from && !inner(step));
  return { phases, number, all, loop: [from, after < 0 ? all.length : after] };
}
