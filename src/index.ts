/**
 * The library: load a model, compile it to C, simulate it, verify the C.
 *
 * @packageDocumentation
 */
export {
  type Compiled,
  type CompileOptions,
  compile,
  generate,
  load,
  type ModelFile,
} from "./compile.js";
export {
  type Diagnostic,
  DiagnosticError,
  EXIT_CODES,
  EXIT_INTERNAL,
  type Where,
} from "./diagnostics.js";
export {
  checkModelName,
  emitC,
  type FileMap,
  type Provenance,
  suggestModelName,
} from "./emit/index.js";
export { appFiles, type CameraDriver } from "./frame/app.js";
export { frameFiles } from "./frame/emit.js";
export type { FrameFormat, PixelFormat } from "./frame/formats.js";
export { type FrameInput, frameInputOf, type Normalisation } from "./frame/pixels.js";
export { inputOfPicture, pictureOfFrame } from "./frame/reference.js";
export { formatArray, type NumberArray, readArray } from "./io/arrays.js";
export { readModelFile } from "./io/files.js";
export { readInputs } from "./io/inputs.js";
export {
  type CompiledFolder,
  readCompiledFolder,
  writeCompiled,
} from "./io/manifest.js";
export { integerOutputs, modelOutputs, type OutputArray } from "./io/outputs.js";
export { lower } from "./network/lower/index.js";
export { deserializeNetwork, serializeNetwork } from "./network/serialize.js";
export type * from "./network/types.js";
export { type Plan, type PlannedLayer, plan } from "./plan/index.js";
export { readModel } from "./read/index.js";
export {
  type Facts,
  factsOf,
  type LayerFacts,
  type NetworkFacts,
  networkFacts,
} from "./report/facts.js";
export { type Samples, simulateAll } from "./simulate/batch.js";
export { decodeOutput, encodeInput } from "./simulate/codec.js";
export { createSimulator, type Simulator } from "./simulate/index.js";
export { findTarget, TARGETS, type Target } from "./targets/index.js";
export {
  probeTools,
  type Subject,
  type TargetReport,
  type ToolReport,
  type Vectors,
  type VerifyOptions,
  verifyTarget,
} from "./verify/index.js";
export { seededInputs, subjectOf, vectorsOf } from "./verify/subject.js";
