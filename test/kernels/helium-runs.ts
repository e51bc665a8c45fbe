import { expect } from "vitest";
import { emitC } from "../../src/emit/index.js";
import type { Kernel } from "../../src/kernels/index.js";
import type { Network } from "../../src/network/types.js";
import { plan } from "../../src/plan/index.js";
import { type Samples, simulateAll } from "../../src/simulate/batch.js";
import type { Target } from "../../src/targets/index.js";
import { configurationOf } from "../../src/verify/configurations.js";
import { verifyConfiguration } from "../../src/verify/index.js";
import { subjectOf, vectorsOf } from "../../src/verify/subject.js";
import { preferring } from "./preferring.js";

/**
 * The C that these kernels make of a network, planned for one target and run on another (or the same),
 * gives what the simulator does, layer by layer.
 */
export async function expectEqual(
  network: Network,
  inputs: Samples,
  own: readonly Kernel[],
  { planned, run }: { readonly planned: Target; readonly run: Target },
): Promise<void> {
  const made = plan(network, planned, { kernels: preferring(...own) });
  expect(made.layers.some(({ kernel }) => own.includes(kernel))).toBe(true);
  const origin = { source: "m", hash: "", command: "m", version: "" };
  const subject = subjectOf(network, "m", emitC(made, "m", origin));
  const vectors = vectorsOf(network, inputs, await simulateAll(network, inputs));
  const native = run.machine.kind === "host";
  const configuration = { ...configurationOf(run), sanitize: native };
  const report = await verifyConfiguration(subject, vectors, configuration, { layers: true });
  expect(report).toMatchObject({ firstDifference: null, vectors: inputs.count });
}
