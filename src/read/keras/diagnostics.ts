import { type Diagnostic, errorDiagnostic } from "../../diagnostics.js";
import type { Origin, Shape } from "../../graph/types.js";
import { nodeLabel, showShape } from "../diagnostics.js";

/** What the reader of Keras files says. */

const SAVE = "Save the whole model again with model.save('model.keras') or model.save('model.h5').";

export function badConfig(reason: string): Diagnostic {
  return errorDiagnostic(
    "read/keras-config",
    {},
    `the configuration is not one that Keras writes: it ${reason}`,
    SAVE,
  );
}

export function notAModel(kind: string): Diagnostic {
  return errorDiagnostic(
    "read/keras-model",
    {},
    `the model is a ${kind}; Sequential and Functional models are read, for they say what they compute`,
    "Build the same layers as a Functional model, copy the weights with set_weights, and save that.",
  );
}

export function modelEnds(inputs: readonly string[], outputs: readonly string[]): Diagnostic {
  const [what, names] = inputs.length === 1 ? ["output", outputs] : ["input", inputs];
  return errorDiagnostic(
    inputs.length === 1 ? "read/several-outputs" : "read/several-inputs",
    {},
    `the model has ${names.length === 0 ? `no ${what}` : `the ${what}s ${names.join(", ")}`}; tritc compiles models with one`,
    "Cut out the part you need: keras.Model(model.inputs[0], model.get_layer(name).output).",
  );
}

export function kerasCycle(names: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "read/cycle",
    {},
    `the layers feed each other in a circle: ${names.slice(-20).join(" <- ")}`,
    SAVE,
  );
}

export function noConfig(tried: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "read/no-architecture",
    {},
    "the file holds weights without the network they belong to",
    `Save the whole model with model.save, or put its architecture, model.to_json(), beside it: as ${tried.join(" or ")}.`,
  );
}

export function noWeightFile(tried: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "read/no-weights",
    {},
    "the file describes a Keras network, and no file of weights is beside it",
    `Put the weights beside it as ${tried.join(" or ")}, or save the whole model with model.save.`,
  );
}

export function noInputShape(): Diagnostic {
  return errorDiagnostic(
    "read/unknown-shape",
    {},
    "the model does not say the shape of its input",
    "Begin it with keras.Input(shape) or an InputLayer, load the weights, and save it again.",
  );
}

export function openInput(shape: readonly (number | null)[]): Diagnostic {
  const dims = ["batch", ...shape.map((n) => n ?? "?")];
  return errorDiagnostic(
    "read/dynamic-dimension",
    {},
    `the input [${dims.join(", ")}] has axes without a fixed size; only the batch may be open`,
    "Build the model with keras.Input of a fixed shape, load the weights, and save it again.",
  );
}

export function missingWeight(origin: Origin, role: string, has: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "read/missing-weight",
    { node: nodeLabel(origin) },
    `the file has no ${role} for this layer; ${has.length === 0 ? "it has nothing for it" : `it has ${has.join(", ")}`}`,
    "Check that architecture and weights are of the same model.",
  );
}

export function weightShape(
  origin: Origin,
  role: string,
  shape: Shape,
  expected: string,
): Diagnostic {
  return errorDiagnostic(
    "read/shape-mismatch",
    { node: nodeLabel(origin), tensor: `${origin.name}/${role}`, shape },
    `its ${role} is ${showShape(shape)}, and ${expected} is expected`,
    "Check that architecture and weights are of the same model.",
  );
}
