import type { Diagnostic } from "../diagnostics.js";
import type { Graph } from "../graph/types.js";

/** A graph, and what the user should know about how it was read. */
export interface ReadResult {
  readonly graph: Graph;
  readonly remarks: readonly Diagnostic[];
}
