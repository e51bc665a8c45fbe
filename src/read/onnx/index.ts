import { DiagnosticError, Diagnostics, fail } from "../../diagnostics.js";
import { sameShape } from "../../graph/nodes.js";
import { runPasses } from "../../graph/passes/index.js";
import {
  fixedBatchStays,
  noOpset,
  opsetNewer,
  opsetTooOld,
  outputShapeDiffers,
} from "../diagnostics.js";
import type { ReadResult } from "../result.js";
import { decodeModel, type FileModel, type ValueInfo } from "./decode.js";
import { chooseInput, chooseOutput, type ModelInput } from "./ends.js";
import { expandModel } from "./expand.js";
import { type LoadExternal, loadOnce } from "./external.js";
import { OPSETS } from "./operators.js";
import { liveNodes } from "./structure.js";
import { translate } from "./translate.js";

/** Reads an ONNX model. @throws DiagnosticError for anything wrong with it */
export function readOnnx(bytes: Uint8Array, loadExternal: LoadExternal): ReadResult {
  const remarks = new Diagnostics();
  const model = expandModel(decodeModel(bytes));
  checkOpset(model, remarks);
  const output = chooseOutput(model, remarks);
  const nodes = liveNodes(model, output.name);
  const input = chooseInput(model, nodes, remarks);
  const built = blamingBatch(input, () =>
    translate(model, nodes, input, output.name, loadOnce(loadExternal)),
  );
  checkOutput(output, input, built.tensors.get(output.name)?.shape ?? [], remarks);
  const graph = runPasses({
    input: input.name,
    output: output.name,
    nodes: built.nodes,
    tensors: built.tensors,
    constants: built.constants,
  });
  return { graph, remarks: remarks.remarks };
}

function checkOpset({ opsets }: FileModel, remarks: Diagnostics): void {
  const version = opsets.get("");
  if (version === undefined) fail(noOpset());
  else if (version < OPSETS.oldest) fail(opsetTooOld(version, OPSETS.oldest));
  else if (version > OPSETS.newest) remarks.add(opsetNewer(version, OPSETS.newest));
}

/** Shapes that stop fitting once the batch is 1 are the batch's fault, and said to be. */
function blamingBatch<T>({ name, fixedBatch }: ModelInput, work: () => T): T {
  if (fixedBatch === 1) return work();
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const misfit = error.diagnostics.find(({ code }) => code === "read/shape-mismatch");
    if (misfit === undefined) throw error;
    return fail(fixedBatchStays(name, fixedBatch, `${misfit.where.node}: ${misfit.message}`));
  }
}

/** Compares the output's shape with the one the file declares, as far as it declares one. */
function checkOutput(
  { name, dims }: ValueInfo,
  { fixedBatch }: ModelInput,
  shape: readonly number[],
  remarks: Diagnostics,
): void {
  const declared = dims?.map((dim, axis) => {
    if (typeof dim === "string") return shape[axis] ?? 1;
    return axis === 0 && dim === fixedBatch ? 1 : dim;
  });
  if (declared === undefined || sameShape(declared, shape)) return;
  remarks.add(outputShapeDiffers(name, declared, shape));
}
