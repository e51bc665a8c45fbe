import { floats, ints, model, node, scalar, tensor, value } from "../support/onnx-builder.js";

/** What the golden models are made of; each is explained by the `why.md` of its folder. */
export const MODELS: Readonly<Record<string, () => Uint8Array>> = {
  "dense-picture": () =>
    model({
      inputs: [value("x", [1, 6], "int8")],
      nodes: [
        node("DequantizeLinear", ["x", "x_scale", "x_zero"], "real", {}, "input"),
        node("Gemm", ["real", "w", "b"], "y", { transB: 1 }, "scores"),
      ],
      outputs: [value("y", [1, 3])],
      initializers: {
        x_scale: scalar(0.5),
        x_zero: scalar(0, "int8"),
        w: floats([3, 6], [1, 0, -1, 1, 0, 0, 0, -1, 1, 0, 0, 1, -1, -1, -1, 0, 1, 1]),
        b: floats([3], [0, 0, 0]),
      },
    }),

  "padded-conv": () =>
    model({
      inputs: [value("x", [1, 1, 4, 4], "uint8")],
      nodes: [
        node("DequantizeLinear", ["x", "x_scale", "x_zero"], "real", {}, "input"),
        node("Conv", ["real", "w", "b"], "sums", { pads: [1, 1, 1, 1], strides: [2, 2] }, "conv"),
        node("Relu", ["sums"], "positive", {}, "relu"),
        node("QuantizeLinear", ["positive", "y_scale", "y_zero"], "y", {}, "quantise"),
      ],
      outputs: [value("y", [1, 2, 2, 2], "uint8")],
      initializers: {
        x_scale: scalar(0.02),
        x_zero: scalar(128, "uint8"),
        y_scale: scalar(0.1),
        y_zero: scalar(0, "uint8"),
        w: floats(
          [2, 1, 3, 3],
          [1, 0, -1, 1, 0, -1, 1, 1, -1, 0.5, 0.5, 0.5, 0, 0, 0, -0.5, -0.5, -0.5],
        ),
        b: floats([2], [0.25, -0.5]),
      },
    }),

  "binary-thresholds": () =>
    model({
      inputs: [value("x", [1, 9])],
      nodes: [
        node("Sign", ["x"], "signs", {}, "input_sign"),
        node("MatMul", ["signs", "w"], "sums", {}, "matmul"),
        node(
          "BatchNormalization",
          ["sums", "gamma", "beta", "mean", "variance"],
          "normal",
          { epsilon: { float: 0 } },
          "norm",
        ),
        node("Sign", ["normal"], "y", {}, "output_sign"),
      ],
      outputs: [value("y", [1, 2])],
      initializers: {
        w: floats([9, 2], [1, -1, 1, 1, -1, 1, 1, 1, -1, -1, 1, -1, -1, 1, 1, -1, -1, -1]),
        gamma: floats([2], [1, -2]),
        beta: floats([2], [0.5, 1]),
        mean: floats([2], [1, -1]),
        variance: floats([2], [1, 4]),
      },
    }),

  "residual-sum": () =>
    model({
      inputs: [value("x", [1, 4], "int8")],
      nodes: [
        node("DequantizeLinear", ["x", "x_scale", "zero"], "real", {}, "input"),
        node("MatMul", ["real", "w"], "sums", {}, "branch"),
        node("QuantizeLinear", ["sums", "b_scale", "zero"], "codes", {}, "branch_quantise"),
        node("DequantizeLinear", ["codes", "b_scale", "zero"], "branched", {}, "branch_real"),
        node("Add", ["real", "branched"], "sum", {}, "join"),
        node("QuantizeLinear", ["sum", "y_scale", "zero"], "y_codes", {}, "quantise"),
        node("DequantizeLinear", ["y_codes", "y_scale", "zero"], "y_real", {}, "output"),
        node("Reshape", ["y_real", "shape"], "y", {}, "square"),
      ],
      outputs: [value("y", [1, 1, 2, 2])],
      initializers: {
        x_scale: scalar(0.05),
        b_scale: scalar(0.125),
        y_scale: scalar(0.15),
        zero: tensor("int8", [], [0]),
        shape: ints(1, 1, 2, 2),
        w: floats([4, 4], [1, 0, 0, -1, 1, 1, 0, 0, 0, -1, 1, 0, 0, 0, 1, 1]),
      },
    }),
};
