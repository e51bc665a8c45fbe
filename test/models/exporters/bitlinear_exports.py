"""BitLinear (BitNet b1.58) in float32, as PyTorch's two ONNX exporters write it.

    pip install torch onnx onnxscript onnxruntime
    python bitlinear_exports.py
"""

import io
import warnings

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional as F

from common import VECTORS, onnxruntime_outputs, save

warnings.filterwarnings("ignore")


def ternary(weight: torch.Tensor) -> torch.Tensor:
    scale = 1.0 / weight.abs().mean().clamp(min=1e-5)
    quantised = (weight * scale).round().clamp(-1, 1) / scale
    return weight + (quantised - weight).detach()


def per_token(x: torch.Tensor) -> torch.Tensor:
    scale = 127.0 / x.abs().max(dim=-1, keepdim=True).values.clamp(min=1e-5)
    quantised = (x * scale).round().clamp(-128, 127) / scale
    return x + (quantised - x).detach()


class RootMeanSquare(nn.Module):
    def __init__(self, size: int, epsilon: float = 1e-5):
        super().__init__()
        self.weight = nn.Parameter(1 + 0.2 * torch.randn(size))
        self.epsilon = epsilon

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


class BitLinear(nn.Linear):
    """With a norm of its own, or behind one that the network has elsewhere."""

    def __init__(self, inputs, outputs, norm=True, bias=False):
        super().__init__(inputs, outputs, bias=bias)
        self.norm = RootMeanSquare(inputs) if norm else nn.Identity()

    def forward(self, x):
        return F.linear(per_token(self.norm(x)), ternary(self.weight), self.bias)


class Classifier(nn.Module):
    """Three layers, each with its norm, squared ReLU between them; a bias in the middle."""

    def __init__(self):
        super().__init__()
        self.a = BitLinear(20, 24)
        self.b = BitLinear(24, 24, bias=True)
        self.c = BitLinear(24, 6)

    def forward(self, x):
        x = F.relu(self.a(x)).square()
        return self.c(F.relu(self.b(x)) ** 2)


class FeedForward(nn.Module):
    """A transformer's block: norm, two products of it, relu(x1)^2 * x3, norm, product, residual."""

    def __init__(self, norm: nn.Module, size=16, hidden=24):
        super().__init__()
        self.norm = norm
        self.w1 = BitLinear(size, hidden, norm=False)
        self.w3 = BitLinear(size, hidden, norm=False)
        self.sub_norm = RootMeanSquare(hidden)
        self.w2 = BitLinear(hidden, size, norm=False)

    def forward(self, x):
        y = self.norm(x)
        return x + self.w2(self.sub_norm(F.relu(self.w1(y)) ** 2 * self.w3(y)))


class PooledTokens(nn.Module):
    """The mean over tokens between two layers, and a built-in norm without weights."""

    def __init__(self):
        super().__init__()
        self.a = BitLinear(16, 20, norm=False)
        self.b = BitLinear(20, 5, norm=False, bias=True)

    def forward(self, x):
        x = F.relu(self.a(F.layer_norm(x, (16,))))
        return self.b(x.mean(dim=1))


def exported(net: nn.Module, shape: tuple[int, ...], dynamo: bool, opset: int) -> onnx.ModelProto:
    buffer = io.BytesIO()
    x = torch.randn(shape)
    if dynamo:
        program = torch.onnx.export(net, (x,), dynamo=True, opset_version=opset, verbose=False)
        return program.model_proto
    torch.onnx.export(net, x, buffer, dynamo=False, opset_version=opset, input_names=["x"])
    return onnx.load_from_string(buffer.getvalue())


def make(name: str, net: nn.Module, shape: tuple[int, ...], dynamo: bool, opset: int) -> None:
    rng = np.random.default_rng(5)
    # Tokens of very different size: what the norms and the measured scales are for.
    sizes = np.exp(2 * rng.standard_normal((3 * VECTORS, *shape[1:-1], 1)))
    inputs = (rng.standard_normal((3 * VECTORS, *shape[1:])) * sizes).astype(np.float32)
    model = exported(net.eval(), shape, dynamo, opset)
    outputs = onnxruntime_outputs(model, inputs)
    # Where double precision gives something else, float32 has rounded to another integer.
    with torch.no_grad():
        exact = net.double()(torch.from_numpy(inputs).double()).numpy()
    error = np.abs(exact - outputs).reshape(len(inputs), -1).max(axis=1)
    good = error <= 1e-5 * np.abs(outputs).reshape(len(inputs), -1).max(axis=1)
    save(name, model, inputs[good][:VECTORS], outputs[good][:VECTORS])


if __name__ == "__main__":
    torch.manual_seed(3)
    make("bitlinear_one_legacy", BitLinear(20, 12), (1, 20), False, 13)
    make("bitlinear_one_dynamo", BitLinear(20, 12, bias=True), (1, 20), True, 18)
    make("bitlinear_classifier_legacy", Classifier(), (1, 20), False, 17)
    make("bitlinear_classifier_dynamo", Classifier(), (1, 3, 20), True, 23)
    make("bitlinear_ffn_legacy", FeedForward(RootMeanSquare(16)), (1, 3, 16), False, 14)
    make("bitlinear_ffn_dynamo", FeedForward(nn.RMSNorm(16)), (1, 3, 16), True, 23)
    make("bitlinear_ffn_layernorm_legacy", FeedForward(nn.LayerNorm(16)), (1, 3, 16), False, 13)
    make("bitlinear_ffn_layernorm_dynamo", FeedForward(nn.LayerNorm(16)), (1, 3, 16), True, 18)
    make("bitlinear_tokens_dynamo", PooledTokens(), (1, 4, 16), True, 20)
