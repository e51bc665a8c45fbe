import type { Cost, Kernel, KernelCode, LayerShape } from "../kernels/index.js";
import type { Network, TensorId } from "../network/types.js";
import type { Target } from "../targets/index.js";

/** The Network for one target: a kernel for each layer, a place for each buffer. */
export interface Plan {
  readonly network: Network;
  readonly target: Target;
  readonly layers: readonly PlannedLayer[];
  /** Where each tensor lives, by its id. */
  readonly places: ReadonlyMap<TensorId, Place>;
  /** Of all tensors and all scratch, the network's input and output among them. */
  readonly arenaBytes: number;
  /** No arrangement of these buffers can be smaller: the most that is alive at one time. */
  readonly arenaLowerBound: number;
}

export interface PlannedLayer {
  readonly shape: LayerShape;
  readonly kernel: Kernel;
  readonly cost: Cost;
  readonly code: KernelCode;
  /** The kernels for such layers that were not chosen, and why. */
  readonly rejected: readonly { readonly kernel: string; readonly reason: string }[];
  /** Offset in the arena of each scratch array of the layer, by name. */
  readonly scratch: ReadonlyMap<string, number>;
}

/** Where a tensor lies in the arena. */
export interface Place {
  /**
   * The pointer by which C reaches it. The network's input and output lie where the caller says, and
   * what is here is kept free for them.
   */
  readonly pointer: "input" | "output" | "arena";
  readonly offset: number;
  readonly bytes: number;
}
