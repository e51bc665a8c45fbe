import { type Layer, type Network, type Requantization, type TensorId, tensorAt } from "./types.js";

/**
 * How far apart the codes of a tensor lie: every one is its lowest plus a multiple of this, a power of
 * two. That of signs, -1 and +1, is 2.
 */
export function spacingOf(network: Network, id: TensorId): number {
  const tensor = tensorAt(network, id);
  if (tensor.type === "float32") return 1;
  const { base, step } = gridOf(network, id);
  return Math.abs(tensor.range.low - base) % step === 0 ? step : 1;
}

/** Codes are `base` plus multiples of `step`. */
interface Grid {
  readonly base: number;
  readonly step: number;
}

const ALL: Grid = { base: 0, step: 1 };

function gridOf(network: Network, id: TensorId): Grid {
  if (id === network.input.tensor) {
    const { encoding } = network.input;
    return encoding.kind === "real" ? gridBy(encoding) : ALL;
  }
  const layer = network.layers.find(({ output }) => output === id);
  return layer === undefined ? ALL : gridMade(network, layer);
}

function gridMade(network: Network, layer: Layer): Grid {
  switch (layer.kind) {
    case "max-pool":
      return gridOf(network, layer.input);
    case "conv":
    case "conv-transpose":
    case "dense":
    case "sum-pool":
    case "elementwise":
    case "product":
      return gridAfter(layer.requantization);
    case "gather":
    case "lookup":
    case "pointwise":
    case "reduce":
      return ALL;
    default:
      return layer satisfies never;
  }
}

function gridAfter(rule: Requantization): Grid {
  switch (rule.kind) {
    case "thresholds":
    case "fixed-point":
      return gridBy(rule);
    case "none":
    case "table":
      return ALL;
    default:
      return rule satisfies never;
  }
}

function gridBy({ base, step }: Grid): Grid {
  const whole = Math.abs(step);
  return { base, step: whole & -whole || 1 };
}
