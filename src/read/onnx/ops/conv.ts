import { sameShape } from "../../../graph/nodes.js";
import type { Shape } from "../../../graph/types.js";
import { transposedExtent } from "../../../graph/window.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { reshape, type Tensor } from "../tensor.js";
import type { RuntimeValue } from "../value.js";
import {
  addPads,
  emitPlane,
  emitSliding,
  NO_PADS,
  pair,
  planeOf,
  transposedWindow,
  windowOf,
} from "./window.js";

function translateConv(node: NodeView, build: GraphBuilder): void {
  const x = node.padded(0);
  node.demandReal(x);
  const [height, width] = planeOf(node, x.shape);
  const axes = x.shape.length - 2;
  const weight = imageWeight(node, axes);
  const groups = node.int("group", 1);
  const kernel = demandKernel(node, x, weight.shape, groups);
  const around = x.pads ?? NO_PADS;
  // auto_pad counts from the plane as the Pad node left it.
  const padded = [height + around.top + around.bottom, width + around.left + around.right] as const;
  const own = windowOf(node, kernel, padded, axes);
  const window = { ...own, pads: addPads(own.pads, around) };
  const outputs = weight.shape[0] ?? 1;
  const bias = node.optionalConstant(2);
  if (bias !== null && !sameShape(bias.shape, [outputs])) {
    node.misfit(
      `bias ${node.inputName(2)} ${showShape(bias.shape)} for ${outputs} output channels`,
    );
  }
  const constants = {
    weight: build.constant(node.inputName(1), weight),
    bias: bias === null ? null : build.constant(node.inputName(2), bias),
  };
  const { origin } = node;
  emitSliding(node, build, { x, window, channels: outputs }, (input, output) => ({
    kind: "conv",
    origin,
    input,
    ...constants,
    window,
    groups,
    output,
  }));
}

/** A signal's weight [out, in, length] as that of an image, [out, in, 1, length]. */
function imageWeight(node: NodeView, axes: number): Tensor {
  const weight = node.constant(1);
  const { shape } = weight;
  if (shape.length !== axes + 2) {
    node.misfit(`weight ${node.inputName(1)} ${showShape(shape)} must have ${axes + 2} axes`);
  }
  return axes === 1 ? reshape(weight, shape.toSpliced(2, 0, 1)) : weight;
}

/** Height and width of the weight's kernel, if the weight fits the input and the attributes. */
function demandKernel(
  node: NodeView,
  x: RuntimeValue,
  weight: Shape,
  groups: number,
): readonly [number, number] {
  const [outputs = 0, perGroup = 0, height = 1, width = 1] = weight;
  const [, channels = 0] = x.shape;
  if (groups < 1 || perGroup * groups !== channels || outputs % groups !== 0) {
    const weightText = `weight ${node.inputName(1)} ${showShape(weight)} with group ${groups}`;
    node.misfit(`${weightText} does not fit ${x.name} ${showShape(x.shape)}`);
  }
  const written = pair(node, "kernel_shape", 0, x.shape.length - 2);
  if (node.hasAttribute("kernel_shape") && !sameShape(written, [height, width])) {
    node.misfit(`kernel_shape ${showShape(written)} and weight ${showShape(weight)}`);
  }
  return [height, width];
}

/** The transposed kernel slides over the output, whose extent attributes give in several ways. */
function translateConvTranspose(node: NodeView, build: GraphBuilder): void {
  const x = node.real(0);
  const plane = planeOf(node, x.shape);
  const axes = x.shape.length - 2;
  const weight = imageWeight(node, axes);
  const groups = node.int("group", 1);
  const [inputs = 0, perGroup = 0, height = 1, width = 1] = weight.shape;
  const [, channels = 0] = x.shape;
  if (groups < 1 || inputs !== channels || inputs % groups !== 0) {
    const text = `weight ${node.inputName(1)} ${showShape(weight.shape)} with group ${groups}`;
    node.misfit(`${text} does not fit ${x.name} ${showShape(x.shape)}`);
  }
  const { window, outputPadding } = transposedWindow(node, [height, width], plane, axes);
  const outputs = perGroup * groups;
  const bias = node.optionalConstant(2);
  if (bias !== null && !sameShape(bias.shape, [outputs])) {
    node.misfit(
      `bias ${node.inputName(2)} ${showShape(bias.shape)} for ${outputs} output channels`,
    );
  }
  const body = {
    kind: "convTranspose",
    origin: node.origin,
    weight: build.constant(node.inputName(1), weight),
    bias: bias === null ? null : build.constant(node.inputName(2), bias),
    window,
    outputPadding,
    groups,
  } as const;
  const extent = transposedExtent(plane, window, outputPadding);
  if (extent.some((n) => n < 1)) node.misfit(`padding leaves an output of ${showShape(extent)}`);
  emitPlane(node, build, x, [x.shape[0] ?? 1, outputs, ...extent], (input, output) => ({
    ...body,
    input,
    output,
  }));
}

export const CONV: OperatorTable = {
  Conv: { limits: "1-D or 2-D; constant weight and bias", translate: translateConv },
  ConvTranspose: {
    limits: "1-D or 2-D; constant weight and bias",
    translate: translateConvTranspose,
  },
};
