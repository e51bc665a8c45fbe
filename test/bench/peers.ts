/**
 * What CMSIS-NN's int8 kernels took, measured once with the same emulator, the same models of cores and
 * the same way of counting (docs/bench.md says how that was checked).
 */
import networks from "./networks.json" with { type: "json" };
import peers from "./peers.json" with { type: "json" };

/** What a peer's kernel took for one call. */
export interface PeerWork {
  readonly instructions: number;
  /** Null where nothing models the core. */
  readonly cycles: number | null;
}

type ByTarget<T> = Readonly<Record<string, T>>;

const LAYERS: Readonly<Record<string, ByTarget<PeerWork>>> = peers.layers;

/** The figure for a layer, null where there is none. */
export function peerLayer(key: string, target: string): PeerWork | null {
  return LAYERS[key]?.[target] ?? null;
}

/** A network of int8 layers. */
export interface PeerNetwork {
  /** Bytes of weights, biases and scales. */
  readonly constantBytes: number;
  /** The most bytes of activations that are alive at one time, input and output among them. */
  readonly activationBytes: number;
  readonly layers: readonly PeerNetworkLayer[];
  readonly cores: ByTarget<PeerWork & { readonly layers: readonly (readonly number[])[] }>;
}

export interface PeerNetworkLayer {
  readonly name: string;
  readonly kind: string;
  readonly kernel: readonly number[];
  readonly macs: number;
}

const NETWORKS: Readonly<Record<string, PeerNetwork>> = networks.networks;
const SILICON: ByTarget<number> = networks.bestSilicon;

export function peerNetwork(id: string): PeerNetwork | null {
  return NETWORKS[id] ?? null;
}

/** Instructions and cycles of a network's layers, by their names. */
export function peerLayers(id: string, target: string): ReadonlyMap<string, PeerWork> {
  const network = peerNetwork(id);
  const works = network?.cores[target]?.layers ?? [];
  return new Map(
    network?.layers.map(({ name }, i): [string, PeerWork] => {
      const [instructions = 0, cycles = 0] = works[i] ?? [];
      return [name, { instructions, cycles }];
    }),
  );
}

/** Cycles of the best int8 entry of MLPerf Tiny's closed division on a Cortex-M4, for comparison. */
export function bestSilicon(id: string, target: string): number | null {
  return target === "cortex-m4" ? (SILICON[id] ?? null) : null;
}
