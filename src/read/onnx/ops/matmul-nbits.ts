import { fail } from "../../../diagnostics.js";
import { badAttribute, showShape } from "../../diagnostics.js";
import type { GraphBuilder } from "../builder.js";
import { elementFormat } from "../element-types.js";
import { dequantizeBlocks } from "../fold/blocks.js";
import { demandScales } from "../fold/quantize.js";
import type { NodeView } from "../node-view.js";
import type { OperatorTable } from "../operator.js";
import { reshape, type Tensor } from "../tensor.js";
import { demandProduct, emitDense } from "./dense.js";

interface Layout {
  readonly inputs: number;
  readonly outputs: number;
  readonly bits: number;
  readonly blockSize: number;
  /** Of each output's row; the last block may be longer than the row. */
  readonly blocks: number;
}

function layoutOf(node: NodeView): Layout {
  const positive = (name: string): number => {
    const value = node.int(name, 0);
    return value > 0 ? value : fail(badAttribute(node.origin, name, `is ${value}`));
  };
  const [inputs, outputs] = [positive("K"), positive("N")];
  const [bits, blockSize] = [node.int("bits", 4), positive("block_size")];
  if (bits !== 2 && bits !== 4 && bits !== 8) node.unsupported(`has ${bits} bits; only 2, 4 and 8`);
  return { inputs, outputs, bits, blockSize, blocks: Math.ceil(inputs / blockSize) };
}

/** Codes of `count` rows of `length`, each row from a byte of its own, lowest bits first. */
function unpack(
  node: NodeView,
  { data, shape }: Tensor,
  name: string,
  { count, length, bits }: { count: number; length: number; bits: number },
): Uint8Array {
  const bytes = Math.ceil((length * bits) / 8);
  if (data.length !== count * bytes) {
    node.misfit(`${name} ${showShape(shape)}; ${count} rows of ${bytes} bytes are needed`);
  }
  const codes = new Uint8Array(count * length);
  const perByte = 8 / bits;
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < length; i++) {
      const byte = data[row * bytes + Math.floor(i / perByte)] ?? 0;
      codes[row * length + i] = (byte >> (bits * (i % perByte))) & (2 ** bits - 1);
    }
  }
  return codes;
}

/** Zero points are packed as the codes are, or numbers of the scales' type; the middle without. */
function zeroPoints(node: NodeView, { outputs, blocks, bits }: Layout): ArrayLike<number> {
  const given = node.optionalConstant(3);
  if (given === null) return new Float32Array(outputs * blocks).fill(2 ** (bits - 1));
  const name = node.inputName(3);
  if (!elementFormat(given.type).fractional) {
    return unpack(node, given, name, { count: outputs, length: blocks, bits });
  }
  if (given.data.length === outputs * blocks) return given.data;
  return node.misfit(`${name} ${showShape(given.shape)} for ${outputs} rows of ${blocks} blocks`);
}

/** The weight, [N, K]. */
function weightOf(node: NodeView, layout: Layout): Tensor {
  const { inputs, outputs, bits, blockSize, blocks } = layout;
  const rows = unpack(node, node.constant(1), node.inputName(1), {
    count: outputs * blocks,
    length: blockSize,
    bits,
  });
  const scales = node.constant(2);
  const name = node.inputName(2);
  if (scales.data.length !== outputs * blocks) {
    node.misfit(`${name} ${showShape(scales.shape)} for ${outputs} rows of ${blocks} blocks`);
  }
  demandScales(node, scales.data, name);
  const integers = new Uint8Array(outputs * inputs);
  for (let row = 0; row < outputs; row++) {
    const start = row * blocks * blockSize;
    integers.set(rows.subarray(start, start + inputs), row * inputs);
  }
  const shape = [outputs, inputs];
  const form = { integers, shape, axis: 1, size: blockSize, zeros: zeroPoints(node, layout) };
  const table = reshape(scales, [outputs, blocks]);
  return dequantizeBlocks(node, { ...form, scales: table, type: "float32" }, name);
}

/** `A * dequantised(B)' + bias` with B in blocks along K. */
function translateMatMulNBits(node: NodeView, build: GraphBuilder): void {
  const x = node.real(0);
  if (node.value(4) !== null) node.unsupported("reorders its inputs (g_idx)");
  const layout = layoutOf(node);
  const weight = weightOf(node, layout);
  demandProduct(node, x, weight);
  const bias = node.optionalConstant(5);
  if (bias !== null && bias.data.length !== layout.outputs) {
    node.misfit(`bias ${node.inputName(5)} ${showShape(bias.shape)} for ${layout.outputs} outputs`);
  }
  emitDense(node, build, { x, weight, bias, biasName: node.inputName(5) });
}

export const MATMUL_NBITS: OperatorTable = {
  MatMulNBits: {
    limits:
      "2, 4 or 8 bits; the scales of an output's blocks equal, or multiples of one number; no g_idx",
    translate: translateMatMulNBits,
  },
};
