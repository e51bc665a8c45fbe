"""Pooling, and what it does to the order of rounding."""

import numpy as np

from .builder import Tensor
from .fixture import fixture


def pooled(net, op: str, x: Tensor, kernel: int, stride: int, pads=0, **options) -> Tensor:
    return net.op(
        op, x, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pads] * 4, **options
    )


@fixture(1, 14, 14)
def max_pool_before_quantizer(net, x):
    """MaxPool between Relu and the quantiser, once after a BatchNorm with negative gammas and once
    before one: the maximum of the reals is the minimum of the accumulators in those channels."""
    x = net.dequantized_input(x)
    y = net.batch_norm(net.conv(x, net.ternary(8, 1, 3, 3), pads=1), flips=4)
    x = net.requantize(pooled(net, "MaxPool", net.op("Relu", y), 2, 2))
    y = pooled(net, "MaxPool", net.conv(x, net.ternary(12, 8, 3, 3), pads=1), 2, 2)
    return net.classifier(net.relu_requantize(net.batch_norm(y, flips=6)))


@fixture(1, 13, 13)
def max_pool_overlapping(net, x):
    """MaxPool 3x3 with stride 2 and padding 1 over int8 values that are all negative in places:
    padding is minus infinity, not 0 and not the zero point."""
    x = net.dequantized_input(x)
    y = net.conv_norm(x, net.ternary(8, 1, 3, 3), pads=1)
    y = net.op("Sub", y, np.float32(1.5))
    y = pooled(net, "MaxPool", net.requantize(y, dtype=np.int8), 3, 2, 1)
    y = net.conv_norm(y, net.ternary(12, 8, 3, 3), stride=2)
    return net.classifier(net.relu_requantize(y))


def tied_average(net, x, **options):
    x = net.dequantized_input(x)
    x = net.relu_requantize(net.conv_norm(x, net.ternary(8, 1, 3, 3), pads=1), **options)
    x = net.requantize(pooled(net, "AveragePool", x, 2, 2), scale=x.scale, zero=0)
    x = net.conv_norm(x, net.ternary(12, 8, 3, 3), stride=2)
    return net.classifier(net.relu_requantize(x))


@fixture(1, 10, 10)
def average_pool_ties(net, x):
    """AveragePool 2x2 whose output has the scale of its input, a power of two: a quarter of all
    sums end in .5 exactly and go to the even neighbour."""
    return tied_average(net, x, power_of_two=True)


@fixture(1, 10, 10, runtime="reference")
def average_pool_ties_any_scale(net, x):
    """The same with a scale that is not a power of two: still exact ties, but in float32 the
    scale's own rounding decides them, so a float32 runtime is no judge."""
    return tied_average(net, x)


@fixture(1, 13, 13)
def average_pool_padding(net, x):
    """Two padded AveragePools 3x3, the first dividing by the pixels inside the image, the second by
    nine everywhere (count_include_pad): divisors 4, 6 and 9 against 9 alone."""
    x = net.dequantized_input(x)
    x = net.relu_requantize(net.conv_norm(x, net.ternary(8, 1, 3, 3), pads=1))
    x = net.requantize(pooled(net, "AveragePool", x, 3, 2, 1, count_include_pad=0))
    x = net.relu_requantize(net.conv_norm(x, net.ternary(10, 8, 3, 3), pads=1))
    x = net.requantize(pooled(net, "AveragePool", x, 3, 2, 1, count_include_pad=1))
    return net.classifier(x)


@fixture(1, 9, 9)
def average_pool_signed(net, x):
    """Padded AveragePool over int8 with a zero point that is not 0, counting the padding: the
    border adds the zero point to the sum, and negative sums round half to even too."""
    x = net.dequantized_input(x)
    x = net.requantize(net.conv_norm(x, net.ternary(8, 1, 3, 3), pads=1), dtype=np.int8)
    x = pooled(net, "AveragePool", x, 3, 2, 1, count_include_pad=1)
    return net.classifier(net.requantize(x, dtype=np.int8))


@fixture(1, 10, 10)
def average_pool_before_quantizer(net, x):
    """AveragePool between Relu and the quantiser: it averages reals that were clipped at 0, so it
    cannot move before the Relu nor behind the rounding."""
    x = net.dequantized_input(x)
    y = net.op("Relu", net.conv_norm(x, net.ternary(8, 1, 3, 3), pads=1))
    return net.classifier(net.requantize(pooled(net, "AveragePool", y, 2, 2)))


@fixture(1, 10, 10)
def global_average_unquantized(net, x):
    """GlobalAveragePool straight into Gemm: the classifier multiplies sums of 64 activations, wider
    than 8 bits, and the division by 64 belongs to its scale."""
    x = net.dequantized_input(x)
    x = net.relu_requantize(net.conv_norm(x, net.ternary(12, 1, 3, 3), stride=2, pads=1))
    return net.classifier(net.op("GlobalAveragePool", x))


@fixture(1, 10, 10)
def reduce_mean_attribute(net, x):
    """Global average as ReduceMean without keepdims, axes given as an attribute: what torch's
    x.mean((2, 3)) was until opset 17."""
    x = net.dequantized_input(x)
    x = net.relu_requantize(net.conv_norm(x, net.ternary(12, 1, 3, 3), stride=2, pads=1))
    mean = net.requantize(net.op("ReduceMean", x, axes=[2, 3], keepdims=0))
    return net.op("Gemm", mean, net.ternary(10, 12), net.rng.normal(0, 0.3, 10), transB=1)


@fixture(1, 10, 10, opset=18)
def reduce_mean_input(net, x):
    """The same in opset 18: the axes are an input, written -1 and -2, the dimensions are kept."""
    x = net.dequantized_input(x)
    x = net.relu_requantize(net.conv_norm(x, net.ternary(12, 1, 3, 3), stride=2, pads=1))
    mean = net.op("ReduceMean", x, np.array([-1, -2], np.int64), keepdims=1)
    return net.classifier(net.requantize(mean))
