import { bytesOf, type Needs, roomIn } from "../boards/fit.js";
import type { Board } from "../boards/index.js";
import { literal, wrapped } from "../emit/literals.js";
import { commentText } from "../emit/names.js";
import { render } from "../emit/templates.js";
import { cType } from "../kernels/library.js";
import type { Network } from "../network/types.js";
import { tensorAt } from "../network/types.js";
import { type Samples, simulateAll } from "../simulate/batch.js";
import { chooseInputs } from "../verify/choose.js";
import type { Golden, ProjectParts } from "./types.js";

const SEED = 1;
const MOST_VECTORS = 16;

/** So much of a workstation's and of a large board's flash; half of what a small one has left. */
const MOST_BYTES = 16_384;

/**
 * Vectors that show as many faults as they can, chosen as `verify` chooses them, and as many as the
 * board's flash has room for beside the network; one at the least.
 */
export async function goldenVectors(network: Network, board: Board, needs: Needs): Promise<Golden> {
  const each = bytesOf(network, network.input.tensor) + bytesOf(network, network.output.tensor);
  const budget = Math.min(MOST_BYTES, (roomIn(board.flash) - needs.flash) / 2);
  const count = Math.min(MOST_VECTORS, Math.max(1, Math.floor(budget / each)));
  const { inputs } = chooseInputs(network, SEED, count);
  return { inputs, outputs: await simulateAll(network, inputs) };
}

/** `<name>_golden.h`. */
export function goldenHeader({ compiled, golden }: ProjectParts): string {
  const { name, network, provenance } = compiled;
  return render("project/golden.h.hbs", {
    name,
    upper: name.toUpperCase(),
    version: provenance.version,
    source: commentText(provenance.source),
    count: golden.inputs.count,
    inputs: rowsText(golden.inputs, cType(tensorAt(network, network.input.tensor).type)),
    outputs: rowsText(golden.outputs, cType(tensorAt(network, network.output.tensor).type)),
  });
}

function rowsText({ count, values }: Samples, type: ReturnType<typeof cType>): string {
  const size = values.length / count;
  const rows = Array.from({ length: count }, (_, row) => {
    const literals = Array.from(values.subarray(row * size, (row + 1) * size), (value) =>
      literal(value, type),
    );
    return `    {\n${wrapped(literals)}\n    },`;
  });
  return rows.join("\n");
}
