import type { onnx } from "onnx-proto";
import { expect, test } from "vitest";
import { DiagnosticError } from "../../../src/diagnostics.js";
import { readModel } from "../../../src/read/index.js";
import { OPERATORS } from "../../../src/read/onnx/operators.js";
import { outputOf } from "../../graph/evaluate.js";
import {
  type Attribute,
  model,
  node,
  type TypeName,
  tensor,
  value,
} from "../../support/onnx-builder.js";
import { type Random, seeded } from "../../support/random.js";

// Models of random operators with random attributes on random shapes. Nearly all are wrong; none
// may end in anything but a legal graph or a diagnostic, and legal graphs can be computed.

const SHAPES = [[], [1], [4], [1, 4], [4, 4], [1, 2, 4, 4], [2, 2, 3, 3], [2, 1, 3, 3], [2, 1, 1]];
const INT_ATTRIBUTES =
  "axis axis group transA transB keepdims to ceil_mode count_include_pad signed narrow allowzero block_size output_dtype select_last_index largest k start end noop_with_empty_axes value_int".split(
    " ",
  );
const LIST_ATTRIBUTES = "axes perm pads strides kernel_shape dilations starts ends shape".split(
  " ",
);
const STRINGS: Readonly<Record<string, readonly string[]>> = {
  auto_pad: ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", "?"],
  mode: ["constant", "edge"],
  rounding_mode: ["ROUND", "FLOOR", "UP", "?"],
};

function attributes(random: Random): Record<string, Attribute> {
  const result: Record<string, Attribute> = {};
  for (let n = random.integer(0, 4); n > 0; n--) {
    const kind = random.next();
    if (kind < 0.45) result[random.pick(INT_ATTRIBUTES)] = random.integer(-1, 3);
    else if (kind < 0.85) {
      const length = random.pick([1, 2, 2, 2, 4, 4, 8]);
      const low = random.pick([-1, 0, 1]);
      result[random.pick(LIST_ATTRIBUTES)] = Array.from({ length }, () => random.integer(low, 3));
    } else if (kind < 0.95) {
      const [name, choices] = random.pick(Object.entries(STRINGS));
      result[name] = random.pick(choices);
    } else {
      const float = random.pick([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]);
      result[random.pick(["alpha", "beta", "epsilon", "min", "max", "value"])] = { float };
    }
  }
  return result;
}

function randomTensor(random: Random): onnx.ITensorProto {
  const type = random.pick<TypeName>([
    "float32",
    "float32",
    "float32",
    "int64",
    "int8",
    "uint8",
    "bool",
  ]);
  const shape = random.pick(SHAPES);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const low = type === "uint8" || type === "bool" ? 0 : random.pick([-2, 0, 1]);
  return tensor(
    type,
    shape,
    Array.from({ length: size }, () => random.integer(low, 3)),
  );
}

function randomModel(random: Random): { bytes: Uint8Array; size: number } {
  const operators = Object.entries(OPERATORS).flatMap(([domain, table]) =>
    Object.keys(table).map((op) => (domain === "" ? op : `${domain}:${op}`)),
  );
  const initializers = Object.fromEntries(
    Array.from({ length: 6 }, (_, i) => [`c${i}`, randomTensor(random)]),
  );
  const shape = random.pick(SHAPES);
  const names = ["x", "x", "x", ...Object.keys(initializers), ""];
  const nodes: onnx.INodeProto[] = [];
  for (let n = random.integer(1, 4); n > 0; n--) {
    const inputs = Array.from({ length: random.integer(1, 5) }, () => random.pick(names));
    inputs[0] = random.pick(["x", "x", names.at(-1) ?? "x", random.pick(names)]);
    const output = `t${n}`;
    nodes.push(node(random.pick(operators), inputs, output, attributes(random)));
    names.push(output, output, output);
  }
  const bytes = model({
    inputs: [value("x", shape, random.pick(["float32", "float32", "float32", "uint8", "int8"]))],
    nodes,
    outputs: ["t1"],
    initializers,
    opset: random.pick([9, 11, 13, 18, 25]),
  });
  return { bytes, size: shape.reduce((product, extent) => product * extent, 1) };
}

test("random models are read or diagnosed", () => {
  const random = seeded(3);
  let read = 0;
  for (let round = 0; round < 8000; round++) {
    const { bytes, size } = randomModel(random);
    try {
      const { graph } = readModel(bytes, "random.onnx", () => undefined);
      read++;
      const input = graph.tensors.get(graph.input)?.shape.reduce((p, n) => p * n, 1) ?? size;
      // Of a table that is looked up in, only the first row is sure to be there.
      const element = graph.nodes.some(({ kind }) => kind === "embedding") ? 0 : 1;
      expect(outputOf(graph, new Array(input).fill(element)).length).toBeGreaterThan(0);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw new Error(`round ${round}`, { cause: error });
    }
  }
  // If hardly any were right, the test would say little.
  expect(read).toBeGreaterThan(300);
});
