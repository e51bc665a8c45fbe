"""PyTorch's two ONNX exporters on quantisation-aware networks, and torch.ao's own.

    pip install torch onnx onnxscript onnxruntime
    python torch_exports.py
"""

import io
import sys
import warnings

import numpy as np
import onnx
import torch
import torch.ao.quantization.fx._decomposed  # noqa: F401  (registers the operators)
from torch import nn
from torch.nn import functional as F

from common import images, save

warnings.filterwarnings("ignore")


def ternary(weight: torch.Tensor) -> torch.Tensor:
    """Absmean ternarisation (BitNet b1.58) with a straight-through gradient."""
    scale = 1.0 / weight.abs().mean().clamp(min=1e-5)
    quantised = (weight * scale).round().clamp(-1, 1) / scale
    return weight + (quantised - weight).detach()


class TernaryConv(nn.Conv2d):
    def forward(self, x):
        return self._conv_forward(x, ternary(self.weight), self.bias)


class TernaryLinear(nn.Linear):
    def forward(self, x):
        return F.linear(x, ternary(self.weight), self.bias)


class Levels(nn.Module):
    """Round to a grid of step `scale` between two integers, as most training code spells it."""

    def __init__(self, scale, low, high):
        super().__init__()
        self.scale, self.low, self.high = scale, low, high

    def forward(self, x):
        y = torch.clamp(torch.round(x / self.scale), self.low, self.high) * self.scale
        return x + (y - x).detach()


class PlainLevels(Levels):
    """The same after training, without the straight-through sum."""

    def forward(self, x):
        return torch.round(torch.clamp(x / self.scale, self.low, self.high)) * self.scale


class FakeQuantise(nn.Module):
    """torch's own operator: uint8 without a zero point."""

    def __init__(self, scale, zero=0, low=0, high=255):
        super().__init__()
        self.arguments = (scale, zero, low, high)

    def forward(self, x):
        return torch.fake_quantize_per_tensor_affine(x, *self.arguments)


class Decomposed(nn.Module):
    """The pair of operators that torch.ao's PT2E flow leaves in a program."""

    def __init__(self, scale, zero=0, low=0, high=255):
        super().__init__()
        self.arguments = (scale, zero, low, high, torch.uint8)

    def forward(self, x):
        q = torch.ops.quantized_decomposed.quantize_per_tensor(x, *self.arguments)
        return torch.ops.quantized_decomposed.dequantize_per_tensor(q, *self.arguments)


class Flat(nn.Module):
    def forward(self, x):
        return x.view(x.size(0), -1)


class Sum(nn.Module):
    """A residual block."""

    def __init__(self, *layers):
        super().__init__()
        self.inner = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.inner(x)


def settle(net: nn.Sequential, *shape: int) -> nn.Sequential:
    """BatchNorm statistics from synthetic images, some gammas negative."""
    net.train()
    torch.manual_seed(11)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            module.weight.data[::3] *= -1
            module.momentum = None
    with torch.no_grad():
        net(torch.from_numpy(images(*shape, seed=3, count=64)))
    return net.eval()


def dynamo(net, *shape, **options) -> onnx.ModelProto:
    example = torch.zeros(2, *shape)
    batch = torch.export.Dim("batch")
    program = torch.onnx.export(
        net, (example,), dynamo=True, dynamic_shapes=({0: batch},), verbose=False, **options
    )
    return program.model_proto


def legacy(net, *shape, **options) -> onnx.ModelProto:
    file = io.BytesIO()
    axes = {"input": {0: "batch_size"}, "output": {0: "batch_size"}}
    torch.onnx.export(
        net, (torch.zeros(1, *shape),), file, dynamo=False, dynamic_axes=axes,
        input_names=["input"], output_names=["output"], **options,
    )  # fmt: skip
    return onnx.load_from_string(file.getvalue())


def small_cnn(levels, flatten) -> nn.Sequential:
    torch.manual_seed(5)
    net = nn.Sequential(
        levels(1 / 255),
        TernaryConv(1, 6, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(),
        levels(0.02), nn.Dropout(0.2),
        TernaryConv(6, 6, 3, padding=1, groups=6, bias=False), nn.BatchNorm2d(6), nn.ReLU6(),
        levels(0.021),
        TernaryConv(6, 8, 1), nn.BatchNorm2d(8), nn.ReLU(),
        levels(0.019), nn.MaxPool2d(2), flatten,
        TernaryLinear(32, 10),
    )  # fmt: skip
    return settle(net, 1, 8, 8)


def unsigned(scale):
    return Levels(scale, 0, 255)


MODELS = {}


def model(build):
    MODELS[build.__name__] = build
    return build


@model
def torch_dynamo(name):
    net = small_cnn(Decomposed, nn.Flatten())
    save(name, dynamo(net, 1, 8, 8), images(1, 8, 8))


@model
def torch_dynamo_unoptimized(name):
    net = small_cnn(unsigned, Flat())
    save(name, dynamo(net, 1, 8, 8, optimize=False), images(1, 8, 8))


@model
def torch_dynamo_spelled_out(name):
    net = small_cnn(unsigned, Flat())
    save(name, dynamo(net, 1, 8, 8), images(1, 8, 8))


@model
def torch_legacy(name):
    net = small_cnn(FakeQuantise, Flat())
    save(name, legacy(net, 1, 8, 8), images(1, 8, 8))


@model
def torch_legacy_unfolded(name):
    net = small_cnn(unsigned, Flat())
    kept = torch.onnx.TrainingMode.PRESERVE
    save(
        name,
        legacy(net, 1, 8, 8, do_constant_folding=False, training=kept),
        images(1, 8, 8),
    )


@model
def torch_residual(name):
    """Residual blocks whose sum is quantised, means over the image at the end."""
    torch.manual_seed(8)

    def block():
        return Sum(
            TernaryConv(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(),
            Decomposed(0.02),
            TernaryConv(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6),
        )  # fmt: skip

    net = nn.Sequential(
        Decomposed(1 / 255),
        TernaryConv(3, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(),
        Decomposed(0.02), block(), nn.ReLU(), Decomposed(0.03),
        block(), nn.ReLU(), Decomposed(0.04),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), TernaryLinear(6, 5),
    )  # fmt: skip
    save(name, dynamo(settle(net, 3, 8, 8), 3, 8, 8), images(3, 8, 8))


class SpelledNorm(nn.Module):
    """BatchNorm as arithmetic; two variances are denormal: neurons that never changed."""

    def __init__(self, width, rng):
        super().__init__()
        variance = rng.uniform(0.5, 2, width).astype(np.float32)
        variance[1::5] = 5.6e-45
        self.variance = nn.Parameter(torch.from_numpy(variance))
        self.mean = nn.Parameter(torch.from_numpy(rng.normal(0, 1, width).astype(np.float32)))
        self.gamma = nn.Parameter(torch.from_numpy(rng.normal(0, 1, width).astype(np.float32)))
        self.beta = nn.Parameter(torch.from_numpy(rng.normal(0, 1, width).astype(np.float32)))

    def forward(self, x):
        return (x - self.mean) / self.variance.pow(0.5) * self.gamma + self.beta


class TransposedWeight(nn.Module):
    """`x @ w.T` on a weight [out, in]; all-zero rows are neurons that are constant."""

    def __init__(self, inputs, outputs, rng):
        super().__init__()
        weight = rng.normal(0, 1, (outputs, inputs)).astype(np.float32)
        weight[2::7] = 0
        self.weight = nn.Parameter(torch.from_numpy(weight))

    def forward(self, x):
        return torch.matmul(x, ternary(self.weight).t())


@model
def torch_spelled_norm(name):
    rng = np.random.default_rng(4)
    net = nn.Sequential(
        PlainLevels(1 / 255, 0, 255), Flat(),
        TransposedWeight(36, 16, rng), SpelledNorm(16, rng), PlainLevels(0.5, -2, 1),
        TransposedWeight(16, 12, rng), SpelledNorm(12, rng), PlainLevels(0.03, -128, 127),
        TransposedWeight(12, 6, rng),
    ).eval()  # fmt: skip
    save(name, legacy(net, 1, 6, 6, do_constant_folding=False), images(1, 6, 6))


class PackedLinear(nn.Module):
    """As Hugging Face's BitLinear computes: trits in the product, the scale after it."""

    def __init__(self, inputs, outputs, rng):
        super().__init__()
        trits = torch.from_numpy(rng.integers(-1, 2, (outputs, inputs)).astype(np.float32))
        self.register_buffer("weight", trits)
        self.register_buffer("weight_scale", torch.tensor([rng.uniform(0.01, 0.1)]).float())

    def forward(self, x):
        return F.linear(x, self.weight) * self.weight_scale


@model
def torch_scale_after_product(name):
    rng = np.random.default_rng(6)
    net = nn.Sequential(
        Levels(1 / 127, -128, 127), nn.Flatten(),
        PackedLinear(36, 16, rng), nn.ReLU(), Levels(0.004, -128, 127),
        PackedLinear(16, 10, rng),
    ).eval()  # fmt: skip
    save(name, dynamo(net, 1, 6, 6), images(1, 6, 6))


class Above(nn.Module):
    """The classic binary activation."""

    def forward(self, x):
        return torch.where(x > 0, 1.0, -1.0)


class From(nn.Module):
    def forward(self, x):
        return (x >= 0.1).float() * 2 - 1


@model
def torch_comparisons(name):
    """Activations by comparison: Greater and Where, GreaterOrEqual and Cast."""
    torch.manual_seed(0)
    net = nn.Sequential(
        PlainLevels(1 / 255, 0, 255), nn.Flatten(),
        TernaryLinear(36, 16), Above(), TernaryLinear(16, 12), From(), TernaryLinear(12, 5),
    ).eval()  # fmt: skip
    save(name, dynamo(net, 1, 6, 6), images(1, 6, 6))


if __name__ == "__main__":
    for name in sys.argv[1:] or MODELS:
        MODELS[name](name)
