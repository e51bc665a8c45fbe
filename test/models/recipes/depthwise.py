"""Depthwise-separable convolutions, signed activations and uneven padding."""

import numpy as np

from .fixture import fixture


@fixture(3, 32, 32, vectors=8)
def depthwise_separable(net, x):
    """Depthwise 3x3 with stride 1 and 2 between pointwise layers, all ternary: each group sees one
    channel, so its accumulator has at most nine terms and few distinct values."""
    x = net.dequantized_input(x)
    x = net.relu_requantize(net.conv_norm(x, net.ternary(8, 3, 3, 3), stride=2, pads=1))
    for stride, channels in ((1, 12), (2, 16)):
        width = x.value.shape[1]
        depthwise = net.ternary(width, 1, 3, 3, density=0.8)
        x = net.relu_requantize(net.conv_norm(x, depthwise, stride=stride, pads=1, group=width))
        x = net.relu_requantize(net.conv_norm(x, net.ternary(channels, width, 1, 1)))
    return net.pooled_classifier(x)


@fixture(3, 16, 16)
def signed_uneven_padding(net, x):
    """int8 activations whose zero points are not 0, padded more below and right than above and left
    (as TensorFlow's SAME does): the border holds the zero point, not the integer 0."""
    x = net.dequantized_input(x)
    x = net.conv_norm(x, net.ternary(8, 3, 3, 3), stride=2, pads=(0, 0, 1, 1))
    x = net.requantize(x, dtype=np.int8)
    x = net.conv_norm(x, net.ternary(8, 1, 3, 3), stride=2, pads=(0, 0, 1, 1), group=8, flips=3)
    x = net.requantize(x, dtype=np.int8)
    x = net.conv_norm(x, net.ternary(12, 8, 3, 3), pads=(1, 0, 2, 3))
    x = net.requantize(x, dtype=np.int8)
    return net.pooled_classifier(x)


@fixture(4, 10, 10)
def grouped(net, x):
    """Two groups of several channels, and a depthwise layer with two outputs for each input: groups
    are neither 1 nor the number of channels, and output channels map to inputs by division."""
    x = net.dequantized_input(x)
    x = net.relu_requantize(net.conv_norm(x, net.ternary(8, 2, 3, 3), stride=2, pads=1, group=2))
    x = net.relu_requantize(net.conv_norm(x, net.ternary(16, 1, 3, 3), pads=1, group=8))
    return net.pooled_classifier(x)


@fixture(1, 11, 13)
def odd_kernels(net, x):
    """A 1x5 kernel, a 4x2 kernel, stride 3 and an image that is not square: rows and columns must
    never be exchanged, and the last window may leave pixels unused."""
    x = net.dequantized_input(x)
    x = net.relu_requantize(net.conv_norm(x, net.ternary(6, 1, 1, 5), pads=(0, 2, 0, 2)))
    x = net.relu_requantize(net.conv_norm(x, net.ternary(8, 6, 4, 2), stride=3))
    return net.classifier(x)


@fixture(1, 13, 15)
def dilated(net, x):
    """Convolutions and a MaxPool whose taps lie apart, by different distances up and across, with
    padding that differs on all four sides: what is outside is told tap by tap, and the zero point
    of int8 stands for it in one and minus infinity in the other."""
    x = net.dequantized_input(x)
    y = net.conv_norm(x, net.ternary(8, 1, 3, 3), pads=[1, 2, 3, 0], dilations=[2, 2])
    x = net.requantize(y, dtype=np.int8)
    weight = net.ternary(8, 1, 3, 3, density=0.8)
    y = net.conv_norm(x, weight, pads=[0, 2, 1, 3], dilations=[1, 3], group=8, flips=3)
    y = net.requantize(net.op("Sub", y, np.float32(1.5)), dtype=np.int8)
    y = net.op(
        "MaxPool", y, kernel_shape=[2, 3], strides=[2, 1], pads=[1, 1, 0, 2], dilations=[3, 2]
    )
    y = net.conv_norm(y, net.ternary(12, 8, 2, 2), pads=[4, 0, 0, 1], dilations=[4, 5])
    return net.classifier(net.relu_requantize(y))
