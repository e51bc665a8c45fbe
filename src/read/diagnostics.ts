import { type Diagnostic, errorDiagnostic, type Where } from "../diagnostics.js";
import type { Origin, Shape } from "../graph/types.js";

/** Everything a reader says to the user. `where.file` is filled in by `readModel`. */

export function nodeLabel({ op, name }: Origin): string {
  return `${op} "${name}"`;
}

export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

function remark(
  severity: "note" | "warning",
  code: Diagnostic["code"],
  where: Where,
  message: string,
): Diagnostic {
  return { code, severity, where, message };
}

// The file as a whole.

export function emptyFile(): Diagnostic {
  return errorDiagnostic(
    "read/empty-file",
    {},
    "the file has no bytes",
    "Check that the export or the download finished.",
  );
}

export function otherFormatThanOnnx(looksLike: string, hint: string): Diagnostic {
  return errorDiagnostic(
    "read/other-format",
    {},
    `this is not an ONNX model: it looks like ${looksLike}`,
    hint,
  );
}

export function strangeArchive(names: readonly string[]): Diagnostic {
  const held = names.length === 0 ? "it is empty" : `it holds ${names.slice(0, 5).join(", ")}`;
  return errorDiagnostic(
    "read/other-format",
    {},
    `this zip archive is not a network that tritc reads: ${held}${names.length > 5 ? ", ..." : ""}`,
    "NumPy's .npz with weights is read; unpack other archives and give the model inside.",
  );
}

export function unknownFormat(): Diagnostic {
  return errorDiagnostic(
    "read/unknown-format",
    {},
    "this is not an ONNX model, nor any other format tritc knows",
    "Export the model to ONNX and give that file.",
  );
}

export function damagedOnnx(detail: string): Diagnostic {
  return errorDiagnostic(
    "read/damaged-file",
    {},
    `the ONNX model is cut off or damaged: ${detail}`,
    "Export or download the file again, and compare its size with the original's.",
  );
}

/** `what` is the kind of file: `archive`, `HDF5 file`. */
export function damagedFile(what: string, detail: string): Diagnostic {
  return errorDiagnostic(
    "read/damaged-file",
    {},
    `the ${what} is cut off or damaged: ${detail}`,
    "Save or download the file again, and compare its size with the original's.",
  );
}

/** `size` counts bytes or entries of `what`. */
export function tooLargeFile(what: string, size: number): Diagnostic {
  return errorDiagnostic(
    "read/too-large",
    {},
    `${what} would take ${size}: more than any microcontroller's memory, and more than is read`,
    "Check that this is the model; save it without optimiser state or other data.",
  );
}

export function noOpset(): Diagnostic {
  return errorDiagnostic(
    "read/no-opset",
    {},
    "the model does not say which version of the ONNX operators it uses (opset_import is missing)",
    "Export the model again; onnx.checker.check_model says the same about this file.",
  );
}

export function opsetTooOld(version: number, oldest: number): Diagnostic {
  return errorDiagnostic(
    "read/old-opset",
    {},
    `the model uses opset ${version}; operators are read as opset ${oldest} and later define them`,
    "Convert it with onnx.version_converter.convert_version(model, 13).",
  );
}

export function opsetNewer(version: number, newest: number): Diagnostic {
  return remark(
    "warning",
    "read/new-opset",
    {},
    `the model uses opset ${version}; the newest that tritc knows is ${newest}, and operators are read as that one defines them`,
  );
}

/** `layers` are named as in the file. */
export function weightRule(rule: string, layers: readonly string[]): Diagnostic {
  const shown = layers.slice(0, 8).join(", ");
  const more = layers.length > 8 ? ` and ${layers.length - 8} more` : "";
  return remark(
    "note",
    "read/weight-rule",
    {},
    `latent float weights are quantised by ${rule}; in ${shown}${more}`,
  );
}

// Structure: names, order, input and output.

export function duplicateTensor(tensor: string, makers: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "read/duplicate-tensor",
    { tensor },
    `the tensor is made more than once: by ${makers.join(" and ")}`,
    "Every tensor name must have one maker; onnx.checker.check_model finds such names.",
  );
}

export function undefinedTensor(tensor: string, reader: string): Diagnostic {
  return errorDiagnostic(
    "read/undefined-tensor",
    { tensor },
    `${reader} reads a tensor that no node, input or initialiser makes`,
    "Check the tool that wrote or edited the model; onnx.checker.check_model finds such names.",
  );
}

export function cycle(nodes: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "read/cycle",
    {},
    `the nodes feed each other in a circle: ${nodes.join(" -> ")}`,
    "A model must be free of circles; check the tool that wrote or edited it.",
  );
}

export function noInput(): Diagnostic {
  return errorDiagnostic(
    "read/no-input",
    {},
    "the model's output does not depend on any input: there is nothing to feed",
    "Export the model with its input, and with the output that depends on it.",
  );
}

export function severalInputs(inputs: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "read/several-inputs",
    {},
    `the model takes ${inputs.length} inputs: ${inputs.join(", ")}; tritc compiles models with one`,
    "Export the part of the model that follows from one input, or make the others constants.",
  );
}

export function severalOutputs(outputs: readonly string[]): Diagnostic {
  return errorDiagnostic(
    "read/several-outputs",
    {},
    `the model has ${outputs.length} outputs: ${outputs.join(", ")}; tritc compiles models with one`,
    "Cut the model at the output you need: onnx.utils.extract_model(source, target, inputs, [output]).",
  );
}

export function noOutput(): Diagnostic {
  return errorDiagnostic("read/no-output", {}, "the model has no output", "Export it again.");
}

export function unusedInput(tensor: string): Diagnostic {
  return remark(
    "note",
    "read/unused-input",
    { tensor },
    "the output does not depend on this input",
  );
}

export function topKOutputs(kept: string, dropped: string): Diagnostic {
  return remark(
    "note",
    "read/top-k-outputs",
    { tensor: dropped },
    `TopK gives values and indices as outputs; ${kept} is kept`,
  );
}

export function inputType(tensor: string, type: string): Diagnostic {
  return errorDiagnostic(
    "read/input-type",
    { tensor },
    `the input is of type ${type}; inputs are float, int8, uint8, int16, uint16 or int32`,
    "Export the model with a float or an 8-bit input.",
  );
}

export function inputShapeUnknown(tensor: string): Diagnostic {
  return errorDiagnostic(
    "read/unknown-shape",
    { tensor },
    "the file does not give the shape of the input",
    "Export the model with a sample input of fixed shape.",
  );
}

export function dynamicDimension(
  tensor: string,
  axis: number,
  dims: readonly string[],
): Diagnostic {
  return errorDiagnostic(
    "read/dynamic-dimension",
    { tensor },
    `axis ${axis} of the input [${dims.join(", ")}] has no fixed size; only the first, the batch, may be open`,
    "Export without dynamic axes, or fix them: python -m onnxruntime.tools.make_dynamic_shape_fixed.",
  );
}

export function openBatch(tensor: string, dim: string, shape: Shape): Diagnostic {
  return remark("note", "read/batch", { tensor, shape }, `the open batch size (${dim}) becomes 1`);
}

export function fixedBatch(tensor: string, batch: number, shape: Shape): Diagnostic {
  return remark(
    "note",
    "read/batch",
    { tensor, shape },
    `the model was exported for batches of ${batch}; it is compiled for one input at a time`,
  );
}

export function fixedBatchStays(tensor: string, batch: number, detail: string): Diagnostic {
  return errorDiagnostic(
    "read/fixed-batch",
    { tensor },
    `the model was exported for batches of ${batch}, and the size is fixed inside it: with batch 1, ${detail}`,
    "Export it again with a sample input of batch size 1, or with a dynamic batch axis.",
  );
}

export function outputShapeDiffers(tensor: string, declared: Shape, inferred: Shape): Diagnostic {
  return remark(
    "warning",
    "read/output-shape",
    { tensor, shape: inferred },
    `the file declares the output ${showShape(declared)}, but its operators make ${showShape(inferred)}`,
  );
}

// Operators.

export interface Unsupported {
  readonly origin: Origin;
  /** What about the node is not supported. */
  readonly reason: string;
  readonly hint?: string | undefined;
}

export function unsupportedOperators(nodes: readonly Unsupported[]): Diagnostic {
  const [first] = nodes;
  const lines = nodes.map(({ origin, reason }) => `  ${nodeLabel(origin)}: ${reason}`);
  const hints = new Set(nodes.flatMap(({ hint }) => (hint === undefined ? [] : [hint])));
  return errorDiagnostic(
    "read/unsupported-operator",
    nodes.length === 1 && first !== undefined ? { node: nodeLabel(first.origin) } : {},
    `${nodes.length === 1 ? "1 node is" : `${nodes.length} nodes are`} not supported:\n${lines.join("\n")}`,
    hints.size > 0
      ? [...hints].join("\n")
      : "Export the model without these operators, or ask for them with a small model that shows the need.",
  );
}

export function badAttribute(origin: Origin, attribute: string, problem: string): Diagnostic {
  return errorDiagnostic(
    "read/bad-attribute",
    { node: nodeLabel(origin) },
    `the attribute ${attribute} ${problem}`,
    "Check the tool that wrote the model; onnx.checker.check_model checks attributes.",
  );
}

export function missingInput(origin: Origin, index: number): Diagnostic {
  return errorDiagnostic(
    "read/missing-input",
    { node: nodeLabel(origin) },
    `input ${index} of the node is missing`,
    "Check the tool that wrote the model; onnx.checker.check_model checks inputs.",
  );
}

/** `detail` names the tensors with their shapes and says what does not fit. */
export function shapeMismatch(origin: Origin, tensor: string, detail: string): Diagnostic {
  return errorDiagnostic(
    "read/shape-mismatch",
    { node: nodeLabel(origin), tensor },
    `shapes do not fit: ${detail}`,
    "Check the layer's sizes; onnx.shape_inference.infer_shapes(model, strict_mode=True) finds the first that does not fit.",
  );
}

// Numbers.

export function notFinite(tensor: string, shape: Shape, count: number, index: number): Diagnostic {
  return errorDiagnostic(
    "read/not-finite",
    { tensor, shape },
    `${count === 1 ? "1 element is" : `${count} elements are`} NaN or infinite, the first at index ${index}`,
    "Look for a training run that diverged, or a division by zero in the export.",
  );
}

export function badScale(origin: Origin, tensor: string, value: number): Diagnostic {
  return errorDiagnostic(
    "read/bad-scale",
    { node: nodeLabel(origin), tensor },
    `a quantiser's scale must be positive and finite; this one has ${value}`,
    value === 0
      ? "A scale of zero comes from a channel without weights: prune it or give it any positive scale."
      : "Export the model again; look for a training run or a calibration that diverged.",
  );
}

export function badZeroPoint(origin: Origin, tensor: string, value: number): Diagnostic {
  return errorDiagnostic(
    "read/bad-zero-point",
    { node: nodeLabel(origin), tensor },
    `a quantiser's zero point must be a finite number; this one has ${value}`,
    "Export the model again; look for a calibration that saw NaN.",
  );
}

export function badVariance(
  origin: Origin,
  tensor: string,
  channel: number,
  value: number,
): Diagnostic {
  return errorDiagnostic(
    "read/bad-variance",
    { node: nodeLabel(origin), tensor },
    `variance + epsilon is ${value} in channel ${channel}: its square root is not a positive number`,
    "Check the running variance of that BatchNorm: it must not be negative.",
  );
}

export function zeroDivisor(origin: Origin, tensor: string): Diagnostic {
  return errorDiagnostic(
    "read/zero-divisor",
    { node: nodeLabel(origin), tensor },
    "the divisor has an element that is zero",
    "Check the normalisation constants of the export.",
  );
}

// Tensors in the file.

export function elementType(tensor: string, type: string): Diagnostic {
  return errorDiagnostic(
    "read/element-type",
    { tensor },
    `the tensor's elements are of type ${type}, which is not read`,
    "Export weights as float, float16, or integers with their scales.",
  );
}

export function tensorSize(tensor: string, shape: Shape, detail: string): Diagnostic {
  return errorDiagnostic(
    "read/tensor-size",
    { tensor, shape },
    detail,
    "The file is damaged or was written by a faulty tool: export it again.",
  );
}

export function missingExternalData(tensor: string, location: string): Diagnostic {
  return errorDiagnostic(
    "read/missing-external-data",
    { tensor },
    `the tensor's data is in the file ${JSON.stringify(location)} beside the model, which is not there`,
    "Keep the external data file in the model's folder, or save the model with its data inside.",
  );
}

export function externalOverlap(tensor: string, other: string, location: string): Diagnostic {
  return errorDiagnostic(
    "read/external-overlap",
    { tensor },
    `the tensor's data in ${JSON.stringify(location)} begins inside that of ${JSON.stringify(other)}`,
    "The offsets in the model do not fit its data file: save the model again, both files together.",
  );
}

export function externalLocation(tensor: string, location: string): Diagnostic {
  return errorDiagnostic(
    "read/external-location",
    { tensor },
    `the tensor's data is said to be at ${JSON.stringify(location)}, which is not inside the model's folder`,
    "External data must lie beside the model or below it.",
  );
}

export function tooLarge(tensor: string, shape: Shape): Diagnostic {
  return errorDiagnostic(
    "read/too-large",
    { tensor, shape },
    "the tensor has more elements than any microcontroller's memory",
    "Check the shapes that the model computes for it.",
  );
}
