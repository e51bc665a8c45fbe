import { checkGraph } from "../check.js";
import type { Graph } from "../types.js";
import { fuseSteps } from "./fuse-steps.js";
import { mergeChains } from "./merge-chains.js";
import { moveLate } from "./move-late.js";
import { removeDead } from "./remove-dead.js";
import { removeIdentities } from "./remove-identities.js";

/** A rewriting of the graph that leaves what it computes exactly as it was. */
export interface Pass {
  readonly name: string;
  /** Why it is there, and why it stands where it stands. */
  readonly reason: string;
  readonly run: (graph: Graph) => Graph;
}

export const PASSES: readonly Pass[] = [
  {
    name: "merge-chains",
    reason:
      "Exporters undo one reshape or transpose with the next: merged, the pair is seen to be nothing. Before remove-identities, which then drops it.",
    run: mergeChains,
  },
  {
    name: "remove-identities",
    reason:
      "Identity, Dropout and reshapes to the same shape would hide from lowering what feeds what.",
    run: removeIdentities,
  },
  {
    name: "fuse-steps",
    reason:
      "Quantisers spelled out with comparisons and signs are one quantiser. After remove-identities; before move-late, which moves quantisers.",
    run: fuseSteps,
  },
  {
    name: "move-late",
    reason:
      "Quantisers before concatenations and gathers leave small integers to move. After remove-identities, which shows who reads what.",
    run: moveLate,
  },
  {
    name: "remove-dead",
    reason:
      "The passes above leave nodes and constants that nothing reads. Last, so that none stay.",
    run: removeDead,
  },
];

/** Runs all passes in order; the graph is checked before the first and after each. */
export function runPasses(graph: Graph): Graph {
  checkGraph(graph, "reading");
  return PASSES.reduce((current, pass) => {
    const next = pass.run(current);
    checkGraph(next, `pass ${pass.name}`);
    return next;
  }, graph);
}
