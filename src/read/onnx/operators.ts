import type { Operator, OperatorTable } from "./operator.js";
import { ARITHMETIC } from "./ops/arithmetic.js";
import { BATCH_NORM } from "./ops/batch-norm.js";
import { CAST } from "./ops/cast.js";
import { CHANNELS_LAST } from "./ops/channels-last.js";
import { CLIP } from "./ops/clip.js";
import { COMPARISON } from "./ops/comparison.js";
import { CONSTANTS } from "./ops/constants.js";
import { CONV } from "./ops/conv.js";
import { DENSE } from "./ops/dense.js";
import { DEPTH } from "./ops/depth.js";
import { ELEMENTWISE } from "./ops/elementwise.js";
import { FINN } from "./ops/finn.js";
import { FUNCTIONS, RUNTIME_FUNCTIONS } from "./ops/functions.js";
import { HEADS } from "./ops/heads.js";
import { INDEXING } from "./ops/indexing.js";
import { MATMUL_NBITS } from "./ops/matmul-nbits.js";
import { MOVE } from "./ops/move.js";
import { MULTI_THRESHOLD } from "./ops/multi-threshold.js";
import { MICROSOFT_NORMS, NORMS } from "./ops/normalization.js";
import { PAD } from "./ops/pad.js";
import { POOLING } from "./ops/pooling.js";
import { QLINEAR, QLINEAR_MICROSOFT } from "./ops/qlinear.js";
import { QONNX, SIGN } from "./ops/qonnx.js";
import { QUANTIZE_LINEAR } from "./ops/quantize-linear.js";
import { REDUCE } from "./ops/reduce.js";
import { RESIZE } from "./ops/resize.js";
import { ROUNDING } from "./ops/rounding.js";
import { SHAPE } from "./ops/shape.js";
import { TRUNC } from "./ops/trunc.js";

/** The oldest and newest ONNX operator sets whose definitions were followed. */
export const OPSETS = { oldest: 9, newest: 28 } as const;

const ONNX: OperatorTable = {
  ...ARITHMETIC,
  ...BATCH_NORM,
  ...CAST,
  ...CLIP,
  ...COMPARISON,
  ...CONSTANTS,
  ...CONV,
  ...DENSE,
  ...ELEMENTWISE,
  ...FUNCTIONS,
  ...HEADS,
  ...INDEXING,
  ...DEPTH,
  ...MOVE,
  ...NORMS,
  ...PAD,
  ...POOLING,
  ...QLINEAR,
  ...QUANTIZE_LINEAR,
  ...REDUCE,
  ...ROUNDING,
  ...RESIZE,
  ...SHAPE,
  ...SIGN,
};

const QONNX_DOMAIN: OperatorTable = { ...FINN, ...MULTI_THRESHOLD, ...QONNX, ...TRUNC };

/** The operators that are read, by domain ("" is ONNX itself) and type. */
export const OPERATORS: Readonly<Record<string, OperatorTable>> = {
  "": ONNX,
  "qonnx.custom_op.general": QONNX_DOMAIN,
  // QONNX's domain under its earlier names.
  "onnx.brevitas": QONNX_DOMAIN,
  "finn.custom_op.general": QONNX_DOMAIN,
  "qonnx.custom_op.channels_last": CHANNELS_LAST,
  // ONNX Runtime's own; its quantiser writes QuantizeLinear here for types that ONNX lacked then.
  "com.microsoft": {
    ...MATMUL_NBITS,
    ...MICROSOFT_NORMS,
    ...QLINEAR_MICROSOFT,
    ...QUANTIZE_LINEAR,
    ...RUNTIME_FUNCTIONS,
  },
};

export function findOperator(domain: string, op: string): Operator | undefined {
  const table = OPERATORS[domain];
  return table !== undefined && Object.hasOwn(table, op) ? table[op] : undefined;
}

/** What to do about operators that people are likely to bring, and that are not read. */
export const UNREAD_OPERATORS: Readonly<Record<string, string>> = {
  DynamicQuantizeLinear:
    "Quantise activations with static scales, or spell out a scale for each row as BitLinear does.",
};
