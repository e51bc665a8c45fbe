import type { onnx } from "onnx-proto";
import { attributesOf, type Expansion } from "../expansion.js";
import type { Operator, OperatorTable } from "../operator.js";

/** TensorProto.DataType of double. */
const DOUBLE = 11;

function axis(index: number) {
  return attributesOf({ axis: { i: index } });
}

/** The three inputs from `first` on, integers with scale and zero point, as reals. */
function real(to: Expansion, first: number, along = axis(1)): string {
  const [integers, scale, zero] = [to.input(first), to.input(first + 1), to.input(first + 2)];
  return to.add("DequantizeLinear", [integers, scale, zero], along);
}

/** Quantises with the scale and zero point from input `first` on. */
function finish(to: Expansion, value: string, first: number): void {
  to.finish("QuantizeLinear", [value, to.input(first), to.input(first + 1)]);
}

/**
 * The int32 bias, an accumulator's start: its step is the product of the scales. In double, where
 * the product of two float32 numbers is exact.
 */
function bias(to: Expansion, index: number, scales: readonly string[]): string[] {
  const name = to.input(index);
  if (name === "") return [];
  const double = attributesOf({ to: { i: DOUBLE } });
  const [first = "", ...more] = [name, ...scales].map((input) => to.add("Cast", [input], double));
  return [more.reduce((product, factor) => to.add("Mul", [product, factor]), first)];
}

const IN_PLACE_OF = "read as DequantizeLinear, the float operator and QuantizeLinear";

function expanding(limits: string, expand: NonNullable<Operator["expand"]>): Operator {
  return { limits, expand };
}

/** Channels-last forms are for one runtime's inside only. */
function channelsFirst(to: Expansion): boolean {
  return to.int("channels_last", 0) === 0;
}

/** Attributes of the float operator: those of the node but some. */
function attributes(to: Expansion, ...without: string[]) {
  return new Map<string, onnx.IAttributeProto>(
    [...to.node.attributes].filter(([name]) => !without.includes(name)),
  );
}

/** One quantised tensor in, one out: x, its scale and zero point, those of y. */
function unary(op: string): Operator {
  return expanding(`${IN_PLACE_OF}; channels first`, (to) => {
    if (!channelsFirst(to)) return false;
    finish(to, to.add(op, [real(to, 0)], attributes(to, "channels_last")), 3);
    return true;
  });
}

/** Two quantised tensors in, one out. */
function binary(op: string): Operator {
  return expanding(IN_PLACE_OF, (to) => {
    finish(to, to.add(op, [real(to, 0), real(to, 3)]), 6);
    return true;
  });
}

const CONV: Operator = expanding(IN_PLACE_OF, (to) => {
  const inputs = [real(to, 0), real(to, 3, axis(0)), ...bias(to, 8, [to.input(1), to.input(4)])];
  finish(to, to.add("Conv", inputs, attributes(to)), 6);
  return true;
});

const MATMUL: Operator = expanding(`${IN_PLACE_OF}; scales of B along its columns`, (to) => {
  finish(to, to.add("MatMul", [real(to, 0), real(to, 3, axis(-1))]), 6);
  return true;
});

/** Without an output scale the result stays real. */
const GEMM: Operator = expanding(IN_PLACE_OF, (to) => {
  const columns = axis(to.int("transB", 0) === 0 ? 1 : 0);
  const scales = [to.input(1), to.input(4)];
  // C belongs to the accumulator, which alpha scales.
  const alpha = to.node.attributes.get("alpha")?.f ?? 1;
  if (alpha !== 1) scales.push(to.float(alpha));
  const inputs = [real(to, 0), real(to, 3, columns), ...bias(to, 6, scales)];
  if (to.input(7) === "") to.finish("Gemm", inputs, attributes(to));
  else finish(to, to.add("Gemm", inputs, attributes(to)), 7);
  return true;
});

/** Pairs of an input and its zero point; the result are integers, which reals hold as well. */
function integer(op: string, weightAxis: number): Operator {
  return expanding("read as the float operator on integers less their zero points", (to) => {
    const one = to.float(1);
    const operand = (index: number, along: ReturnType<typeof axis>): string =>
      to.add("DequantizeLinear", [to.input(index), one, to.input(index + 2)], along);
    to.finish(op, [operand(0, axis(1)), operand(1, axis(weightAxis))], attributes(to));
    return true;
  });
}

/** The output's scale and zero point come first, then three inputs for each operand. */
const CONCAT: Operator = expanding(IN_PLACE_OF, (to) => {
  const starts = Array.from({ length: (to.node.inputs.length - 2) / 3 }, (_, i) => 2 + 3 * i);
  const parts = starts.map((start) => real(to, start));
  finish(to, to.add("Concat", parts, attributes(to)), 0);
  return true;
});

/** ONNX's operators on quantised tensors. */
export const QLINEAR: OperatorTable = {
  QLinearConv: CONV,
  QLinearMatMul: MATMUL,
  ConvInteger: integer("Conv", 0),
  MatMulInteger: integer("MatMul", -1),
};

/** ONNX Runtime's (com.microsoft), as quantize_static writes them in QOperator format. */
export const QLINEAR_MICROSOFT: OperatorTable = {
  QGemm: GEMM,
  QLinearAdd: binary("Add"),
  QLinearMul: binary("Mul"),
  QLinearConcat: CONCAT,
  QLinearAveragePool: unary("AveragePool"),
  QLinearGlobalAveragePool: unary("GlobalAveragePool"),
  QLinearLeakyRelu: unary("LeakyRelu"),
  QLinearReduceMean: unary("ReduceMean"),
  QLinearSigmoid: unary("Sigmoid"),
};
