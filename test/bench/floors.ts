import type { Optimization } from "../../src/plan/index.js";
import { type PeerNetworkLayer, peerLayers, peerNetwork } from "./peers.js";

export type LayerKind = "dense" | "conv" | "first-conv" | "pointwise" | "depthwise";

type Factors = Readonly<Record<LayerKind, number | null>>;

/** How many times as fast as CMSIS-NN's int8 a kernel must be, at 50 % zeros. */
interface Floor {
  readonly size: Factors;
  /** Where it says nothing, what holds for size. */
  readonly speed: Partial<Factors>;
  /** Dense layers of activations that are never negative. */
  readonly reluDense?: number;
}

function size(
  dense: number,
  conv: number,
  depthwise: number | null,
  more: Partial<Factors> = {},
): Factors {
  return { dense, conv, "first-conv": conv, pointwise: conv, depthwise, ...more };
}

const M4: Floor = {
  size: size(2.7, 2.9, 4.3, { pointwise: 2.6 }),
  speed: { dense: 3.5, conv: 5.9 },
  reluDense: 3,
};

/** By target. Of cores whose cycles nothing models, instructions are compared. */
const FLOORS: Readonly<Record<string, Floor>> = {
  "cortex-m0plus": { size: size(3.7, 6, 5), speed: { dense: 9, conv: 18 } },
  "cortex-m3": { size: size(4.2, 3.9, 4), speed: { dense: 8, conv: 11 } },
  "cortex-m4": M4,
  "cortex-m33": M4,
  "cortex-m7": { size: size(3.2, 2.5, 4.7), speed: { dense: 4.2, conv: 5.7 } },
  "cortex-m55": { size: size(1.1, 1.1, 2, { "first-conv": 2.3, pointwise: 1.8 }), speed: {} },
  rv32imc: { size: size(3.8, 5, null), speed: { conv: 12 } },
};

/** Null where no floor is set. */
export function floorOf(
  target: string,
  kind: LayerKind,
  effort: Optimization,
  relu: boolean,
): number | null {
  const floor = FLOORS[target];
  if (floor === undefined || !(effort === "size" || effort === "speed")) return null;
  const own = effort === "speed" ? floor.speed[kind] : undefined;
  const ofSize =
    kind === "dense" && relu ? (floor.reluDense ?? floor.size.dense) : floor.size[kind];
  return own ?? ofSize;
}

/** Cycles that whole networks may take on the Cortex-M4. */
const NETWORK_CYCLES: Readonly<Record<string, Partial<Readonly<Record<Optimization, number>>>>> = {
  fc_autoencoder_ad: { size: 280e3, speed: 220e3 },
  dscnn_kws: { size: 3.3e6, speed: 2.5e6 },
  mobilenetv1_025_vww: { size: 9.5e6, speed: 7.0e6 },
  resnet8_ic: { size: 11.5e6, speed: 6.0e6 },
};

/**
 * Cycles that a network may take: set for the Cortex-M4, and elsewhere what CMSIS-NN's layers take, each
 * divided by its own factor. Null without a figure.
 */
export function networkFloor(id: string, target: string, effort: Optimization): number | null {
  if (effort !== "size" && effort !== "speed") return null;
  const set = target === "cortex-m4" ? NETWORK_CYCLES[id]?.[effort] : undefined;
  const network = peerNetwork(id);
  if (set !== undefined || network === null || network.cores[target] === undefined) {
    return set ?? null;
  }
  const works = peerLayers(id, target);
  return network.layers.reduce((sum, layer, i) => {
    const kind = kindOf(layer, i);
    const factor = kind === null ? 1 : (floorOf(target, kind, effort, i > 0) ?? 1);
    return sum + (works.get(layer.name)?.cycles ?? 0) / factor;
  }, 0);
}

/** Null for layers without weights. */
function kindOf({ kind, kernel }: PeerNetworkLayer, index: number): LayerKind | null {
  switch (kind) {
    case "fc":
      return "dense";
    case "dw":
      return "depthwise";
    case "conv":
      if (index === 0) return "first-conv";
      return kernel.every((extent) => extent === 1) ? "pointwise" : "conv";
    default:
      return null;
  }
}

/** Share of the int8 constants that tables may take when optimised for size. */
export const CONSTANTS_FLOOR = 0.3;
