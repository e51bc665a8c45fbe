import { type Diagnostics, fail } from "../../diagnostics.js";
import type { IntegerType, Shape, TensorInfo } from "../../graph/types.js";
import {
  dynamicDimension,
  fixedBatch,
  inputShapeUnknown,
  inputType,
  noInput,
  noOutput,
  openBatch,
  severalInputs,
  severalOutputs,
  topKOutputs,
  unusedInput,
} from "../diagnostics.js";
import { type FileModel, type FileNode, toNumber, type ValueInfo } from "./decode.js";
import {
  type ElementType,
  elementFormat,
  elementTypeName,
  elementTypeOf,
} from "./element-types.js";
import { readTensor } from "./initializers.js";

/** The one output to compile. Of a TopK's two outputs, the first one listed is kept. */
export function chooseOutput(model: FileModel, remarks: Diagnostics): ValueInfo {
  const [output, ...more] = model.outputs;
  if (output === undefined) return fail(noOutput());
  const topK = model.nodes.find(
    ({ op, outputs }) => op === "TopK" && outputs.includes(output.name),
  );
  for (const { name } of more) {
    if (!topK?.outputs.includes(name)) fail(severalOutputs(model.outputs.map((o) => o.name)));
    remarks.add(topKOutputs(output.name, name));
  }
  return output;
}

/** The model's input, for one inference at a time. */
export interface ModelInput extends TensorInfo {
  readonly name: string;
  /** The batch size that the file fixes and that is replaced by 1; 1 if nothing is replaced. */
  readonly fixedBatch: number;
}

/** The one input that the nodes read. */
export function chooseInput(
  model: FileModel,
  nodes: readonly FileNode[],
  remarks: Diagnostics,
): ModelInput {
  const read = new Set(nodes.flatMap((node) => node.inputs));
  const [input, ...more] = model.inputs.filter(({ name }) => read.has(name));
  if (input === undefined) return fail(noInput());
  if (more.length > 0) fail(severalInputs([input, ...more].map(({ name }) => name)));
  for (const { name } of model.inputs) if (name !== input.name) remarks.add(unusedInput(name));
  const readers = nodes.filter((node) => node.inputs.includes(input.name));
  const single = readers.every((node) => addsBatchAxis(node, model));
  return { name: input.name, type: typeOf(input), ...shapeOf(input, single, remarks) };
}

const INTEGER_INPUTS: Readonly<Partial<Record<ElementType, IntegerType>>> = {
  int8: "int8",
  uint8: "uint8",
  int16: "int16",
  uint16: "uint16",
  int32: "int32",
  // Row numbers of embeddings: tables of more than 2^31 rows do not fit a microcontroller.
  int64: "int32",
};

function typeOf({ name, type: code }: ValueInfo): TensorInfo["type"] {
  if (code === null) return fail(inputType(name, "something that is no tensor"));
  const type = elementTypeOf(code);
  if (type !== null && elementFormat(type).fractional) return "real";
  const integer = type === null ? undefined : INTEGER_INPUTS[type];
  return integer ?? fail(inputType(name, elementTypeName(code)));
}

/**
 * The first axis is the batch and becomes 1, unless the input is a `single` image; all others must
 * be fixed.
 */
function shapeOf(
  { name, dims }: ValueInfo,
  single: boolean,
  remarks: Diagnostics,
): { readonly shape: Shape; readonly fixedBatch: number } {
  if (dims === null) return fail(inputShapeUnknown(name));
  const hasBatch = dims.length > 1 && !single;
  const sizes = dims.map((dim, axis) => {
    if (typeof dim === "number") return dim;
    return hasBatch && axis === 0 ? 1 : fail(dynamicDimension(name, axis, dims.map(String)));
  });
  const [first] = dims;
  const shape = hasBatch ? sizes.with(0, 1) : sizes;
  if (!hasBatch || first === undefined || first === 1) return { shape, fixedBatch: 1 };
  if (typeof first === "string") {
    remarks.add(openBatch(name, first, shape));
    return { shape, fixedBatch: 1 };
  }
  remarks.add(fixedBatch(name, first, shape));
  return { shape, fixedBatch: first };
}

/** Unsqueeze of axis 0: what comes in is a single image without a batch axis. */
function addsBatchAxis(node: FileNode, model: FileModel): boolean {
  if (node.op !== "Unsqueeze") return false;
  const axes = node.attributes.get("axes")?.ints?.map(toNumber) ?? axesInput(node, model);
  return axes.includes(0);
}

/** Since opset 13 the axes are an input: an initialiser or the output of a Constant. */
function axesInput({ inputs }: FileNode, model: FileModel): readonly number[] {
  const name = inputs[1] ?? "";
  const maker = model.nodes.find(({ op, outputs }) => op === "Constant" && outputs.includes(name));
  const proto = model.initializers.get(name) ?? maker?.attributes.get("value")?.t;
  return proto ? Array.from(readTensor(proto, name, () => undefined).data) : [];
}
