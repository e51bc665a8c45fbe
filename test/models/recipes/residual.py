"""Sums of two branches."""

import numpy as np

from .fixture import fixture


def stem(net, x, channels=6):
    """A first convolution that halves the image."""
    x = net.dequantized_input(x)
    return net.relu_requantize(net.conv_norm(x, net.ternary(channels, 3, 3, 3), stride=2, pads=1))


@fixture(3, 16, 16, vectors=8)
def residual_two_scales(net, x):
    """Add of two dequantised operands with different scales, then Relu and a third scale: the sum
    needs a common denominator, and rounding either operand to the other's scale is wrong."""
    x = stem(net, x)
    y = net.relu_requantize(net.conv_norm(x, net.ternary(6, 6, 3, 3), pads=1, flips=2))
    y = net.requantize(net.conv_norm(y, net.ternary(6, 6, 3, 3), pads=1), dtype=np.int8)
    y = net.relu_requantize(net.op("Add", y, x))
    y = net.relu_requantize(net.conv_norm(y, net.ternary(8, 6, 3, 3), stride=2, pads=1))
    return net.pooled_classifier(y)


@fixture(3, 16, 16, vectors=8)
def residual_unquantized_branch(net, x):
    """Add of a BatchNorm'd convolution that is not quantised and a dequantised shortcut: the
    shortcut joins inside the accumulator's step function, before any rounding."""
    x = stem(net, x)
    y = net.relu_requantize(net.batch_norm(net.conv(x, net.ternary(6, 6, 3, 3), pads=1)))
    y = net.batch_norm(net.conv(y, net.ternary(6, 6, 3, 3), pads=1), flips=3)
    y = net.relu_requantize(net.op("Add", y, x))
    y = net.relu_requantize(net.conv_norm(y, net.ternary(8, 6, 3, 3), stride=2, pads=1))
    return net.pooled_classifier(y)


@fixture(3, 32, 32, vectors=8)
def residual_projection(net, x):
    """A 1x1 stride-2 projection shortcut added to a 3x3 convolution, neither quantised: two
    accumulators with scales of their own meet in one step function."""
    x = stem(net, x)
    y = net.relu_requantize(net.conv_norm(x, net.ternary(8, 6, 3, 3), stride=2, pads=1))
    y = net.conv_norm(y, net.ternary(8, 8, 3, 3), pads=1, flips=2)
    shortcut = net.conv_norm(x, net.ternary(8, 6, 1, 1), stride=2)
    y = net.relu_requantize(net.op("Add", y, shortcut))
    return net.pooled_classifier(y)


@fixture(3, 16, 16, vectors=8)
def residual_signed(net, x):
    """Sum of two int8 tensors with different scales and zero points, no Relu, then int8 again: the
    zero points do not cancel, and the sum is the shortcut of the next sum."""
    x = net.dequantized_input(x)
    x = net.conv_norm(x, net.ternary(6, 3, 3, 3), stride=2, pads=1)
    x = net.requantize(x, dtype=np.int8)
    for _ in range(2):
        y = net.relu_requantize(net.conv_norm(x, net.ternary(6, 6, 3, 3), pads=1))
        y = net.requantize(
            net.conv_norm(y, net.ternary(6, 6, 3, 3), pads=1, flips=3), dtype=np.int8
        )
        x = net.requantize(net.op("Add", x, y), dtype=np.int8)
    return net.pooled_classifier(x)


@fixture(3, 16, 16, vectors=8)
def residual_same_tensor(net, x):
    """A tensor that three nodes read, the Add with itself among them: nothing may be freed or
    merged after its first reader."""
    x = stem(net, x)
    y = net.conv_norm(x, net.ternary(6, 6, 3, 3), pads=1)
    y = net.relu_requantize(net.op("Add", y, x))
    doubled = net.relu_requantize(net.op("Add", x, x))
    return net.pooled_classifier(net.requantize(net.op("Add", y, doubled)))
