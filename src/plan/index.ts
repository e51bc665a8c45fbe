import { type Diagnostic, errorDiagnostic, fail } from "../diagnostics.js";
import {
  BYTES,
  type Cost,
  KERNELS,
  type Kernel,
  type LayerShape,
  shapeOf,
} from "../kernels/index.js";
import { aligned } from "../kernels/size.js";
import { elementCount, inputsOf, type Network, type TensorId, tensorAt } from "../network/types.js";
import type { Target } from "../targets/index.js";
import { arrange, type Buffer } from "./arena.js";
import type { Place, Plan, PlannedLayer } from "./types.js";

export type { Place, Plan, PlannedLayer } from "./types.js";

export interface PlanOptions {
  /** What to choose from; every kernel there is unless a test or a benchmark wants its own. */
  readonly kernels?: readonly Kernel[];
}

/** Chooses a kernel for each layer, the smallest in flash, and a place for every buffer. */
export function plan(
  network: Network,
  target: Target,
  { kernels = KERNELS }: PlanOptions = {},
): Plan {
  const choices = network.layers.map((layer) =>
    chooseKernel(shapeOf(layer, network), target, kernels),
  );
  const { places, scratch, bytes, lowerBound } = placeBuffers(network, choices);
  return {
    network,
    target,
    places,
    arenaBytes: bytes,
    arenaLowerBound: lowerBound,
    layers: choices.map((choice, i) => ({ ...choice, scratch: scratch[i] ?? new Map() })),
  };
}

type Choice = Omit<PlannedLayer, "scratch">;

function chooseKernel(shape: LayerShape, target: Target, kernels: readonly Kernel[]): Choice {
  const able: { kernel: Kernel; cost: Cost }[] = [];
  const rejected: { kernel: string; reason: string }[] = [];
  for (const kernel of kernels.filter(({ isFor }) => isFor(shape))) {
    const reason = kernel.refuses(shape, target);
    if (reason !== null) rejected.push({ kernel: kernel.name, reason });
    else able.push({ kernel, cost: kernel.cost(shape, target) });
  }
  able.sort((a, b) => compareCosts(a.cost, b.cost));
  const [best, ...others] = able;
  if (best === undefined) return fail(noKernel(shape, rejected));
  for (const { kernel, cost } of others) {
    rejected.push({ kernel: kernel.name, reason: lossOf(cost, best.cost) });
  }
  const { kernel, cost } = best;
  return { shape, kernel, cost, code: kernel.code(shape, target), rejected };
}

function compareCosts(a: Cost, b: Cost): number {
  return a.tableBytes - b.tableBytes || a.instructions - b.instructions;
}

function lossOf(cost: Cost, best: Cost): string {
  return cost.tableBytes > best.tableBytes
    ? `${cost.tableBytes - best.tableBytes} bytes more flash`
    : `${Math.round(cost.instructions - best.instructions)} instructions more`;
}

function noKernel(
  { layer }: LayerShape,
  rejected: readonly { kernel: string; reason: string }[],
): Diagnostic {
  const reasons = rejected.map((r) => `${r.kernel}: ${r.reason}`).join("; ");
  return errorDiagnostic(
    "plan/no-kernel",
    { node: layer.name },
    `no kernel can compute this layer. ${reasons}`,
    "Please report this model.",
  );
}

interface Places {
  readonly places: ReadonlyMap<TensorId, Place>;
  /** Offsets of each layer's scratch arrays. */
  readonly scratch: readonly ReadonlyMap<string, number>[];
  readonly bytes: number;
  readonly lowerBound: number;
}

/** Tensors live from the layer that makes them to the last that reads them; scratch for one layer. */
function placeBuffers(network: Network, choices: readonly Choice[]): Places {
  const buffers: Buffer[] = [];
  const tensorBuffer = new Map<TensorId, number>();
  const scratchBuffer: { layer: number; name: string; buffer: number }[] = [];
  choices.forEach(({ code, shape }, step) => {
    const { output } = shape.layer;
    if (output !== network.output.tensor) {
      const to = lastUse(network, output, step);
      tensorBuffer.set(output, buffers.length);
      buffers.push({ bytes: bytesOf(network, output), from: step, to });
    }
    for (const { name, type, elements } of code.scratch) {
      scratchBuffer.push({ layer: step, name, buffer: buffers.length });
      buffers.push({ bytes: aligned(elements * BYTES[type]), from: step, to: step });
    }
  });
  const { offsets, bytes, lowerBound } = arrange(buffers);
  const places = new Map<TensorId, Place>([
    [network.input.tensor, { kind: "input" }],
    [network.output.tensor, { kind: "output" }],
  ]);
  for (const [tensor, index] of tensorBuffer) {
    const offset = offsets[index] ?? 0;
    places.set(tensor, { kind: "arena", offset, bytes: bytesOf(network, tensor) });
  }
  const scratch = choices.map((_, layer) => {
    const own = scratchBuffer.filter((s) => s.layer === layer);
    return new Map(own.map(({ name, buffer }) => [name, offsets[buffer] ?? 0]));
  });
  return { places, scratch, bytes, lowerBound };
}

function bytesOf(network: Network, id: TensorId): number {
  const tensor = tensorAt(network, id);
  return aligned(elementCount(tensor) * BYTES[tensor.type]);
}

function lastUse(network: Network, tensor: TensorId, made: number): number {
  let last = made;
  network.layers.forEach((layer, step) => {
    if (inputsOf(layer).includes(tensor)) last = step;
  });
  return last;
}
