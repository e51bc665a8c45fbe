import { windowed } from "../../../graph/window.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import { mapElements } from "../fold/elementwise.js";
import { reduceTensor, SUM } from "../fold/reduce.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { reshape, type Tensor, transpose } from "../tensor.js";
import type { RuntimeValue } from "../value.js";
import { transposing } from "./channels-last.js";
import { demandProduct, emitDense } from "./dense.js";

const TO_FIRST = [0, 3, 1, 2];
const TO_LAST = [0, 2, 3, 1];

/**
 * The patches of an image [1, height, width, channels], each as a row of kernel height, kernel width,
 * channels: waits for the MatMul with which it is a convolution.
 */
function translateIm2Col(node: NodeView, build: GraphBuilder): void {
  const x = node.real(0);
  const [batch, height = 1, width = 1, channels = 1, ...more] = x.shape;
  if (batch !== 1 || x.shape.length < 4 || more.length > 0) {
    node.unsupported(`works on ${showShape(x.shape)}; only [1, height, width, channels]`);
  }
  if (node.int("pad_value", 0) !== 0) node.unsupported("pads with another number than 0");
  const [rows = 1, columns = rows] = node.ints("kernel_size") ?? [];
  const [down = 1, across = down] = node.ints("stride") ?? [];
  const [rowStep = 1, columnStep = rowStep] = node.ints("dilations") ?? [];
  const [top = 0, left = 0, bottom = 0, right = 0] = node.ints("pad_amount") ?? [];
  const sizes = [rows, columns, down, across, rowStep, columnStep];
  if (sizes.some((n) => n < 1) || [top, left, bottom, right].some((pad) => pad < 0)) {
    node.unsupported("has a kernel, stride, dilation or padding that is none");
  }
  const window = {
    kernel: [rows, columns],
    strides: [down, across],
    dilations: [rowStep, columnStep],
    pads: { top, left, bottom, right },
  } as const;
  const plane = windowed([height, width], window);
  if (plane.some((extent) => extent < 1)) node.misfit(`a kernel of ${rows}x${columns} never fits`);
  const shape = [1, ...plane, rows * columns * channels];
  const pending = { kind: "patches", window, channels } as const;
  build.bind(node.outputName(), { ...x, shape, pending });
}

/** The product of patches and a weight [out, in]: a convolution of the image. */
export function emitPatchProduct(
  node: NodeView,
  build: GraphBuilder,
  patches: RuntimeValue,
  weight: Tensor,
): void {
  if (patches.pending?.kind !== "patches") return;
  demandProduct(node, patches, weight);
  const { window, channels } = patches.pending;
  const { origin } = node;
  const [outputs = 1] = weight.shape;
  const kernel = transpose(reshape(weight, [outputs, ...window.kernel, channels]), TO_FIRST);
  const image = build.tensors.get(patches.name)?.shape ?? [];
  const first = build.emit(
    {
      kind: "transpose",
      origin,
      input: patches.name,
      permutation: TO_FIRST,
      output: build.fresh(`${patches.name}.first`),
    },
    { shape: TO_FIRST.map((axis) => image[axis] ?? 1), type: "real" },
  );
  const [, height = 1, width = 1] = patches.shape;
  const product = build.emit(
    {
      kind: "conv",
      origin,
      input: first.name,
      weight: build.constant(node.inputName(1), kernel),
      bias: null,
      window,
      groups: 1,
      output: build.fresh(`${node.outputName()}.first`),
    },
    { shape: [1, outputs, height, width], type: "real" },
  );
  build.emit(
    {
      kind: "transpose",
      origin,
      input: product.name,
      permutation: TO_LAST,
      output: node.outputName(),
    },
    { shape: [1, height, width, outputs], type: "real" },
  );
}

/**
 * How many bits of a row of 0 and 1 equal those of a column: with x in {0, 1} and weights w in
 * {0, 1}, `sum(x * (2w - 1)) + sum(1 - w)`.
 */
function translateXnorPopcount(node: NodeView, build: GraphBuilder): void {
  const bits = node.constant(1);
  if (bits.shape.length !== 2 || bits.data.some((w) => w !== 0 && w !== 1)) {
    node.unsupported(`${node.inputName(1)} ${showShape(bits.shape)} must be a matrix of 0 and 1`);
  }
  const weight = transpose(
    mapElements(node, bits, "float32", (w) => 2 * w - 1),
    [1, 0],
  );
  const ones = mapElements(node, bits, "float32", (w) => 1 - w);
  const bias = reduceTensor(node, ones, [0], false, SUM);
  const x = node.real(0);
  demandProduct(node, x, weight);
  emitDense(node, build, { x, weight, bias, biasName: build.fresh(`${node.inputName(1)}.ones`) });
}

/** What FINN's streamlining makes of convolutions, pools and binary products. */
export const FINN: OperatorTable = {
  Im2Col: {
    limits: "straight before a MatMul, with which it is a Conv; padded with 0",
    translate: translateIm2Col,
  },
  MaxPoolNHWC: transposing("MaxPool", 1),
  XnorPopcountMatMul: {
    limits: "a constant matrix of 0 and 1 on the right",
    translate: translateXnorPopcount,
  },
};
