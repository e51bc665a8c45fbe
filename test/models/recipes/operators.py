"""Activations by table, gates, moves, and what encoders and decoders are made of."""

import numpy as np

from .fixture import fixture


def signed_conv(net, x, channels, kernel=3, **options):
    """A ternary convolution to int8."""
    weight = net.ternary(channels, x.value.shape[1], kernel, kernel)
    return net.requantize(net.conv_norm(x, weight, pads=kernel // 2, **options), dtype=np.int8)


def dequantized(net, x):
    return net.dequantized_input(x)


@fixture(3, 12, 12, opset=20, vectors=8)
def activation_tables(net, x):
    """SiLU spelled out, Gelu as an operator and spelled out, HardSwish, LeakyRelu, PRelu with a slope
    for each channel, a squared Relu: every one of a stored 8-bit tensor, so that a table holds it."""
    x = signed_conv(net, dequantized(net, x), 6)
    x = net.requantize(net.op("Mul", x, net.op("Sigmoid", x)), dtype=np.int8)
    x = net.requantize(net.op("Gelu", signed_conv(net, x, 6)), dtype=np.int8)
    x = net.requantize(net.op("HardSwish", signed_conv(net, x, 6)), dtype=np.int8)
    x = net.requantize(net.op("LeakyRelu", signed_conv(net, x, 6), alpha=0.1), dtype=np.int8)
    slope = net.rng.uniform(-0.2, 0.6, (6, 1, 1)).astype(np.float32)
    x = net.requantize(net.op("PRelu", signed_conv(net, x, 6), slope), dtype=np.int8)
    y = signed_conv(net, x, 6)
    gate = net.op("Add", net.op("Erf", net.op("Div", y, np.float32(2**0.5))), np.float32(1))
    x = net.requantize(net.op("Mul", net.op("Mul", y, gate), np.float32(0.5)), dtype=np.int8)
    relu = net.op("Relu", signed_conv(net, x, 6))
    return net.pooled_classifier(net.requantize(net.op("Mul", relu, relu)))


@fixture(3, 12, 12, vectors=8)
def activations_of_sums(net, x):
    """Tanh, LeakyRelu and a squared Relu with no quantiser before them: their step functions rise
    with the accumulator, so thresholds hold them."""
    x = dequantized(net, x)
    x = net.requantize(net.op("Tanh", net.conv_norm(x, net.ternary(6, 3, 3, 3))), dtype=np.int8)
    x = net.op("LeakyRelu", net.conv_norm(x, net.ternary(6, 6, 3, 3), flips=2), alpha=0.1)
    x = net.requantize(x, dtype=np.int8)
    relu = net.op("Relu", net.batch_norm(net.conv(x, net.ternary(6, 6, 3, 3)), flips=3))
    square = net.op("Pow", relu, np.float32(2))
    return net.pooled_classifier(net.requantize(square, scale=np.quantile(square.value, 0.96) / 255))


@fixture(3, 12, 12, vectors=8)
def squeeze_and_excite(net, x):
    """A gate for each channel, from the mean of all positions, times the tensor; the product of two
    integers with zero points of their own; then a difference of two tensors."""
    x = signed_conv(net, dequantized(net, x), 8)
    mean = net.requantize(net.op("GlobalAveragePool", x), dtype=np.int8)
    hidden = net.relu_requantize(net.conv_norm(mean, net.ternary(12, 8, 1, 1)))
    gate = net.op("Sigmoid", net.requantize(net.conv_norm(hidden, net.ternary(8, 12, 1, 1)), dtype=np.int8))
    gate = net.requantize(gate, scale=1 / 256, zero=0)
    y = net.requantize(net.op("Mul", x, gate), dtype=np.int8)
    z = net.requantize(net.op("Sub", signed_conv(net, y, 8), x), dtype=np.int8)
    return net.pooled_classifier(z)


@fixture(2, 16, 16, vectors=8)
def u_net(net, x):
    """Down and up again: a transposed convolution with output padding, nearest upsampling, skips
    joined along the channels with scales of their own, and every tensor of the way down read twice."""
    top = signed_conv(net, dequantized(net, x), 6)
    middle = signed_conv(net, top, 8, stride=2)
    low = signed_conv(net, middle, 8, stride=2)
    up = net.op(
        "ConvTranspose", low, net.ternary(8, 6, 3, 3), kernel_shape=[3, 3], strides=[2, 2],
        pads=[1, 1, 1, 1], output_padding=[1, 1],
    )  # fmt: skip
    joined = net.requantize(net.op("Concat", up, middle, axis=1), dtype=np.int8)
    y = signed_conv(net, joined, 6)
    scales = np.array([1, 1, 2, 2], np.float32)
    roi = np.array([], np.float32)
    y = net.op("Resize", y, roi, scales, mode="nearest")
    y = net.requantize(net.op("Concat", y, top, axis=1), dtype=np.int8)
    return net.pooled_classifier(signed_conv(net, y, 6))


@fixture(2, 15, 11, opset=13, vectors=8)
def moves(net, x):
    """Reflected, repeated and constant borders, slices that step and go backwards, halves of the
    channels joined the other way round, a channel shuffle, the largest element of a row."""
    x = signed_conv(net, dequantized(net, x), 8)
    x = net.op("Pad", x, np.array([0, 0, 2, 1, 0, 0, 1, 2]), mode="reflect")
    x = net.op("Pad", x, np.array([0, 0, 0, 1, 0, 0, 2, 0]), mode="edge")
    x = net.op("Slice", x, *(np.array(n) for n in ([-1, 0], [-99, 13], [2, 3], [-1, 2])))
    first, second = (
        net.op("Slice", x, *(np.array(n) for n in ([a], [b], [1], [1]))) for a, b in ((0, 4), (4, 8))
    )
    x = net.op("Concat", second, first, axis=1)
    n, c, h, w = x.value.shape
    x = net.op("Reshape", x, np.array([-1, 2, c // 2, h, w]))
    x = net.op("Transpose", x, perm=[0, 2, 1, 3, 4])
    x = net.op("Reshape", x, np.array([-1, c, h, w]))
    x = net.op("Pad", x, np.array([0, 0, 1, 1, 0, 0, 1, 1]), np.float32(0))
    x = net.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
    return net.classifier(net.op("ReduceMax", signed_conv(net, x, 6), axes=[2], keepdims=1))


@fixture(3, 13, 13, opset=19, vectors=8)
def means_over_the_end(net, x):
    """AveragePool with ceil_mode and count_include_pad: what hangs over does not count; then one that
    is dilated and padded, whose borders have divisors of their own."""
    x = signed_conv(net, dequantized(net, x), 6)
    pool = dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    x = net.op("AveragePool", x, **pool, ceil_mode=1, count_include_pad=1)
    x = signed_conv(net, net.requantize(x, dtype=np.int8), 6)
    x = net.op("AveragePool", x, kernel_shape=[3, 3], dilations=[2, 1], pads=[2, 2, 1, 2])
    return net.pooled_classifier(net.requantize(x, dtype=np.int8))


@fixture(3, 10, 10, vectors=8)
def constants_for_each_element(net, x):
    """A bias for each element between a convolution and its quantiser, and a factor for each column
    of a stored tensor: no constants of a channel."""
    x = net.conv_norm(dequantized(net, x), net.ternary(6, 3, 3, 3), pads=1)
    x = net.op("Add", x, net.rng.normal(0, 0.5, (6, 10, 10)).astype(np.float32))
    x = net.requantize(x, dtype=np.int8)
    x = net.op("Mul", x, net.rng.uniform(0.5, 1.5, (1, 10)).astype(np.float32))
    return net.pooled_classifier(signed_conv(net, net.requantize(x, dtype=np.int8), 6))


@fixture(24, vectors=8)
def embedded_rows(net, x):
    """The input is row numbers of a ternary table; the means over all steps are classified."""
    ids = net.op("Cast", x, to=7)
    table = net.trits(256, 12) * np.float32(0.37)
    rows = net.op("Gather", table, ids, axis=0)
    rows = net.op("Tanh", net.op("MatMul", rows, net.ternary(12, 10)))
    rows = net.requantize(net.op("Add", rows, net.rng.normal(0, 0.3, 10).astype(np.float32)), dtype=np.int8)
    mean = net.op("ReduceMean", rows, axes=[1], keepdims=0)
    scale = np.abs(mean.value).max() / 127
    return net.classifier(net.requantize(mean, dtype=np.int8, scale=scale, zero=0))
