import { sizeOf } from "../../../graph/nodes.js";
import { showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import { elementFormat } from "../element-types.js";
import { mapElements } from "../fold/elementwise.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { reshape, type Tensor, transpose } from "../tensor.js";
import type { RuntimeValue } from "../value.js";
import { emitPatchProduct } from "./finn.js";

interface Product {
  readonly x: RuntimeValue;
  /** [out, in] */
  readonly weight: Tensor;
  /** [out] */
  readonly bias: Tensor | null;
  readonly biasName: string;
}

/** `weight`, input 1 of the node, must fit `x`. */
export function emitDense(
  node: NodeView,
  build: GraphBuilder,
  { x, weight, bias, biasName }: Product,
): void {
  const [outputs = 1] = weight.shape;
  build.emit(
    {
      kind: "dense",
      origin: node.origin,
      input: x.name,
      weight: build.constant(node.inputName(1), weight),
      bias: bias === null ? null : build.constant(biasName, bias),
      output: node.outputName(),
    },
    { shape: [...x.shape.slice(0, -1), outputs], type: "real" },
  );
}

/** `alpha * A' * B' + beta * C` with A run-time [M, K]; the factors go into the constants. */
function translateGemm(node: NodeView, build: GraphBuilder): void {
  const x = rowsOf(node, build);
  const b = node.constant(1);
  if (b.shape.length !== 2 || x.shape.length !== 2) {
    node.misfit(`${x.name} ${showShape(x.shape)} times ${node.inputName(1)} ${showShape(b.shape)}`);
  }
  const transposed = node.flag("transB", false) ? b : transpose(b, [1, 0]);
  const weight = scaled(node, transposed, node.float("alpha", 1));
  demandProduct(node, x, weight);
  const c = node.optionalConstant(2);
  const bias = c === null ? null : biasRow(node, c, weight.shape[0] ?? 1);
  emitDense(node, build, {
    x,
    weight,
    bias: bias === null ? null : scaled(node, bias, node.float("beta", 1)),
    biasName: node.inputName(2),
  });
}

function rowsOf(node: NodeView, build: GraphBuilder): RuntimeValue {
  const a = node.real(0);
  if (!node.flag("transA", false)) return a;
  if (a.shape.length !== 2) node.misfit(`transA of ${a.name} ${showShape(a.shape)}`);
  return build.emit(
    {
      kind: "transpose",
      origin: node.origin,
      input: a.name,
      permutation: [1, 0],
      output: build.fresh(`${node.outputName()}.transA`),
    },
    { shape: a.shape.toReversed(), type: "real" },
  );
}

/** Multiplied in the file's own precision. The exact grid is lost, the values are not. */
function scaled(node: NodeView, tensor: Tensor, factor: number): Tensor {
  return factor === 1 ? tensor : mapElements(node, tensor, tensor.type, (x) => factor * x);
}

/** C broadcasts to [1, out]: one number for all outputs, or one for each. */
function biasRow(node: NodeView, c: Tensor, outputs: number): Tensor {
  const size = sizeOf(c.shape);
  if (size === outputs && (c.shape.at(-1) ?? 1) === outputs) return reshape(c, [outputs]);
  if (size !== 1) node.misfit(`${node.inputName(2)} ${showShape(c.shape)} for ${outputs} outputs`);
  const data = elementFormat(c.type)
    .allocate(outputs)
    .fill(c.data[0] ?? 0);
  return { type: c.type, shape: [outputs], data };
}

/** A constant on the right, [in, out]; leading axes of size 1 change nothing. */
function translateMatMul(node: NodeView, build: GraphBuilder): void {
  if (node.isRuntime(0) && node.isRuntime(1)) {
    node.unsupported("multiplies two run-time tensors");
  }
  if (node.isConstant(0)) {
    translateConstantFirst(node, build);
    return;
  }
  const patches = node.unfinished(0).pending?.kind === "patches";
  const x = patches ? node.unfinished(0) : node.real(0);
  const constant = node.constant(1);
  const leading = constant.shape.slice(0, -2);
  if (
    leading.some((extent) => extent !== 1) ||
    constant.shape.length > Math.max(x.shape.length, 2)
  ) {
    node.unsupported(`multiplies by a stack of matrices ${showShape(constant.shape)}`);
  }
  if (constant.shape.length < 2) node.unsupported("multiplies by a vector");
  const matrix = reshape(constant, constant.shape.slice(-2));
  const weight = transpose(matrix, [1, 0]);
  if (patches) {
    emitPatchProduct(node, build, x, weight);
    return;
  }
  demandProduct(node, x, weight);
  emitDense(node, build, { x, weight, bias: null, biasName: "" });
}

/** `W x` with a constant W [out, in] is `(x' W')'`, a product along the last axis of x turned round. */
function translateConstantFirst(node: NodeView, build: GraphBuilder): void {
  const x = node.real(1);
  const constant = node.constant(0);
  const rank = x.shape.length;
  const leading = constant.shape.length > rank || constant.shape.slice(0, -2).some((n) => n !== 1);
  if (rank < 2 || constant.shape.length < 2 || leading) {
    node.unsupported(`multiplies ${showShape(constant.shape)} by ${showShape(x.shape)}`);
  }
  const weight = reshape(constant, constant.shape.slice(-2));
  const [outputs = 1, inputs = 1] = weight.shape;
  if (x.shape.at(-2) !== inputs) {
    node.misfit(`${showShape(weight.shape)} times ${x.name} ${showShape(x.shape)}`);
  }
  const axes = [...x.shape.keys()];
  const permutation = [...axes.slice(0, -2), rank - 1, rank - 2];
  const turn = (input: RuntimeValue, output: string): RuntimeValue =>
    build.emit(
      { kind: "transpose", origin: node.origin, input: input.name, permutation, output },
      { shape: permutation.map((axis) => input.shape[axis] ?? 1), type: "real" },
    );
  const columns = turn(x, build.fresh(`${node.outputName()}.columns`));
  const product = build.emit(
    {
      kind: "dense",
      origin: node.origin,
      input: columns.name,
      weight: build.constant(node.inputName(0), weight),
      bias: null,
      output: build.fresh(`${node.outputName()}.rows`),
    },
    { shape: [...columns.shape.slice(0, -1), outputs], type: "real" },
  );
  turn(product, node.outputName());
}

/** A diagnostic unless `weight` [out, in] fits the last axis of `x`. */
export function demandProduct(node: NodeView, x: RuntimeValue, weight: Tensor): void {
  const [outputs = 0, inputs = 0] = weight.shape;
  if (x.shape.at(-1) === inputs) return;
  node.misfit(
    `${x.name} ${showShape(x.shape)} times ${node.inputName(1)} with ${inputs} inputs and ${outputs} outputs`,
  );
}

export const DENSE: OperatorTable = {
  Gemm: { limits: "constant B and C", translate: translateGemm },
  MatMul: { limits: "a constant matrix on either side", translate: translateMatMul },
};
