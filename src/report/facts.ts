import { ROW_PACKINGS } from "../kernels/packing.js";
import type { FloatProgram } from "../network/float.js";
import {
  type Exactness,
  elementCount,
  type Head,
  type Layer,
  type Network,
  type Requantization,
  type StorageType,
  type Tensor,
  tensorAt,
  type WeightKind,
} from "../network/types.js";
import type { Plan, PlannedLayer } from "../plan/index.js";

/** Everything a report says about a network, whatever it will run on. */
export interface NetworkFacts {
  readonly input: InputFacts;
  readonly output: OutputFacts;
  readonly layers: readonly NetworkLayerFacts[];
  readonly total: NetworkTotals;
}

export interface InputFacts {
  readonly name: string;
  readonly type: StorageType;
  /** Of the network's tensor: height, width, channels. */
  readonly shape: readonly number[];
  /** Of the model file's input, batch axis included. */
  readonly modelShape: readonly number[];
  /** How the model's numbers become the network's: `InputEncoding` without its tables. */
  readonly encoding:
    | { readonly kind: "float32" }
    | { readonly kind: "integer"; readonly scale: number | null; readonly zero: number }
    | { readonly kind: "real"; readonly formula: string };
}

export interface OutputFacts {
  readonly name: string;
  readonly type: StorageType;
  readonly elements: number;
  readonly modelShape: readonly number[];
  /** real = integer * scale + offset; null where the model itself gives the integers. */
  readonly real: { readonly scale: number; readonly offset: number } | null;
  /** What is left to the caller. */
  readonly head: Head;
}

export interface NetworkLayerFacts {
  readonly name: string;
  readonly kind: Layer["kind"];
  /** The nodes of the model file that it does the work of. */
  readonly nodes: readonly string[];
  readonly output: { readonly type: StorageType; readonly shape: readonly number[] };
  readonly weights: WeightFacts | null;
  readonly macs: number;
  /** Lowest and highest value that the accumulator can take. */
  readonly accumulator: readonly [low: number, high: number] | null;
  readonly requantization: Requantization["kind"] | null;
  readonly exactness: Exactness | null;
  /** Float32 operations for each element of a program; null for layers of integers. */
  readonly floatOperations: number | null;
}

export interface WeightFacts {
  readonly kind: WeightKind;
  readonly count: number;
  /** Share of zeros, 0 to 1. */
  readonly sparsity: number;
  /** By which rule of the model file latent floats became these integers; null if they are its own. */
  readonly rule: string | null;
}

export interface NetworkTotals {
  readonly weights: number;
  readonly macs: number;
  /** How many layers compute in float32. */
  readonly floatLayers: number;
  /**
   * Every requantisation between layers equals exact arithmetic on its whole reachable range.
   * Final scores, real numbers in the model, are always rounded; their layer says how finely.
   */
  readonly exact: boolean;
}

/** Everything a report says about a compiled model: the source of text, JSON and header comments. */
export interface Facts extends NetworkFacts {
  readonly target: string;
  readonly layers: readonly LayerFacts[];
  readonly total: NetworkTotals & {
    /**
     * Constant tables: weights, requantisation, structs. The most that they take on a 32-bit core:
     * the linker shares those that are equal. What it makes of them is measured by `verify`.
     */
    readonly tableBytes: number;
    /** Code that is weights: instructions of one layer alone. */
    readonly codeBytes: number;
    /** Estimated, for one inference at zero wait states. */
    readonly cycles: number;
    /** Tensors and scratch, the network's input and output among them. */
    readonly arenaBytes: number;
    /** No arrangement of the same buffers needs less. */
    readonly arenaLowerBound: number;
  };
}

export interface LayerFacts extends NetworkLayerFacts {
  readonly kernel: string;
  readonly weights: (WeightFacts & { readonly bitsPerWeight: number }) | null;
  readonly tableBytes: number;
  readonly codeBytes: number;
  readonly scratchBytes: number;
  /** Estimated, for one inference at zero wait states. */
  readonly cycles: number;
  readonly rejected: readonly { readonly kernel: string; readonly reason: string }[];
}

export function factsOf(plan: Plan): Facts {
  const facts = networkFacts(plan.network);
  const layers = plan.layers.map((planned) => layerFacts(planned));
  return {
    ...facts,
    target: plan.target.id,
    layers,
    total: {
      ...facts.total,
      tableBytes: total(layers, (l) => l.tableBytes),
      codeBytes: total(layers, (l) => l.codeBytes),
      cycles: total(layers, (l) => l.cycles),
      arenaBytes: plan.arenaBytes,
      arenaLowerBound: plan.arenaLowerBound,
    },
  };
}

export function networkFacts(network: Network): NetworkFacts {
  const layers = network.layers.map((layer) =>
    networkLayerFacts(layer, tensorAt(network, layer.output)),
  );
  return {
    input: inputFacts(network),
    output: outputFacts(network),
    layers,
    total: {
      weights: total(layers, (l) => l.weights?.count ?? 0),
      macs: total(layers, (l) => l.macs),
      floatLayers: layers.filter((l) => l.floatOperations !== null).length,
      exact: network.layers.every((layer) => isExact(layer, network)),
    },
  };
}

/** Final scores are real numbers in the model: rounding them is no departure from it. */
function isExact(layer: Layer, { output }: Network): boolean {
  const rule = "requantization" in layer ? layer.requantization : null;
  if (rule === null || rule.kind === "none" || rule.exactness.kind === "exact") return true;
  const isScores = layer.output === output.tensor && output.real !== null;
  return isScores && rule.exactness.kind === "rounded";
}

function inputFacts(network: Network): InputFacts {
  const { name, shape, encoding, tensor: id } = network.input;
  const tensor = tensorAt(network, id);
  return {
    name,
    type: tensor.type,
    shape: shapeOf(tensor),
    modelShape: shape,
    encoding:
      encoding.kind === "real" ? { kind: "real", formula: encoding.formula } : { ...encoding },
  };
}

function outputFacts(network: Network): OutputFacts {
  const { name, shape, real, head, tensor: id } = network.output;
  const tensor = tensorAt(network, id);
  return {
    name,
    type: tensor.type,
    elements: elementCount(tensor),
    modelShape: shape,
    real,
    head,
  };
}

function networkLayerFacts(layer: Layer, output: Tensor): NetworkLayerFacts {
  const weights = "weights" in layer ? layer.weights : null;
  const rule = "requantization" in layer ? layer.requantization : null;
  return {
    name: layer.name,
    kind: layer.kind,
    nodes: layer.origins.map((o) => `${o.op} "${o.name}"`),
    output: { type: output.type, shape: shapeOf(output) },
    weights:
      weights === null
        ? null
        : {
            kind: weights.kind,
            count: weights.values.length,
            sparsity: countZeros(weights.values) / weights.values.length,
            rule: weights.rule ?? null,
          },
    macs: weights === null ? 0 : (elementCount(output) / weights.outputs) * weights.values.length,
    accumulator:
      "accumulators" in layer
        ? [
            Math.min(...layer.accumulators.map((r) => r.low)),
            Math.max(...layer.accumulators.map((r) => r.high)),
          ]
        : null,
    requantization: rule?.kind ?? null,
    exactness: rule === null || rule.kind === "none" ? null : rule.exactness,
    floatOperations: "program" in layer ? operationsOf(layer.program) : null,
  };
}

function layerFacts({ shape, kernel, cost, rejected }: PlannedLayer): LayerFacts {
  const facts = networkLayerFacts(shape.layer, shape.output);
  const { weights } = facts;
  const bitsPerWeight =
    weights === null ? 0 : (kernel.packing ?? ROW_PACKINGS[weights.kind]).bitsPerWeight;
  return {
    ...facts,
    weights: weights && { ...weights, bitsPerWeight },
    kernel: kernel.name,
    tableBytes: cost.tableBytes,
    codeBytes: cost.codeBytes,
    scratchBytes: cost.scratchBytes,
    cycles: Math.round(cost.cycles),
    rejected,
  };
}

function operationsOf({ steps }: FloatProgram): number {
  return steps.filter(({ op }) => op !== "operand" && op !== "constant").length;
}

function countZeros(values: Int8Array): number {
  let zeros = 0;
  for (const w of values) if (w === 0) zeros++;
  return zeros;
}

function total<T>(layers: readonly T[], of: (layer: T) => number): number {
  return layers.reduce((sum, layer) => sum + of(layer), 0);
}

function shapeOf({ height, width, channels }: Tensor): readonly number[] {
  return [height, width, channels];
}
