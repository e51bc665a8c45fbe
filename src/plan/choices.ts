import { fail } from "../diagnostics.js";
import type { Cost, Kernel, LayerShape } from "../kernels/index.js";
import type { Target } from "../targets/index.js";
import { noKernel } from "./diagnostics.js";
import type { Goal } from "./goal.js";

/** A kernel that can compute a layer, and what it takes. */
export interface Choice {
  readonly kernel: Kernel;
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
  const able: Choice[] = [];
  const refused: Refused[] = [];
  for (const kernel of kernels.filter(({ isFor }) => isFor(shape))) {
    const reason = unwanted(kernel, goal) ?? kernel.refuses(shape, target);
    if (reason !== null) refused.push({ kernel: kernel.name, reason });
    else able.push({ kernel, cost: kernel.cost(shape, target) });
  }
  if (able.length === 0) return fail(noKernel(shape.layer, refused));
  return { shape, able, refused };
}

function unwanted(kernel: Kernel, goal: Goal): string | null {
  return kernel.multiplies === true && !goal.multiply ? "it multiplies" : null;
}
