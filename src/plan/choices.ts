import { fail } from "../diagnostics.js";
import type { Cost, Kernel, LayerShape } from "../kernels/index.js";
import type { Layer } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { noKernel } from "./diagnostics.js";
import type { Goal } from "./goal.js";

/** A kernel that can compute a layer, and what it takes. */
export interface Choice {
  readonly kernel: Kernel;
  /** The layer, and how its constants lie in flash. */
  readonly shape: LayerShape;
  readonly cost: Cost;
}

export interface Refused {
  readonly kernel: string;
  readonly reason: string;
}

/** What one layer may be computed by. */
export interface Choices {
  readonly shape: LayerShape;
  readonly able: readonly Choice[];
  readonly refused: readonly Refused[];
}

/** Bytes of flash that a layer takes by a kernel. */
export function flashOf({ tableBytes, codeBytes }: Cost): number {
  return tableBytes + codeBytes;
}

/** The kernels that can compute a layer and serve the goal. Throws `plan/no-kernel`. */
export function choicesOf(
  shape: LayerShape,
  target: Target,
  kernels: readonly Kernel[],
  goal: Goal,
): Choices {
  let able: Choice[] = [];
  const refused: Refused[] = [];
  for (const kernel of kernels.filter(({ isFor }) => isFor(shape))) {
    const reason = unwanted(kernel, goal) ?? kernel.refuses(shape, target);
    if (reason !== null) refused.push({ kernel: kernel.name, reason });
    else able.push({ kernel, shape, cost: kernel.cost(shape, target) });
  }
  if (able.length === 0) return fail(noKernel(shape.layer, refused));
  const quicker = able.filter(({ kernel }) => kernel.leastFlash !== true);
  if (goal.optimize !== "smallest" && quicker.length > 0) able = quicker;
  const worth = goal.optimize === "smallest" ? 1 : WORTH;
  const packed = goal.optimize === "speed" ? [] : packedChoices(able, target, worth);
  return { shape, able: [...able, ...packed], refused };
}

/** Packed constants are for layers that are nearly as small as they can be without. */
const NEARLY = 1.25;

/** What is left of a layer's flash where packing is worth its time. */
const WORTH = 0.97;

/** The smallest kernels again, with packed constants, where that leaves less than `worth` of the flash. */
function packedChoices(able: readonly Choice[], target: Target, worth: number): readonly Choice[] {
  const least = Math.min(...able.map(({ cost }) => flashOf(cost)));
  return able.flatMap(({ kernel, shape, cost }): Choice[] => {
    if (flashOf(cost) > NEARLY * least || !differsByChannel(shape.layer)) return [];
    const packed: LayerShape = { ...shape, constants: "packed" };
    const smaller = kernel.cost(packed, target);
    return flashOf(smaller) < worth * flashOf(cost)
      ? [{ kernel, shape: packed, cost: smaller }]
      : [];
  });
}

/** Whether a layer's requantisation has constants for each channel. */
function differsByChannel(layer: Layer): boolean {
  return (
    "requantization" in layer &&
    layer.requantization.kind === "fixed-point" &&
    layer.requantization.offsets.length > 1
  );
}

function unwanted(kernel: Kernel, goal: Goal): string | null {
  return kernel.multiplies === true && !goal.multiply ? "it multiplies" : null;
}
