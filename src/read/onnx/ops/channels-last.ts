import { attributesOf, type Expansion } from "../expansion.js";
import type { Operator, OperatorTable } from "../operator.js";

/** TensorProto.DataType of double. */
const DOUBLE = 11;

function permutation(axes: readonly number[]) {
  return attributesOf({ perm: { ints: [...axes] } });
}

/** Moves the last of `rank` axes, the channels, to where ONNX's own operators have them. */
export function toChannelsFirst(to: Expansion, name: string, rank: number): string {
  const spatial = Array.from({ length: rank - 2 }, (_, i) => i + 1);
  return to.add("Transpose", [name], permutation([0, rank - 1, ...spatial]));
}

function finishChannelsLast(to: Expansion, name: string, rank: number): void {
  const spatial = Array.from({ length: rank - 2 }, (_, i) => i + 2);
  to.finish("Transpose", [name], permutation([0, ...spatial, 1]));
}

/** The operator of that name between two transpositions; `transposed` of its inputs are. */
export function transposing(op: string, transposed: number): Operator {
  return {
    limits: `with kernel_shape; read as ${op} between two Transpose nodes`,
    expand: (to) => {
      const rank = 2 + (to.node.attributes.get("kernel_shape")?.ints?.length ?? 0);
      if (rank === 2) return false;
      const inputs = to.node.inputs.map((name, i) =>
        i < transposed ? toChannelsFirst(to, name, rank) : name,
      );
      finishChannelsLast(to, to.add(op, inputs, to.node.attributes), rank);
      return true;
    },
  };
}

/** `(x - mean) / sqrt(variance + epsilon) * gamma + beta` along the last axis; in double. */
const BATCH_NORM: Operator = {
  limits: "at inference; read as its arithmetic",
  expand: (to) => {
    const double = attributesOf({ to: { i: DOUBLE } });
    const [x, gamma, beta, mean, variance] = [0, 1, 2, 3, 4].map((i) => to.input(i));
    const epsilon = to.node.attributes.get("epsilon")?.f ?? Math.fround(1e-5);
    const sum = [variance ?? "", to.float(epsilon)].map((name) => to.add("Cast", [name], double));
    const deviation = to.add("Sqrt", [to.add("Add", sum)]);
    const scaled = to.add("Div", [to.add("Sub", [x ?? "", mean ?? ""]), deviation]);
    to.finish("Add", [to.add("Mul", [scaled, gamma ?? ""]), beta ?? ""]);
    return true;
  },
};

/** qonnx.custom_op.channels_last: ONNX's operators with the channels in the last axis. */
export const CHANNELS_LAST: OperatorTable = {
  Conv: transposing("Conv", 2),
  MaxPool: transposing("MaxPool", 1),
  BatchNormalization: BATCH_NORM,
};
