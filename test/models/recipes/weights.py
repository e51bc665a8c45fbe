"""How ternary weights are written down, and what BatchNorm does to them."""

import ml_dtypes
import numpy as np

from .builder import Net
from .fixture import fixture


def trap_trits(net: Net, outputs: int, inputs: int, kernel: int) -> np.ndarray:
    """Trits whose first channels are special: all zero, never negative, never positive."""
    trits = net.trits(outputs, inputs, kernel, kernel)
    trits[0] = 0
    trits[1] = np.abs(trits[1])
    trits[2] = -np.abs(trits[2])
    return trits


@fixture(1, 9, 9)
def channel_scales(net, x):
    """{-s_c, 0, +s_c} with a scale for each output channel, as BatchNorm folding leaves it. Among
    the channels: negative gammas, a gamma of 0 (only the bias is left), an all-zero one, two-valued
    ones. A histogram over the whole tensor shows dozens of values."""
    x = net.dequantized_input(x)
    x = net.relu_requantize(net.conv_norm(x, trap_trits(net, 10, 1, 3), pads=1, flips=3))
    weight = trap_trits(net, 12, 10, 3)
    trial = Net(net.rng).conv(x, weight, stride=2)
    gamma, beta, mean, variance = net.norm_parameters(trial, flips=5)
    gamma[6] = 0
    factor = gamma / np.sqrt(variance + 1e-5)
    y = net.conv(x, weight * factor.reshape(-1, 1, 1, 1), beta - mean * factor, stride=2)
    return net.classifier(net.relu_requantize(y))


@fixture(1, 9, 9)
def channel_norms(net, x):
    """The same with BatchNormalization left in the graph: a negative gamma turns every comparison
    round, a gamma of 0 makes the channel constant, an all-zero channel has variance 0."""
    x = net.dequantized_input(x)
    y = net.conv(x, trap_trits(net, 10, 1, 3) * np.float32(0.31), pads=1)
    x = net.relu_requantize(net.batch_norm(y, flips=3))
    y = net.conv(x, trap_trits(net, 12, 10, 3) * np.float32(0.17), stride=2)
    gamma, beta, mean, variance = net.norm_parameters(y, flips=5)
    gamma[6] = 0
    variance[0] = 0
    y = net.batch_norm(y, parameters=(gamma, beta, mean, variance))
    return net.classifier(net.relu_requantize(y))


@fixture(1, 12, 12)
def negative_zero(net, x):
    """Half of the zero weights are -0.0, which exporters produce as 0 * -s: equal to 0, but with
    other bits and the sign of a negative weight."""
    x = net.dequantized_input(x)
    weights = [net.ternary(8, 1, 3, 3), net.ternary(12, 8, 3, 3, density=0.4)]
    for weight in weights:
        flip = (weight == 0) & (net.rng.random(weight.shape) < 0.5)
        weight[flip] = -0.0
        x = net.relu_requantize(net.conv_norm(x, weight, stride=2, pads=1))
    return net.classifier(x)


@fixture(1, 12, 12)
def straight_through_dust(net, x):
    """Weights saved as w + (ternary(w) - w), as straight-through estimators leave them: float32
    scatters s over neighbouring values. The grid is there within a tolerance, not exactly."""
    x = net.dequantized_input(x)
    for outputs, inputs in ((8, 1), (12, 8)):
        latent = net.rng.normal(0, 0.4, (outputs, inputs, 3, 3)).astype(np.float32)
        scale = np.abs(latent).mean()
        dusty = latent + (np.clip(np.rint(latent / scale), -1, 1) * scale - latent)
        x = net.relu_requantize(net.batch_norm(net.conv(x, dusty, stride=2, pads=1)))
    assert len(np.unique(dusty)) > 3, "no dust"
    return net.classifier(x)


@fixture(1, 12, 12)
def spelled_out_norm(net, x):
    """BatchNorm as Sub, Pow(variance, 0.5), Div, Mul, Add on initialisers shaped [1, C, 1, 1], the
    square root taken in the graph."""
    x = net.dequantized_input(x)
    for outputs, inputs in ((8, 1), (12, 8)):
        y = net.conv(x, net.ternary(outputs, inputs, 3, 3), stride=2, pads=1)
        gamma, beta, mean, variance = (
            p.reshape(1, -1, 1, 1) for p in net.norm_parameters(y, flips=2)
        )
        deviation = net.op("Pow", variance, np.float32(0.5))
        y = net.op("Div", net.op("Sub", y, mean), deviation)
        y = net.op("Add", net.op("Mul", y, gamma), beta)
        x = net.relu_requantize(y)
    return net.classifier(x)


@fixture(1, 12, 12)
def power_of_two_scales(net, x):
    """Every scale, weight and bias is a power of two or a small multiple of one: accumulators fall
    exactly on the ties of round-half-to-even, again and again."""
    x = net.dequantized_input(x, scale=1 / 256)
    for outputs, inputs in ((8, 1), (12, 8)):
        weight = net.trits(outputs, inputs, 3, 3) * np.float32(0.25)
        bias = net.rng.integers(-8, 8, outputs).astype(np.float32) / 16
        x = net.conv(x, weight, bias, stride=2, pads=1)
        x = net.relu_requantize(x, power_of_two=True)
    flat = net.op("Flatten", x, axis=1)
    weight = net.trits(10, flat.value.shape[1]) * np.float32(0.125)
    return net.op("Gemm", flat, weight, np.zeros(10, np.float32), transB=1)


@fixture(3, 12, 12, opset=13)
def mixed_precision(net, x):
    """int8 weights with a scale for each channel and an int32 bias in the first layer, 4-bit values
    in the second, ternary in the others, all through DequantizeLinear: each layer is what it is."""
    x = net.dequantized_input(x)
    scales = net.rng.uniform(0.002, 0.004, 8).astype(np.float32)
    integers = net.rng.integers(-127, 128, (8, 3, 3, 3)).astype(np.int8)
    weight = net.op("DequantizeLinear", integers, scales, np.zeros(8, np.int8), axis=0)
    bias_scales = scales * np.float32(1 / 255)
    bias = net.rng.integers(-9000, 9000, 8).astype(np.int32)
    bias = net.op("DequantizeLinear", bias, bias_scales, np.zeros(8, np.int32), axis=0)
    x = net.relu_requantize(net.conv(x, weight, bias, stride=2, pads=1))
    integers = net.rng.integers(-7, 8, (10, 8, 3, 3)).astype(np.int8)
    weight = net.op("DequantizeLinear", integers, np.float32(0.031), np.int8(0))
    x = net.relu_requantize(net.batch_norm(net.conv(x, weight, pads=1)))
    integers = net.trits(12, 10, 3, 3).astype(np.int8)
    weight = net.op("DequantizeLinear", integers, np.float32(0.137), np.int8(0))
    x = net.relu_requantize(net.batch_norm(net.conv(x, weight, stride=2, pads=1)))
    return net.classifier(x)


@fixture(1, 12, 12)
def quantized_weights(net, x):
    """Ternary weights stored as uint8 with zero point 1 and a scale for each channel, and as int8
    through QuantizeLinear and DequantizeLinear of latent floats: the trits are two nodes away."""
    x = net.dequantized_input(x)
    codes = (net.trits(8, 1, 3, 3) + 1).astype(np.uint8)
    scales = net.rng.uniform(0.2, 0.5, 8).astype(np.float32)
    weight = net.op("DequantizeLinear", codes, scales, np.ones(8, np.uint8), axis=0)
    x = net.relu_requantize(net.batch_norm(net.conv(x, weight, stride=2, pads=1)))
    latent = net.rng.normal(0, 0.08, (12, 8, 3, 3)).clip(-0.14, 0.14).astype(np.float32)
    codes = net.op("QuantizeLinear", latent, np.float32(0.1), np.int8(0))
    weight = net.op("DequantizeLinear", codes, np.float32(0.1), np.int8(0))
    x = net.relu_requantize(net.batch_norm(net.conv(x, weight, stride=2, pads=1)))
    return net.classifier(x)


@fixture(1, 12, 12, opset=21)
def packed_int4_weights(net, x):
    """Weights of type INT4, two to a byte, through DequantizeLinear: trits in the first layer, the
    full range of four bits in the second."""
    x = net.dequantized_input(x)
    integers = net.trits(9, 1, 3, 3).astype(ml_dtypes.int4)
    weight = net.op("DequantizeLinear", integers, np.float32(0.3))
    x = net.relu_requantize(net.batch_norm(net.conv(x, weight, stride=2, pads=1)))
    integers = net.rng.integers(-8, 8, (11, 9, 3, 3)).astype(ml_dtypes.int4)
    scales = net.rng.uniform(0.02, 0.04, 11).astype(np.float32)
    weight = net.op("DequantizeLinear", integers, scales, axis=0)
    x = net.relu_requantize(net.batch_norm(net.conv(x, weight, stride=2, pads=1)))
    return net.classifier(x)


@fixture(1, 9, 9)
def sign_activations(net, x):
    """ONNX Sign between layers: -1, 0 and +1, where exactly 0 is a level of its own and must not
    become +1 as in a BipolarQuant."""
    x = net.dequantized_input(x)
    x = net.op("Sign", net.batch_norm(net.conv(x, net.ternary(10, 1, 3, 3), pads=1), flips=3))
    y = net.conv(x, net.trits(12, 10, 3, 3, density=0.3), stride=2)
    assert (y.value == 0).mean() > 0.02, "some sums must be exactly 0"
    return net.classifier(net.op("Sign", y))
