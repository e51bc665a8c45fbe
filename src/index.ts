/**
 * The library: load a model, compile it to C, simulate it.
 *
 * @packageDocumentation
 */
export { type Compiled, type CompileOptions, compile, load, type ModelFile } from "./compile.js";
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
export { lower } from "./network/lower/index.js";
export { deserializeNetwork, serializeNetwork } from "./network/serialize.js";
export type * from "./network/types.js";
export { type Plan, type PlannedLayer, plan } from "./plan/index.js";
export { readModel } from "./read/index.js";
export { type Facts, factsOf, type LayerFacts } from "./report/facts.js";
export { decodeOutput, encodeInput } from "./simulate/codec.js";
export { createSimulator, type Simulator } from "./simulate/index.js";
export { findTarget, TARGETS, type Target } from "./targets/index.js";
