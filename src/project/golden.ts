import { bytesOf } from "../boards/fit.js";
import type { Compiled } from "../compile.js";
import { literal, wrapped } from "../emit/literals.js";
import { commentText } from "../emit/names.js";
import { render } from "../emit/templates.js";
import { cType } from "../kernels/library.js";
import type { Network } from "../network/types.js";
import { tensorAt } from "../network/types.js";
import { type Samples, simulateAll } from "../simulate/batch.js";
import { chooseInputs } from "../verify/choose.js";
import type { Golden } from "./types.js";

const SEED = 1;
const MOST_VECTORS = 16;

/**
 * Vectors that show as many faults as they can, chosen as `verify` chooses them: as many as take no
 * more than `mostBytes`, one at the least.
 */
export async function goldenVectors(network: Network, mostBytes: number): Promise<Golden> {
  const each = bytesOf(network, network.input.tensor) + bytesOf(network, network.output.tensor);
  const count = Math.min(MOST_VECTORS, Math.max(1, Math.floor(mostBytes / each)));
  const { inputs } = chooseInputs(network, SEED, count);
  return { inputs, outputs: await simulateAll(network, inputs) };
}

/** `<name>_golden.h`. */
export function goldenHeader({ name, network, provenance }: Compiled, golden: Golden): string {
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
