"""Signals [channels, length]: the operators of images with one axis less."""

import numpy as np

from .fixture import fixture


@fixture(3, 60)
def signal_convolutions(net, x):
    """1-D convolutions: uneven padding, stride, dilation, groups, a BatchNorm left in the graph;
    their channels are axis 1 of three. MaxPool before the quantiser, a padded AveragePool, a
    global average."""
    x = net.dequantized_input(x)
    y = net.batch_norm(net.conv(x, net.ternary(8, 3, 5), pads=[1, 3], stride=2), flips=3)
    y = net.op("MaxPool", y, kernel_shape=[3], strides=[2], pads=[1, 0], dilations=[2])
    x = net.requantize(y, dtype=np.int8)
    y = net.conv_norm(x, net.ternary(8, 1, 3), pads=[4, 1], dilations=[3], group=8)
    x = net.relu_requantize(y)
    y = net.op("AveragePool", x, kernel_shape=[3], strides=[2], pads=[1, 1])
    x = net.requantize(y)
    return net.pooled_classifier(net.relu_requantize(net.conv_norm(x, net.ternary(12, 8, 1))))


@fixture(2, 40, dtype=np.float32, divisor=255, opset=18)
def signal_channels_last(net, x):
    """A float signal normalised by channel, then [length, channels] for a dense layer along the
    channels, and back for a convolution; the mean over the length without keepdims."""
    x = net.op("Div", net.op("Sub", x, np.array([[0.31], [0.52]])), np.array([[0.47], [0.26]]))
    x = net.requantize(x, dtype=np.int8, scale=0.0163, zero=-3)
    x = net.relu_requantize(net.conv_norm(x, net.ternary(6, 2, 4), pads=[0, 3]))
    y = net.op("MatMul", net.op("Transpose", x, perm=[0, 2, 1]), net.ternary(10, 6).T.copy())
    x = net.relu_requantize(net.op("Transpose", y, perm=[0, 2, 1]))
    x = net.relu_requantize(net.conv_norm(x, net.ternary(12, 10, 3), stride=3))
    mean = net.requantize(net.op("ReduceMean", x, np.array([-1], np.int64), keepdims=0))
    return net.op("Gemm", mean, net.ternary(10, 12), net.rng.normal(0, 0.3, 10), transB=1)
