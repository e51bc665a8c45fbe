import { ROW_PACKINGS } from "../kernels/packing.js";
import { elementCount, type Exactness, type Layer, type StorageType, type WeightKind } from "../network/types.js";
import type { Plan, PlannedLayer } from "../plan/index.js";

/** Everything a report says about a compiled model: the source of text, JSON and header comments. */
export interface Facts {
  readonly target: string;
  readonly input: { readonly type: StorageType; readonly shape: readonly number[] };
  readonly output: { readonly type: StorageType; readonly elements: number };
  readonly layers: readonly LayerFacts[];
  readonly total: {
    /** Constant tables: weights, requantisation, structs. Exact for 32-bit targets. */
    readonly tableBytes: number;
    readonly arenaBytes: number;
    /** No arrangement of the same buffers needs less. */
    readonly arenaLowerBound: number;
    readonly weights: number;
    readonly macs: number;
    /**
     * Every requantisation between layers equals exact arithmetic on its whole reachable range.
     * Final scores, real numbers in the model, are always rounded; their layer says how finely.
     */
    readonly exact: boolean;
  };
}

export interface LayerFacts {
  readonly name: string;
  readonly kind: Layer["kind"];
  readonly nodes: readonly string[];
  readonly kernel: string;
  readonly output: { readonly type: StorageType; readonly shape: readonly number[] };
  readonly weights: {
    readonly kind: WeightKind;
    readonly count: number;
    /** Share of zeros, 0 to 1. */
    readonly sparsity: number;
    readonly bitsPerWeight: number;
  } | null;
  readonly tableBytes: number;
  readonly scratchBytes: number;
  readonly macs: number;
  readonly accumulator: readonly [low: number, high: number] | null;
  readonly exactness: Exactness | null;
  readonly rejected: readonly { readonly kernel: string; readonly reason: string }[];
}

export function factsOf(plan: Plan): Facts {
  const { network } = plan;
  const layers = plan.layers.map(layerFacts);
  const input = network.tensors[network.input.tensor];
  const output = network.tensors[network.output.tensor];
  if (input === undefined || output === undefined) throw new Error("a network has input and output");
  return {
    target: plan.target.id,
    input: { type: input.type, shape: [input.height, input.width, input.channels] },
    output: { type: output.type, elements: elementCount(output) },
    layers,
    total: {
      tableBytes: total(layers, (l) => l.tableBytes),
      arenaBytes: plan.arenaBytes,
      arenaLowerBound: plan.arenaLowerBound,
      weights: total(layers, (l) => l.weights?.count ?? 0),
      macs: total(layers, (l) => l.macs),
      exact: plan.layers.every(({ shape: { layer } }) => {
        const isScores = layer.output === network.output.tensor && network.output.real !== null;
        const rule = "requantization" in layer ? layer.requantization : null;
        if (rule === null || rule.kind === "none" || rule.exactness.kind === "exact") return true;
        return isScores && rule.exactness.kind === "rounded";
      }),
    },
  };
}

function total(layers: readonly LayerFacts[], of: (layer: LayerFacts) => number): number {
  return layers.reduce((sum, layer) => sum + of(layer), 0);
}

function layerFacts({ shape, kernel, cost, rejected }: PlannedLayer): LayerFacts {
  const { layer, output } = shape;
  const weights = "weights" in layer ? layer.weights : null;
  const rule = "requantization" in layer ? layer.requantization : null;
  return {
    name: layer.name,
    kind: layer.kind,
    nodes: layer.origins.map((o) => `${o.op} "${o.name}"`),
    kernel: kernel.name,
    output: { type: output.type, shape: [output.height, output.width, output.channels] },
    weights:
      weights === null
        ? null
        : {
            kind: weights.kind,
            count: weights.values.length,
            sparsity: weights.values.filter((w) => w === 0).length / weights.values.length,
            bitsPerWeight: (kernel.packing ?? ROW_PACKINGS[weights.kind]).bitsPerWeight,
          },
    tableBytes: cost.tableBytes,
    scratchBytes: cost.scratchBytes,
    macs: weights === null ? 0 : (elementCount(output) / weights.outputs) * weights.values.length,
    accumulator:
      "accumulators" in layer
        ? [
            Math.min(...layer.accumulators.map((r) => r.low)),
            Math.max(...layer.accumulators.map((r) => r.high)),
          ]
        : null,
    exactness: rule === null || rule.kind === "none" ? null : rule.exactness,
    rejected: rejected.filter((r) => !r.reason.startsWith("it is for ")),
  };
}
