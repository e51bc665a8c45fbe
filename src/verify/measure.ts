import type { Compiled } from "../compile.js";
import { fail } from "../diagnostics.js";
import type { Measured } from "../emit/index.js";
import { simulateAll } from "../simulate/batch.js";
import type { Target } from "../targets/index.js";
import { chooseInputs } from "./choose.js";
import * as say from "./diagnostics.js";
import { verifyTarget } from "./index.js";
import { subjectOf, vectorsOf } from "./subject.js";
import type { VerifyOptions } from "./types.js";

const SEED = 1;

/** Inputs that instructions are counted on; so many differ enough to show what depends on them. */
const COUNTED = 16;

/**
 * Runs compiled C on its emulated core, on inputs that show faults, and says what it takes.
 * Throws `usage/cannot-measure`, `verify/different`, `verify/not-measured`, and what `verifyTarget`
 * throws.
 */
export async function measure(
  { network, name, files }: Compiled,
  target: Target,
  options: VerifyOptions = {},
): Promise<Measured> {
  if (target.machine.kind === "host") fail(say.cannotMeasure(target.id));
  const { inputs } = chooseInputs(network, SEED, null);
  const vectors = vectorsOf(network, inputs, await simulateAll(network, inputs));
  const subject = subjectOf(network, name, files);
  const report = await verifyTarget(subject, vectors, target, {
    ...options,
    countedVectors: COUNTED,
  });
  const { firstDifference, instructions, flash, ram, toolchain } = report;
  if (firstDifference !== null) fail(say.different(target.id, vectors.count, firstDifference));
  if (instructions === null || flash === null || ram === null) fail(say.notMeasured(target.id));
  return {
    compiler: toolchain.compiler,
    emulator: toolchain.emulator ?? "",
    equalInputs: vectors.count,
    instructions: { ...instructions.total, inputs: instructions.vectors },
    code: flash.code,
    stack: ram.stack,
  };
}
