"""ONNX Runtime's static quantiser, in both of its formats, on float networks with ternary weights;
and by hand, as the documentation of the operators has them, the forms that no exporter here writes:
MatMulNBits with 2 and 4 bits, DequantizeLinear on INT2, UINT2, INT4 and in blocks.

    pip install onnx onnxruntime ml_dtypes
    python onnxruntime_exports.py
"""

import sys
import tempfile
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnxruntime.quantization import (
    CalibrationDataReader, QuantFormat, QuantType, quantize_static,
)  # fmt: skip

from common import images, save, trits


def network(shape, nodes, constants, outputs, opset=17, domains=(), ir=10) -> onnx.ModelProto:
    """One input `input` and one output `output` [1, outputs]."""
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *shape])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", outputs])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    return helper.make_model(graph, opset_imports=imports, ir_version=ir)


def node(op, inputs, output, **attributes):
    return helper.make_node(op, inputs.split(), [output], name=f"{op}_{output}", **attributes)


# --- quantize_static ------------------------------------------------------------------------------


def float_cnn() -> onnx.ModelProto:
    """Conv, a depthwise and a pointwise Conv, a sum, pools, Gemm: each with trits times a scale for
    every output channel."""
    rng = np.random.default_rng(2)

    def weight(*shape):
        scales = rng.uniform(0.1, 0.5, (shape[0], *[1] * (len(shape) - 1)))
        w = trits(rng, *shape) * scales.astype(np.float32)
        # Every channel has a weight: the quantiser makes a scale of the largest.
        w.reshape(shape[0], -1)[:, 0] = scales.reshape(-1)
        return w.astype(np.float32)

    def bias(n):
        return rng.normal(0, 0.3, n).astype(np.float32)

    constants = {
        "w1": weight(6, 1, 3, 3), "b1": bias(6), "w2": weight(6, 1, 3, 3), "b2": bias(6),
        "w3": weight(6, 6, 1, 1), "w4": weight(10, 6), "b4": bias(10),
    }  # fmt: skip
    nodes = [
        node("Conv", "input w1 b1", "c1", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Relu", "c1", "r1"),
        node("Conv", "r1 w2 b2", "c2", kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=6),
        node("Relu", "c2", "r2"),
        node("Conv", "r2 w3", "c3", kernel_shape=[1, 1]),
        node("Add", "c3 r1", "s"),
        node("Relu", "s", "r3"),
        node("MaxPool", "r3", "p", kernel_shape=[2, 2], strides=[2, 2]),
        node("GlobalAveragePool", "p", "g"),
        node("Flatten", "g", "f"),
        node("Gemm", "f w4 b4", "output", transB=1),
    ]
    return network((1, 12, 12), nodes, constants, 10)


class Images(CalibrationDataReader):
    def __init__(self):
        self.left = iter(images(1, 12, 12, seed=3, count=32))

    def get_next(self):
        image = next(self.left, None)
        return None if image is None else {"input": image[np.newaxis]}


def quantised(quant_format, activations, reduce_range=False) -> onnx.ModelProto:
    """With `reduce_range`, weights have 7 bits: onnxruntime's products of uint8 and int8 saturate on
    many processors, and its outputs would then be wrong."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "float.onnx"), Path(folder, "quantised.onnx")
        onnx.save(float_cnn(), source)
        quantize_static(
            source, target, Images(), quant_format=quant_format, per_channel=True,
            activation_type=activations, weight_type=QuantType.QInt8, reduce_range=reduce_range,
        )  # fmt: skip
        return onnx.load(target)


MODELS = {}


def model(build):
    MODELS[build.__name__] = build
    return build


@model
def ort_qdq_u8s8(name):
    made = quantised(QuantFormat.QDQ, QuantType.QUInt8)
    save(name, made, images(1, 12, 12))


@model
def ort_qdq_s8s8(name):
    made = quantised(QuantFormat.QDQ, QuantType.QInt8)
    save(name, made, images(1, 12, 12))


@model
def ort_qoperator_u8s8(name):
    made = quantised(QuantFormat.QOperator, QuantType.QUInt8, reduce_range=True)
    save(name, made, images(1, 12, 12))


@model
def ort_qoperator_s8s8(name):
    made = quantised(QuantFormat.QOperator, QuantType.QInt8)
    save(name, made, images(1, 12, 12))


# --- By hand --------------------------------------------------------------------------------------


def quantised_dense(layers, constants, extra, **options) -> onnx.ModelProto:
    """`input` [24] to uint8, then `layers`: lists of nodes from the tensor `x0` on."""
    nodes = [
        node("QuantizeLinear", "input step zero", "q0"),
        node("DequantizeLinear", "q0 step zero", "x0"),
        *layers,
    ]
    base = {"step": np.float32(1 / 255), "zero": np.uint8(0)}
    return network((24,), nodes, {**base, **constants, **extra}, 10, **options)


def between(x, y, scale, constants):
    """Relu and 8 bits between two layers."""
    constants[f"{y}_scale"] = np.float32(scale)
    return [
        node("Relu", x, f"{y}_r"),
        node("QuantizeLinear", f"{y}_r {y}_scale zero", f"{y}_q"),
        node("DequantizeLinear", f"{y}_q {y}_scale zero", y),
    ]


def packed(codes: np.ndarray, bits: int) -> np.ndarray:
    """Rows of codes, the first in the lowest bits of a byte, each row to whole bytes."""
    per_byte = 8 // bits
    rows = np.pad(codes, [*[(0, 0)] * (codes.ndim - 1), (0, -codes.shape[-1] % per_byte)])
    rows = rows.reshape(*rows.shape[:-1], -1, per_byte).astype(np.uint8)
    return (rows << (np.arange(per_byte) * bits).astype(np.uint8)).sum(-1).astype(np.uint8)


def nbits(integers, scales, bits, block, zero_points=None):
    """Constants of a MatMulNBits for integers [N, K], scales [N, blocks]."""
    n, k = integers.shape
    blocks = -(-k // block)
    zero = np.full((n, blocks), 2 ** (bits - 1)) if zero_points is None else zero_points
    codes = integers + np.repeat(zero, block, axis=1)[:, :k]
    codes = np.pad(codes, ((0, 0), (0, blocks * block - k))).reshape(n, blocks, block)
    return packed(codes, bits), scales.astype(np.float32).reshape(-1)


@model
def matmul_nbits(name):
    """2 bits with the default zero point, 2 bits with zero points of 1, 4 bits; the scales of a
    row's blocks equal in the first and last layer, and in the second 1, 2 and 3 times a number."""
    rng = np.random.default_rng(9)
    constants = {}

    def product(x, y, integers, scales, bits, block, zero_points=None):
        n, k = integers.shape
        b, s = nbits(integers, scales, bits, block, zero_points)
        constants.update({f"{y}_b": b, f"{y}_s": s})
        inputs = f"{x} {y}_b {y}_s"
        if zero_points is not None:
            constants[f"{y}_z"] = packed(zero_points, bits).reshape(-1)
            inputs += f" {y}_z"
        return node(
            "MatMulNBits", inputs, y, domain="com.microsoft", K=k, N=n, bits=bits, block_size=block,
        )  # fmt: skip

    def equal(n, blocks):
        return np.repeat(rng.uniform(0.1, 0.3, (n, 1)), blocks, axis=1)

    layers = [
        product("x0", "y1", trits(rng, 48, 24).astype(int), equal(48, 2), 2, 16),
        *between("y1", "x1", 0.012, constants),
        product(
            "x1", "y2", trits(rng, 40, 48).astype(int),
            0.125 * rng.integers(1, 4, (40, 3)), 2, 16, np.ones((40, 3), int),
        ),
        *between("y2", "x2", 0.0317, constants),
        product("x2", "output", rng.integers(-8, 8, (10, 40)), equal(10, 2), 4, 32),
    ]  # fmt: skip
    made = quantised_dense(layers, constants, {}, domains=["com.microsoft"], opset=21)
    save(name, made, images(24))


def dequantised(y, integers, constants, scales, zero=None, **attributes):
    inputs = f"{y}_i {y}_s"
    constants.update({f"{y}_i": integers, f"{y}_s": scales})
    if zero is not None:
        constants[f"{y}_z"] = zero
        inputs += f" {y}_z"
    return node("DequantizeLinear", inputs, f"{y}_w", **attributes)


@model
def native_low_bits(name):
    """INT2 with one scale, UINT2 with a scale and a zero point for each output, INT4 in blocks of 8
    whose scales are equal, INT2 in blocks whose scales are multiples of one number (opset 25)."""
    rng = np.random.default_rng(13)
    constants = {}
    int2, uint2, int4 = ml_dtypes.int2, ml_dtypes.uint2, ml_dtypes.int4
    columns = rng.uniform(0.1, 0.4, 20).astype(np.float32)
    layers = [
        dequantised("y1", trits(rng, 24, 20).astype(int2), constants, np.float32(0.21)),
        node("MatMul", "x0 y1_w", "y1"),
        *between("y1", "x1", 0.012, constants),
        dequantised(
            "y2", (trits(rng, 20, 20) + 1).astype(uint2), constants, columns,
            np.ones(20, uint2), axis=1,
        ),
        node("MatMul", "x1 y2_w", "y2"),
        *between("y2", "x2", 0.015, constants),
        dequantised(
            "y3", rng.integers(-7, 8, (16, 20)).astype(int4), constants,
            np.repeat(rng.uniform(0.02, 0.04, (16, 1)), 3, axis=1).astype(np.float32),
            axis=1, block_size=8,
        ),
        node("Gemm", "x2 y3_w", "y3", transB=1),
        *between("y3", "x3", 0.02, constants),
        dequantised(
            "y4", trits(rng, 10, 16).astype(int2), constants,
            (0.0625 * rng.integers(1, 3, (10, 2))).astype(np.float32), axis=1, block_size=8,
        ),
        node("Gemm", "x3 y4_w", "output", transB=1),
    ]  # fmt: skip
    made = quantised_dense(layers, constants, {}, opset=25, ir=13)
    inputs = images(24)
    # onnxruntime does not run 2-bit integers yet: ONNX's own reference does.
    reference = ReferenceEvaluator(made)
    outputs = [reference.run(None, {"input": x[np.newaxis]})[0][0] for x in inputs]
    save(name, made, inputs, np.stack(outputs))


@model
def integer_products(name):
    """ConvInteger and MatMulInteger with static scales: int32 sums, cast and multiplied."""
    rng = np.random.default_rng(21)
    constants = {
        "step": np.float32(1 / 255), "zero": np.uint8(0),
        "w1": (trits(rng, 6, 1, 3, 3) + 1).astype(np.uint8), "w1_zero": np.uint8(1),
        "s1": np.float32(0.31 / 255), "scale1": np.float32(0.006), "zero1": np.uint8(3),
        "shape": np.array([0, -1]),
        "w2": trits(rng, 96, 10).astype(np.int8), "w2_zero": np.int8(0),
        "s2": np.float32(0.006 * 0.2), "b2": rng.normal(0, 1, 10).astype(np.float32),
    }  # fmt: skip
    nodes = [
        node("QuantizeLinear", "input step zero", "q0"),
        node(
            "ConvInteger", "q0 w1 zero w1_zero", "c1",
            kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2],
        ),
        node("Cast", "c1", "f1", to=TensorProto.FLOAT),
        node("Mul", "f1 s1", "m1"),
        node("Relu", "m1", "r1"),
        node("QuantizeLinear", "r1 scale1 zero1", "q1"),
        node("Reshape", "q1 shape", "flat"),
        node("MatMulInteger", "flat w2 zero1 w2_zero", "c2"),
        node("Cast", "c2", "f2", to=TensorProto.FLOAT),
        node("Mul", "f2 s2", "m2"),
        node("Add", "m2 b2", "output"),
    ]  # fmt: skip
    save(name, network((1, 8, 8), nodes, constants, 10), images(1, 8, 8))


if __name__ == "__main__":
    for name in sys.argv[1:] or MODELS:
        MODELS[name](name)
