"""Brevitas' exporters, QONNX and QCDQ, and FINN's lowering to MultiThreshold.

    pip install torch brevitas qonnx onnx onnxruntime
    python brevitas_exports.py
"""

import sys
import tempfile
import warnings

import numpy as np
import onnx
import torch
from brevitas import nn as qnn
from brevitas.core.restrict_val import RestrictValueType
from brevitas.core.scaling import ScalingImplType
from brevitas.export import export_onnx_qcdq, export_qonnx
from brevitas.inject.enum import QuantType
from brevitas.quant import (
    Int8ActPerTensorFixedPoint, Int8WeightPerTensorFloat, Int32Bias, SignedBinaryActPerTensorConst,
    SignedBinaryWeightPerTensorConst, SignedTernaryActPerTensorConst,
    SignedTernaryWeightPerTensorConst, TruncTo8bit, Uint8ActPerTensorFloat,
)  # fmt: skip
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes
from torch import nn

from common import images, save

warnings.filterwarnings("ignore")


class TernaryWeight(Int8WeightPerTensorFloat):
    """2 bits, narrow: -1, 0, 1 times a scale from the weights."""

    bit_width = 2
    narrow_range = True


class ChannelTernaryWeight(TernaryWeight):
    scaling_per_output_channel = True


def settle(net, *shape):
    """Scales and statistics from synthetic images."""
    torch.manual_seed(3)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            module.weight.data[::3] *= -1
            module.momentum = None
    net.train()
    with torch.no_grad():
        for _ in range(3):
            net(torch.from_numpy(images(*shape, seed=3, count=64)))
    return net.eval()


def qonnx_outputs(model, inputs):
    wrapper = ModelWrapper(model).transform(InferShapes())
    feed, result = model.graph.input[0].name, model.graph.output[0].name
    return np.concatenate(
        [execute_onnx(wrapper, {feed: x[np.newaxis]})[result] for x in inputs]
    )


MODELS = {}


def model(build):
    MODELS[build.__name__] = build
    return build


def exported(net, shape) -> onnx.ModelProto:
    return export_qonnx(net, torch.zeros(1, *shape))


def save_qonnx(name, net, shape):
    made, inputs = exported(net, shape), images(*shape)
    save(name, made, inputs, qonnx_outputs(made, inputs))


def mlp(activation, weight, inner) -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(
        qnn.QuantIdentity(act_quant=Int8ActPerTensorFixedPoint),
        nn.Flatten(),
        qnn.QuantLinear(36, 16, bias=False, weight_quant=weight), nn.BatchNorm1d(16),
        activation(),
        qnn.QuantLinear(16, 12, bias=False, weight_quant=weight), nn.BatchNorm1d(12),
        activation(),
        qnn.QuantLinear(12, 10, bias=inner, weight_quant=weight),
    )  # fmt: skip


@model
def brevitas_mlp_w2a2(name):
    """Constant scales, 2-bit ternary weights and activations, as the model zoo's TFC has them."""

    def ternary():
        return qnn.QuantIdentity(act_quant=SignedTernaryActPerTensorConst, scaling_const=1.0)

    net = settle(mlp(ternary, SignedTernaryWeightPerTensorConst, False), 1, 6, 6)
    save_qonnx(name, net, (1, 6, 6))


@model
def brevitas_mlp_w2a8(name):
    """A scale for each output channel, 8-bit unsigned activations with a trained scale, a bias."""

    def relu():
        return qnn.QuantReLU(act_quant=Uint8ActPerTensorFloat)

    net = settle(mlp(relu, ChannelTernaryWeight, True), 1, 6, 6)
    save_qonnx(name, net, (1, 6, 6))


@model
def brevitas_binary(name):
    """BipolarQuant on weights and activations."""

    def sign():
        return qnn.QuantIdentity(act_quant=SignedBinaryActPerTensorConst, scaling_const=1.0)

    net = settle(mlp(sign, SignedBinaryWeightPerTensorConst, False), 1, 6, 6)
    save_qonnx(name, net, (1, 6, 6))


def cnn(pool) -> nn.Sequential:
    torch.manual_seed(2)
    options = {"bias": False, "weight_quant": ChannelTernaryWeight}
    return nn.Sequential(
        qnn.QuantIdentity(act_quant=Int8ActPerTensorFixedPoint, return_quant_tensor=True),
        qnn.QuantConv2d(1, 6, 3, padding=1, stride=2, **options), nn.BatchNorm2d(6),
        qnn.QuantReLU(bit_width=4, return_quant_tensor=True),
        qnn.QuantConv2d(6, 6, 3, padding=1, groups=6, **options), nn.BatchNorm2d(6),
        qnn.QuantReLU(bit_width=4, return_quant_tensor=True),
        qnn.QuantConv2d(6, 8, 1, **options), nn.BatchNorm2d(8),
        qnn.QuantReLU(bit_width=8, return_quant_tensor=True),
        pool, nn.Flatten(),
        qnn.QuantLinear(32, 10, bias=True, weight_quant=TernaryWeight),
    )  # fmt: skip


@model
def brevitas_trunc_pool(name):
    """An average pool that keeps the upper bits of its sums: AveragePool, Mul, Trunc."""
    net = settle(cnn(qnn.TruncAvgPool2d(2, trunc_quant=TruncTo8bit)), 1, 8, 8)
    save_qonnx(name, net, (1, 8, 8))


@model
def brevitas_qcdq(name):
    """QuantizeLinear, Clip, DequantizeLinear; int32 bias."""
    torch.manual_seed(4)
    net = nn.Sequential(
        qnn.QuantIdentity(return_quant_tensor=True),
        qnn.QuantConv2d(
            1, 6, 3, padding=1, stride=2, bias=True, bias_quant=Int32Bias,
            weight_quant=ChannelTernaryWeight,
        ),
        qnn.QuantReLU(bit_width=4, return_quant_tensor=True),
        nn.Flatten(),
        qnn.QuantLinear(
            96, 16, bias=True, bias_quant=Int32Bias, weight_quant=TernaryWeight,
        ),
        qnn.QuantReLU(bit_width=8, return_quant_tensor=True),
        qnn.QuantLinear(16, 10, bias=True, bias_quant=Int32Bias, weight_quant=TernaryWeight),
    )  # fmt: skip
    settle(net, 1, 8, 8)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.onnx"
        export_onnx_qcdq(net, torch.zeros(1, 1, 8, 8), export_path=path, dynamo=False)
        save(name, onnx.load(path), images(1, 8, 8, count=16))


def cleaned_up(net, shape) -> ModelWrapper:
    from qonnx.transformation.infer_datatypes import InferDataTypes
    from qonnx.util.cleanup import cleanup_model

    return cleanup_model(ModelWrapper(exported(net, shape))).transform(InferDataTypes())


@model
def qonnx_channels_last(name):
    """The operators of qonnx.custom_op.channels_last."""
    from qonnx.transformation.channels_last import ConvertToChannelsLastAndClean

    net = settle(cnn(nn.MaxPool2d(2)), 1, 8, 8)
    made = cleaned_up(net, (1, 8, 8)).transform(ConvertToChannelsLastAndClean()).model
    inputs = images(1, 8, 8)
    save(name, made, inputs, qonnx_outputs(made, inputs))


@model
def qonnx_im2col(name):
    """Convolutions as FINN lowers them: Im2Col and MatMul, channels last."""
    from qonnx.transformation.extract_conv_bias import ExtractBiasFromConv
    from qonnx.transformation.gemm_to_matmul import GemmToMatMul
    from qonnx.transformation.infer_datatypes import InferDataTypes
    from qonnx.transformation.lower_convs_to_matmul import LowerConvsToMatMul
    from qonnx.transformation.quant_constant_folding import FoldTransposeIntoQuantInit
    from qonnx.transformation.fold_constants import FoldConstants

    net = settle(cnn(nn.MaxPool2d(2)), 1, 8, 8)
    wrapper = cleaned_up(net, (1, 8, 8))
    wrapper = wrapper.transform(FoldConstants(exclude_op_types=[]))
    wrapper = wrapper.transform(GemmToMatMul()).transform(ExtractBiasFromConv())
    wrapper = wrapper.transform(LowerConvsToMatMul()).transform(InferDataTypes())
    made, inputs = wrapper.model, images(1, 8, 8)
    save(name, made, inputs, qonnx_outputs(made, inputs))


if __name__ == "__main__":
    for name in sys.argv[1:] or MODELS:
        MODELS[name](name)
