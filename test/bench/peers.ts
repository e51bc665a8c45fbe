import peers from "./peers.json" with { type: "json" };

/** What a peer's int8 kernel took for one call. */
export interface PeerWork {
  readonly macs: number;
  readonly instructions: number;
  /** Null where nothing models the core. */
  readonly cycles: number | null;
}

const LAYERS: Readonly<Record<string, Readonly<Record<string, PeerWork>>>> = peers.layers;

/** CMSIS-NN's figure for a layer, null where there is none. */
export function peerLayer(key: string, target: string): PeerWork | null {
  return LAYERS[key]?.[target] ?? null;
}
